"""What the text of a record says that a missing value of it is."""


def model(dbt, session):
    """One row per cell without a value for which the text names one."""
    from python_ml.repair_models import extracted_values

    told = dbt.ref("int_told_values").order("feed, column_name, record_number")
    return extracted_values(told.to_arrow_table())
