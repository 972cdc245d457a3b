{#-
The error rates of learned rules, by slice, of `judged_rows`: those that were found, or,
with `found_rows` beside them, those that are repaired.
-#}
{% macro label_rates(judged_rows, label_scores, found_rows=none) %}
    {#- Repaired rows are a slice of another kind: what was estimated are those found. -#}
    {%- set is_estimated = "slice_type = 'all'" if found_rows is none else 'false' %}
with judged_rows as (
    select
        rule_name,
        feed,
        error_probability,
        {{ assay.slice_keys() }}
    from {{ judged_rows }}
),

-- What the scores say of a rule stands in each of their rows.
rules as (
    select
        rule_name,
        max(rate_basis) as rate_basis,
        max(note) as note,
        max(reason) as reason,
        max(error_rate) as error_rate,
        max(error_rate_low) as error_rate_low,
        max(error_rate_high) as error_rate_high
    from {{ label_scores }}
    group by rule_name
),

sliced as (
    select
        feed,
        rule_name,
        {{ assay.slice_of_group() }},
        count(error_probability) as rows_judged,
        avg(error_probability) as mean_probability
    from judged_rows
    group by grouping sets (
        (feed, rule_name),
        (feed, rule_name, source_system),
        (feed, rule_name, category),
        (feed, rule_name, issue_day)
    )
),

found as (
    select
        rule_name,
        avg(error_probability) as mean_probability
    from {{ found_rows or judged_rows }}
    group by rule_name
),

proportions as (
    select
        rules.rule_name,
        rules.error_rate / nullif(found.mean_probability, 0) as factor
    from rules
    inner join found on rules.rule_name = found.rule_name
),

-- The rate of a slice is its mean probability, in proportion to what the rate of all
-- rows as they were found turned out to be.
rated as (
    select
        sliced.feed,
        sliced.rule_name,
        sliced.slice_type,
        sliced.slice_value,
        rules.rate_basis,
        rules.note,
        rules.reason,
        rules.error_rate,
        rules.error_rate_low,
        rules.error_rate_high,
        greatest(sliced.rows_judged, 1) as rows_judged,
        case
            when {{ is_estimated }} or sliced.mean_probability is null
                then rules.error_rate
            when sliced.mean_probability = 0 then 0
            else least(1, sliced.mean_probability * proportions.factor)
        end as failure_rate
    from sliced
    inner join rules on sliced.rule_name = rules.rule_name
    inner join proportions on sliced.rule_name = proportions.rule_name
),

-- In a slice the rate is uncertain twice: its rows are few, and the rate of all rows is
-- uncertain itself, by the same factor and, where that is wider, by the same share.
bounded as (
    select
        *,
        {{ assay.wilson('failure_rate', 'rows_judged', -1) }} as wilson_low,
        {{ assay.wilson('failure_rate', 'rows_judged', 1) }} as wilson_high
    from rated
),

widened as (
    select
        *,
        wilson_low * coalesce(error_rate_low / nullif(error_rate, 0), 1) as low,
        wilson_high * coalesce(error_rate_high / nullif(error_rate, 0), 1)
            as high_by_factor,
        1 - (1 - wilson_high) * (1 - error_rate_high) / nullif(1 - error_rate, 0)
            as high_by_share
    from bounded
)

select
    feed,
    rule_name,
    slice_type,
    slice_value,
    rate_basis,
    note,
    reason,
    failure_rate,
    case
        when {{ is_estimated }} or error_rate is null then error_rate_low
        else low
    end as rate_low,
    case
        when {{ is_estimated }} or error_rate is null then error_rate_high
        else least(1, greatest(high_by_factor, high_by_share))
    end as rate_high
from widened
{% endmacro %}
