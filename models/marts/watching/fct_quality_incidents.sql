with incidents as (
    select * from {{ ref('int_incidents') }}
)

select
    incident_id,
    feed,
    measure,
    rule_name,
    column_name,
    value_of_column,
    direction,
    first_day,
    last_day,
    alarm_days,
    is_open,
    worst_day,
    found,
    expected,
    expected_low,
    expected_high,
    size,
    p_value,
    little_history,
    slice_type,
    slice_value,
    explained_share,
    related,
    summary
from incidents
