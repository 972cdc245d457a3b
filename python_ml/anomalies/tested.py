"""What goes into a test of one day, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from python_ml.anomalies.measures import Measure
from python_ml.anomalies.strange import Strange

FEWEST_POINTS = 7  # Of a history: each weekday once.
LITTLE_HISTORY = 28  # Below it a true tail and robustness exclude each other.
STRANGE = 0.01  # Of p-values: what is outside the expected range.
ALARM = 0.003  # Of p-values: of a series by itself, one day a year.
TAIL = STRANGE / 2
SEEN = 0.9  # The chance with which a detectable change is seen.


@dataclass(frozen=True)
class Series:
    """The series of one measure, [series, days]; NaN where nothing was measured.

    Attributes:
        measure: What is known of it.
        first: The day of the first column, in days since 1970-01-01.
        size: The values in the units in which they are tested.
        count, whole: Rows counted and among how many; NaN of what is no count.
        strange: Which points are left out.
    """

    measure: Measure
    first: int
    size: np.ndarray
    count: np.ndarray
    whole: np.ndarray
    strange: Strange


@dataclass
class Tested:
    """What was found of some series on a day, all [series].

    Attributes:
        rows: Which series.
        expected, low, high: The middle of the forecast and its 99 % range, as values.
        p_value: How rarely a value as far out would come by chance.
        is_above: Whether the value is above what is expected.
        history: Points that were there to learn from.
        detectable: The smallest change upwards that would be seen with 90 %.
        beyond: Of rates, four times the part of the variance of their arcsine that
            more rows would not lessen; NaN of other measures.
        returned: Whether the value fits the level before the present one alone.
        left_out: Whether later forecasts do without the value.
    """

    rows: np.ndarray
    expected: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    is_above: np.ndarray
    history: np.ndarray
    detectable: np.ndarray
    beyond: np.ndarray
    returned: np.ndarray
    left_out: np.ndarray

    def put(self, which: np.ndarray, other: Tested) -> None:
        """Put what another test found in the place of some of them."""
        for field in fields(self):
            getattr(self, field.name)[which] = getattr(other, field.name)

    def put_returned(self, which: np.ndarray, before: Tested) -> None:
        """Put tests against the level before in the place of those it fits."""
        fits = before.p_value >= STRANGE
        before.returned[:] = True
        before.left_out[:] = False
        self.put(which[fits], before.some(fits))

    def some(self, which: np.ndarray) -> Tested:
        """Return what was found of some of them."""
        return Tested(*(getattr(self, field.name)[which] for field in fields(self)))


def joined(parts: list[Tested]) -> Tested:
    """Return several as one."""
    return Tested(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Tested)
        )
    )
