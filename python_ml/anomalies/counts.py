"""Counts and rates of few rows: the beta-binomial forecast.

Days differ by more than chance. How much more, the overdispersion, is learned from all
series of a kind, each of which may differ from the others as far as its own days show
it (DerSimonian and Laird, 1986). A binomial forecast without it takes one good day in
seven for strange where days vary by a hundredth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_LARGEST = 0.5  # Overdispersion: beyond it a day is all or nothing.
_FEWEST_SERIES = 5  # To learn from others.
_MOST_STEPS = 5000  # Values of a count that are added up.
_NEARLY_ONE = 1 - 1e-12


@dataclass(frozen=True)
class CountForecast:
    """Beta-binomial distributions of the next count, one for each series.

    Attributes:
        mean: The expected rate, [series].
        size: a + b of the beta distribution, [series].
        whole: Among how many rows, [series].
    """

    mean: np.ndarray
    size: np.ndarray
    whole: np.ndarray

    def test(self, found: np.ndarray, tail: float) -> CountTest:
        """Return how far out counts [series] are, and the limits for a tail."""
        a, b = self.mean * self.size, (1 - self.mean) * self.size
        below, upto, limits = _sums(found, self.whole, a, b, (tail, 1 - tail))
        p_value = np.minimum(1.0, 2 * np.minimum(upto, 1 - below))
        # A sum near 1 is no more exact than this.
        return CountTest(np.maximum(p_value, 1e-12), *limits)


@dataclass(frozen=True)
class CountTest:
    """p-values and limits between which a count is expected, all [series]."""

    p_value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def overdispersion(
    count: np.ndarray, whole: np.ndarray, used: np.ndarray, shared: bool = True
) -> np.ndarray:
    """Return by how much the rate of a series differs from day to day, [series].

    Args:
        count: Rows counted, [series, days].
        whole: Among how many, [series, days].
        used: Which of them are used, bool [series, days].
        shared: Whether the series are of one kind.

    Returns:
        rho in [0, 0.5]: the variance of a day's rate is rho times that of a single row.
    """
    whole = np.where(used, whole, 0)
    count = np.where(used, count, 0)
    total = np.maximum(whole.sum(1), 1)
    rate = (count.sum(1) + 0.5) / (total + 1)
    variance = (rate * (1 - rate))[:, None]
    expected = np.maximum(whole * variance, 1e-300)
    days = used.sum(1)
    size = np.maximum(np.maximum(whole - 1, 0).sum(1), 1e-9)
    excess = (count - whole * rate[:, None]) ** 2 / expected
    excess = np.where(used, excess, 0).sum(1) * days / np.maximum(days - 1, 1) - days
    own = excess / size

    def uncertainty(rho: np.ndarray) -> np.ndarray:
        each = 2 * (1 + np.maximum(whole - 1, 0) * rho[:, None]) ** 2 + 1 / expected
        return np.where(used, each, 0).sum(1) / size**2

    usable = (days > 1) & (size > 1)
    if not shared or usable.sum() < _FEWEST_SERIES:
        return np.where(usable, np.clip(own, 0, _LARGEST), 0.0)
    typical = np.clip(np.median(own[usable]), 0, _LARGEST)
    for _ in range(3):
        noise = uncertainty(np.full(len(own), typical))
        weight = np.where(usable, 1 / noise, 0)
        typical = np.clip((weight * own).sum() / weight.sum(), 0, _LARGEST)
    spread = (weight * (own - typical) ** 2).sum() - (usable.sum() - 1)
    spread /= weight.sum() - (weight**2).sum() / weight.sum()
    spread = max(spread, 0.0)
    found = (own * spread + typical * noise) / (spread + noise)
    return np.clip(np.where(usable, found, typical), 0, _LARGEST)


def count_forecast(
    count: np.ndarray,
    whole: np.ndarray,
    used: np.ndarray,
    rho: np.ndarray,
    next_whole: np.ndarray,
) -> CountForecast:
    """Forecast the next count of each series from its earlier ones.

    Args:
        count: Rows counted, [series, days].
        whole: Among how many, [series, days].
        used: Which of them are used, bool [series, days].
        rho: Overdispersion, [series].
        next_whole: Among how many rows the next count is, [series].
    """
    each = 1 / (1 + np.maximum(whole - 1, 0) * rho[:, None])
    each = np.where(used, each, 0)
    # Half a row of either kind: Jeffreys' prior.
    counted = (each * np.where(used, count, 0)).sum(1) + 0.5
    rest = (each * np.where(used, whole - count, 0)).sum(1) + 0.5
    mean = counted / (counted + rest)
    beyond = rho + 1 / (counted + rest + 1)
    return CountForecast(mean, np.maximum(1 / beyond - 1, 1e-3), next_whole)


def _sums(
    found: np.ndarray,
    whole: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    tails: tuple[float, float],
) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Return P(count < found), P(count <= found) and the quantiles of the tails."""
    from scipy.special import betaln

    series = len(found)
    below, upto = np.zeros(series), np.ones(series)
    limits = [np.full(series, np.nan) for _ in tails]
    left = np.arange(series)  # What is still added up.
    n, x = np.round(whole), np.round(found)
    each = np.exp(betaln(a, b + n) - betaln(a, b))
    total = np.zeros(series)
    for value in range(_MOST_STEPS):
        at = x[left] == value
        below[left[at]] = total[left[at]]
        total[left] += each
        upto[left[at]] = total[left[at]]
        for tail, limit in zip(tails, limits, strict=True):
            reached = np.isnan(limit[left]) & (total[left] >= tail)
            limit[left[reached]] = value
        done = (value >= np.maximum(x[left], 0)) & (total[left] >= tails[-1])
        done |= (total[left] > _NEARLY_ONE) | (value >= n[left])
        over = done & (x[left] > value)
        below[left[over]] = np.minimum(total[left[over]], 1)
        left, each = left[~done], each[~done]
        if not len(left):
            break
        of_n, of_a, of_b = n[left], a[left], b[left]
        each = each * (of_n - value) * (of_a + value)
        each /= (value + 1) * (of_b + of_n - value - 1)
    # What was not added up to the end lies far above what is expected.
    below[left] = np.where(x[left] > value, np.minimum(total[left], 1), below[left])
    for limit in limits:
        np.copyto(limit, np.minimum(_MOST_STEPS, n), where=np.isnan(limit))
    return below, np.minimum(upto, 1), limits
