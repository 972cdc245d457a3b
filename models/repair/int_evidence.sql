{{ reads_watched_tables() }}
-- depends_on: {{ ref('int_failing_cells') }}
-- depends_on: {{ ref('int_canonical_values') }}

{{ evidence() }}
