"""Which slice of a series explains a day: the one whose rows account for most of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_ml.anomalies.grid import numbers
from python_ml.anomalies.schemas import KEYS

_BEFORE = 28  # Days that say what a slice shows otherwise.
# What holds nearly all rows explains nothing, and neither does what is in line with its
# part of the rows.
_LARGEST_PART = 0.9
_LEAST_SHARE = 0.5
_OF_SERIES = KEYS[1:]  # What a slice has in common with the whole.


@dataclass(frozen=True)
class Explanation:
    """A slice (its type and value) and its share of a deviation, in (0, 1]."""

    slice: tuple[str, str]
    share: float


class Slices:
    """The slices of the series that have anomalies.

    Args:
        series: As `find_anomalies` takes them.
        anomalies: Those to explain.
    """

    def __init__(self, series: pa.Table, anomalies: pa.Table) -> None:
        """Keep the numerators and denominators of their slices, by day."""
        self._of: dict[tuple, dict[tuple[str, str], dict[date, tuple]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        wanted = {
            tuple(row.values()) for row in anomalies.select(_OF_SERIES).to_pylist()
        }
        feeds = pa.array({one[0] for one in wanted}, pa.string())
        part = pc.fill_null(pc.not_equal(series["slice_type"], "all"), False)
        part = pc.and_(part, pc.is_in(series["feed"], feeds))
        part = pc.and_(part, pc.is_valid(series["slice_value"]))
        found = series.filter(part)
        values = zip(
            numbers(found["numerator"]), numbers(found["denominator"]), strict=True
        )
        names = [*_OF_SERIES, "slice_type", "slice_value", "day"]
        keys = zip(*(found[name].to_pylist() for name in names), strict=True)
        for (*of_series, kind, value, day), pair in zip(keys, values, strict=True):
            if tuple(of_series) in wanted and day is not None:
                self._of[tuple(of_series)][kind, value][day] = pair

    def explain(self, alarm: dict, first_day: date) -> Explanation | None:
        """Return the slice that explains most of an anomaly; None where none does.

        Args:
            alarm: A row of the anomalies.
            first_day: Of the run that it belongs to: what comes before says what the
                slice shows otherwise.
        """
        slices = self._of.get(tuple(alarm[name] for name in _OF_SERIES))
        if not slices:
            return None
        is_rows = alarm["measure"] == "rows"
        excess = _excess_of_rows if is_rows else _excess_of_rate
        found = {one: excess(days, alarm, first_day) for one, days in slices.items()}
        known = {one: pair for one, pair in found.items() if pair is not None}
        whole: dict[str, float] = defaultdict(float)
        for (kind, _), (_, size) in known.items():
            whole[kind] += size
        best = None
        for one, (difference, size) in sorted(known.items()):
            # All slices of a kind together are the whole.
            deviation = alarm["found"] - alarm["expected"]
            deviation *= 1 if is_rows else whole[one[0]]
            if not deviation or not whole[one[0]]:
                continue
            part, share = size / whole[one[0]], difference / deviation
            if part > _LARGEST_PART or share < max(_LEAST_SHARE, part):
                continue
            if best is None or share > best.share:
                best = Explanation(one, share)
        return best and Explanation(best.slice, min(best.share, 1.0))


def _excess_of_rate(
    days: dict[date, tuple], alarm: dict, first_day: date
) -> tuple[float, float] | None:
    """Return rows beyond what a slice's own rate lets expect, and rows checked."""
    found, size = days.get(alarm["day"], (np.nan, np.nan))
    if not (np.isfinite(found) and size > 0):
        return None
    before = [days.get(first_day - timedelta(back)) for back in range(1, _BEFORE + 1)]
    pairs = [one for one in before if one and np.isfinite(one[0]) and one[1] > 0]
    checked = sum(one[1] for one in pairs)
    # A new slice is expected to be like the whole.
    usual = sum(one[0] for one in pairs) / checked if checked else alarm["expected"]
    return found - usual * size, size


def _excess_of_rows(
    days: dict[date, tuple], alarm: dict, first_day: date
) -> tuple[float, float] | None:
    """Return rows beyond those of the same weekdays before, and how many those are."""
    weeks = range(1, _BEFORE // 7 + 1)
    distance = (alarm["day"] - first_day).days
    past = [
        alarm["day"] - timedelta(7 * week)
        for week in range(1, _BEFORE // 7 + distance // 7 + 2)
        if 7 * week > distance
    ][: len(weeks)]
    known = min(days)
    usual = [days.get(day, (0.0, 0.0))[0] for day in past if day >= known]
    usual = [one for one in usual if np.isfinite(one)]
    # A day without rows has no row here.
    found = days.get(alarm["day"], (0.0, 0.0))[0]
    if not np.isfinite(found):
        return None
    expected = float(np.mean(usual)) if usual else 0.0
    return found - expected, max(expected, found)
