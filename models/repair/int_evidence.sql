{{ needs_all_feeds() }}
-- depends_on: {{ ref('int_failing_cells') }}
-- depends_on: {{ ref('int_canonical_values') }}

{{ evidence() }}
