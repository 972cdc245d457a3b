with rules as (
    select
        rule_name,
        component
    from {{ ref('int_rules') }}
    where
        cycle_seconds is null
        and not coalesce(is_judged_whole, false)
),

series as (
    select
        series.feed,
        series.slice_type,
        series.slice_value,
        series.day,
        series.numerator,
        series.denominator,
        rules.component
    from {{ ref('int_quality_series') }} as series
    inner join rules on series.rule_name = rules.rule_name
    where
        series.measure = 'failure_rate'
        and series.numerator is not null
        and series.denominator > 0
)

select
    feed,
    slice_type,
    slice_value,
    day,
    sum(denominator) as checks,
    sum(numerator) as failures
from series
where slice_type in ('source_system', 'category')
group by feed, slice_type, slice_value, day
union all
select
    feed,
    'component' as slice_type,
    component as slice_value,
    day,
    sum(denominator) as checks,
    sum(numerator) as failures
from series
where slice_type = 'all'
group by feed, component, day
