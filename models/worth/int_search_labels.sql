{%- do only_with_feeds('relevance_labels') -%}
{{ config(materialized='view') }}
{%- set grades = feed_setting('relevance_labels').get('grades') %}

with labels as (
    select
        query_id,
        product_id,
        lower(trim(label)) as label,
        try_cast(label as double) as grade
    from {{ ref('repaired_relevance_labels') }}
),

-- From the lowest grade to the highest: those that the vars name, or that are there.
grades as (
    select
        min({{ grades[0] if grades else 'grade' }}) as lowest,
        max({{ grades[1] if grades else 'grade' }}) as highest
    from labels
    where isfinite(grade)
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
where gain between 0 and 1
