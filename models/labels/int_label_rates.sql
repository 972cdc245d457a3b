{{ label_rates(ref('int_judged_rows'), ref('int_label_scores')) }}
