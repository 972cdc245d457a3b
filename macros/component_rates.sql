{#-
The rate of each component of a dimension, by slice. Of the feeds as they were found, or, with the version
`repaired_`, of the repaired ones: the same SQL over the models of that name; with
`only_compared`, over the rules alone that int_compared_rules names.
-#}
{% macro component_rates(version='', only_compared=false) %}
with rules as (
    select *
    from {{ ref('int_rules') }}
    where weight > 0
),

measures as (
    select *
    from {{ ref('int_' ~ version ~ 'measures') }}
    {%- if only_compared %}
    semi join (
        select
            rule_name as compared_rule,
            slice_type as compared_type,
            slice_value as compared_value
        from {{ ref('int_compared_rules') }}
        where outcome = 'compared'
    ) as compared
        on
            rule_name = compared_rule
            and slice_type = compared_type
            and slice_value is not distinct from compared_value
    {%- endif %}
    where rows_checked > 0
),

scopes as (
    select
        feed,
        slice_type,
        slice_value
    from {{ ref('int_' ~ version ~ 'rows_checked') }}
    where rule_name is null
),

rule_rates as (
    select
        measures.feed,
        measures.slice_type,
        measures.slice_value,
        rules.dimension,
        rules.component,
        rules.weight,
        rules.weight as measured_weight,
        measures.failure_rate,
        measures.rate_low,
        measures.rate_high
    from measures
    inner join rules on measures.rule_name = rules.rule_name
    union all
    -- A rule that could not be evaluated counts as wholly failing: a broken check must
    -- never make the index look better.
    select
        scopes.feed,
        scopes.slice_type,
        scopes.slice_value,
        rules.dimension,
        rules.component,
        rules.weight,
        0 as measured_weight,
        1 as failure_rate,
        1 as rate_low,
        1 as rate_high
    from rules
    inner join scopes on rules.feed = scopes.feed
    where rules.state = 'error'
)

select
    feed,
    slice_type,
    slice_value,
    dimension,
    component,
    sum(weight * failure_rate) / sum(weight) as failure_rate,
    sum(weight * rate_low) / sum(weight) as rate_low,
    sum(weight * rate_high) / sum(weight) as rate_high,
    sum(measured_weight) as measured_weight
from rule_rates
group by feed, slice_type, slice_value, dimension, component
{% endmacro %}
