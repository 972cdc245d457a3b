"""What was found of series, as a table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from python_ml.anomalies.grid import Grid
from python_ml.anomalies.schemas import KEYS, anomalies_schema
from python_ml.anomalies.tested import (
    ALARM,
    LITTLE_HISTORY,
    SEEN,
    STRANGE,
    TAIL,
    Tested,
)

DIFFERENCE = 0.03  # Of rates: what rows_needed is said of.


def as_table(
    found: list[tuple[int, Tested, np.ndarray]], states: list[str], grid: Grid | None
) -> pa.Table:
    """Return results of days as a table without q_value and is_anomaly.

    Args:
        found: Day of the grid, what was found (rows of the grid), and the first day of
            the present level of each series.
        states: Of each day of the grid.
        grid: The series; None where there are none.
    """
    if grid is None or not found:
        return anomalies_schema().empty_table()
    return pa.concat_tables(
        [_of_day(day, one, since, states[day], grid) for day, one, since in found]
    )


def _of_day(
    day: int, found: Tested, since: np.ndarray, state: str, grid: Grid
) -> pa.Table:
    found = found.some(np.argsort(found.rows))
    count = len(found.rows)
    since = since[found.rows]
    keys = grid.keys.take(pa.array(found.rows))
    is_strange = found.p_value < STRANGE
    direction = np.where(found.is_above, "above", "below").astype(object)
    direction[~is_strange] = None
    rows = _rows_needed(found)
    columns = {
        **{name: keys[name].cast(pa.string()) for name in KEYS},
        "day": _dates(np.full(count, grid.first + day)),
        "found": grid.value[found.rows, day],
        "expected": found.expected,
        "expected_low": np.minimum(found.low, found.expected),
        "expected_high": np.maximum(found.high, found.expected),
        "p_value": found.p_value.clip(0, 1),
        "q_value": np.zeros(count),
        "is_anomaly": np.zeros(count, dtype=bool),
        "direction": pa.array(direction, pa.string()),
        "history_days": found.history,
        "little_history": found.history < LITTLE_HISTORY,
        "detectable_change": found.detectable,
        "rows_needed": pa.array(rows, pa.int64(), mask=rows < 0),
        "level_since": _dates(grid.first + since, since < 0),
        "left_out": found.left_out,
        "history_state": pa.repeat(state, count),
    }
    return pa.table(columns).cast(anomalies_schema())


def with_q_values(table: pa.Table) -> pa.Table:
    """Return results, which come by day, with q_value: each day is a family."""
    from scipy.stats import false_discovery_control

    if not len(table):
        return table
    days = table["day"].cast(pa.int32()).to_numpy()
    p_value = table["p_value"].to_numpy()
    starts = np.flatnonzero(np.diff(days, prepend=days[0] - 1))
    families = np.split(p_value, starts[1:])
    q_value = np.concatenate([false_discovery_control(one) for one in families])
    return _with(table, "q_value", q_value)


def with_anomalies(table: pa.Table, false_share: float) -> pa.Table:
    """Return results with is_anomaly, of which such a share is false at most."""
    is_anomaly = table["q_value"].to_numpy() <= false_share
    is_rare = table["p_value"].to_numpy() < ALARM
    return _with(table, "is_anomaly", is_anomaly & is_rare)


def _with(table: pa.Table, name: str, values: np.ndarray) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(name), pa.array(values))


def _rows_needed(found: Tested) -> np.ndarray:
    """Return how many rows a day show a rate that rises by `DIFFERENCE`; -1: none do.

    By the arcsine of the root of a rate, whose variance is a quarter of one over the
    rows, and of what rows do not lessen.
    """
    from scipy.special import ndtri

    rate = np.clip(found.expected, 0, 1)
    size = np.arcsin(np.sqrt(np.minimum(rate + DIFFERENCE, 1))) - np.arcsin(
        np.sqrt(rate)
    )
    reach = ndtri(1 - TAIL) + ndtri(SEEN)
    left = 4 * (size / reach) ** 2 - found.beyond
    shows = left > 1e-9  # Not of what is no rate: NaN.
    return np.where(shows, np.ceil(1 / np.where(shows, left, 1)), -1).astype(np.int64)


def _dates(days: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), pa.int32(), mask=missing).cast(pa.date32())
