"""Which encoder reads the texts of each learned rule, if there is anything to learn."""


def model(dbt, session):
    """One row per learned rule; `auto` looks at a thousand of its texts."""
    from python_ml.label_models import choose_encoders

    some = dbt.ref("int_label_texts").query(
        "texts",
        """
        select rule_name, labeled_text
        from texts
        qualify row_number() over (partition by rule_name order by text_hash) <= 1000
        """,
    )
    labels = dbt.ref("int_labeled_rows").aggregate(
        "rule_name, usual_label, count(*) as label_count"
    )
    return choose_encoders(
        some.to_arrow_table(),
        labels.to_arrow_table(),
        encoder=dbt.config.meta_get("encoder"),
        device=dbt.config.meta_get("device"),
        precision=dbt.config.meta_get("precision"),
    )
