{#-
Checks that a value, or a combination of columns, occurs once. Fails for the second and
each further row that holds it; rows in which one of the columns is missing are not
checked.

- columns: the columns that together occur once; default: the column of the test
- normalized: compare texts without letter case and surplus white space; default false
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
-#}
{% test not_repeated(
    model, column_name=none, columns=none, normalized=false, max_rate=0, weight=1
) %}
    {{ verdict_of_rule() }}
{% endtest %}


{% macro not_repeated_rule(rule) %}
    {%- set columns = rule.arguments.get('columns') or [rule.column] -%}
    {%- set normalized = rule.arguments.get('normalized', false) -%}
    {%- set all_columns = columns -%}
    {#- A key column that is not supplied, as source_system often is, is no part of the
        key; any other column that is not supplied leaves the rule unmeasured. -#}
    {%- if columns | list == as_list(rule.table.node.config.meta.get('key')) -%}
        {%- set columns = rule.table.key -%}
    {%- endif -%}
    {%- set update = {
        'dimension': 'completeness',
        'component': 'repeat',
        'says': all_columns | join(', ') ~ ' occurs once'
            ~ (' (letter case and white space aside)' if normalized else '')
    } -%}
    {%- set present, texts, peers, not_null = [], [], [], [] -%}
    {%- for column in columns -%}
        {%- set problem = column_state(column, rule.table) -%}
        {%- if problem -%}
            {%- do update.update(problem) -%}
        {%- else -%}
            {%- set found = column_sql(column, rule.table) -%}
            {%- set peer = column_text(column, rule.table, 'peer') -%}
            {%- do present.append(found.is_present) -%}
            {%- do texts.append(found.text) -%}
            {%- do peers.append(normalized_text(peer.text) if normalized else peer.text)
            -%}
            {%- do not_null.append(peer.text ~ ' is not null') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not columns -%}
        {%- do update.update(column_state(all_columns[0], rule.table)) -%}
    {%- endif -%}
    {%- if update.get('state') -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- do update.update({
        'applies': present | join(' and '),
        'found': texts[0] if texts | length == 1
            else "concat_ws(' | ', " ~ texts | join(', ') ~ ')'
    }) -%}
    {%- if columns | list == rule.table.key and not normalized and not rule.where -%}
        {%- do update.update({'fails': 'watched.record_number in ('
            ~ 'select record_number from repeated_keys where occurrence > 1)'}) -%}
    {%- else -%}
        {%- if rule.where -%}{%- do not_null.append('(' ~ rule.where ~ ')') -%}{%- endif -%}
        {#- A row whose key is repeated is a repeat already: none is counted twice. -#}
        {%- do not_null.append('peer.record_number not in ('
            ~ 'select record_number from repeated_keys where occurrence > 1)') -%}
        {%- do update.update({'fails': 'watched.record_number in ('
            ~ 'select record_number from ('
            ~ repeated_rows(rule.table, peers, not_null | join(' and '))
            ~ ') where occurrence > 1)'}) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}
