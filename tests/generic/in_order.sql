{#-
Checks that one time comes before another, or a number is not above another. Fails when
the column is later than the other; rows in which either is missing are not checked.

- before: the column that must not be earlier, or `as_of` for times that must not lie in
  the future
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
-#}
{% test in_order(model, column_name, before, max_rate=0, weight=1) %}
    {{ verdict_of_rule() }}
{% endtest %}


{% macro in_order_rule(rule) %}
    {%- set before = rule.arguments.before -%}
    {%- set update = {
        'dimension': 'consistency',
        'component': 'source',
        'says': rule.column ~ ' is not after '
            ~ ('the moment of measuring' if before == 'as_of' else before)
    } -%}
    {%- set first = _ordered(rule.value, rule.family) -%}
    {%- if before == 'as_of' -%}
        {%- set second = as_of() -%}
    {%- elif column_state(before, rule.table) -%}
        {%- do update.update(column_state(before, rule.table)) -%}
        {%- do return(update) -%}
    {%- else -%}
        {%- set other = column_text(before, rule.table) -%}
        {%- set second = _ordered(other.value, other.family) -%}
        {%- do update.update({'found': "concat_ws(' > ', " ~ rule.text ~ ', ' ~ other.text
            ~ ')'}) -%}
    {%- endif -%}
    {%- do update.update({
        'applies': '(' ~ first ~ ' is not null and ' ~ second ~ ' is not null)',
        'fails': first ~ ' > ' ~ second
    }) -%}
    {%- do return(update) -%}
{% endmacro %}


{#- Text is taken as a time: ordering it letter by letter would mislead. -#}
{% macro _ordered(value, family) %}
    {%- do return(cast_or_null(value, 'varchar', 'timestamp') if family == 'text'
        else value) -%}
{% endmacro %}
