"""What search makes of products and queries as found and as repaired."""


def model(dbt, session):
    """One row per version, system, scope and metric."""
    from python_ml.dbt_models.effect import search_effect

    products = dbt.ref("int_search_products")
    queries = dbt.ref("int_search_queries")
    embeddings = dbt.ref("int_text_embeddings")

    def known_of(encoder):
        texts = products.project("text_hash").union(queries.project("text_hash"))
        of_encoder = embeddings.filter(f"encoder = '{encoder}'")
        known = texts.distinct().join(of_encoder, "text_hash")
        return known.project("text_hash, embedding").to_arrow_table()

    return search_effect(
        products.to_arrow_table(),
        queries.to_arrow_table(),
        dbt.ref("int_search_labels").to_arrow_table(),
        dbt.ref("int_product_crosswalk").to_arrow_table(),
        dbt.ref("int_label_encoders").order("rule_name").to_arrow_table(),
        known_of,
        effort=dbt.config.meta_get("effort"),
    )
