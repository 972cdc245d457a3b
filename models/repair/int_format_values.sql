{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_failing_cells') }}

{{ format_values() }}
