with incidents as (
    select * from {{ ref('int_seen_incidents') }}
),

decisions as (
    select *
    from {{ ref('int_alert_decisions') }}
    where state = 'followed'
)

select
    incidents.incident_id as alert_id,
    incidents.incident_id,
    incidents.feed,
    case
        when not incidents.is_open then 'resolved'
        when decisions.decision = 'acknowledge' then 'acknowledged'
        when decisions.snoozed_until > {{ as_of() }} then 'snoozed'
        else 'open'
    end as state,
    incidents.first_seen,
    incidents.last_seen,
    incidents.resolved_at,
    incidents.resolution,
    decisions.snoozed_until,
    decisions.note,
    incidents.summary,
    incidents.first_day,
    incidents.last_day,
    incidents.direction,
    incidents.measure,
    incidents.rule_name,
    incidents.column_name,
    incidents.expected_low,
    incidents.expected_high,
    incidents.found,
    incidents.size,
    incidents.little_history,
    incidents.slice_type,
    incidents.slice_value,
    incidents.explained_share
from incidents
left join decisions on incidents.incident_id = decisions.alert_id
