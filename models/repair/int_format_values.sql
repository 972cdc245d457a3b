{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_failing_cells') }}

{% set known = what_is_known() if execute %}
{{ no_format_values() }}
{% for table in watched_tables() if execute %}
{{ format_values(table, known) }}
{% endfor %}
