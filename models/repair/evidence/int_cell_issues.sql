with rules as (
    {% if execute %}{{ rules_of_cells() }}{% endif %}
),

issues as (
    select
        cast(null as varchar) as feed,
        cast(null as varchar) as rule_name,
        cast(null as varchar) as column_name,
        cast(null as bigint) as record_number,
        cast(null as varchar) as record_key,
        cast(null as bigint) as occurrence
    where false
    {% for issue_model in issue_models().values() %}
    union all
    select
        feed,
        rule_name,
        column_name,
        record_number,
        record_key,
        occurrence
    from {{ issue_model }}
    {% endfor %}
)

select
    issues.feed,
    issues.column_name,
    issues.record_number,
    issues.record_key,
    issues.occurrence,
    issues.rule_name,
    rules.flaw,
    rules.flaw_rank
from issues
inner join rules
    on
        issues.feed = rules.feed
        and issues.rule_name = rules.rule_name
where issues.record_number is not null
