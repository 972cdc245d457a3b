with judged_rows as (
    select
        rule_name,
        feed,
        error_probability,
        coalesce(source_system, '(missing)') as source_system,
        coalesce(category, '(missing)') as category,
        coalesce(cast(issue_day as varchar), '(missing)') as issue_day
    from {{ ref('int_judged_rows') }}
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
    from {{ ref('int_label_scores') }}
    group by rule_name
),

sliced as (
    select
        feed,
        rule_name,
        case
            when grouping(source_system) = 0 then 'source_system'
            when grouping(category) = 0 then 'category'
            when grouping(issue_day) = 0 then 'day'
            else 'all'
        end as slice_type,
        case
            when grouping(source_system) = 0 then source_system
            when grouping(category) = 0 then category
            when grouping(issue_day) = 0 then issue_day
        end as slice_value,
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

means as (
    select
        rule_name,
        mean_probability
    from sliced
    where slice_type = 'all'
),

-- The rate of a slice is its mean probability, in proportion to what the rate of all
-- rows was found to be.
rated as (
    select
        sliced.feed,
        sliced.rule_name,
        sliced.slice_type,
        sliced.slice_value,
        rules.rate_basis,
        rules.note,
        rules.reason,
        greatest(sliced.rows_judged, 1) as rows_judged,
        rules.error_rate,
        rules.error_rate_low,
        rules.error_rate_high,
        case
            when
                sliced.slice_type = 'all'
                or rules.error_rate is null
                or means.mean_probability = 0
                then rules.error_rate
            else least(
                1,
                coalesce(sliced.mean_probability, means.mean_probability)
                * rules.error_rate / means.mean_probability
            )
        end as failure_rate
    from sliced
    inner join rules on sliced.rule_name = rules.rule_name
    inner join means on sliced.rule_name = means.rule_name
),

-- In a slice the rate is uncertain twice: because its rows are few, and because the rate
-- of all rows is, by the same factor and, where that is wider, by the same share.
bounded as (
    select
        *,
        {{ wilson('failure_rate', 'rows_judged', -1) }} as wilson_low,
        {{ wilson('failure_rate', 'rows_judged', 1) }} as wilson_high
    from rated
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
        when slice_type = 'all' or error_rate is null then error_rate_low
        else wilson_low * coalesce(error_rate_low / nullif(error_rate, 0), 1)
    end as rate_low,
    case
        when slice_type = 'all' or error_rate is null then error_rate_high
        else greatest(
            least(1, wilson_high * error_rate_high / nullif(error_rate, 0)),
            1 - (1 - wilson_high) * (1 - error_rate_high) / nullif(1 - error_rate, 0)
        )
    end as rate_high
from bounded
