"""What differs between groups, and what goes together over time."""


def model(dbt, session):
    """One row per test."""
    from python_ml.dbt_models.statistics import quality_statistics

    return quality_statistics(
        dbt.ref("int_compared_slices").to_arrow_table(),
        dbt.ref("int_compared_days").to_arrow_table(),
    )
