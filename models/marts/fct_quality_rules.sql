with rules as (
    select * from {{ ref('int_rules') }}
),

measures as (
    select *
    from {{ ref('int_measures') }}
    where slice_type = 'all'
),

index_gains as (
    select * from {{ ref('int_index_gains') }}
),

label_rates as (
    select *
    from {{ ref('int_label_rates') }}
    where slice_type = 'all'
),

waivers as (
    select
        rule_name,
        max(cast(waived_until as date)) as waived_until
    from {{ ref('waivers') }}
    group by rule_name
),

judged as (
    select
        rules.rule_name,
        rules.feed,
        rules.column_name,
        rules.dimension,
        rules.component,
        measures.rows_checked,
        measures.failing_rows,
        measures.failure_rate,
        measures.rate_low,
        measures.rate_high,
        case
            when measures.failure_rate is not null
                then coalesce(label_rates.rate_basis, 'counted')
        end as rate_basis,
        rules.max_rate,
        rules.weight,
        coalesce(rules.component_weight, 1) as component_weight,
        case
            when rules.state = 'error' then 'error'
            when rules.state in ('not measured', 'not applicable') then rules.state
            when coalesce(measures.rows_checked, 0) = 0 then 'not measured'
            when measures.failure_rate > rules.max_rate then 'failed'
            else 'passed'
        end as verdict,
        coalesce(
            rules.reason,
            case
                when coalesce(measures.rows_checked, 0) = 0 then 'no row to check'
            end
        ) as reason,
        label_rates.note,
        index_gains.feed_index_gain,
        index_gains.shop_index_gain,
        waivers.waived_until
    from rules
    left join measures on rules.rule_name = measures.rule_name
    left join label_rates on rules.rule_name = label_rates.rule_name
    left join index_gains on rules.rule_name = index_gains.rule_name
    left join waivers on rules.rule_name = waivers.rule_name
)

select
    *,
    coalesce(waived_until >= cast({{ as_of() }} as date), false) as is_waived
from judged
