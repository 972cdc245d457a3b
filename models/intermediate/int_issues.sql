{{ config(materialized='view') }}

{% for table in watched_tables() %}
select * from {{ model_of(table, 'int_', '_issues') }}
union all
{% endfor %}
select * from {{ ref('int_label_issues') }}
