with found as (
    select * from {{ ref('int_issues') }}
),

repaired as (
    select * from {{ ref('int_repaired_issues') }}
),

rules as (
    select * from {{ ref('int_rules') }}
),

-- An issue of a row is told by its rule and row, another by its rule and key.
changes as (
    select
        coalesce(found.feed, repaired.feed) as feed,
        coalesce(found.rule_name, repaired.rule_name) as rule_name,
        coalesce(found.record_number, repaired.record_number) as record_number,
        coalesce(found.record_key, repaired.record_key) as record_key,
        coalesce(found.source_system, repaired.source_system) as source_system,
        coalesce(found.category, repaired.category) as category,
        coalesce(found.issue_day, repaired.issue_day) as issue_day,
        case
            when repaired.rule_name is null then 'resolved'
            when found.rule_name is null then 'introduced'
            else 'remaining'
        end as change
    from found
    full join repaired
        on
            found.feed = repaired.feed
            and found.rule_name = repaired.rule_name
            and found.record_number is not distinct from repaired.record_number
            and (
                found.record_number is not null
                or found.record_key is not distinct from repaired.record_key
            )
)

select
    changes.*,
    rules.dimension
from changes
inner join rules on changes.rule_name = rules.rule_name
