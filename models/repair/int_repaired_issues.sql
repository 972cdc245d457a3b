{{ config(materialized='view') }}

select * from {{ ref('int_repaired_table_issues') }}
union all
select
    feed,
    rule_name,
    record_number,
    record_key,
    occurrence,
    column_name,
    left(label_now, 1000) as found_value,
    left(suggested_label, 1000) as suggested_value,
    error_probability,
    source_system,
    category,
    issue_day
from {{ ref('int_repaired_judged_rows') }}
where is_suspect
