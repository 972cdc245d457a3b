{#-
Checks that a row is not too old. Fails when the time in the column lies more than `age`
before `as_of`, or after it, and when there is none: what has no time is stale.

- age: the oldest age that is still valid, such as `365 days`
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test valid_for(model, column_name, age, max_rate=0, weight=1, floor=none) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro valid_for_takes() %}
    {%- do return({'component': 'validity', 'arguments': {'age': 'span required'}}) -%}
{% endmacro %}


{% macro valid_for_rule(rule) %}
    {%- set update = {
        'says': rule.column ~ ' is at most ' ~ rule.arguments.age ~ ' old'
    } -%}
    {%- set value = assay.time_sql(rule) -%}
    {%- if rule.state == 'ready' and value is none -%}
        {%- do update.update({'state': 'error', 'reason': rule.column
            ~ ' holds no times'}) -%}
    {%- else -%}
        {%- do update.update({
            'fails': 'coalesce(' ~ value ~ ' not between ' ~ assay.as_of()
            ~ " - interval '"
                ~ assay.seconds(rule.arguments.age) | int ~ " seconds' and "
                ~ assay.as_of()
                ~ ', true)',
            'ages': [[value, 0], [value, assay.seconds(rule.arguments.age) | int]]
        }) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}
