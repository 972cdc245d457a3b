{{ reads_watched_tables() }}
{{ reads_issues() }}

{{ format_values() }}
