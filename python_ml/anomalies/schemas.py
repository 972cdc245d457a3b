"""What the tables of anomalies and incidents hold; it needs nothing but Arrow."""

from __future__ import annotations

import pyarrow as pa

KEYS = (
    "series_id",
    "feed",
    "measure",
    "rule_name",
    "column_name",
    "value_of_column",
)


def anomalies_schema() -> pa.Schema:
    """Return the columns of what `find_anomalies` returns.

    As those of the mart `fct_quality_anomalies`; and level_since, the first day of the
    present level where a new one was learned, left_out, whether later forecasts may
    do without the day, and history_state, which changes when anything that a result
    depends on does.
    """
    return pa.schema(
        [
            *((name, pa.string()) for name in KEYS),
            ("day", pa.date32()),
            ("found", pa.float64()),
            ("expected", pa.float64()),
            ("expected_low", pa.float64()),
            ("expected_high", pa.float64()),
            ("p_value", pa.float64()),
            ("q_value", pa.float64()),
            ("is_anomaly", pa.bool_()),
            ("direction", pa.string()),
            ("history_days", pa.int64()),
            ("little_history", pa.bool_()),
            ("detectable_change", pa.float64()),
            ("rows_needed", pa.int64()),
            ("level_since", pa.date32()),
            ("left_out", pa.bool_()),
            ("history_state", pa.string()),
        ]
    )


def incidents_schema() -> pa.Schema:
    """Return the columns of what `group_incidents` returns."""
    texts = ("feed", "measure", "rule_name", "column_name", "value_of_column")
    return pa.schema(
        [
            ("incident_id", pa.string()),
            *((name, pa.string()) for name in texts),
            ("direction", pa.string()),
            ("first_day", pa.date32()),
            ("last_day", pa.date32()),
            ("alarm_days", pa.int64()),
            ("is_open", pa.bool_()),
            ("worst_day", pa.date32()),
            *(
                (name, pa.float64())
                for name in ("found", "expected", "expected_low", "expected_high")
            ),
            ("size", pa.float64()),
            ("p_value", pa.float64()),
            ("little_history", pa.bool_()),
            ("slice_type", pa.string()),
            ("slice_value", pa.string()),
            ("explained_share", pa.float64()),
            ("related", pa.int64()),
            ("summary", pa.string()),
        ]
    )
