{#-
The suspected labels as issues. Of the feeds as they were found, or, with the version
`repaired_`, of the repaired ones.
-#}
{% macro label_issues(version='') %}
select
    feed,
    rule_name,
    record_number,
    record_key,
    occurrence,
    column_name,
    left(label, 1000) as found_value,
    left(suggested_label, 1000) as suggested_value,
    error_probability,
    source_system,
    category,
    issue_day
from {{ ref('assay', 'int_' ~ version ~ 'judged_rows') }}
where is_suspect
{% endmacro %}
