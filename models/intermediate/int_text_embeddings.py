"""The embedding of each distinct text of a learned rule."""


def model(dbt, session):
    """One row per text and encoder; a text that was embedded once is not again."""
    from python_ml.label_models import embed_texts

    texts, encoders = dbt.ref("int_label_texts"), dbt.ref("int_label_encoders")
    known = session.table(str(dbt.this))
    wanted = session.sql(
        """
        select text_hash, encoder, loader, device, any_value(text) as text
        from texts
        inner join encoders using (rule_name)
        anti join known using (text_hash, encoder)
        group by all
        """
    )
    return embed_texts(wanted.to_arrow_reader(2048))
