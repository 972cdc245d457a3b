{#-
Checks that a key refers to a row of another table. Fails when no row there holds it;
rows in which the key, or one of its columns, is missing are not checked. `1000.0` and
`1000` are one key.

- to: the other table, as in `ref('stg_products')`
- columns: the columns that make the key together; default: the column of the test
- field: its column there, or for several the list of them; default: the same names
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test refers_to(
    model, to, column_name=none, columns=none, field=none, max_rate=0, weight=1,
    floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro refers_to_takes() %}
    {%- do return({'component': 'relation', 'arguments': {
        'to': 'table required',
        'columns': 'columns',
        'field': 'columns'
    }}) -%}
{% endmacro %}


{% macro refers_to_rule(rule) %}
    {%- set columns = assay.as_list(rule.arguments.get('columns') or rule.column) -%}
    {%- set fields = assay.as_list(rule.arguments.get('field') or columns) -%}
    {%- set update = {
        'says': columns | join(', ') ~ ' refers to a ' ~ fields | join(', ') ~ ' of '
            ~ rule.arguments.to
    } -%}
    {#- A key of several columns is no value that could be emptied or mended by itself. -#}
    {%- if columns == [rule.column]
        and fields[0] == rule.arguments.get('field', rule.column) -%}
        {%- do update.update({'flaw': 'orphan'}) -%}
    {%- endif -%}
    {%- if not columns -%}
        {%- do update.update({'state': 'error', 'reason':
            'refers_to needs columns, or to stand on a column'}) -%}
    {%- elif columns | length != fields | length -%}
        {%- do update.update({'state': 'error',
            'reason': 'field must name as many columns'
            ~ ' as make the key: ' ~ columns | length ~ ', not ' ~ fields | length}) -%}
    {%- endif -%}
    {%- set other = assay.other_table(rule, rule.arguments.to, fields) -%}
    {%- if other.state != 'ready' and not update.state -%}
        {%- do update.update(other) -%}
    {%- endif -%}
    {%- set present, texts, keys, theirs = [], [], [], [] -%}
    {%- for column in columns if not update.state -%}
        {%- set problem = assay.column_state(column, rule.table) -%}
        {%- if problem -%}
            {%- do update.update(problem) -%}
        {%- else -%}
            {%- set ours = assay.column_sql(column, rule.table) -%}
            {%- do present.append(ours.is_present) -%}
            {%- do texts.append(ours.text) -%}
            {%- do keys.append(ours.as_key) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if update.state -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- for field in fields -%}
        {%- do theirs.append(assay.column_text(field, other.table, 'other').as_key) -%}
    {%- endfor -%}
    {%- do update.update({
        'applies': present | join(' and '),
        'reads': [other.unique_id],
        'other': {'table': other.unique_id, 'from_sql': other.from_sql, 'ours': keys,
            'theirs': theirs, 'value': none},
        'fails': assay.no_such_row(keys, fields, other)
    }) -%}
    {%- if texts | length > 1 -%}
        {%- do update.update({'found': "concat_ws(' | ', " ~ texts | join(', ')
            ~ ')'}) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}


{#-
The condition that no row of another table, or of some of its rows, holds the keys, as
`spelling` has them: `as_key`, or `text` to the letter.
-#}
{% macro no_such_row(keys, fields, other, condition=none, spelling='as_key') %}
    {%- set equal = [] -%}
    {%- for field in fields -%}
        {%- do equal.append(assay.column_text(field, other.table, 'other')[spelling]
            ~ ' = '
            ~ keys[loop.index0]) -%}
    {%- endfor -%}
    {%- set rows = other.from_sql if not condition
        else '(select * from ' ~ other.from_sql ~ ' where ' ~ condition ~ ')' -%}
    {%- do return('not exists (select 1 from ' ~ rows ~ ' as other where '
        ~ equal | join(' and ') ~ ')') -%}
{% endmacro %}
