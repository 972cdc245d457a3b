{#-
The events that recommenders learn from, as they were found and as they are repaired: one
row per version and event that is an interaction (of an unknown or no type too). What was
found keeps its ids; what is repaired has those of repaired_integrated_products. `cut_at`
is the repaired time of both: a wrong time moves no event across the cut.
-#}
{% macro recommender_events() %}
    {%- do assay.only_with_feeds('events') -%}
-- depends_on: {{ ref('assay', 'stg_events') }}
-- depends_on: {{ ref('assay', 'repaired_events') }}
-- depends_on: {{ ref('assay', 'int_product_crosswalk') }}
    {%- if not execute -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set table = assay.watched_table('events', assay.what_is_known()) -%}
    {%- set others = ['impression', 'search', 'remove_from_cart', 'cancel', 'return',
        'share'] %}

with found as {{ assay.watched_rows(ref('assay', 'stg_events'), table) }},

repaired as (
    select * from {{ ref('assay', 'repaired_events') }}
),

crosswalk as (
    select * from {{ ref('assay', 'int_product_crosswalk') }}
),

versions as (
    select
        'found' as version,
        found.user_id,
        found.product_id,
        found.event_type,
        found.occurred_at,
        coalesce(repaired.occurred_at, found.occurred_at) as cut_at
    from found
    left join repaired on found."row number" = repaired.record_number
    union all
    select
        'repaired' as version,
        repaired.user_id,
        coalesce(crosswalk.integrated_product_id, repaired.product_id) as product_id,
        repaired.event_type,
        repaired.occurred_at,
        repaired.occurred_at as cut_at
    from repaired
    left join crosswalk on repaired.product_id = crosswalk.product_id
)

select *
from versions
where event_type is null or event_type not in ({% for type in others %}{{ assay.literal(type) }}{{ ', ' if not loop.last }}{% endfor %})
{% endmacro %}
