select
    md5(concat_ws(
        '|',
        feed,
        coalesce(record_key, ''),
        coalesce(occurrence, 0),
        coalesce(column_name, ''),
        rule_name,
        action
    )) as repair_id,
    feed,
    record_key,
    cast(occurrence as bigint) as occurrence,
    record_number,
    column_name,
    action,
    found_value,
    proposed_value,
    method,
    rule_name,
    reason,
    status,
    cast(confidence as double) as confidence
from {{ ref('int_repairs') }}
