{{ config(materialized='view') }}

with issues as (
    select * from {{ ref('int_issues') }}
),

rules as (
    select * from {{ ref('int_rules') }}
)

select
    md5(concat_ws(
        '|',
        issues.rule_name,
        coalesce(issues.record_key, ''),
        coalesce(issues.occurrence, 0)
    )) as issue_id,
    issues.feed,
    issues.record_key,
    issues.occurrence,
    issues.rule_name,
    rules.dimension,
    rules.component,
    issues.column_name,
    issues.found_value,
    issues.suggested_value,
    issues.error_probability,
    issues.source_system,
    issues.category,
    issues.issue_day
from issues
inner join rules on issues.rule_name = rules.rule_name
