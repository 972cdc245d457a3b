{%- do only_with_feeds('relevance_labels') -%}
{{ config(materialized='view') }}

with labels as (
    select
        query_id,
        product_id,
        lower(trim(label)) as label,
        try_cast(label as double) as grade
    from {{ ref('repaired_relevance_labels') }}
),

grades as (
    select
        min(grade) filter (where isfinite(grade)) as lowest,
        max(grade) filter (where isfinite(grade)) as highest
    from labels
),

gains as (
    select
        labels.query_id,
        labels.product_id,
        case
            when labels.label = 'exact' then 1
            when labels.label = 'substitute' then 0.1
            when labels.label = 'complement' then 0.01
            when labels.label = 'irrelevant' then 0
            when isfinite(labels.grade) and grades.highest > grades.lowest
                then (labels.grade - grades.lowest) / (grades.highest - grades.lowest)
        end as gain
    from labels
    cross join grades
)

select
    query_id,
    product_id,
    cast(gain as double) as gain
from gains
where gain is not null
