{{ compared_rules(
    ref('int_rules'),
    found={'rows_checked': ref('int_rows_checked'), 'measures': ref('int_measures')},
    repaired={
        'rows_checked': ref('int_repaired_rows_checked'),
        'measures': ref('int_repaired_measures')
    }
) }}
