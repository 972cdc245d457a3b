{{ reads_watched_tables() }}
{{ reads_issues() }}
-- depends_on: {{ ref('int_labeled_rows') }}
-- depends_on: {{ ref('int_label_scores') }}

{{ failing_cells() }}
