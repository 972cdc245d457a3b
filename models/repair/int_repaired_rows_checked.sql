{{ needs_all_feeds() }}
{%- for table in repaired_tables() %}
-- depends_on: {{ ref('repaired_' ~ table) }}
{%- endfor %}
-- depends_on: {{ ref('int_repaired_table_issues') }}

{% set known = what_is_known('repaired_') if execute %}
{% for table in repaired_tables() if execute %}
select *
from (
    {{ rows_checked(table, known) }}
)
{% if not loop.last %}union all{% endif %}
{% endfor %}
