"""Which earlier points of a series are left out of its forecasts.

A point is strange only if it is so both beside the days around it and beside the same
weekday a week before and a week after: a weekend that dips is strange by the first
alone, a new level by neither after a few days. How far is strange is measured by what
is usual in the weeks before. Nothing looks at a later day than the one that is
forecast, and a verdict is final after seven days.
"""

from __future__ import annotations

import numpy as np

WINDOW = 91  # Days that a forecast looks back: thirteen weeks.
_WEEK = 7
_USUAL = 56  # Days that say what is usual.
_AROUND = 3  # Days on each side.
_FEWEST_DAYS = 28  # To measure by; forecasts of fewer points leave nothing out.
_FAR = (2.5, 3.75, 3.75)  # Deviations: around, beside weekdays, beside last week's.
_DEVIATIONS_OF_MEDIAN = 1.4826  # Of a normal distribution.
# Of what is strange more often than that, nothing is left out: it is no exception.
_LARGEST_SHARE = 0.1
_FEWEST_LEFT_OUT = 3


class Strange:
    """The verdicts on all points of a grid.

    Args:
        values: [series, days], NaN where nothing was measured; the first `WINDOW` days
            are empty.
        resolution: Differences of so much are never strange, [series].
        start: The first day that will be asked for.
    """

    def __init__(
        self, values: np.ndarray, resolution: np.ndarray, start: int = 0
    ) -> None:
        """Compare the points with their days and weekdays."""
        self._first = np.isfinite(values).argmax(1)
        # Verdicts on a window, by what was usual in the windows before; whole weeks.
        self._skipped = max(0, start - WINDOW - _USUAL - 4 * _WEEK) // _WEEK * _WEEK
        values = values[:, self._skipped :]
        self._values = values
        before, after = _moved(values, _WEEK), _moved(values, -_WEEK)
        self._last_week = np.abs(values - before)
        # Strange beside both: as far as the nearer of them.
        self._weekday = np.fmin(self._last_week, np.abs(values - after))
        near = [_moved(values, day) for day in range(-_AROUND, _AROUND + 1) if day]
        self._around = np.abs(values - _median(np.stack(near, axis=-1)))
        self._least = resolution
        self._usual: dict[int, tuple[np.ndarray, ...]] = {}
        far_around, far_weekday = self._limits_of_final()
        self._final = (self._around > far_around) & (self._weekday > far_weekday)

    def left_out(self, day: int) -> np.ndarray:
        """Return bool [series, WINDOW]: which points before a day are left out."""
        day -= self._skipped
        found = self._final[:, day - WINDOW : day].copy()
        found[:, -_WEEK:] = self._provisional(day)
        used = np.isfinite(self._values[:, day - WINDOW : day])
        most = np.maximum(_FEWEST_LEFT_OUT, _LARGEST_SHARE * used.sum(1))
        found[found.sum(1) > most] = False
        return found

    def _provisional(self, day: int) -> np.ndarray:
        """The verdicts on the last seven days, by the days until now alone."""
        first = day - _WEEK
        known = self._values[:, first - _AROUND : day]
        padded = np.pad(known, ((0, 0), (0, _AROUND)), constant_values=np.nan)
        near = np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND + 1, axis=1)
        others = np.delete(near, _AROUND, axis=-1)
        around = np.abs(self._values[:, first:day] - _median(others))
        far_around, _, far_last_week = self._limits(day)
        return (around > far_around[:, None]) & (
            self._last_week[:, first:day] > far_last_week[:, None]
        )

    def _limits(self, day: int) -> tuple[np.ndarray, ...]:
        """How far is strange on a day: around, beside weekdays, beside last week's.

        Measured once a week, of comparisons that were final by then.
        """
        week = day // _WEEK
        if week not in self._usual:
            end = week * _WEEK - _WEEK
            start = max(0, end - _USUAL)
            kinds = (self._around, self._weekday, self._last_week)
            usual = [_median(kind[:, start:end]) for kind in kinds]
            self._usual[week] = tuple(
                # Without anything to measure by, nothing is strange.
                np.where(
                    np.isnan(one),
                    np.inf,
                    far * np.maximum(_DEVIATIONS_OF_MEDIAN * one, self._least),
                )
                for far, one in zip(_FAR, usual, strict=True)
            )
        return self._usual[week]

    def _limits_of_final(self) -> list[np.ndarray]:
        """How far is strange for each point, [series, days], around and by weekdays."""
        days = self._values.shape[1]
        judged = np.arange(days)[None, :] + _WEEK
        # The first points wait until there is something to measure by.
        first = self._first[:, None] - self._skipped + _FEWEST_DAYS
        week = np.maximum(judged, first) // _WEEK
        weeks = range(int(week.min()), int(week.max()) + 1)
        found = [self._limits(one * _WEEK)[:2] for one in weeks]
        return [
            np.take_along_axis(np.stack(one, axis=1), week - weeks[0], axis=1)
            for one in zip(*found, strict=True)
        ]


def _moved(values: np.ndarray, days: int) -> np.ndarray:
    """Return the values of so many days before, NaN where there are none."""
    found = np.full_like(values, np.nan)
    if abs(days) >= values.shape[1]:
        return found
    if days > 0:
        found[:, days:] = values[:, :-days]
    else:
        found[:, :days] = values[:, -days:]
    return found


def _median(values: np.ndarray) -> np.ndarray:
    """Return the median over the last axis without what is NaN; NaN of nothing."""
    if not values.shape[-1]:
        return np.full(values.shape[:-1], np.nan)
    ordered = np.sort(values, axis=-1)  # NaN comes last.
    count = np.isfinite(ordered).sum(-1)
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    high = np.minimum(high, values.shape[-1] - 1)
    taken = [np.take_along_axis(ordered, at[..., None], -1) for at in (low, high)]
    return (taken[0] + taken[1])[..., 0] / 2
