{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_label_issues') }}
{%- for table in watched_tables() %}
-- depends_on: {{ model_of(table, 'int_', '_issues') }}
{%- endfor %}

{{ failing_cells() }}
