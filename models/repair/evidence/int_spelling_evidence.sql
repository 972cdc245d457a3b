{{ reads_watched_tables() }}
-- depends_on: {{ ref('int_failing_cells') }}

{{ spelling_evidence() }}
