-- Not watched, though a table of nearly this name is.
select * from {{ ref('raw_orders') }}
