{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_measures') }}
{%- for table in watched_tables() %}
-- depends_on: {{ ref('int_' ~ table ~ '_issues') }}
{%- endfor %}

{{ row_repairs() }}
