"""What the Python models of the dbt project call: `labels`, `duplicates`, `repairs`."""
