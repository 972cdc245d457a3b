"""Which encoder reads the texts of each learned rule, if there is anything to learn."""


def model(dbt, session):
    """One row per learned rule; `auto` looks at a thousand of its texts."""
    from python_ml.dbt_models.encoders import choose_encoders

    some = dbt.ref("int_label_texts").filter("text_rank <= 1000")
    return choose_encoders(
        some.order("rule_name, text_rank").to_arrow_table(),
        dbt.ref("int_label_counts").to_arrow_table(),
        encoder=dbt.config.meta_get("encoder"),
        device=dbt.config.meta_get("device"),
        precision=dbt.config.meta_get("precision"),
    )
