"""Tests of few rows: by the beta-binomial distribution, without season or slope.

Where a day is expected to count fewer than twenty rows, a season could hardly be seen.
"""

from __future__ import annotations

import numpy as np

from python_ml.anomalies.counts import CountForecast, count_forecast, overdispersion
from python_ml.anomalies.levels import Levels
from python_ml.anomalies.strange import WINDOW
from python_ml.anomalies.tested import (
    FEWEST_POINTS,
    LITTLE_HISTORY,
    SEEN,
    STRANGE,
    TAIL,
    Series,
    Tested,
)

_FEW_ROWS = 20.0
# Counts that differ less than by chance, such as five files every day, are numbers.
_LEAST_VARIED = 0.3
_ENOUGH_ROWS = 20.0
_ENOUGH_DAYS = 14
_LEFT_OUT = 1e-3  # p-value below which a day does not count in later forecasts.


def counts_few(series: Series, day: int, used: np.ndarray) -> np.ndarray:
    """Return which series are expected to count few rows, or all but few.

    Args:
        series: The series.
        day: The day.
        used: Of the days before, bool [series, WINDOW].
    """
    if not series.measure.is_counted:
        return np.zeros(len(used), dtype=bool)
    count, whole = _of_window(series, day, slice(None))
    used = used & np.isfinite(count)
    total = np.where(used, whole, 0).sum(1)
    rate = np.where(used, count, 0).sum(1) / np.maximum(total, 1)
    expected = series.whole[:, day] * np.minimum(rate, 1 - rate)
    days = used.sum(1)
    known = np.minimum(rate, 1 - rate) * total >= _ENOUGH_ROWS
    known &= days >= _ENOUGH_DAYS
    by_chance = whole * np.where(known, rate * (1 - rate), 1)[:, None]
    varied = np.where(used, (count - whole * rate[:, None]) ** 2 / by_chance, 0).sum(1)
    is_even = known & (varied < _LEAST_VARIED * days)
    return (expected < _FEW_ROWS) & ~is_even


def tested_as_counts(
    series: Series, day: int, rows: np.ndarray, levels: Levels
) -> Tested:
    """Test some series on a day; rows: which of them, [tested]."""
    count, whole = _of_window(series, day, rows)
    used = levels.used(day)[rows] & np.isfinite(count)
    steps = levels.steps(day)[rows]
    of_level = np.where((used & steps).any(1)[:, None], used & steps, used)
    rho = overdispersion(count, whole, of_level, series.measure.is_rate)

    def test(used: np.ndarray, some: np.ndarray) -> Tested:
        wholes = series.whole[rows[some], day]
        foreseen = count_forecast(
            count[some], whole[some], used[some], rho[some], wholes
        )
        return _judged(series, day, rows[some], foreseen, used[some].sum(1))

    found = test(of_level, np.arange(len(rows)))
    before = used & ~steps
    back = (found.p_value < STRANGE) & levels.may_return(day)[rows]
    back &= before.sum(1) >= FEWEST_POINTS
    if back.any():
        found.put_returned(np.flatnonzero(back), test(before, np.flatnonzero(back)))
    found.history = used.sum(1)
    found.left_out &= found.history >= LITTLE_HISTORY
    return found


def _of_window(
    series: Series, day: int, rows: np.ndarray | slice
) -> tuple[np.ndarray, np.ndarray]:
    window = slice(day - WINDOW, day)
    return series.count[rows, window], series.whole[rows, window]


def _judged(
    series: Series,
    day: int,
    rows: np.ndarray,
    foreseen: CountForecast,
    history: np.ndarray,
) -> Tested:
    count, whole = series.count[rows, day], foreseen.whole
    # Of a rate near 1, those are few that are not counted.
    flip = foreseen.mean > 0.5
    few = CountForecast(
        np.where(flip, 1 - foreseen.mean, foreseen.mean), foreseen.size, whole
    )
    result = few.test(np.where(flip, whole - count, count), TAIL)
    low = np.where(flip, whole - result.high, result.low)
    high = np.where(flip, whole - result.low, result.high)
    beyond = 1 / (foreseen.size + 1)
    expected = foreseen.mean * whole
    seen = _rate_seen((high + 0.5) / whole, whole, beyond) * whole
    is_rate = series.measure.is_rate
    per = whole if is_rate else np.ones(len(rows))
    return Tested(
        rows,
        expected / per,
        low / per,
        high / per,
        result.p_value,
        count > expected,
        history,
        (seen - expected) / per,
        beyond if is_rate else np.full(len(rows), np.nan),
        np.zeros(len(rows), dtype=bool),
        result.p_value < _LEFT_OUT,
    )


def _rate_seen(limit: np.ndarray, whole: np.ndarray, beyond: np.ndarray) -> np.ndarray:
    """Return the rate that exceeds a limit with the chance `SEEN`, [series]."""
    from scipy.special import ndtri

    deviation = np.sqrt(1 / whole + beyond) / 2
    size = np.arcsin(np.sqrt(np.clip(limit, 0, 1))) + ndtri(SEEN) * deviation
    return np.sin(np.clip(size, 0, np.pi / 2)) ** 2
