{#-
Checks that a condition holds of each row, as `price >= cost` or `status <> 'paid' or
paid_at is not null`. Fails when it is false; rows in which it is neither true nor false,
because a value that it speaks of is null, are not checked. It may stand on a column or on
the table; found are the values of the columns that it names.

- condition: SQL over the columns of a row
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test holds(
    model, condition, column_name=none, max_rate=0, weight=1, floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro holds_takes() %}
    {%- do return({'component': 'source',
        'arguments': {'condition': 'sql required'}}) -%}
{% endmacro %}


{% macro holds_rule(rule) %}
    {%- do return(assay.condition_rule(rule, 'condition',
        assay.sql_of(rule.arguments.condition))) -%}
{% endmacro %}


{#- A rule by which an SQL condition, which an argument gives, is true of each row. -#}
{% macro condition_rule(rule, argument, condition) %}
    {%- set rows = assay.rows_looked_at(rule) -%}
    {%- set update = {
        'says': 'it holds that ' ~ (rule.column ~ ' ' if rule.column and argument
            == 'expression' else '') ~ rule.arguments[argument] | string | trim,
        'applies': assay.where_met(rows, condition ~ ' is not null'),
        'fails': assay.where_met(rows, 'not ' ~ condition)
    } -%}
    {%- if rows -%}
        {%- do update.update({'applies': 'coalesce(' ~ update.applies ~ ', false)'}) -%}
    {%- endif -%}
    {%- set named, words = [], modules.re.findall('[\\w$]+',
        modules.re.sub("'[^']*'", '', condition | lower)) -%}
    {%- for column in rule.table.columns if column | lower in words
        and column not in rule.table.not_supplied -%}
        {%- do named.append(assay.literal(column ~ ' ') ~ " || coalesce("
            ~ assay.column_text(column, rule.table).text ~ ", 'null')") -%}
    {%- endfor -%}
    {%- for column in rule.table.not_supplied if column | lower in words -%}
        {%- do update.update(assay.column_state(column, rule.table)) -%}
    {%- endfor -%}
    {%- if named -%}
        {%- do update.update({'found': "concat_ws(', ', " ~ named | join(', ')
            ~ ')'}) -%}
    {%- endif -%}
    {%- if not update.state -%}
        {%- do update.update(assay.sql_problem(
            rule, argument, [update.applies, update.fails])) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}
