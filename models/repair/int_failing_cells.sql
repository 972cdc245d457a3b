{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_label_issues') }}
{%- for table in watched_tables() %}
-- depends_on: {{ ref('int_' ~ table ~ '_issues') }}
{%- endfor %}

{{ failing_cells() }}
