{{ scope_rows(ref('int_rules'), ref('int_issues'), ref('int_rows_checked')) }}
