{{ reads_watched_tables() }}

{{ of_watched_tables(column_statistics, {
    'feed': 'varchar', 'column_name': 'varchar', 'day': 'date', 'value_count': 'bigint',
    'mean': 'double', 'spread': 'double'
}) }}
