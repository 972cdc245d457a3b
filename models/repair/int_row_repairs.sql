{{ reads_watched_tables() }}
{{ reads_issues() }}
-- depends_on: {{ ref('int_rows_checked') }}

{{ row_repairs() }}
