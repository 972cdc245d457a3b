{{ component_rates(ref('int_rules'), ref('int_measures'), ref('int_rows_checked')) }}
