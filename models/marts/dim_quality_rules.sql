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
    row_filter
from {{ ref('int_rules') }}
