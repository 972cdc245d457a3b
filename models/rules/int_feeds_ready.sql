{{ config(materialized='table') }}
-- The gate: nothing is measured before every feed could be read.
-- depends_on: {{ ref('placeholders') }}, {{ ref('vocabularies') }}

select
    feed,
    count(*) filter (where is_supplied) as columns_supplied,
    count(*) as columns_expected,
    case feed
        {%- for feed, relation in staged_feeds().items() %}
        when '{{ feed }}' then exists (select 1 from {{ relation }})
        {%- else %}
        when null then false
        {%- endfor %}
    end as has_rows
from {{ ref('stg_feeds') }}
group by feed
