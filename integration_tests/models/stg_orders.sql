-- Not watched, though a table of nearly this name is.
select order_id as receipt from {{ ref('raw_orders') }}
