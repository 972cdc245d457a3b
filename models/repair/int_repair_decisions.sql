{{ reads_watched_tables() }}
{% set known = what_is_known() if execute %}

with given as (
    select
        feed,
        record_key,
        occurrence,
        column_name,
        {{ decided_cause() }} as cause_id,
        decision,
        value,
        reason,
        decided_by,
        decided_at
    from {{ ref('repair_decisions') }}
),

decisions as (
    select
        -- What is decided of all rows of a key stands before what is of one of them.
        row_number() over (
            order by
                feed,
                record_key,
                try_cast(occurrence as bigint) nulls first,
                column_name,
                cause_id,
                decision,
                value
        ) as decision_number,
        feed,
        record_key,
        column_name,
        cause_id,
        lower(trim(decision)) as decision,
        value as decided_value,
        reason,
        decided_by,
        decided_at,
        occurrence as occurrence_as_found,
        try_cast(occurrence as bigint) as occurrence
    from given
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
    {%- for name in ['int_failing_cells', 'int_value_repairs', 'int_row_repairs'] %}
    select
        feed,
        record_key,
        occurrence,
        column_name,
        {{ name != 'int_failing_cells' }} as is_proposed
    from {{ ref(name) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

failing as (
    select
        decisions.decision_number,
        bool_or(cells.is_proposed) as is_proposed
    from decisions
    inner join cells
        on
            decisions.feed = cells.feed
            and decisions.record_key = cells.record_key
            and decisions.column_name is not distinct from cells.column_name
            and coalesce(decisions.occurrence = cells.occurrence, true)
    group by decisions.decision_number
),

readable as (
    select
        decisions.*,
        records.thing,
        case
            when
                decisions.feed is null
                or decisions.feed not in ('{{ watched_tables() | join("', '") }}')
                then 'no such feed'
            when
                decisions.decision is null
                or decisions.decision not in ('accept', 'reject', 'use', 'merge')
                then 'no such decision'
            when
                decisions.occurrence_as_found is not null
                and decisions.occurrence is null
                then 'occurrence is no number'
            when
                decisions.cause_id is not null
                and (
                    decisions.record_key is not null
                    or decisions.column_name is not null
                    or decisions.occurrence is not null
                )
                then 'a record or a cause, not both'
            when
                decisions.cause_id is not null
                and decisions.decision not in ('accept', 'reject')
                then 'a cause is accepted or rejected'
            when
                decisions.decision in ('use', 'merge')
                and decisions.decided_value is null
                then 'no value'
            when decisions.decision = 'use' and decisions.column_name is null
                then 'no column'
            when decisions.decision = 'merge' and decisions.feed <> 'products'
                then 'only products are merged'
            -- Which causes there are is only known once this is decided.
            when decisions.cause_id is not null then null
            when records.record_key is null then 'record is gone'
            when
                failing.decision_number is null
                and (decisions.feed <> 'products' or decisions.column_name is not null)
                then 'nothing fails there'
            when decisions.decision = 'accept' and not failing.is_proposed
                then 'nothing is proposed there'
        end as problem
    from decisions
    left join records
        on
            decisions.feed = records.feed
            and decisions.record_key = records.record_key
    left join failing on decisions.decision_number = failing.decision_number
),

-- What else is decided of the same cell or record, and what else of a product, whatever
-- its source system, is merged.
compared as (
    select
        readable.decision_number,
        bool_or(
            readable.decision <> rivals.decision
            or (
                readable.decision in ('use', 'merge')
                and readable.decided_value <> rivals.decided_value
            )
        ) as is_contradicted,
        bool_or(rivals.decision_number < readable.decision_number) as is_repeated
    from readable
    inner join readable as rivals
        on
            readable.feed = rivals.feed
            and case
                when readable.cause_id is not null or rivals.cause_id is not null
                    then readable.cause_id = rivals.cause_id
                when readable.decision = 'merge' and rivals.decision = 'merge'
                    then readable.thing = rivals.thing
                else readable.record_key = rivals.record_key
                    and readable.column_name is not distinct from rivals.column_name
                    and coalesce(readable.occurrence = rivals.occurrence, true)
            end
    where
        readable.problem is null
        and rivals.problem is null
        and readable.decision_number <> rivals.decision_number
    group by readable.decision_number
),

decided_merges as (
    select distinct
        readable.feed,
        readable.thing,
        readable.decided_value as merged_into
    from readable
    left join compared on readable.decision_number = compared.decision_number
    where
        readable.decision = 'merge'
        and readable.problem is null
        and not coalesce(compared.is_contradicted, false)
),

-- Where each merge leads to, step by step.
paths as (
    {{ steps_of_merges('decided_merges') }}
),

cycles as (
    select
        feed,
        thing
    from paths
    where thing = reached
)

select
    readable.*,
    case
        when readable.problem is not null then readable.problem
        when compared.is_contradicted then 'contradictory'
        when compared.is_repeated then 'decided before'
        when cycles.thing is not null then 'merge cycle'
        else 'followed'
    end as state
from readable
left join compared on readable.decision_number = compared.decision_number
left join cycles
    on
        readable.decision = 'merge'
        and readable.feed = cycles.feed
        and readable.thing = cycles.thing
