"""What has been learned of each series' level while its days were tested in order.

After `ALARMS_OF_LEVEL` days in a row on the same side a series has a new level, which
holds from the first of them on: forecasts estimate its height beside the season and the
noise of the days before. If a day then fits the old level and not the new one, the days
between were an episode, which is left out of later forecasts.
"""

from __future__ import annotations

import numpy as np

from python_ml.anomalies.strange import WINDOW

ALARMS_OF_LEVEL = 5
_LONGEST_EPISODE = 28  # Days; after them the old level is history.
_NEVER = -1
# Days of a window that are left out for being rare; more of them are no exceptions.
_MOST_LEFT_OUT = 2


class Levels:
    """The state of all series, in days of the grid.

    Args:
        series, days: The shape of the grid.
    """

    def __init__(self, series: int, days: int) -> None:
        """Begin without alarms."""
        self.start = np.full(series, _NEVER)  # Of the present level.
        self._first = np.zeros(series, dtype=int)  # Day that still is of use.
        self._run_start = np.full(series, _NEVER)
        self._run_length = np.zeros(series, dtype=int)
        self._run_side = np.zeros(series, dtype=int)
        self._kept = np.zeros((series, days), dtype=bool)
        self._episode = np.zeros((series, days), dtype=bool)
        self._rare = np.zeros((series, days), dtype=bool)

    def used(self, day: int, left_out: np.ndarray | None = None) -> np.ndarray:
        """Return bool [series, WINDOW]: which days before one are used.

        Args:
            day: The day to forecast.
            left_out: [series, WINDOW], what is left out as strange; None: nothing is.
        """
        window = slice(day - WINDOW, day)
        found = np.arange(day - WINDOW, day) >= self._first[:, None]
        found &= ~self._episode[:, window]
        rare = self._rare[:, window]
        found &= ~rare | (rare.sum(1, keepdims=True) > _MOST_LEFT_OUT)
        return (
            found if left_out is None else found & (~left_out | self._kept[:, window])
        )

    def steps(self, day: int) -> np.ndarray:
        """Return bool [series, WINDOW]: which days before one are of a new level."""
        days = np.arange(day - WINDOW, day)
        begun = (self.start != _NEVER) & (self.start > day - WINDOW)
        return begun[:, None] & (days >= self.start[:, None])

    def may_return(self, day: int) -> np.ndarray:
        """Return bool [series]: whether the old level may still come back."""
        return (self.start != _NEVER) & (day - self.start <= _LONGEST_EPISODE)

    def learn(
        self,
        day: int,
        rows: np.ndarray,
        side: np.ndarray,
        returned: np.ndarray,
        left_out: np.ndarray,
    ) -> None:
        """Take in what was found on a day.

        Args:
            day: The day, later than those before.
            rows: Which series were tested.
            side: Of each, 1 or -1 if it was too high or too low, 0 if it was not.
            returned: Of each, whether the day fitted the old level alone.
            left_out: Of each, whether later forecasts do without the day, unless there
                are more of them.
        """
        self._rare[rows[left_out], day] = True
        back = rows[returned]
        days = np.arange(self._episode.shape[1])
        self._episode[back] |= (days >= self.start[back, None]) & (days < day)
        self.start[back] = _NEVER

        goes_on = (side != 0) & (side == self._run_side[rows])
        length = np.where(goes_on, self._run_length[rows] + 1, side != 0)
        self._run_start[rows[~goes_on]] = day
        self._run_length[rows], self._run_side[rows] = length, side

        new = rows[length >= ALARMS_OF_LEVEL]
        run = (days >= self._run_start[new, None]) & (days <= day)
        self._kept[new] |= run
        self._rare[new] &= ~run
        # Only one change of level at a time is estimated.
        self._first[new] = np.maximum(self._first[new], self.start[new])
        self.start[new] = self._run_start[new]
        self._run_length[new] = self._run_side[new] = 0
