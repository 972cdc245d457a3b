{{ config(materialized='view') }}

select
    rule_name,
    usual_label,
    count(*) as label_count
from {{ ref('int_labeled_rows') }}
group by rule_name, usual_label
