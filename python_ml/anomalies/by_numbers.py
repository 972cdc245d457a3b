"""Tests of numbers: by the forecast of level, slope and weekday."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from python_ml.anomalies.counts import overdispersion
from python_ml.anomalies.forecast import Forecast, History, forecast
from python_ml.anomalies.levels import Levels
from python_ml.anomalies.shared_scale import shared_scale
from python_ml.anomalies.strange import WINDOW
from python_ml.anomalies.tested import (
    FEWEST_POINTS,
    LITTLE_HISTORY,
    SEEN,
    STRANGE,
    TAIL,
    Series,
    Tested,
    joined,
)

_CLIP = 2.5  # Deviations within which the points of a long history are brought.
_FEWEST_TO_SHARE = 10  # Points of a series that learns its noise from others.
_FINEST = 0.25  # Of the smallest difference: how small noise is believed to be.


def tested_as_numbers(
    series: Series, day: int, rows: np.ndarray, levels: Levels
) -> Tested:
    """Test some series on a day; rows: which of them, [tested]."""
    there = np.isfinite(series.size[:, day - WINDOW : day])[rows]
    used = levels.used(day)[rows] & there
    history = used.sum(1)
    long = history >= LITTLE_HISTORY
    if long.any():
        robust = levels.used(day, series.strange.left_out(day))[rows] & there
        used[long] = robust[long]
    steps = levels.steps(day)[rows] & used
    stepped = steps.any(1)

    def test(which: np.ndarray, points: np.ndarray, with_step: bool) -> Tested:
        known = _history(series, day, rows[which], points[which])
        if with_step:
            known = replace(known, step=steps[which].astype(float))
        foreseen = _foreseen(known, bool(long[which[0]]))
        return _judged(series, day, rows[which], foreseen, history[which])

    groups = [
        np.flatnonzero((long == is_long) & (stepped == is_stepped))
        for is_long in (False, True)
        for is_stepped in (False, True)
    ]
    groups = [which for which in groups if len(which)]
    found = joined([test(which, used, stepped[which[0]]) for which in groups])
    found = found.some(np.argsort(np.concatenate(groups)))

    before = used & ~steps
    back = (found.p_value < STRANGE) & levels.may_return(day)[rows]
    back &= before.sum(1) >= FEWEST_POINTS
    for is_long in (False, True):
        which = np.flatnonzero(back & (long == is_long))
        if len(which):
            found.put_returned(which, test(which, before, with_step=False))
    return found


def _history(series: Series, day: int, rows: np.ndarray, used: np.ndarray) -> History:
    window = slice(day - WINDOW, day)
    weekdays = (series.first + np.arange(day - WINDOW, day + 1)) % 7
    whole = series.whole[rows]
    weights, weight = used.astype(float), np.ones(len(rows))
    if series.measure.is_rate:
        rho = overdispersion(series.count[rows, window], whole[:, window], used)
        exact = 1 / (1 / whole[:, day - WINDOW : day + 1] + rho[:, None])
        weights = np.where(used, exact[:, :-1], 0)
        usual = weights.sum(1) / used.sum(1)
        weights /= usual[:, None]
        weight = exact[:, -1] / usual
    values = np.where(used, series.size[rows, window], 0)
    typical = series.measure.back(values.sum(1) / used.sum(1))
    steps = series.measure.steps(typical, whole[:, day])
    nothing = np.zeros(len(rows))
    return History(
        values,
        weights,
        weekdays[:-1],
        int(weekdays[-1]),
        weight,
        _FINEST * steps,
        nothing,
        nothing,
    )


def _foreseen(history: History, is_long: bool) -> Forecast:
    if is_long:
        return forecast(history, _CLIP)
    found = forecast(history)
    points = (history.weights > 0).sum(1)
    degrees, variance = shared_scale(found.variance, points - 1)
    if not degrees:
        return found
    knows = np.where(points >= _FEWEST_TO_SHARE, degrees, 0.0)
    shared = np.full(len(points), variance)
    return forecast(replace(history, prior_degrees=knows, prior_variance=shared))


def _judged(
    series: Series,
    day: int,
    rows: np.ndarray,
    foreseen: Forecast,
    history: np.ndarray,
) -> Tested:
    from scipy.special import stdtrit

    size, expected = series.size[rows, day], foreseen.expected()
    deviation = foreseen.deviation()
    reach = stdtrit(foreseen.degrees, 1 - TAIL) + stdtrit(foreseen.degrees, SEEN)
    back = series.measure.back
    beyond = np.full(len(rows), np.nan)
    if series.measure.is_rate:
        beyond = np.maximum(4 * deviation**2 - 1 / series.whole[rows, day], 0)
    middle = back(expected)
    return Tested(
        rows,
        middle,
        back(foreseen.quantile(TAIL)),
        back(foreseen.quantile(1 - TAIL)),
        foreseen.p_value(size),
        size > expected,
        history,
        back(expected + reach * deviation) - middle,
        beyond,
        np.zeros(len(rows), dtype=bool),
        np.zeros(len(rows), dtype=bool),
    )
