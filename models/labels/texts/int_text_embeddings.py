"""The embedding of each distinct text of a learned rule."""


def model(dbt, session):
    """One row per text and encoder; a text that was embedded once is not again."""
    from python_ml.dbt_models.encoders import embed_texts

    encoders = dbt.ref("int_label_encoders").filter("encoder is not null")
    texts = dbt.ref("int_label_texts").join(encoders, "rule_name")
    known = session.table(str(dbt.this))
    new = texts.join(known, "text_hash, encoder", how="anti").aggregate(
        "text_hash, encoder, loader, precision, device, "
        "any_value(labeled_text) as labeled_text"
    )
    # The last digits of an embedding depend on the texts that are embedded with it.
    return embed_texts(new.order("text_hash").to_arrow_reader(2048))
