{%- do only_with_feeds('queries') -%}
{{ config(materialized='view') }}

with labels as (
    select * from {{ ref('repaired_relevance_labels') }}
),

queries as (
    select
        'found' as version,
        query_id,
        query_text,
        locale,
        issued_at
    from {{ ref('stg_queries') }}
    union all
    select
        'repaired' as version,
        query_id,
        query_text,
        locale,
        issued_at
    from {{ ref('repaired_queries') }}
)

select
    version,
    query_id,
    query_text,
    locale,
    issued_at,
    md5(query_text) as text_hash
from queries
where query_id in (select labels.query_id from labels)
