{{ needs_all_feeds() }}
{%- for table in repaired_tables() %}
-- depends_on: {{ model_of(table, 'repaired_') }}
{%- endfor %}
-- depends_on: {{ ref('int_repaired_table_issues') }}

{% set known = what_is_known('repaired_') if execute %}
select * from {{ ref('int_rows_checked') }}
where false
{% for table in repaired_tables() if execute %}
union all
select *
from (
    {{ rows_checked(table, known) }}
)
{% endfor %}
