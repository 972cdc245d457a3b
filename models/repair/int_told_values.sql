{{ reads_watched_tables() }}
{{ reads_issues() }}

{{ told_values() }}
