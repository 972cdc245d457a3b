{{ needs_all_feeds() }}
{% set known = what_is_known() if execute %}

with recursive decisions as (
    select
        row_number() over (
            order by feed, record_key, occurrence, column_name, decision, value
        ) as decision_number,
        feed,
        record_key,
        column_name,
        lower(trim(decision)) as decision,
        value as decided_value,
        reason,
        decided_by,
        decided_at,
        occurrence as occurrence_as_found,
        try_cast(occurrence as bigint) as occurrence
    from {{ ref('repair_decisions') }}
),

records as (
    select
        cast(null as varchar) as feed,
        cast(null as varchar) as record_key,
        cast(null as varchar) as thing
    where false
    {% for table in watched_tables() if execute %}
    {{ decided_records(table, known) }}
    {% endfor %}
),

cells as (
    select distinct
        feed,
        record_key,
        column_name
    from {{ ref('int_failing_cells') }}
    union
    select distinct
        feed,
        record_key,
        column_name
    from {{ ref('int_row_repairs') }}
),

merges as (
    select distinct
        decisions.feed,
        records.thing,
        decisions.decided_value as merged_into
    from decisions
    inner join records
        on
            decisions.feed = records.feed
            and decisions.record_key = records.record_key
    where decisions.decision = 'merge'
),

-- Where each merge leads to, step by step; it stops where it began.
paths as (
    select
        feed,
        thing as start,
        merged_into as reached,
        1 as steps
    from merges
    union all
    select
        paths.feed,
        paths.start,
        merges.merged_into as reached,
        paths.steps + 1 as steps
    from paths
    inner join merges
        on paths.feed = merges.feed and paths.reached = merges.thing
    where paths.reached <> paths.start and paths.steps < 100
),

cycles as (
    select distinct
        feed,
        start
    from paths
    where start = reached
),

judged as (
    select
        decisions.*,
        records.thing,
        count(distinct decisions.decision || '|' || coalesce(decided_value, '')) over (
            partition by
                decisions.feed,
                decisions.record_key,
                decisions.occurrence,
                decisions.column_name
        ) as different_decisions,
        records.record_key is not null as is_there,
        cells.record_key is not null as is_failing,
        cycles.start is not null as is_in_cycle
    from decisions
    left join records
        on
            decisions.feed = records.feed
            and decisions.record_key = records.record_key
    left join cells
        on
            decisions.feed = cells.feed
            and decisions.record_key = cells.record_key
            and decisions.column_name is not distinct from cells.column_name
    left join cycles
        on
            decisions.decision = 'merge'
            and decisions.feed = cycles.feed
            and records.thing = cycles.start
)

select
    decision_number,
    feed,
    record_key,
    column_name,
    decision,
    decided_value,
    reason,
    decided_by,
    decided_at,
    thing,
    occurrence,
    case
        when
            feed is null
            or feed not in ('{{ watched_tables() | join("', '") }}')
            then 'no such feed'
        when
            decision is null
            or decision not in ('accept', 'reject', 'use', 'merge')
            then 'no such decision'
        when occurrence_as_found is not null and occurrence is null
            then 'occurrence is no number'
        when decision in ('use', 'merge') and decided_value is null then 'no value'
        when decision = 'merge' and feed <> 'products' then 'only products are merged'
        when not is_there then 'record is gone'
        when different_decisions > 1 then 'contradictory'
        when is_in_cycle then 'merge cycle'
        when decision <> 'merge' and column_name is not null and not is_failing
            then 'nothing fails there'
        else 'followed'
    end as state
from judged
