{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_failing_cells') }}

{{ told_values() }}
