select distinct
    product_id,
    product_id as integrated_product_id
from {{ ref('repaired_products') }}
where product_id is not null
