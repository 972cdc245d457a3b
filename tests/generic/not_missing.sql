{#-
Checks that a value is there. Fails when it is null, blank, or a placeholder such as
`N/A` or `未知` (seed `placeholders`). What `except`, or the `values` of a rule on the same
column, names is a value, to every rule on the column.

- except: list of values that are no placeholders here, such as the town `Nil`
- any_of: columns of which one must be there, such as `[gtin, mpn]`; fails when all are
  missing. One that is not supplied is missing in every row. The test stands on the table
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test not_missing(
    model, column_name=none, except=none, any_of=none, max_rate=0, weight=1, floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro not_missing_takes() %}
    {%- do return({'component': 'missing', 'arguments': {
        'except': 'values',
        'any_of': 'columns'
    }}) -%}
{% endmacro %}


{% macro not_missing_rule(rule) %}
    {%- if 'any_of' in rule.arguments -%}
        {%- do return(assay._not_all_missing(rule)) -%}
    {%- endif -%}
    {%- set update = {
        'flaw': 'missing',
        'says': rule.column ~ ' is there: not null, not blank, no placeholder',
        'fails': rule.is_missing
    } -%}
    {%- set made_of = rule.table.known.source_types.get(rule.table.feed, {}) -%}
    {%- if rule.state == 'ready' and rule.column in made_of
        and made_of[rule.column] is none -%}
        {%- do update.update({'state': 'not applicable',
            'reason': 'the mapping makes it, of several columns or a constant'}) -%}
    {%- endif -%}
    {%- if rule.column is none -%}
        {%- do update.update({'state': 'error', 'says': 'not_missing', 'reason':
            'not_missing needs any_of, or to stand on a column'}) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}


{#- A rule by which one at least of several columns is there. -#}
{% macro _not_all_missing(rule) %}
    {%- set columns = assay.as_list(rule.arguments.any_of) -%}
    {%- set update = {'says': 'one of ' ~ columns | join(', ')
        ~ ' is there: not null, not'
        ~ ' blank, no placeholder'} -%}
    {%- set missing, texts = [], [] -%}
    {%- for column in columns -%}
        {%- set problem = assay.column_state(column, rule.table) -%}
        {%- if not problem -%}
            {%- set found = assay.column_sql(column, rule.table) -%}
            {%- do missing.append(found.is_missing) -%}
            {%- do texts.append(found.text) -%}
        {%- elif problem.state == 'error' -%}
            {%- do update.update(problem) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if rule.column -%}
        {%- do update.update({'state': 'error',
            'reason': 'any_of names all columns: write the test below the table'}) -%}
    {%- elif not missing and not update.state -%}
        {%- do update.update(assay.column_state(columns[0], rule.table)) -%}
    {%- elif missing -%}
        {%- do update.update({
            'fails': '(' ~ missing | join(' and ') ~ ')',
            'found': "concat_ws(' | ', " ~ texts | join(', ') ~ ')'
        }) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}
