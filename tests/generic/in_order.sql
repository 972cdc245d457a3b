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
        'flaw': 'impossible',
        'says': rule.column ~ ' is not after '
            ~ ('the moment of measuring' if before == 'as_of' else before)
    } -%}
    {%- if rule.state != 'ready' -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- set first = time_sql(rule) or rule.value -%}
    {%- set other = {'family': 'time', 'value': as_of()} -%}
    {%- if before == 'as_of' -%}
        {%- set second = other.value -%}
    {%- elif column_state(before, rule.table) -%}
        {%- do update.update(column_state(before, rule.table)) -%}
        {%- do return(update) -%}
    {%- else -%}
        {%- set other = column_text(before, rule.table) -%}
        {%- set second = time_sql(other) or other.value -%}
        {%- do update.update({'found': "concat_ws(' > ', " ~ rule.text ~ ', ' ~ other.text
            ~ ')'}) -%}
    {%- endif -%}
    {#- Text is taken as a time: ordering it letter by letter would mislead. -#}
    {%- if (time_sql(rule) is none) != (time_sql(other) is none)
        or (time_sql(rule) is none and rule.family != other.family) -%}
        {%- do update.update({'state': 'error', 'reason': rule.column ~ ' and ' ~ before
            ~ ' are not of one type'}) -%}
    {%- endif -%}
    {%- do update.update({
        'applies': '(' ~ first ~ ' is not null and ' ~ second ~ ' is not null)',
        'fails': first ~ ' > ' ~ second
    }) -%}
    {%- do return(update) -%}
{% endmacro %}
