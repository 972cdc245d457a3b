{{ needs_all_feeds() }}
{%- for table in watched_tables() %}
-- depends_on: {{ ref('int_' ~ table ~ '_issues') }}
{%- endfor %}

{% set known = what_is_known() if execute %}
{% for table in watched_tables() if execute %}
select *
from (
    {{ rows_checked(table, known) }}
)
{% if not loop.last %}union all{% endif %}
{% endfor %}
