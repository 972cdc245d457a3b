{{ config(materialized='view') }}

{% for relation in issue_models().values() %}
select * from {{ relation }}
union all
{% endfor %}
{{ label_issues(ref('int_judged_rows')) }}
