{#-
Issues over rows checked, by rule and slice. This and the other formulas of the index
take relations: those of the tables as they were found, or of the repaired ones.
-#}
{% macro measures(rules, rows_checked, issues, label_rates) %}
with rules as (
    select *
    from {{ rules }}
    where state = 'ready'
),

label_rates as (
    select * from {{ label_rates }}
),

rows_checked as (
    select *
    from {{ rows_checked }}
    where rule_name is not null
),

issues as (
    select
        feed,
        rule_name,
        error_probability,
        {{ assay.slice_keys() }}
    from {{ issues }}
),

failing as (
    select
        feed,
        rule_name,
        {{ assay.slice_of_group() }},
        count(*) as failing_rows,
        sum(error_probability) as expected_failing_rows
    from issues
    group by grouping sets (
        (feed, rule_name),
        (feed, rule_name, source_system),
        (feed, rule_name, category),
        (feed, rule_name, issue_day)
    )
),

counted as (
    select
        rows_checked.feed,
        rows_checked.rule_name,
        rows_checked.slice_type,
        rows_checked.slice_value,
        rows_checked.rows_checked,
        rules.cycle_seconds,
        rules.is_judged_whole,
        coalesce(failing.failing_rows, 0) as failing_rows,
        coalesce(failing.expected_failing_rows, 0) as expected_failing_rows,
        coalesce(
            cast({{ assay.seconds_between('rows_checked.newest_at', assay.as_of())
                }} as double), 'infinity'
        ) as newest_age_seconds
    from rows_checked
    inner join rules
        on rows_checked.rule_name = rules.rule_name
    left join failing
        on
            rows_checked.feed = failing.feed
            and rows_checked.rule_name = failing.rule_name
            and rows_checked.slice_type = failing.slice_type
            and coalesce(rows_checked.slice_value, '')
            = coalesce(failing.slice_value, '')
),

rated as (
    select
        feed,
        rule_name,
        slice_type,
        slice_value,
        rows_checked,
        case
            when cycle_seconds is null then failing_rows
            when newest_age_seconds > cycle_seconds then rows_checked
            else 0
        end as failing_rows,
        case
            when rows_checked = 0 then null
            when cycle_seconds is null then expected_failing_rows / rows_checked
            when newest_age_seconds > cycle_seconds
                then 1 - cycle_seconds / newest_age_seconds
            else 0
        end as failure_rate,
        cycle_seconds is not null or coalesce(is_judged_whole, false) as is_read_off
    from counted
),

-- The rate of a learned rule is estimated from all rows, suspected or not.
estimated as (
    select
        rated.feed,
        rated.rule_name,
        rated.slice_type,
        rated.slice_value,
        rated.rows_checked,
        rated.failing_rows,
        rated.is_read_off,
        coalesce(label_rates.failure_rate, rated.failure_rate) as failure_rate,
        label_rates.rate_low,
        label_rates.rate_high
    from rated
    left join label_rates
        on
            rated.rule_name = label_rates.rule_name
            and rated.slice_type = label_rates.slice_type
            and coalesce(rated.slice_value, '')
            = coalesce(label_rates.slice_value, '')
)

select
    feed,
    rule_name,
    slice_type,
    slice_value,
    rows_checked,
    failing_rows,
    failure_rate,
    -- An age or a count is read off, not estimated from rows: its interval is a point.
    case
        when rate_low is not null then rate_low
        when rows_checked = 0 or is_read_off then failure_rate
        else {{ assay.wilson('failure_rate', 'rows_checked', -1) }}
    end as rate_low,
    case
        when rate_high is not null then rate_high
        when rows_checked = 0 or is_read_off then failure_rate
        else {{ assay.wilson('failure_rate', 'rows_checked', 1) }}
    end as rate_high
from estimated
{% endmacro %}
