{#-
Checks that a table is updated as often as it should be. Its rate is
1 - min(1, cycle / age of the newest row): 0 while the newest row is younger than the
cycle, 0.5 when it is two cycles old, 1 where no row has a time, as in an empty table. Times
after `as_of` do not count as new.

- cycle: the longest time between two updates, such as `1 day`; the `cycle` of the feed
  in `vars` overrides it
- per: `source_system`: each source system is judged by itself, and the rate is their mean;
  one without a time up to `as_of` fails wholly
- max_rate: rate up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test updated_every(
    model, column_name, cycle, per=none, max_rate=0, weight=1, floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro updated_every_takes() %}
    {%- do return({'component': 'frequency', 'arguments': {
        'cycle': 'span required',
        'per': 'source_system'
    }}) -%}
{% endmacro %}


{% macro updated_every_rule(rule) %}
    {%- set cycle = rule.table.cycle or rule.arguments.cycle -%}
    {%- set value = assay.time_sql(rule) -%}
    {%- set update = {
        'says': rule.column ~ ' has a time within the last ' ~ cycle,
        'newest': value,
        'cycle_seconds': assay.seconds(cycle)
    } -%}
    {%- if value is none and rule.state == 'ready' -%}
        {%- do update.update({'state': 'error', 'reason': rule.column
            ~ ' holds no times'}) -%}
    {%- endif -%}
    {%- if 'per' in rule.arguments and not update.state -%}
        {%- do update.update(assay._each_source_updated(rule, value, cycle)) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}


{#- The update by which each source system has a time of its own within the cycle. -#}
{% macro _each_source_updated(rule, value, cycle) %}
    {%- set groups = assay.source_systems(rule) -%}
    {%- set update = {
        'says': rule.column ~ ' of each source system has a time within the last '
        ~ cycle,
        'newest': none,
        'cycle_seconds': none,
        'judged_by': 'source_system'
    } -%}
    {%- if groups is mapping -%}
        {%- do update.update(groups) -%}
    {%- elif rule.state == 'ready' -%}
        {%- do update.update({'judged': assay.judged_groups(rule, groups,
            {'newest_at': 'max(' ~ value ~ ') filter (where ' ~ value ~ ' <= '
            ~ assay.as_of()
                ~ ')'},
            'case when newest_at is null then 1 else greatest(0, 1 - '
            ~ assay.seconds(cycle)
                ~ ' / nullif(' ~ assay.seconds_between('newest_at', assay.as_of())
                ~ ', 0)) end',
            'newest_at', by_source=true)}) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}
