{{ config(materialized='view') }}

{% for table in watched_tables() %}
select * from {{ ref('int_' ~ table ~ '_issues') }}
union all
{% endfor %}
select * from {{ ref('int_label_issues') }}
