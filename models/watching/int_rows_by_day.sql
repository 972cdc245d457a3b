{{ reads_watched_tables() }}

{{ rows_by_day() }}
