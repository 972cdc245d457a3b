"""What the dbt models of anomalies call: Arrow tables in, Arrow tables out."""

from __future__ import annotations

import pyarrow as pa

_TEXTS = (
    "series_id",
    "feed",
    "measure",
    "rule_name",
    "column_name",
    "slice_type",
    "slice_value",
    "value_of_column",
)
_NUMBERS = ("numerator", "denominator", "value")


def anomalies_of_series(series: pa.Table, before: pa.Table | None = None) -> pa.Table:
    """Test each closed day of each series by what was known before it.

    Args:
        series: The model `int_quality_series`.
        before: What this function returned last time, or None.

    Returns:
        As `python_ml.anomalies.find.find_anomalies`.
    """
    from python_ml.anomalies.find import find_anomalies

    return find_anomalies(_typed(series), before)


def incidents_of_anomalies(anomalies: pa.Table, series: pa.Table) -> pa.Table:
    """Put anomalies of one cause together.

    Args:
        anomalies: As `anomalies_of_series` returns them.
        series: The model `int_quality_series`.

    Returns:
        As `python_ml.anomalies.incidents.group_incidents`.
    """
    from python_ml.anomalies.incidents import group_incidents

    return group_incidents(anomalies, _typed(series))


def _typed(series: pa.Table) -> pa.Table:
    """Return the columns that are read, of the types that they must have.

    A column without any value has whatever type the engine makes of it.
    """
    types = {
        **dict.fromkeys(_TEXTS, pa.string()),
        "day": pa.date32(),
        **dict.fromkeys(_NUMBERS, pa.float64()),
    }
    columns = {
        name: pa.nulls(len(series), kind)
        if pa.types.is_null(series[name].type)
        else series[name].cast(kind)
        for name, kind in types.items()
    }
    return pa.table(columns)
