select
    customers.customer_id,
    sum(orders.amount) as amount
from {{ ref('customers') }} as customers
left join {{ ref('orders') }} as orders using (customer_id)
group by customers.customer_id
