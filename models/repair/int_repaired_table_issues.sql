{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_repairs') }}
{%- for table in repaired_tables() %}
-- depends_on: {{ model_of(table, 'repaired_') }}
{%- endfor %}

{% set known = what_is_known('repaired_') if execute %}
select * from {{ ref('int_label_issues') }}
where false
-- A table that is not repaired stays as it was found.
{% for table in watched_tables() if table not in repaired_tables() %}
union all
select * from {{ model_of(table, 'int_', '_issues') }}
{% endfor %}
{% for table in repaired_tables() if execute %}
union all
select *
from (
    {{ issues_of(table, model_of(table, 'repaired_'), known) }}
)
{% endfor %}
