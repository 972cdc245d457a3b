"""Anomalies of one cause, put together."""


def model(dbt, session):
    """One row per incident."""
    from python_ml.dbt_models.anomalies import incidents_of_anomalies

    return incidents_of_anomalies(
        dbt.ref("int_anomalies").to_arrow_table(),
        dbt.ref("int_quality_series").to_arrow_table(),
    )
