{#-
Checks that a value is there. Fails when it is null, blank, or a placeholder such as
`N/A` or `未知` (seed `placeholders`). What `except`, or the `values` of a rule on the same
column, names is a value, to every rule on the column.

- except: list of values that are no placeholders here, such as the town `Nil`
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test not_missing(
    model, column_name, except=none, max_rate=0, weight=1, floor=none
) %}
    {{ verdict_of_rule() }}
{% endtest %}


{% macro not_missing_takes() %}
    {%- do return({'component': 'missing', 'arguments': {'except': 'values'}}) -%}
{% endmacro %}


{% macro not_missing_rule(rule) %}
    {%- set update = {
        'flaw': 'missing',
        'says': rule.column ~ ' is there: not null, not blank, no placeholder',
        'fails': rule.is_missing
    } -%}
    {%- set made_of = rule.table.known.source_types.get(rule.table.feed, {}) -%}
    {%- if rule.state == 'ready' and rule.column in made_of
        and made_of[rule.column] is none -%}
        {%- do update.update({'state': 'not applicable',
            'reason': 'the mapping makes it of several columns'}) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}
