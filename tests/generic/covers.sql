{#-
Checks that every member of an expected set occurs in the column. Fails once for each
member that does not. Give one of:

- expected, field: the values of another column, as in `expected: ref('stg_products')`,
  `field: product_id`
- values: a list
- every: `day`: each day of the time for which the table was kept, and for at most a week
  after it up to the day before `as_of`. That time is the stretch from one day with rows to
  another in which these most outweigh the empty days: a day with as many rows as the
  median day as much as a week of empty ones (or twice the median distance of two days with
  rows, where that is more; of at most two months), one with fewer as much less. So a row
  of 1970 makes no day missing. A stretch with less than half of the rows is none
  A weekday on which the table is closed (hardly any rows in four weeks or more, and five
  others that have some) is not asked for
- min_share: with `every`: a day with fewer rows than that share of what its weekday has is
  as good as empty. That is the median of up to four such days before and of up to four
  after, whichever is less, so that nothing is asked of the first days of a table, of one
  that grows, and of the last weeks only where three came before; days that usually have
  fewer than 20 rows are not compared
- from, to: with `every`, the first and the last day asked for, such as `2026-01-01`; with
  `from` alone up to the day before `as_of`

and, as for every rule:

- max_rate: share of failing members up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
-#}
{% test covers(
    model, column_name, expected=none, field=none, values=none, every=none,
    min_share=none, from=none, to=none, max_rate=0, weight=1, floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro covers_takes() %}
    {%- do return({'component': 'coverage', 'arguments': {
        'expected': 'table',
        'field': 'column',
        'values': 'values',
        'every': 'day',
        'min_share': 'share',
        'from': 'time',
        'to': 'time'
    }}) -%}
{% endmacro %}


{% macro covers_rule(rule) %}
    {%- set arguments = rule.arguments -%}
    {%- set update = {} -%}
    {%- set present = rule.text -%}
    {%- if arguments.get('values') -%}
        {%- set members = [] -%}
        {%- for value in arguments['values'] -%}
            {%- do members.append('(' ~ (assay.as_text('cast('
                ~ assay.bound_sql(value, rule) ~ ' as '
                ~ rule.type ~ ')', rule.type) if rule.family in ['number', 'time']
                else assay.value_literal(value)) ~ ')') -%}
        {%- endfor -%}
        {%- do update.update({
            'says': rule.column ~ ' holds each of ' ~ arguments['values'] | join(', '),
            'expected': 'select member from (values ' ~ members | join(', ')
                ~ ') as listed (member)'
        }) -%}
    {%- elif arguments.get('every') == 'day' -%}
        {%- set time = assay.time_sql(rule) -%}
        {%- set present = 'cast(cast(' ~ time ~ ' as date) as varchar)' -%}
        {%- do update.update({
            'says': rule.column ~ ' holds each day '
                ~ ('from ' ~ arguments['from'] if 'from' in arguments
                    else 'of the time for which it was kept')
                ~ (' to ' ~ arguments.to if 'to' in arguments else '')
                ~ (', with ' ~ (100 * arguments.min_share) | round(6)
                    ~ ' % or more of its usual rows' if 'min_share' in arguments else ''),
            'is_of_days': true
        }) -%}
        {%- if time is none and rule.state == 'ready' -%}
            {%- do update.update({'state': 'error', 'reason': rule.column
                ~ ' holds no times'}) -%}
        {%- elif 'from' in arguments and 'to' in arguments and rule.state == 'ready'
            and not assay.is_ascending(assay.bound_sql(arguments['from'], rule),
                assay.bound_sql(arguments.to, rule)) -%}
            {%- do update.update({'state': 'error', 'reason': 'from '
                ~ assay.shown(arguments['from']) ~ ' is not before to '
                ~ assay.shown(arguments.to)
                ~ ': no day is between'}) -%}
        {%- endif -%}
    {%- elif arguments.get('expected') and arguments.get('field') -%}
        {%- set other = assay.other_table(rule, arguments.expected, arguments.field) -%}
        {%- set present = rule.as_key -%}
        {%- do update.update({'says': rule.column ~ ' holds each '
            ~ arguments.field ~ ' of ' ~ arguments.expected}) -%}
        {%- if other.state != 'ready' -%}
            {%- do update.update(other) -%}
        {%- else -%}
            {%- set member = assay.column_sql(arguments.field, other.table, 'other') -%}
            {%- do update.update({
                'reads': [other.unique_id],
                'expected': 'select distinct ' ~ member.as_key ~ ' as member from '
                    ~ other.from_sql ~ ' as other where ' ~ member.is_present
            }) -%}
        {%- endif -%}
    {%- else -%}
        {%- do update.update({'state': 'error', 'reason':
            'covers needs `expected` and `field`, or `values`, or `every: day`'}) -%}
    {%- endif -%}
    {%- if ('from' in arguments or 'to' in arguments) and 'every' not in arguments -%}
        {%- do update.update({'state': 'error', 'reason':
            'from and to need `every: day`, whose days they bound'}) -%}
    {%- elif 'min_share' in arguments and 'every' not in arguments -%}
        {%- do update.update({'state': 'error', 'reason':
            'min_share needs `every: day`, of whose days it asks'}) -%}
    {%- endif -%}
    {%- set tally = 'select ' ~ present ~ ' as value, count(*) as row_count from watched'
        ~ (' where (' ~ rule.where ~ ')' if rule.where else '') ~ ' group by all' -%}
    {%- do update.update({'tally': {'value': present, 'sql': tally},
        'present': assay._full_days(rule, tally)
            if 'min_share' in arguments and update.is_of_days
            else 'select value from (' ~ tally ~ ')'}) -%}
    {%- if update.is_of_days -%}
        {%- do update.update({'expected': assay._days_asked_for(rule, time, tally)}) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}


{#- SQL of the days that `every: day` asks for. -#}
{% macro _days_asked_for(rule, time, tally) %}
    {%- set arguments = rule.arguments -%}
    {%- set yesterday = 'cast(' ~ assay.as_of() ~ ' as date) - 1' -%}
    {%- set first_day = 'cast(' ~ assay.bound_sql(arguments['from'], rule) ~ ' as date)'
        if 'from' in arguments else 'first_day' -%}
    {%- set last_day = 'cast(' ~ assay.bound_sql(arguments.to, rule) ~ ' as date)'
        if 'to' in arguments else yesterday if 'from' in arguments
        else 'last_day + 7' -%}
    select cast(cast(day as date) as varchar) as member
    from (
        select
            unnest(generate_series(
                {{ first_day }}, least({{ last_day }}, {{ yesterday }}), interval '1 day'
            )) as day
        {%- if first_day == 'first_day' %}
        from ({{ assay._days_kept(rule, time, tally) }})
        {%- endif %}
    )
    {%- if 'from' not in arguments and 'to' not in arguments %}
    where isodow(day) not in ({{ assay._closed_weekdays(rule, time, tally) }})
    {%- endif %}
{%- endmacro %}


{#- SQL of the weekdays that hardly have a row in a month or more, where five others do. -#}
{% macro _closed_weekdays(rule, time, tally) %}
    select closed.weekday
    from range(1, 8) as closed (weekday)
    cross join (
        select
            list(weekday) as open_weekdays,
            max(last_day) - min(first_day) as days_between
        from (
            select
                isodow(day) as weekday,
                min(day) as first_day,
                max(day) as last_day,
                sum(row_count) as row_count,
                sum(sum(row_count)) over () as all_rows
            from ({{ assay._days_with_rows(rule, time, tally) }})
            group by all
        )
        where 700 * row_count >= all_rows
    ) as known
    where
        len(known.open_weekdays) between 5 and 6
        and known.days_between >= 27
        and not list_contains(known.open_weekdays, closed.weekday)
{%- endmacro %}


{#- SQL of the days that are there, but for those with far fewer rows than is usual. -#}
{% macro _full_days(rule, tally) %}
    with days as (
        select
            cast(value as date) as day,
            row_count
        from ({{ tally }})
        where value is not null
    ),

    ends as (
        select
            min(day) as first_day,
            max(day) as last_day
        from days
    ),

    {#- The same weekday, up to four weeks before and after; a day without rows has none. -#}
    beside as (
        select
            days.day,
            sign(weeks.week) as side,
            median(coalesce(others.row_count, 0)) as usual_rows,
            count(*) as weeks
        from days
        cross join ends
        cross join (values (-4), (-3), (-2), (-1), (1), (2), (3), (4)) as weeks (week)
        left join days as others
            on days.day + cast(7 * weeks.week as integer) = others.day
        where
            days.day + cast(7 * weeks.week as integer)
            between ends.first_day and ends.last_day
        group by all
    ),

    usual as (
        select
            day,
            case
                when max(weeks) filter (where side < 0) >= 3
                    or (count(*) = 2)
                    then min(usual_rows)
            end as usual_rows
        from beside
        group by day
        having count(*) filter (where side < 0) = 1
    )

    select cast(days.day as varchar)
    from days
    left join usual on days.day = usual.day
    where not coalesce(
        usual.usual_rows >= 20
        and days.row_count < {{ rule.arguments.min_share }} * usual.usual_rows,
        false
    )
{%- endmacro %}


{#- SQL of the days up to `as_of` that have rows, and how many. -#}
{% macro _days_with_rows(rule, time, tally) %}
        select
            cast(value as date) as day,
            row_count
        from ({{ tally }})
        where cast(value as date) < cast({{ assay.as_of() }} as date)
        union all
        {#- Of the day that is not over, what was there at the moment of measuring. #}
        select
            cast({{ time }} as date) as day,
            count(*) as row_count
        from watched
        where
            {{ time }} >= cast({{ assay.as_of() }} as date)
            and {{ time }} < {{ assay.as_of() }}
            {%- if rule.where %}
            and ({{ rule.where }})
            {%- endif %}
        group by all
{%- endmacro %}


{#-
SQL of the first and the last day for which a table was kept; no row where there are none.
`gained` adds up what days with rows are worth, less the empty days before each: the
stretch is where it rises most.
-#}
{% macro _days_kept(rule, time, tally) %}
    with days as (
        {{ assay._days_with_rows(rule, time, tally) }}
    ),

    spaced as (
        select
            *,
            coalesce(day - lag(day) over (order by day), 1) as distance
        from days
    ),

    {#- Whole thousandths, so that the order of a sum decides on nothing. -#}
    weighed as (
        select
            *,
            cast(
                1000 * least(1, row_count / median(row_count) over ())
                * greatest(7, 2 * least(31, median(distance) over ())) as bigint
            ) as worth
        from spaced
    ),

    gained as (
        select
            *,
            sum(worth - 1000 * (distance - 1)) over (order by day) as gained
        from weighed
    ),

    stretches as (
        select
            day as last_day,
            arg_min(day, gained - worth) over (order by day) as first_day,
            gained - min(gained - worth) over (order by day) as gain
        from gained
    ),

    longest as (
        select
            first_day,
            last_day
        from stretches
        order by gain desc, last_day desc
        limit 1
    )

    select
        first_day,
        last_day
    from days, longest
    group by first_day, last_day
    having
        2 * sum(row_count) filter (where day between first_day and last_day)
        >= sum(row_count)
{%- endmacro %}
