with found_indexes as (
    select * from {{ ref('fct_quality_index') }}
),

compared_indexes as (
    select * from {{ ref('int_compared_quality_index') }}
),

compared_rules as (
    select * from {{ ref('int_compared_rules') }}
),

repairs as (
    select
        feed,
        rule_name,
        record_number,
        bool_or(status = 'applied' and action in ('change', 'empty')) as is_changed,
        bool_or(status = 'applied' and action in ('drop', 'quarantine')) as is_removed,
        bool_or(status = 'proposed') as is_proposed
    from {{ ref('int_repairs') }}
    group by feed, rule_name, record_number
),

-- One row per issue, before or after, with what was done about it.
answered as (
    select
        changes.feed,
        changes.dimension,
        changes.outcome,
        changes.record_number,
        coalesce(repairs.is_changed, false) as is_changed,
        coalesce(repairs.is_removed, false) as is_removed,
        coalesce(repairs.is_proposed, false) as is_proposed,
        {{ slice_keys() }}
    from (select * from {{ ref('int_issue_changes') }}) as changes
    left join repairs
        on
            changes.feed = repairs.feed
            and changes.rule_name = repairs.rule_name
            and changes.record_number = repairs.record_number
),

of_dimensions as (
    select * from answered
    union all
    select * replace ('all' as dimension) from answered
),

-- A row that was changed twice is one row changed.
of_rows as (
    select
        feed,
        dimension,
        record_number,
        source_system,
        category,
        issue_day,
        count_if(outcome <> 'introduced') as issues_before,
        count_if(outcome <> 'resolved') as issues_after,
        count_if(outcome = 'resolved') as issues_resolved,
        count_if(outcome = 'introduced') as issues_introduced,
        count_if(outcome = 'remaining' and is_proposed) as issues_proposed,
        cast(bool_or(is_changed) and not bool_or(is_removed) as integer) as is_changed,
        cast(bool_or(is_removed) as integer) as is_removed
    from of_dimensions
    group by feed, dimension, record_number, source_system, category, issue_day
),

sliced as (
    select
        feed,
        dimension,
        {{ slice_of_group() }},
        sum(issues_before) as issues_before,
        sum(issues_after) as issues_after,
        sum(issues_resolved) as issues_resolved,
        sum(issues_introduced) as issues_introduced,
        sum(issues_proposed) as issues_proposed,
        sum(is_changed) as rows_changed,
        sum(is_removed) as rows_removed
    from of_rows
    group by grouping sets (
        (feed, dimension),
        (feed, dimension, source_system),
        (feed, dimension, category),
        (feed, dimension, issue_day)
    )
),

counted as (
    select
        case when slice_type = 'all' then 'feed' else slice_type end as scope_type,
        feed,
        slice_value as scope_value,
        * exclude (slice_type, feed, slice_value)
    from sliced
    union all
    select
        'shop' as scope_type,
        cast(null as varchar) as feed,
        cast(null as varchar) as scope_value,
        dimension,
        sum(issues_before) as issues_before,
        sum(issues_after) as issues_after,
        sum(issues_resolved) as issues_resolved,
        sum(issues_introduced) as issues_introduced,
        sum(issues_proposed) as issues_proposed,
        sum(rows_changed) as rows_changed,
        sum(rows_removed) as rows_removed
    from sliced
    where slice_type = 'all'
    group by dimension
),

