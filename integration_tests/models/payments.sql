select
    cast(payment_id as varchar) as payment_id,
    cast(order_id as varchar) as order_id,
    amount
from {{ ref('raw_payments') }}
