"""What each command of `assay` does.

`dbt_project` writes and builds the project; `feed_mapping`, with `feed_columns`,
proposes how a shop's own files are mapped; `show` prints the index; `tables` reads and
writes the tables of the others.
"""
