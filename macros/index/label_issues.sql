{#- The suspected labels as issues. -#}
{% macro label_issues(judged_rows) %}
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
from {{ judged_rows }}
where is_suspect
{% endmacro %}
