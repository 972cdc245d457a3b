"""Which days of which series are not what was to be expected: `find_anomalies`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_ml.anomalies.by_counts import counts_few, tested_as_counts
from python_ml.anomalies.by_numbers import tested_as_numbers
from python_ml.anomalies.grid import Grid, grid_of
from python_ml.anomalies.kept import day_states, kept_results, replay
from python_ml.anomalies.levels import Levels
from python_ml.anomalies.measures import counted, measure_of
from python_ml.anomalies.results import as_table, with_anomalies, with_q_values
from python_ml.anomalies.strange import WINDOW, Strange
from python_ml.anomalies.tested import FEWEST_POINTS, STRANGE, Series, Tested, joined

FALSE_SHARE = 0.1  # Of what is called an anomaly; Benjamini-Hochberg.


def find_anomalies(
    series: pa.Table,
    known: pa.Table | None = None,
    first_day: int | None = None,
    last_day: int | None = None,
    false_share: float = FALSE_SHARE,
) -> pa.Table:
    """Test each day of each series by what was known before it.

    What is expected comes of the 91 days before, and never of the day itself: level,
    slope and weekday (`python_ml.anomalies.forecast`), or the beta-binomial
    distribution where few rows are counted (`python_ml.anomalies.counts`). A day is an
    anomaly if its p-value is below 0.003 and, by the procedure of Benjamini and
    Hochberg (1995) over all series of that day, a share of `false_share` at most of
    what is called so is so by chance.

    Args:
        series: One row per series and day: series_id, feed, measure, rule_name,
            column_name, slice_type, value_of_column, day, numerator, denominator,
            value. Only slice_type `all` is tested; where value is null or not finite,
            nothing was measured.
        known: What this function returned before. Days up to the first on which a
            series has changed since are taken from it; the result is the same.
        first_day: Days since 1970-01-01 before which nothing is tested but only learned
            from; whether a level was new by then is not known. None: all are.
        last_day: Days since 1970-01-01 after which nothing is looked at.
        false_share: In (0, 1).

    Returns:
        One row per series and tested day (of seven earlier points at least), by day
        and series_id: columns as in `python_ml.anomalies.schemas.anomalies_schema`.

    Raises:
        ValueError: If false_share is not between 0 and 1.
    """
    if not 0 < false_share < 1:
        raise ValueError(f"false_share: must be between 0 and 1, not {false_share}")
    whole = pc.fill_null(pc.equal(series["slice_type"], "all"), False)
    grid = grid_of(series.filter(whole), last_day)
    if grid is None:
        return as_table([], [], None)
    states = day_states(grid)
    kept = kept_results(known, grid, states)
    start = WINDOW if kept is None else kept.next_day
    start = start if first_day is None else max(start, first_day - grid.first)
    measures = np.array(grid.keys["measure"].to_pylist(), dtype=object)
    rows, machines = [], []
    for name in sorted(set(measures), key=str):
        rows.append(np.flatnonzero(measures == name))
        machines.append(_Measured(grid, rows[-1], name, start))
        if kept is not None:
            replay(kept, rows[-1], machines[-1].levels)
    found = []
    for day in range(start, grid.value.shape[1]):
        parts = []
        for of_measure, machine in zip(rows, machines, strict=True):
            one = machine.next(day)
            if one is not None:
                one.rows = of_measure[one.rows]
                parts.append(one)
        if parts:
            found.append((day, joined(parts), _level_since(rows, machines, grid)))
    table = with_q_values(as_table(found, states, grid))
    table = table if kept is None else pa.concat_tables([kept.table, table])
    return with_anomalies(table, false_share)


class _Measured:
    """The series of one measure, tested day by day."""

    def __init__(self, grid: Grid, rows: np.ndarray, name: str, start: int) -> None:
        measure = measure_of(name)
        value = grid.value[rows]
        count, whole = counted(
            measure, value, grid.numerator[rows], grid.denominator[rows]
        )
        if measure.is_counted:
            value = np.where(np.isfinite(count), value, np.nan)
        if measure.is_rate:
            value = count / whole
        size = measure.forward(value, whole)
        strange = Strange(size, np.full(len(rows), measure.coarse), start)
        self.levels = Levels(*size.shape)
        self._series = Series(measure, grid.first, size, count, whole, strange)

    def next(self, day: int) -> Tested | None:
        """Test a day and learn from it; None where there is nothing to test."""
        series, levels = self._series, self.levels
        there = np.isfinite(series.size[:, day - WINDOW : day])
        used = levels.used(day) & there
        enough = used.sum(1) >= FEWEST_POINTS
        rows = np.isfinite(series.size[:, day]) & enough
        if not rows.any():
            return None
        few = counts_few(series, day, used) & rows
        parts = [
            test(series, day, np.flatnonzero(one), levels)
            for test, one in ((tested_as_counts, few), (tested_as_numbers, rows & ~few))
            if one.any()
        ]
        found = joined(parts)
        found = found.some(np.argsort(found.rows))
        side = np.where(found.is_above, 1, -1) * (found.p_value < STRANGE)
        levels.learn(day, found.rows, side, found.returned, found.left_out)
        return found


def _level_since(
    rows: list[np.ndarray], machines: list[_Measured], grid: Grid
) -> np.ndarray:
    """Return the first day of the present level of each series, -1 for none."""
    since = np.full(len(grid.value), -1)
    for of_measure, machine in zip(rows, machines, strict=True):
        since[of_measure] = machine.levels.start
    return since
