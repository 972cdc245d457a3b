{#-
The events that recommenders learn from, as they were found and as they are repaired: one
row per version and event that is an interaction (of an unknown or no type too) of a user
with a product, neither of them missing, blank or a placeholder. What was found keeps its
ids; what is repaired has those of repaired_integrated_products. `cut_at` is the repaired
time of both: a wrong time moves no event across the cut.
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
        'share'] -%}
    {%- set wanted = [] -%}
    {%- for column in ['user_id', 'product_id'] -%}
        {%- do wanted.append(assay.column_sql(column, table, 'other').is_present) -%}
    {%- endfor -%}
    {%- for type in others -%}
        {%- do wanted.append('other.event_type is distinct from '
            ~ assay.literal(type)) -%}
    {%- endfor %}

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

select other.*
from versions as other
where
    {{ wanted | join('\n    and ') }}
{% endmacro %}
