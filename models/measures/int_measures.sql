{{ measures(
    ref('int_rules'),
    ref('int_rows_checked'),
    ref('int_issues'),
    ref('int_label_rates')
) }}
