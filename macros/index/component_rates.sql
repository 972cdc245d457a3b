{#-
The rate of each component of a dimension, by slice; with `compared_rules`, over those rules
alone.
-#}
{% macro component_rates(rules, measures, rows_checked, compared_rules=none) %}
with rules as (
    select *
    from {{ rules }}
    where
        weight > 0
        and component_weight is distinct from 0
        and state is distinct from 'not applicable'
),

measures as (
    select *
    from {{ measures }}
    where rows_checked > 0
),

scopes as (
    select
        feed,
        slice_type,
        slice_value
    from {{ rows_checked }}
    where rule_name is null
),

-- Every rule in every scope that it can speak of: a set that is expected has no slices,
-- and the newest row has one for each source system.
asked as (
    select
        scopes.feed,
        scopes.slice_type,
        scopes.slice_value,
        rules.dimension,
        rules.component,
        rules.rule_name,
        rules.weight,
        rules.component_weight,
        rules.floor_over,
        -- Of a slice of few rows most may fail by chance: a floor is one of the whole feed.
        case when scopes.slice_type = 'all' then rules.floor_index end as floor_index,
        rules.state = 'error' as is_error,
        measures.failure_rate,
        measures.rate_low,
        measures.rate_high,
        measures.rule_name is not null as is_measured
    from scopes
    inner join rules on scopes.feed = rules.feed
    left join measures
        on
            rules.rule_name = measures.rule_name
            and scopes.slice_type = measures.slice_type
            and scopes.slice_value is not distinct from measures.slice_value
    where
        measures.rule_name is not null
        or scopes.slice_type = 'all'
        or rules.state = 'error'
        or (
            rules.component <> 'coverage'
            and (
                rules.component <> 'frequency'
                or scopes.slice_type = 'source_system'
            )
        )
),

{% if compared_rules -%}
compared as (
    select
        rule_name as compared_rule,
        slice_type as compared_type,
        slice_value as compared_value
    from {{ compared_rules }}
    where outcome = 'compared'
),

{% endif -%}
-- A rule that could not be evaluated counts as wholly failing: a broken check must
-- never make the index look better. One that was not measured may be anything between.
rule_rates as (
    select
        asked.* exclude (failure_rate, rate_low, rate_high),
        case when is_error then 1 else failure_rate end as failure_rate,
        case when is_error then 1 when is_measured then rate_low else 0 end as rate_low,
        case when is_error or not is_measured then 1 else rate_high end as rate_high
    from asked
    {%- if compared_rules %}
    left join compared
        on
            asked.rule_name = compared.compared_rule
            and asked.slice_type = compared.compared_type
            and asked.slice_value is not distinct from compared.compared_value
    where is_error or compared_rule is not null
    {%- endif %}
)

select
    feed,
    slice_type,
    slice_value,
    dimension,
    component,
    coalesce(max(component_weight), 1) as component_weight,
    sum(weight * failure_rate)
    / sum(weight) filter (where failure_rate is not null) as failure_rate,
    sum(weight * rate_low) / sum(weight) as rate_low,
    sum(weight * rate_high) / sum(weight) as rate_high,
    coalesce(sum(weight) filter (where is_measured), 0) as measured_weight,
    sum(weight) as rule_weight,
    -- The most that the index can be, where more rows fail a rule than its floor allows.
    min(floor_index) filter (where failure_rate > floor_over) as highest_index,
    min(floor_index) filter (where rate_low > floor_over) as highest_index_high,
    min(floor_index) filter (where rate_high > floor_over) as highest_index_low,
    max(struct_pack(rate := failure_rate, weight := weight, rule_name := rule_name))
        filter (where failure_rate is not null) as worst
from rule_rates
group by feed, slice_type, slice_value, dimension, component
{% endmacro %}
