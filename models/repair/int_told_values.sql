{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_failing_cells') }}

{% set known = what_is_known() if execute %}
{{ no_told_values() }}
{% for table in watched_tables() if execute %}
{{ told_values(table, known) }}
{% endfor %}
