{{ config(materialized='view') }}

with judged_rows as (
    select * from {{ ref('int_judged_rows') }}
),

repairs as (
    select *
    from {{ ref('int_repairs') }}
    where status = 'applied'
),

removed as (
    select distinct
        feed,
        record_number
    from repairs
    where action in ('drop', 'quarantine')
),

changes as (
    select
        feed,
        record_number,
        column_name,
        proposed_value,
        confidence
    from repairs
    where action = 'change'
)

select
    judged_rows.rule_name,
    judged_rows.feed,
    judged_rows.record_number,
    judged_rows.record_key,
    judged_rows.occurrence,
    judged_rows.column_name,
    coalesce(changes.proposed_value, judged_rows.label) as label,
    case when changes.feed is null then judged_rows.suggested_label end
        as suggested_label,
    judged_rows.source_system,
    judged_rows.category,
    judged_rows.issue_day,
    -- What was learned cannot judge its own suggestions anew: a label that was repaired
    -- is as probably wrong as the repair is.
    case
        when changes.feed is null then judged_rows.error_probability
        else 1 - changes.confidence
    end as error_probability,
    judged_rows.is_suspect and changes.feed is null as is_suspect
from judged_rows
left join changes
    on
        judged_rows.feed = changes.feed
        and judged_rows.record_number = changes.record_number
        and judged_rows.column_name = changes.column_name
left join removed
    on
        judged_rows.feed = removed.feed
        and judged_rows.record_number = removed.record_number
where removed.feed is null
