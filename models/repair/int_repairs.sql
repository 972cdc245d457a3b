with cells as (
    select * from {{ ref('int_failing_cells') }}
),

value_repairs as (
    select * from {{ ref('int_value_repairs') }}
),

row_repairs as (
    select * from {{ ref('int_row_repairs') }}
),

decisions as (
    select *
    from {{ ref('int_repair_decisions') }}
    where state = 'followed'
),

causes as (
    select * from {{ ref('int_repair_causes') }}
),

waived_rules as (
    select distinct rule_name
    from {{ ref('waivers') }}
    where cast(waived_until as date) >= cast({{ as_of() }} as date)
),

thresholds (method, threshold) as (
    values {{ repair_thresholds() }}
),

label_precision as (
    select * from {{ ref('int_label_precision') }}
),

-- Labels of which a person said what they should be.
told_labels as (
    select distinct
        feed,
        column_name,
        record_number
    from {{ ref('int_judged_rows') }}
    where is_told
),

-- A person may give a value where there is no proposal, but only where a rule fails.
proposed_cells as (
    select
        cells.feed,
        cells.column_name,
        cells.record_number,
        cells.record_key,
        cells.occurrence,
        cells.rule_name,
        cells.rule_names,
        cells.flaw as method,
        'change' as action,
        cells.found_value,
        case
            when decisions.decision = 'use' then decisions.decided_value
            else value_repairs.proposed_value
        end as proposed_value,
        case
            when decisions.decision = 'use'
                then coalesce(decisions.reason, 'a person said so')
            else value_repairs.reason
        end as reason,
        case
            when decisions.decision = 'use' then 1
            else value_repairs.confidence
        end as confidence,
        decisions.decision
    from cells
    left join value_repairs
        on
            cells.feed = value_repairs.feed
            and cells.column_name = value_repairs.column_name
            and cells.record_number = value_repairs.record_number
    left join decisions
        on
            cells.feed = decisions.feed
            and cells.column_name = decisions.column_name
            and cells.record_key = decisions.record_key
            and cells.occurrence = coalesce(decisions.occurrence, cells.occurrence)
    where
        value_repairs.record_number is not null
        or decisions.decision = 'use'
),

proposed as (
    select * from proposed_cells
    union all
    select
        row_repairs.feed,
        row_repairs.column_name,
        row_repairs.record_number,
        row_repairs.record_key,
        row_repairs.occurrence,
        row_repairs.rule_name,
        row_repairs.rule_name as rule_names,
        row_repairs.method,
        row_repairs.action,
        row_repairs.found_value,
        cast(null as varchar) as proposed_value,
        row_repairs.reason,
        row_repairs.confidence,
        decisions.decision
    from row_repairs
    left join decisions
        on
            row_repairs.feed = decisions.feed
            and row_repairs.column_name is not distinct from decisions.column_name
            and row_repairs.record_key = decisions.record_key
            and row_repairs.occurrence
            = coalesce(decisions.occurrence, row_repairs.occurrence)
            and decisions.decision in ('accept', 'reject')
),

-- What is decided of a record goes before what is of all that have the same cause.
decided as (
    select
        proposed.* exclude (decision),
        causes.cause_id,
        causes.cause,
        coalesce(proposed.decision, decisions.decision) as decision
    from proposed
    left join causes
        on
            proposed.feed = causes.feed
            and proposed.record_number = causes.record_number
            and proposed.rule_name = causes.rule_name
            and proposed.action = causes.action
            and proposed.column_name is not distinct from causes.column_name
    left join decisions
        on causes.feed = decisions.feed and causes.cause_id = decisions.cause_id
),

judged as (
    select
        decided.*,
        case
            when decided.decision = 'reject' then 'rejected'
            -- Nothing is done to a table that the var `repaired` does not name.
            when decided.feed not in ('{{ repaired_tables() | join("', '") }}')
                then 'proposed'
            when decided.decision in ('accept', 'use') then 'applied'
            when waived_rules.rule_name is not null then 'waived'
            when decided.confidence < thresholds.threshold then 'proposed'
            -- What judges meaning has to show on these data that it can.
            when
                decided.method = 'label'
                and told_labels.feed is null
                and not coalesce(label_precision.is_confirmed, false)
                and '{{ setting('label_repairs') }}' <> 'confident'
                then 'proposed'
            else 'applied'
        end as status
    from decided
    inner join thresholds on decided.method = thresholds.method
    left join waived_rules on decided.rule_name = waived_rules.rule_name
    left join label_precision on decided.rule_name = label_precision.rule_name
    left join told_labels
        on
            decided.feed = told_labels.feed
            and decided.column_name = told_labels.column_name
            and decided.record_number = told_labels.record_number
),

-- A row whose flaw is mended by a value stays; one that goes needs no other repair.
mended as (
    select distinct
        feed,
        record_number,
        unnest(string_split(rule_names, ', ')) as rule_name
    from judged
    where action = 'change' and status = 'applied'
),

removed as (
    select distinct
        judged.feed,
        judged.record_number
    from judged
    left join mended
        on
            judged.feed = mended.feed
            and judged.record_number = mended.record_number
            and judged.rule_name = mended.rule_name
    where
        judged.action in ('drop', 'quarantine')
        and judged.status = 'applied'
        and mended.feed is null
)

select
    judged.feed,
    judged.column_name,
    judged.record_number,
    judged.record_key,
    judged.occurrence,
    judged.rule_name,
    judged.method,
    judged.action,
    judged.found_value,
    judged.proposed_value,
    judged.reason,
    judged.cause_id,
    judged.cause,
    judged.status,
    judged.confidence
from judged
left join mended
    on
        judged.feed = mended.feed
        and judged.record_number = mended.record_number
        and judged.rule_name = mended.rule_name
left join removed
    on
        judged.feed = removed.feed
        and judged.record_number = removed.record_number
where
    case
        when judged.action = 'change' then removed.feed is null
        when judged.action = 'empty' then mended.feed is null and removed.feed is null
        else mended.feed is null
    end
