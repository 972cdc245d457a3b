{{ reads_watched_tables() }}

{{ column_statistics() }}
