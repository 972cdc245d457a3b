"""What is known of a measure beforehand: in which units its noise is alike.

Counts are tested as their square roots and rates as the arcsines of theirs, whose noise
does not depend on how large they are (Anscombe, 1948); the index of population
stability, a chi-square but for a factor, as its cube root, which is nearly normal
(Wilson and Hilferty, 1931); the others as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

RATES = ("failure_rate", "share")
# An index of population stability up to which nothing has moved; by custom .1 is a
# moderate and .25 a great shift, and where it always rested so much is an alarm.
_RESTS = 0.05
_NO_DENOMINATOR = 1e7  # A count is taken for a rate among so many.


@dataclass(frozen=True)
class Measure:
    """How values of a measure are tested.

    Attributes:
        forward: Takes value and denominator to units in which the noise is alike.
        back: Takes them back to a value; stays within what values can be.
        is_rate: Whether a value is a numerator over a denominator.
        is_count: Whether a value is a number of rows.
        step: The smallest difference that there is, in a value; 0 if it is not known.
        coarse: A difference that is never strange, in the units of `forward`.
    """

    forward: Callable[[np.ndarray, np.ndarray], np.ndarray]
    back: Callable[[np.ndarray], np.ndarray]
    is_rate: bool = False
    is_count: bool = False
    step: float = 0.0
    coarse: float = 0.0

    @property
    def is_counted(self) -> bool:
        """Whether few rows are tested by the distribution of counts."""
        return self.is_rate or self.is_count

    def steps(self, value: np.ndarray, denominator: np.ndarray) -> np.ndarray:
        """Return the smallest difference at a value, in the units of `forward`.

        Where it is not known, a millionth of the value.
        """
        step = np.maximum(self.step, 1e-6 * np.abs(value))
        if self.is_rate:
            step = 1 / denominator
            value = np.clip(value, step, np.maximum(1 - step, step))
        step = np.maximum(step, 1e-9)
        size = self.forward(value + step, denominator)
        return np.abs(size - self.forward(value, denominator)).clip(1e-9)


def measure_of(name: str) -> Measure:
    """Return what is known of a measure; of an unknown one, nothing."""
    return _KNOWN.get(name, _PLAIN)


def counted(
    measure: Measure, value: np.ndarray, numerator: np.ndarray, denominator: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows counted, and among how many, [series, days]; NaN where unknown."""
    if measure.is_rate:
        known = (denominator > 0) & (numerator >= 0) & (numerator <= denominator)
        known &= np.isfinite(value)
        whole = np.where(known, np.maximum(denominator, 1), np.nan)
        return np.where(known, np.minimum(numerator, whole), np.nan), whole
    known = value >= 0
    whole = np.where(known, np.maximum(_NO_DENOMINATOR, 100 * value), np.nan)
    return np.where(known, value, np.nan), whole


def _plain(value: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    return value


def _root(value: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(value, 0) + 3 / 8)


def _root_back(found: np.ndarray) -> np.ndarray:
    return np.maximum(np.maximum(found, 0) ** 2 - 3 / 8, 0)


def _arcsine(value: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    share = (value * denominator + 3 / 8) / (denominator + 3 / 4)
    return np.arcsin(np.sqrt(np.clip(share, 0, 1)))


def _arcsine_back(found: np.ndarray) -> np.ndarray:
    return np.sin(np.clip(found, 0, np.pi / 2)) ** 2


def _not_below(found: np.ndarray) -> np.ndarray:
    return np.maximum(found, 0)


def _between(found: np.ndarray) -> np.ndarray:
    return np.clip(found, 0, 1)


def _shift(value: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    return np.cbrt(np.maximum(value, _RESTS))


def _shift_back(found: np.ndarray) -> np.ndarray:
    return np.maximum(found, 0) ** 3


_PLAIN = Measure(_plain, lambda found: found)
_KNOWN = {
    "failure_rate": Measure(_arcsine, _arcsine_back, is_rate=True),
    "share": Measure(_arcsine, _arcsine_back, is_rate=True),
    "rows": Measure(_root, _root_back, is_count=True, step=1.0, coarse=0.1),
    "freshness": Measure(_plain, _not_below, step=1 / 60, coarse=1 / 60),
    "population_stability": Measure(_shift, _shift_back, step=_RESTS, coarse=0.1),
    "quality_index": Measure(_plain, _between, step=1e-3, coarse=1e-3),
    "spread": Measure(_plain, _not_below),
}
