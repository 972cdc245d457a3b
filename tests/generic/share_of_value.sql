{#-
Checks that no single value is in too many rows, as a default that stands for what nobody
entered. Fails, once for the table, when the share of the most frequent value among those
that are there is above `max`; its rate is 1 - max / share.

- max: the largest share that passes, 0 to 1
- among: of how many different values that is the largest share; of fewer it is greater, so
  that it stays as many times the mean share, and where it would be all of the rows, nothing
  is judged
- max_rate: rate up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test share_of_value(
    model, column_name, max, among=none, max_rate=0, weight=1, floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro share_of_value_takes() %}
    {%- do return({'component': 'coverage', 'arguments': {
        'max': 'share required',
        'among': 'number'
    }}) -%}
{% endmacro %}


{% macro share_of_value_rule(rule) %}
    {%- set max = rule.arguments.max -%}
    {%- set among = rule.arguments.get('among') -%}
    {%- set limit = max | string if among is none
        else 'greatest(' ~ max ~ ', ' ~ max * among ~ ' / members)' -%}
    {%- set update = {'says': 'no value of ' ~ rule.column ~ ' is in more than '
        ~ (100 * max) | round(6) ~ ' % of the rows'
        ~ (', of ' ~ among ~ ' or more' if among else '')} -%}
    {%- if rule.state == 'ready' -%}
        {%- set counted -%}
            select {{ rule.text }} as value, count(*) as rows_with
            from watched
            where {{ rule.is_present }}
                {%- if rule.where %} and ({{ rule.where }}){% endif %}
            group by all
        {%- endset -%}
        {%- do update.update({'judged': 'select ' ~ assay.literal(none) ~ ' as member, '
            ~ assay.literal(none) ~ ' as source_system, greatest(0, 1 - ' ~ limit
            ~ ' / share)'
            ~ " as rate, value || ': ' || round(100 * share, 1) || ' %' as found from ("
            ~ 'select first(value order by rows_with desc, value) as value, '
            ~ 'count(*) as members, max(rows_with) / sum(rows_with) as share from ('
            ~ counted ~ ') as counted) as most_frequent where value is not null'
            ~ ('' if among is none else ' and ' ~ limit ~ ' < 1')}) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}
