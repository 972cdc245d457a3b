with rules as (
    select * from {{ ref('int_rules') }}
),

numbered as (
    {%- for state, relation in {
        'found': ref('int_issues'), 'repaired': ref('int_repaired_issues')
    }.items() %}
    select
        *,
        '{{ state }}' as state,
        row_number() over (
            partition by rule_name, found_value
            order by record_key, occurrence, record_number
        ) as nth
    from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- What tells an issue apart: its row; of repeats, of which another row may be the first
-- once values have changed, what is repeated and for which time; of issues of no row,
-- such as an uncovered product, the key.
issues as (
    select
        numbered.*,
        rules.dimension,
        case
            when rules.flaw = 'repeat'
                then numbered.found_value || '|' || numbered.nth
            when numbered.record_number is null then coalesce(numbered.record_key, '')
            else cast(numbered.record_number as varchar)
        end as issue_identity
    from numbered
    inner join rules on numbered.rule_name = rules.rule_name
),

found as (
    select * from issues
    where state = 'found'
),

repaired as (
    select * from issues
    where state = 'repaired'
)

select
    coalesce(found.feed, repaired.feed) as feed,
    coalesce(found.rule_name, repaired.rule_name) as rule_name,
    coalesce(found.dimension, repaired.dimension) as dimension,
    coalesce(found.record_number, repaired.record_number) as record_number,
    coalesce(found.record_key, repaired.record_key) as record_key,
    coalesce(found.source_system, repaired.source_system) as source_system,
    coalesce(found.category, repaired.category) as category,
    coalesce(found.issue_day, repaired.issue_day) as issue_day,
    case
        when repaired.rule_name is null then 'resolved'
        when found.rule_name is null then 'introduced'
        else 'remaining'
    end as outcome
from found
full join repaired
    on
        found.rule_name = repaired.rule_name
        and found.issue_identity = repaired.issue_identity
