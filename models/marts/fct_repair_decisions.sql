with decisions as (
    select * from {{ ref('int_repair_decisions') }}
),

causes as (
    select
        feed,
        cause_id
    from {{ ref('int_repair_causes') }}
    {%- if feed_names() %}
    union
    select
        'products' as feed,
        cause_id
    from {{ ref('int_product_merges') }}
    {%- endif %}
),

found as (
    select distinct
        feed,
        cause_id
    from causes
),

checked as (
    select
        decisions.* exclude (state),
        case
            when
                decisions.cause_id is not null
                and found.cause_id is null
                and decisions.problem is null
                then 'nothing has that cause'
            else decisions.state
        end as state
    from decisions
    left join found
        on decisions.feed = found.feed and decisions.cause_id = found.cause_id
)

select
    feed,
    record_key,
    occurrence,
    column_name,
    cause_id,
    decision,
    decided_value,
    reason,
    decided_by,
    decided_at,
    state,
    state = 'followed' as is_followed
from checked
