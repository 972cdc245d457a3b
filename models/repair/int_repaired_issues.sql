{{ config(materialized='view') }}

select * from {{ ref('int_repaired_table_issues') }}
union all
{{ label_issues('repaired_') }}
