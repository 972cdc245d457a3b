"""What the text of a record says that a missing value of it is."""


def model(dbt, session):
    """One row per cell without a value for which the text names one."""
    from python_ml.dbt_models.repairs import extracted_values

    # By what the rows say: where they stand changes nothing.
    told = dbt.ref("int_told_values").order(
        "feed, column_name, hash(own_text, told_value), own_text, told_value"
    )
    return extracted_values(told.to_arrow_table())
