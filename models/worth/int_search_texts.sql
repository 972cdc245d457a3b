{{ config(materialized='view') }}

with texts as (
    select
        text_hash,
        title as labeled_text
    from {{ ref('int_search_products') }}
    union all
    select
        text_hash,
        query_text as labeled_text
    from {{ ref('int_search_queries') }}
)

select
    text_hash,
    any_value(labeled_text) as labeled_text
from texts
where text_hash is not null
group by text_hash
