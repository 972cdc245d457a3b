{{ reads_watched_tables() }}

{{ of_watched_tables(rows_by_day, {
    'feed': 'varchar', 'slice_type': 'varchar', 'slice_value': 'varchar', 'day': 'date',
    'row_count': 'bigint'
}) }}
