with rates_of_labels as (
    {{ label_rates(
        ref('int_repaired_judged_rows'),
        ref('int_label_scores'),
        found_rows=ref('int_judged_rows')
    ) }}
)

select *
from (
    {{ measures(
        ref('int_rules'),
        ref('int_repaired_rows_checked'),
        ref('int_repaired_issues'),
        'rates_of_labels'
    ) }}
) as repaired_measures
