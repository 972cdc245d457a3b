{{ reads_watched_tables() }}

with bad_cells as (
    select distinct
        feed,
        column_name,
        record_number
    from {{ ref('int_cell_issues') }}
    where flaw <> 'disagreement'
)

{{ told_values() }}
