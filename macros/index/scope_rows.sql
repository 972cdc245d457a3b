{#- How many rows each scope has, and how many of them fail a rule. -#}
{% macro scope_rows(rules, issues, rows_checked) %}
with rules as (
    select * from {{ rules }}
),

issues as (
    select
        issues.feed,
        issues.record_number,
        -- Of rows that disagree only those are hit that are likely to be wrong.
        coalesce(
            rules.flaw <> 'disagreement' or issues.error_probability >= 0.5, true
        ) as is_hit,
        -- An issue of no row, such as an uncovered product, is in no slice.
        case
            when issues.record_number is not null
                then coalesce(issues.source_system, '(missing)')
        end as source_system,
        case
            when issues.record_number is not null
                then coalesce(issues.category, '(missing)')
        end as category,
        case
            when issues.record_number is not null
                then coalesce(cast(issues.issue_day as varchar), '(missing)')
        end as issue_day
    from {{ issues }} as issues
    left join rules on issues.rule_name = rules.rule_name
),

issues_by_row as (
    select
        feed,
        record_number,
        source_system,
        category,
        issue_day,
        bool_or(is_hit) as is_hit,
        count(*) as issue_count
    from issues
    group by feed, record_number, source_system, category, issue_day
),

hit as (
    select
        feed,
        {{ assay.slice_of_group() }},
        count(record_number) filter (where is_hit) as rows_hit,
        sum(issue_count) as issue_count
    from issues_by_row
    group by grouping sets (
        (feed), (feed, source_system), (feed, category), (feed, issue_day)
    )
),

scopes as (
    select *
    from {{ rows_checked }}
    where rule_name is null
)

select
    scopes.feed,
    scopes.slice_type,
    scopes.slice_value,
    scopes.rows_checked,
    coalesce(hit.rows_hit, 0) as rows_hit,
    cast(coalesce(hit.issue_count, 0) as bigint) as issue_count
from scopes
left join hit
    on
        scopes.feed = hit.feed
        and scopes.slice_type = hit.slice_type
        and coalesce(scopes.slice_value, '') = coalesce(hit.slice_value, '')
        and (hit.slice_type = 'all' or hit.slice_value is not null)
{% endmacro %}
