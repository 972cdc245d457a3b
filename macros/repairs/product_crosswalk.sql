{#- Each product, and the one that it is once all applied merges are followed. -#}
{% macro product_crosswalk(products, merges) %}
with products as (
    select * from {{ products }}
),

applied_merges as (
    select
        'products' as feed,
        product_id as thing,
        merged_into
    from {{ merges }}
    where status = 'applied'
),

-- Where each product leads to, step by step.
paths as (
    {{ assay.steps_of_merges('applied_merges') }}
),

-- The end of the way; of a circle, which a decision against a near-duplicate can close,
-- the first id.
ends as (
    select
        paths.thing as product_id,
        coalesce(
            min(paths.reached) filter (where applied_merges.thing is null),
            min(paths.reached)
        ) as integrated_product_id
    from paths
    left join applied_merges on paths.reached = applied_merges.thing
    group by paths.thing
)

select
    products.product_id,
    coalesce(ends.integrated_product_id, products.product_id) as integrated_product_id
from products
left join ends on products.product_id = ends.product_id
{% endmacro %}
