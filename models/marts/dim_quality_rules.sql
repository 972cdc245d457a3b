select
    rule_name,
    description,
    feed,
    model_name,
    column_name,
    rule_kind,
    dimension,
    component,
    weight,
    coalesce(component_weight, 1) as component_weight,
    max_rate,
    severity,
    floor_over,
    floor_index,
    row_filter
from {{ ref('int_rules') }}
