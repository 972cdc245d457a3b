"""The canonical form of each value that fails a rule about its form."""


def model(dbt, session):
    """One row per rule and failing value that has such a form."""
    from python_ml.dbt_models.repairs import canonical_values

    return canonical_values(
        dbt.ref("int_format_values").to_arrow_table(),
        dbt.ref("vocabularies").to_arrow_table(),
    )
