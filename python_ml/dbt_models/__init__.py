"""What the Python models of the dbt project call.

`encoders` chooses them and embeds texts, `labels` scores labels and draws audits,
`duplicates`, `repairs`, `effect`, `anomalies` and `statistics` do what their names say,
`training` reads what training runs left.
"""
