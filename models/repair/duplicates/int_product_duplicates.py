"""Which products are listed twice, under several ids or by several source systems."""


def model(dbt, session):
    """One row per product with a text; as it was if no text has changed."""
    from python_ml.dbt_models.duplicates import duplicate_products

    built = session.sql(
        "from duckdb_tables() where schema_name = ? and table_name = ?",
        params=[dbt.this.schema, dbt.this.identifier],
    )
    return duplicate_products(
        dbt.ref("int_product_texts").to_arrow_table(),
        session.table(str(dbt.this)).to_arrow_table() if len(built) else None,
        device=dbt.config.meta_get("device"),
        threshold=dbt.config.meta_get("threshold"),
    )
