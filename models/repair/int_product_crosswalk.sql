with products as (
    select * from {{ ref('int_product_texts') }}
),

merges as (
    select
        product_id,
        merged_into
    from {{ ref('int_product_merges') }}
    where status = 'applied'
),

-- Where each product leads to, step by step.
paths as (
    with recursive steps as (
        select
            product_id,
            product_id as reached
        from products
        union
        select
            steps.product_id,
            merges.merged_into as reached
        from steps
        inner join merges on steps.reached = merges.product_id
    )

    select * from steps
)

-- The end of the way; of a circle, which a decision against a near-duplicate can close,
-- the first id.
select
    paths.product_id,
    coalesce(
        min(paths.reached) filter (where merges.product_id is null),
        min(paths.reached)
    ) as integrated_product_id
from paths
left join merges on paths.reached = merges.product_id
group by paths.product_id
