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
    max_rate,
    severity,
    floor_over,
    floor_index,
    row_filter
from {{ ref('int_rules') }}
