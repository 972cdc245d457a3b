{{ config(materialized='view') }}

{% for table in watched_tables() %}
select * from {{ ref('int_' ~ table ~ '_issues') }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
