{#- Of fewer rows a day's mean or index says more of which rows they were than of the
data; rates and counts are tested by what so few rows can show. -#}
{%- set least_rows = 30 -%}

with closed as (
    {{ closed_days() }}
),

-- A day before is no part of what is watched: one row of 1970 would make 20,000 days.
days_watched as (
    select
        feed,
        last_day,
        last_day - {{ setting('history_days') }} as first_day
    from closed
),

rows_by_day as (
    select counted.*
    from {{ ref('int_rows_by_day') }} as counted
    inner join days_watched
        on
            counted.feed = days_watched.feed
            and counted.day between days_watched.first_day and days_watched.last_day
),

-- Each day from the first with rows on; one without is a day of no rows.
calendar as (
    select
        firsts.feed,
        cast(unnest(generate_series(
            firsts.first_day, days_watched.last_day, interval '1 day'
        )) as date) as day
    from (
        select
            feed,
            min(day) as first_day
        from rows_by_day
        group by feed
    ) as firsts
    inner join days_watched on firsts.feed = days_watched.feed
),

row_counts as (
    select
        calendar.feed,
        calendar.day,
        coalesce(rows_by_day.row_count, 0) as row_count
    from calendar
    left join rows_by_day
        on
            calendar.feed = rows_by_day.feed
            and calendar.day = rows_by_day.day
            and rows_by_day.slice_type = 'all'
),

-- The largest categories of a table; the others come and go.
categories as (
    select
        feed,
        slice_value
    from (
        select
            feed,
            slice_value,
            row_number() over (
                partition by feed order by sum(row_count) desc, slice_value
            ) as size_rank
        from rows_by_day
        where slice_type = 'category' and slice_value <> '(missing)'
        group by feed, slice_value
    ) as ranked
    where size_rank <= 20
),

shares as (
    select
        row_counts.feed,
        categories.slice_value as category,
        row_counts.day,
        coalesce(counted.row_count, 0) as row_count,
        row_counts.row_count as rows_of_day
    from row_counts
    inner join categories on row_counts.feed = categories.feed
    left join rows_by_day as counted
        on
            row_counts.feed = counted.feed
            and row_counts.day = counted.day
            and counted.slice_type = 'category'
            and categories.slice_value = counted.slice_value
),

-- All categories, those that are not the largest as one.
divided as (
    select * from shares
    union all
    select
        feed,
        '(other)' as category,
        day,
        rows_of_day - sum(row_count) as row_count,
        rows_of_day
    from shares
    group by feed, day, rows_of_day
),

-- Beside the four weeks before; half a row more in each, so that none is empty.
earlier as (
    select
        *,
        count(*) over (partition by feed, day) as category_count,
        sum(row_count) over four_weeks as earlier_rows,
        sum(rows_of_day) over four_weeks as earlier_rows_of_day
    from divided
    window four_weeks as (
        partition by feed, category
        order by day
        range between interval 28 days preceding and interval 1 day preceding
    )
),

shifts as (
    select
        feed,
        day,
        rows_of_day,
        earlier_rows_of_day,
        (row_count + 0.5) / (rows_of_day + 0.5 * category_count) as share,
        (earlier_rows + 0.5) / (earlier_rows_of_day + 0.5 * category_count)
            as earlier_share
    from earlier
),

failing_by_day as (
    select
        feed,
        rule_name,
        slice_value as day,
        rows_checked,
        failing_rows
    from {{ ref('int_measures') }}
    where slice_type = 'day' and slice_value <> '(missing)'
),

rules as (
    select
        rule_name,
        feed,
        column_name
    from {{ ref('int_rules') }}
    -- An age and a count are of the whole table.
    where cycle_seconds is null and not coalesce(is_judged_whole, false)
),

-- Of rows that fail: how many in each slice, of all rows of the slice.
failing_slices as (
    select
        feed,
        rule_name,
        issue_day as day,
        case when grouping(source_system) = 0 then 'source_system' else 'category' end
            as slice_type,
        coalesce(source_system, category) as slice_value,
        count(*) as failing_rows
    from (
        select
            feed,
            rule_name,
            issue_day,
            coalesce(source_system, '(missing)') as source_system,
            coalesce(category, '(missing)') as category
        from {{ ref('int_issues') }}
        where record_number is not null and issue_day is not null
    )
    group by grouping sets (
        (feed, rule_name, issue_day, source_system),
        (feed, rule_name, issue_day, category)
    )
),

series as (
    select
        failing_by_day.feed,
        'failure_rate' as measure,
        failing_by_day.rule_name,
        rules.column_name,
        'all' as slice_type,
        'all' as slice_value,
        cast(null as varchar) as value_of_column,
        cast(failing_by_day.day as date) as day,
        cast(failing_by_day.failing_rows as double) as numerator,
        cast(failing_by_day.rows_checked as double) as denominator,
        failing_by_day.failing_rows / nullif(failing_by_day.rows_checked, 0) as value
    from failing_by_day
    inner join rules on failing_by_day.rule_name = rules.rule_name

    union all

    select
        rows_by_day.feed,
        'failure_rate' as measure,
        rules.rule_name,
        rules.column_name,
        rows_by_day.slice_type,
        rows_by_day.slice_value,
        cast(null as varchar) as value_of_column,
        rows_by_day.day,
        cast(coalesce(found.failing_rows, 0) as double) as numerator,
        cast(rows_by_day.row_count as double) as denominator,
        coalesce(found.failing_rows, 0) / rows_by_day.row_count as value
    from rows_by_day
    inner join rules on rows_by_day.feed = rules.feed
    -- Slices explain; of one that never fails there is nothing to say.
    inner join (
        select distinct
            rule_name,
            slice_type,
            slice_value
        from failing_slices
    ) as failing
        on
            rules.rule_name = failing.rule_name
            and rows_by_day.slice_type = failing.slice_type
            and rows_by_day.slice_value = failing.slice_value
    left join failing_slices as found
        on
            rules.rule_name = found.rule_name
            and rows_by_day.day = found.day
            and rows_by_day.slice_type = found.slice_type
            and rows_by_day.slice_value = found.slice_value
    where rows_by_day.slice_type <> 'all'

    union all

    select
        feed,
        'rows' as measure,
        cast(null as varchar) as rule_name,
        cast(null as varchar) as column_name,
        'all' as slice_type,
        'all' as slice_value,
        cast(null as varchar) as value_of_column,
        day,
        cast(row_count as double) as numerator,
        cast(null as double) as denominator,
        cast(row_count as double) as value
    from row_counts

    union all

    select
        calendar.feed,
        'rows' as measure,
        cast(null as varchar) as rule_name,
        cast(null as varchar) as column_name,
        slices.slice_type,
        slices.slice_value,
        cast(null as varchar) as value_of_column,
        calendar.day,
        cast(coalesce(counted.row_count, 0) as double) as numerator,
        cast(null as double) as denominator,
        cast(coalesce(counted.row_count, 0) as double) as value
    from calendar
    inner join (
        select distinct
            feed,
            slice_type,
            slice_value
        from rows_by_day
        where slice_type = 'source_system'
        union all
        select
            feed,
            'category' as slice_type,
            slice_value
        from categories
    ) as slices on calendar.feed = slices.feed
    left join rows_by_day as counted
        on
            calendar.feed = counted.feed
            and calendar.day = counted.day
            and slices.slice_type = counted.slice_type
            and slices.slice_value = counted.slice_value

    union all

    select
        feed,
        'share' as measure,
        cast(null as varchar) as rule_name,
        'category' as column_name,
        'all' as slice_type,
        'all' as slice_value,
        category as value_of_column,
        day,
        cast(row_count as double) as numerator,
        cast(rows_of_day as double) as denominator,
        row_count / nullif(rows_of_day, 0) as value
    from shares

    union all

    select
        feed,
        'population_stability' as measure,
        cast(null as varchar) as rule_name,
        'category' as column_name,
        'all' as slice_type,
        'all' as slice_value,
        cast(null as varchar) as value_of_column,
        day,
        cast(null as double) as numerator,
        cast(rows_of_day as double) as denominator,
        sum((share - earlier_share) * ln(share / earlier_share)) as value
    from shifts
    where rows_of_day >= {{ least_rows }} and earlier_rows_of_day >= {{ least_rows }}
    group by feed, day, rows_of_day

    union all

    {% for measure in ['mean', 'spread'] %}
    select
        feed,
        '{{ measure }}' as measure,
        cast(null as varchar) as rule_name,
        column_name,
        'all' as slice_type,
        'all' as slice_value,
        cast(null as varchar) as value_of_column,
        day,
        cast(null as double) as numerator,
        cast(value_count as double) as denominator,
        {{ measure }} as value
    from {{ ref('int_column_statistics') }}
    where value_count >= {{ least_rows }}

    union all
    {% endfor %}

    select
        feed,
        'quality_index' as measure,
        cast(null as varchar) as rule_name,
        cast(null as varchar) as column_name,
        'all' as slice_type,
        'all' as slice_value,
        cast(null as varchar) as value_of_column,
        try_cast(scope_value as date) as day,
        cast(null as double) as numerator,
        cast(rows_checked as double) as denominator,
        quality_index as value
    from {{ ref('fct_quality_index') }}
    where
        scope_type = 'day'
        and scope_value <> '(missing)'
        and rows_checked >= {{ least_rows }}
)

select
    md5(concat_ws(
        '|',
        series.feed,
        series.measure,
        coalesce(series.rule_name, ''),
        coalesce(series.column_name, ''),
        series.slice_type,
        series.slice_value,
        coalesce(series.value_of_column, '')
    )) as series_id,
    series.*
from series
inner join days_watched
    on
        series.feed = days_watched.feed
        and series.day between days_watched.first_day and days_watched.last_day
