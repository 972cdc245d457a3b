{#-
The rules that were measured as found or repaired, by slice, and whether the two compare.
`found` and `repaired` hold the relations `rows_checked` and `measures` of each state.
-#}
{% macro compared_rules(rules, found, repaired) %}
with rules as (
    select * from {{ rules }}
),

{% for state, relations in {
    'found': found, 'repaired': repaired
}.items() %}
{{ state }}_rows as (
    select
        feed,
        slice_type,
        slice_value,
        rows_checked as scope_rows
    from {{ relations.rows_checked }}
    where rule_name is null
),

-- Of rules about a set that is expected, or about the newest row, what they check is no
-- share of the rows.
{{ state }}_measures as (
    select
        measures.*,
        case
            when rules.rule_kind in ('covers', 'updated_every')
                then measures.rows_checked
            else measures.rows_checked / nullif(scopes.scope_rows, 0)
        end as extent
    from {{ relations.measures }} as measures
    inner join rules on measures.rule_name = rules.rule_name
    left join {{ state }}_rows as scopes
        on
            measures.feed = scopes.feed
            and measures.slice_type = scopes.slice_type
            and measures.slice_value is not distinct from scopes.slice_value
    where measures.rows_checked > 0
),
{% endfor %}

paired as (
    select
        coalesce(found.feed, repaired.feed) as feed,
        coalesce(found.rule_name, repaired.rule_name) as rule_name,
        coalesce(found.slice_type, repaired.slice_type) as slice_type,
        coalesce(found.slice_value, repaired.slice_value) as slice_value,
        found.failure_rate as rate_before,
        repaired.failure_rate as rate_after,
        found.extent as extent_before,
        repaired.extent as extent_after
    from found_measures as found
    full join repaired_measures as repaired
        on
            found.rule_name = repaired.rule_name
            and found.slice_type = repaired.slice_type
            and found.slice_value is not distinct from repaired.slice_value
)

select
    paired.feed,
    paired.rule_name,
    paired.slice_type,
    paired.slice_value,
    rules.dimension,
    -- A rule that sees more than twice as much as before measures for the greater part
    -- what could not be measured.
    case
        when paired.extent_before is null then 'became measurable'
        when paired.extent_after is null then 'ceased to be measurable'
        when paired.extent_after > 2 * paired.extent_before then 'became measurable'
        else 'compared'
    end as outcome,
    paired.rate_before,
    paired.rate_after
from paired
inner join rules on paired.rule_name = rules.rule_name
{% endmacro %}
