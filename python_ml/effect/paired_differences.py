"""Whether two versions of the data differ, told from the same users in both.

One bootstrap draw of users serves all models and versions, so that their intervals can
be compared; p-values come from a randomization test. Wilcoxon and sign tests reject too
often at thousands of users (Ihemelandu and Ekstrand 2023), and are not used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

_BLOCK = 20_000_000  # Random numbers at a time.
_RARE = 10  # Below so many draws beyond what was seen their count says little.
_POWER = float(norm.ppf(0.975) + norm.ppf(0.8))


@dataclass(frozen=True)
class Difference:
    """What was measured in two versions, on the same users or queries.

    Attributes:
        value: Mean in the version.
        value_low: Lower end of its 95 % interval over users to come.
        value_high: Upper end.
        difference: Mean less that of the baseline.
        low: Lower end of the 95 % interval of the difference.
        high: Upper end.
        p_value: How often chance alone would be as far out, in (0, 1].
        smallest: The difference that data like these show with a probability of 80 %
            (level 5 %); 0 only where no user differs.
        users: How many users or queries.
    """

    value: float
    value_low: float
    value_high: float
    difference: float
    low: float
    high: float
    p_value: float
    smallest: float
    users: int


def compare_paired(
    values: np.ndarray,
    baseline: np.ndarray,
    *,
    draws: int = 2000,
    seed: int = 0,
) -> list[Difference | None]:
    """Compare columns of values with their baselines.

    Args:
        values: float64 [users, columns], NaN where a user has nothing to measure; a
            column and its baseline lack the same users.
        baseline: int [columns], the column that each is compared with, or itself.
        draws: Of the bootstrap, and of the randomization.
        seed: Of the draws.

    Returns:
        One for each column; None for a column without two users to measure. The
        p-value is that of random signs of the differences; where fewer than ten draws
        are beyond what was seen, that of the normal distribution which the sum of so
        signed differences approaches (variance: the sum of their squares).

    Raises:
        ValueError: If a column and its baseline do not have the same users.
    """
    given = ~np.isnan(values)
    if (given != given[:, baseline]).any():
        raise ValueError("Versions are compared on the same users, and these differ.")
    filled = np.where(given, values, 0.0)
    differences = filled - filled[:, baseline]
    counts = given.sum(0)
    moments = _bootstrap(filled, differences, given.astype(float), draws, seed)
    p_values = _p_values(differences, draws, seed + 1)
    results: list[Difference | None] = []
    for column, users in enumerate(counts):
        if users < 2:
            results.append(None)
            continue
        value, difference = (part[:, column] for part in moments)
        apart = differences[given[:, column], column]
        results.append(
            Difference(
                float(filled[:, column].sum() / users),
                *_interval(value),
                float(apart.mean()),
                *_interval(difference),
                float(p_values[column]),
                float(_POWER * apart.std(ddof=1) / np.sqrt(users)),
                int(users),
            )
        )
    return results


def adjust(p_values: np.ndarray) -> np.ndarray:
    """Adjust p-values of one family for all that was compared, however dependent.

    Benjamini and Yekutieli (2001): of what is below a level, at most that share is
    expected to be chance.

    Args:
        p_values: float64 [comparisons].
    """
    count = len(p_values)
    order = np.argsort(p_values)
    ranks = np.arange(1, count + 1)
    adjusted = p_values[order] * count / ranks * (1 / ranks).sum()
    result = np.empty(count)
    result[order] = np.minimum(np.minimum.accumulate(adjusted[::-1])[::-1], 1)
    return result


def _bootstrap(
    values: np.ndarray,
    differences: np.ndarray,
    given: np.ndarray,
    draws: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of values and differences in each draw of users."""
    rng = np.random.default_rng(seed)
    users = len(values)
    both = np.hstack([values, differences])
    means = []
    for size in _sizes(users, draws):
        drawn = rng.integers(users, size=(size, users))
        drawn += np.arange(size)[:, None] * users
        weights = np.bincount(drawn.ravel(), minlength=size * users)
        weights = weights.reshape(size, users).astype(float)
        with np.errstate(invalid="ignore"):
            means.append((weights @ both) / np.tile(weights @ given, 2))
    stacked = np.concatenate(means)
    return stacked[:, : values.shape[1]], stacked[:, values.shape[1] :]


def _p_values(differences: np.ndarray, draws: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    seen = np.abs(differences.sum(0))
    # Sums of the same numbers in another order differ in the last digits.
    least = seen * (1 - 1e-9)
    beyond = np.zeros(differences.shape[1])
    for size in _sizes(len(differences), draws):
        signs = rng.integers(0, 2, (size, len(differences))) * 2.0 - 1
        beyond += (np.abs(signs @ differences) >= least).sum(0)
    p_values = (beyond + 1) / (draws + 1)
    scale = np.sqrt((differences**2).sum(0))
    ratio = np.divide(seen, scale, out=np.zeros_like(seen), where=scale > 0)
    return np.where(beyond < _RARE, 2 * norm.sf(ratio), p_values)


def _interval(drawn: np.ndarray) -> tuple[float, float]:
    low, high = np.nanquantile(drawn, [0.025, 0.975]).tolist()
    return low, high


def _sizes(users: int, draws: int) -> list[int]:
    size = max(1, _BLOCK // max(users, 1))
    return [min(size, draws - start) for start in range(0, draws, size)]
