with listed as (
    {% if execute %}{{ rule_list() }}{% endif %}
),

calibrated_weights as (
    select
        component,
        feed,
        rule_name,
        cast(weight as double) as weight
    from {{ ref('quality_weights_calibrated') }}
    where '{{ setting('quality_weights') }}' = 'calibrated' and component is not null
),

-- What is said of all labels of a rule stands in each of its scores.
label_scores as (
    select
        rule_name,
        max(reason) as reason
    from {{ ref('int_label_scores') }}
    group by rule_name
)

select
    listed.rule_name,
    listed.feed,
    listed.model_name,
    listed.column_name,
    listed.rule_kind,
    listed.description,
    listed.dimension,
    listed.component,
    coalesce(calibrated_rules.weight, listed.weight) as weight,
    -- The exponent of the component: null where no seed gives one, which is 1.
    calibrated_components.weight as component_weight,
    listed.max_rate,
    listed.severity,
    listed.row_filter,
    listed.floor_over,
    listed.floor_index,
    listed.cycle_seconds,
    listed.is_judged_whole,
    listed.flaw,
    -- Labels from which nothing can be learned were not measured.
    case
        when listed.state = 'ready' and label_scores.reason is not null
            then 'not measured'
        else listed.state
    end as state,
    coalesce(listed.reason, label_scores.reason) as reason
from listed
left join label_scores on listed.rule_name = label_scores.rule_name
left join calibrated_weights as calibrated_rules
    on listed.rule_name = calibrated_rules.rule_name
left join calibrated_weights as calibrated_components
    on
        listed.feed = calibrated_components.feed
        and listed.component = calibrated_components.component
        and calibrated_components.rule_name is null
