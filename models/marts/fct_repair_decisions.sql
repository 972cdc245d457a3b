select
    feed,
    record_key,
    occurrence,
    column_name,
    cause_id,
    decision,
    decided_value,
    reason,
    decided_by,
    decided_at,
    state,
    state = 'followed' as is_followed
from {{ ref('int_repair_decisions') }}
