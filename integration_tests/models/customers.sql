select
    cast(customer_id as varchar) as customer_id,
    first_name,
    email
from {{ ref('raw_customers') }}
