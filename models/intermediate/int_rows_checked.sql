{{ needs_all_feeds() }}
{%- for table in watched_tables() %}
-- depends_on: {{ ref('int_' ~ table ~ '_issues') }}
{%- endfor %}

{% for table in watched_tables() if execute %}
select *
from (
    {{ rows_checked(table) }}
)
{% if not loop.last %}union all{% endif %}
{% endfor %}
