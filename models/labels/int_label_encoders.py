"""Which encoder reads the texts of each learned rule, if there is anything to learn."""


def model(dbt, session):
    """One row per learned rule; `auto` looks at a thousand of its texts."""
    from python_ml.dbt_models.labels import choose_encoders

    rows = dbt.ref("int_labeled_rows")
    some = rows.query(
        "labeled_rows",
        """
        select rule_name, any_value(labeled_text) as labeled_text
        from (
            select
                rule_name,
                unnest([labeled_text, other_text]) as labeled_text,
                unnest([text_hash, other_text_hash]) as text_hash
            from labeled_rows
        ) as texts
        where text_hash is not null
        group by rule_name, text_hash
        qualify row_number() over (partition by rule_name order by text_hash) <= 1000
        """,
    )
    labels = rows.aggregate("rule_name, usual_label, count(*) as label_count")
    return choose_encoders(
        some.to_arrow_table(),
        labels.to_arrow_table(),
        encoder=dbt.config.meta_get("encoder"),
        device=dbt.config.meta_get("device"),
        precision=dbt.config.meta_get("precision"),
    )
