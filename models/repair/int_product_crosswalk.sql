with recursive merges as (
    select
        product_id,
        target
    from {{ ref('int_product_merges') }}
    where status = 'applied'
),

-- Where each product ends up; merges that lead round in a circle are not followed.
paths as (
    select
        product_id,
        product_id as reached,
        0 as steps
    from {{ ref('int_product_texts') }}
    union all
    select
        paths.product_id,
        merges.target as reached,
        paths.steps + 1 as steps
    from paths
    inner join merges on paths.reached = merges.product_id
    where paths.steps < 100
)

select
    product_id,
    arg_max(reached, steps) as integrated_product_id
from paths
group by product_id
