{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_repairs') }}
{%- for table in repaired_tables() %}
-- depends_on: {{ ref('repaired_' ~ table) }}
{%- endfor %}

{% set known = what_is_known('repaired_') if execute %}
{% for table in repaired_tables() if execute %}
select *
from (
    {{ issues_of(table, ref('repaired_' ~ table), known) }}
)
{% if not loop.last %}union all{% endif %}
{% endfor %}
