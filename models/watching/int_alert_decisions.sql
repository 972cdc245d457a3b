-- A table of one's own may lack the columns that say who and when, and hold times.
with as_given as (
    select * from {{ ref('alert_decisions') }}
    union all by name
    select
        cast(null as varchar) as alert_id,
        cast(null as varchar) as decision,
        cast(null as varchar) as until,
        cast(null as varchar) as note,
        cast(null as varchar) as decided_by,
        cast(null as varchar) as decided_at
    where false
),

given as (
    select
        trim(alert_id) as alert_id,
        lower(trim(decision)) as decision,
        until as until_as_found,
        try_cast(until as timestamp) as snoozed_until,
        note,
        decided_by,
        decided_at as decided_at_as_found,
        try_cast(decided_at as timestamp) as decided_at
    from as_given
),

incidents as (
    select * from {{ ref('int_seen_incidents') }}
),

checked as (
    select
        given.*,
        case
            when incidents.incident_id is null then 'no such alert'
            when
                given.decision is null
                or given.decision not in ('acknowledge', 'snooze', 'reopen')
                then 'no such decision'
            when given.decision = 'snooze' and given.until_as_found is null
                then 'no time until when'
            when given.decision = 'snooze' and given.snoozed_until is null
                then 'until is no time'
            when given.decided_at_as_found is not null and given.decided_at is null
                then 'decided_at is no time'
        end as problem
    from given
    left join incidents on given.alert_id = incidents.incident_id
),

-- The last one counts; what is decided without a time comes before all others.
ranked as (
    select
        *,
        dense_rank() over (
            partition by alert_id, problem is null
            order by decided_at desc nulls last
        ) as age_rank,
        row_number() over (
            partition by alert_id, problem is null
            order by decided_at desc nulls last, note, decided_by
        ) as place
    from checked
),

compared as (
    select
        alert_id,
        count(distinct concat_ws(' ', decision, cast(snoozed_until as varchar)))
        > 1 as is_contradicted
    from ranked
    where problem is null and age_rank = 1
    group by alert_id
)

select
    ranked.alert_id,
    ranked.decision,
    case when ranked.decision = 'snooze' then ranked.snoozed_until end
        as snoozed_until,
    ranked.note,
    ranked.decided_by,
    ranked.decided_at,
    case
        when ranked.problem is not null then ranked.problem
        when ranked.age_rank > 1 then 'decided anew'
        when compared.is_contradicted then 'contradictory'
        when ranked.place > 1 then 'decided before'
        else 'followed'
    end as state
from ranked
left join compared on ranked.alert_id = compared.alert_id
