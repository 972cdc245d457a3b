"""Which encoder reads the texts of each learned rule."""


def model(dbt, session):
    """One row per learned rule; `auto` looks at a thousand of its texts."""
    from python_ml.label_models import choose_encoders

    texts = dbt.ref("int_label_texts")
    some = session.sql(
        """
        select rule_name, text
        from texts
        qualify row_number() over (partition by rule_name order by text_hash) <= 1000
        """
    )
    return choose_encoders(
        some.to_arrow_table(),
        encoder=dbt.config.meta_get("encoder"),
        device=dbt.config.meta_get("device"),
    )
