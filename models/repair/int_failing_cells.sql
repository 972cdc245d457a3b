{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_label_issues') }}
{%- for table in watched_tables() %}
-- depends_on: {{ ref('int_' ~ table ~ '_issues') }}
{%- endfor %}

{% set known = what_is_known() if execute %}
{{ no_failing_cells() }}
{% for table in watched_tables() if execute %}
{{ failing_cells(table, known) }}
{% endfor %}
