select
    cast(order_id as varchar) as order_id,
    cast(customer_id as varchar) as customer_id,
    ordered_at,
    status,
    amount
from {{ source('till', 'raw_orders') }}
-- The source is a seed here.
-- depends_on: {{ ref('raw_orders') }}
