"""How likely each label of a learned rule is wrong, and what it should be."""


def model(dbt, session):
    """One row per rule and content (label and texts); unchanged rules keep theirs."""
    from python_ml.dbt_models.labels import score_rules, scores_schema

    rows, texts = dbt.ref("int_labeled_rows"), dbt.ref("int_label_texts")
    embeddings = dbt.ref("int_text_embeddings")
    built = session.sql(
        "from duckdb_tables() where schema_name = ? and table_name = ?",
        params=[dbt.this.schema, dbt.this.identifier],
    )
    before = session.table(str(dbt.this)) if len(built) else None

    def rows_of(rule):
        return rows.filter(f"rule_name = '{rule}'").to_arrow_table()

    def embeddings_of(rule, encoder):
        of_rule = texts.filter(f"rule_name = '{rule}'").project("text_hash")
        of_encoder = embeddings.filter(f"encoder = '{encoder}'")
        return of_encoder.join(of_rule, "text_hash").to_arrow_reader(2048)

    def known(rule, fingerprint):
        if before is None or before.columns != scores_schema().names:
            return None
        found = f"rule_name = '{rule}' and fingerprint = '{fingerprint}'"
        return before.filter(found).to_arrow_table()

    rules = dbt.ref("int_scored_rules").order("rule_name").to_arrow_table()
    return score_rules(rules, rows_of, embeddings_of, known)
