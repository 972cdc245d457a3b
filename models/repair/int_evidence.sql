{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_failing_cells') }}
-- depends_on: {{ ref('int_canonical_values') }}

{% set known = what_is_known() if execute %}
{{ no_evidence() }}
{% for table in watched_tables() if execute %}
{{ evidence(table, known) }}
{% endfor %}
