with rules as (
    select
        rule_name,
        component,
        rule_kind
    from {{ ref('int_rules') }}
    -- What is judged as a whole has no rows to count; rows that disagree fail together.
    where
        cycle_seconds is null
        and not coalesce(is_judged_whole, false)
        and flaw is distinct from 'disagreement'
),

by_rule as (
    select
        measures.feed,
        measures.rule_name,
        rules.component,
        measures.slice_type,
        measures.slice_value,
        measures.rows_checked,
        measures.failing_rows
    from {{ ref('int_measures') }} as measures
    inner join rules on measures.rule_name = rules.rule_name
    -- That old rows are too old is no discovery.
    where not (measures.slice_type = 'day' and rules.rule_kind = 'valid_for')
),

-- Whether any rule finds fault with the row.
by_any_rule as (
    select
        feed,
        cast(null as varchar) as rule_name,
        cast(null as varchar) as component,
        slice_type,
        slice_value,
        rows_checked,
        rows_hit as failing_rows
    from {{ ref('int_scope_rows') }}
),

together as (
    select * from by_rule
    union all
    select * from by_any_rule
)

select *
from together
where
    rows_checked > 0
    and slice_value is not null
    and (
        slice_type in ('source_system', 'category')
        or (
            slice_type = 'day'
            -- Days that are over, and no day that is to come.
            and try_cast(slice_value as date) < cast({{ as_of() }} as date)
        )
    )
