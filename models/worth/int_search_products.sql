{%- do only_with_feeds('products') -%}
{{ config(materialized='view') }}

with products as (
    select
        'found' as version,
        product_id,
        title,
        description,
        category,
        brand
    from {{ ref('stg_products') }}
    union all
    select
        'repaired' as version,
        product_id,
        title,
        description,
        category,
        brand
    from {{ ref('repaired_integrated_products') }}
)

select
    version,
    product_id,
    title,
    description,
    category,
    brand,
    md5(title) as text_hash
from products
where product_id is not null
