{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_measures') }}
{%- for table in watched_tables() %}
-- depends_on: {{ ref('int_' ~ table ~ '_issues') }}
{%- endfor %}

{% set known = what_is_known() if execute %}
{{ no_row_repairs() }}
{% for table in watched_tables() if execute %}
{{ row_repairs(table, known) }}
{% endfor %}
