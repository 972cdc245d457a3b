select
    rule_name,
    feed,
    slice_type,
    slice_value,
    rows_checked,
    failing_rows,
    failure_rate,
    rate_low,
    rate_high
from {{ ref('int_measures') }}
