{%- do only_with_feeds('products') -%}
select
    product_id,
    {{ words_of('title') }} as words
from {{ ref('repaired_integrated_products') }}
where title is not null
