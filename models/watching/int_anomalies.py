"""Which days of which series are not what was to be expected."""


def model(dbt, session):
    """One row per tested series and day; days before the first change keep theirs."""
    from python_ml.dbt_models.anomalies import anomalies_of_series

    series = dbt.ref("int_quality_series").to_arrow_table()
    built = session.sql(
        "from duckdb_tables() where schema_name = ? and table_name = ?",
        params=[dbt.this.schema, dbt.this.identifier],
    )
    before = session.table(str(dbt.this)).to_arrow_table() if len(built) else None
    return anomalies_of_series(series, before)
