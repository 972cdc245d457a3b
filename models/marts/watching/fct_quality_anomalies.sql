with anomalies as (
    select * from {{ ref('int_anomalies') }}
)

select
    series_id,
    feed,
    measure,
    rule_name,
    column_name,
    value_of_column,
    day,
    found,
    expected,
    expected_low,
    expected_high,
    p_value,
    q_value,
    is_anomaly,
    direction,
    history_days,
    little_history,
    detectable_change,
    rows_needed
from anomalies
