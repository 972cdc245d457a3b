"""What each command of `assay` takes and does.

A module a command: `init`, `build`, `sample`, `map`, `show`, `report`, `alert`,
`recommend`, `calibrate`, `encode`, `score` and `train`, each with `add_arguments` and
`run`; `arguments` are those that several have.
`dbt_project` writes and builds the project; `feed_mapping`, with `feed_files` and
`feed_columns`, proposes how a shop's own files are mapped; `to_mend` is what `show`
lists below the index; `tables` reads and writes the tables of the others.
"""