-- Over the rules measured in both states, and over all that is measured in each.
scores as (
    {% for state, indexes in {
        'before': "(select * from compared_indexes where state = 'before')",
        'after': "(select * from compared_indexes where state = 'after')",
        'all before': 'found_indexes',
        'all after': "(select * from compared_indexes where state = 'all after')"
    }.items() %}
    {% for dimension, score in {
        'all': 'quality_index', 'completeness': 'completeness_score',
        'accuracy': 'accuracy_score', 'consistency': 'consistency_score',
        'timeliness': 'timeliness_score'
    }.items() %}
    select
        scope_type,
        feed,
        scope_value,
        '{{ dimension }}' as dimension,
        '{{ state }}' as state,
        {{ score }} as score
    from {{ indexes }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

compared as (
    select
        scope_type,
        feed,
        scope_value,
        dimension,
        max(score) filter (where state = 'before') as score_before,
        max(score) filter (where state = 'after') as score_after,
        max(score) filter (where state = 'all before') as full_score_before,
        max(score) filter (where state = 'all after') as full_score_after
    from scores
    group by scope_type, feed, scope_value, dimension
),

rules_by_scope as (
    select
        case when slice_type = 'all' then 'feed' else slice_type end as scope_type,
        feed,
        slice_value as scope_value,
        dimension,
        outcome,
        rule_name
    from compared_rules
    union all
    select
        'shop' as scope_type,
        cast(null as varchar) as feed,
        cast(null as varchar) as scope_value,
        dimension,
        outcome,
        rule_name
    from compared_rules
    where slice_type = 'all'
),

rules_by_dimension as (
    select * from rules_by_scope
    union all
    select * replace ('all' as dimension) from rules_by_scope
),

rule_counts as (
    select
        scope_type,
        feed,
        scope_value,
        dimension,
        count_if(outcome = 'compared') as rules_compared,
        count_if(outcome = 'became measurable') as rules_added,
        count_if(outcome = 'ceased to be measurable') as rules_lost,
        string_agg(
            case when outcome = 'became measurable' then rule_name end,
            ', '
            order by rule_name
        ) as added_rules,
        string_agg(
            case when outcome = 'ceased to be measurable' then rule_name end,
            ', '
            order by rule_name
        ) as lost_rules
    from rules_by_dimension
    group by scope_type, feed, scope_value, dimension
),

noted as (
    select
        compared.*,
        counted.issues_before,
        counted.issues_after,
        counted.issues_resolved,
        counted.issues_introduced,
        counted.rows_changed,
        counted.rows_removed,
        rule_counts.rules_compared,
        rule_counts.rules_added,
        rule_counts.rules_lost,
        case
            when coalesce(counted.issues_after, 0) = 0 then null
            when compared.dimension = 'timeliness'
                then 'Age cannot be repaired: only newer data can.'
            else
                counted.issues_after || ' issues are left: ' || counted.issues_proposed
                || ' with a proposal to decide about, '
                || counted.issues_after - counted.issues_proposed
                || ' that nothing in the data repairs.'
        end as note_on_issues,
        'Became measurable, and is left out of the comparison: '
        || rule_counts.added_rules || '.' as note_on_added,
        'Can no longer be measured, and is left out of the comparison: '
        || rule_counts.lost_rules || '.' as note_on_lost
    from compared
    left join counted
        on
            compared.scope_type = counted.scope_type
            and compared.feed is not distinct from counted.feed
            and compared.scope_value is not distinct from counted.scope_value
            and compared.dimension = counted.dimension
    left join rule_counts
        on
            compared.scope_type = rule_counts.scope_type
            and compared.feed is not distinct from rule_counts.feed
            and compared.scope_value is not distinct from rule_counts.scope_value
            and compared.dimension = rule_counts.dimension
)

select
    scope_type,
    feed,
    scope_value,
    dimension,
    case
        when full_score_before is null and full_score_after is null
            then 'not measured'
        when score_before is null
            then
                concat_ws(
                    ' ',
                    'Nothing was measured both before and after.',
                    note_on_issues,
                    note_on_added,
                    note_on_lost
                )
        else nullif(concat_ws(' ', note_on_issues, note_on_added, note_on_lost), '')
    end as note,
    score_before,
    score_after,
    full_score_before,
    full_score_after,
    cast(coalesce(rules_compared, 0) as bigint) as rules_compared,
    cast(coalesce(rules_added, 0) as bigint) as rules_added,
    cast(coalesce(rules_lost, 0) as bigint) as rules_lost,
    cast(coalesce(issues_before, 0) as bigint) as issues_before,
    cast(coalesce(issues_after, 0) as bigint) as issues_after,
    cast(coalesce(issues_resolved, 0) as bigint) as issues_resolved,
    cast(coalesce(issues_introduced, 0) as bigint) as issues_introduced,
    cast(coalesce(rows_changed, 0) as bigint) as rows_changed,
    cast(coalesce(rows_removed, 0) as bigint) as rows_removed
from noted
