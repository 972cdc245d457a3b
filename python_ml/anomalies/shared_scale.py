"""How large the noise is, learned from other series of the same kind.

Variances of many series are taken as draws from one scaled inverse chi-squared
distribution, whose degrees of freedom say how alike they are (Smyth, Linear models and
empirical Bayes methods, 2004, section 6). Series in different units are not alike, and
then lend each other nothing.
"""

from __future__ import annotations

import numpy as np

FEWEST_SERIES = 30
_MOST_DEGREES = 60.0  # However alike they look: the next may be different.
_TRIMMED = 0.05  # On either side: series with an old outlier, constant ones.


def shared_scale(variance: np.ndarray, degrees: np.ndarray) -> tuple[float, float]:
    """Return what series of a kind say of the variance of another.

    Args:
        variance: Of the noise of each series, [series]; 0 and NaN are passed over.
        degrees: Of freedom of each of them, above 0.

    Returns:
        Degrees of freedom, 0 where there are too few series or they are not alike, and
        the variance.
    """
    from scipy.special import digamma, polygamma

    known = (variance > 0) & np.isfinite(variance) & (degrees > 0)
    if known.sum() < FEWEST_SERIES:
        return 0.0, 1.0
    half = degrees[known] / 2
    logarithm = np.log(variance[known]) - digamma(half) + np.log(half)
    low, high = np.quantile(logarithm, [_TRIMMED, 1 - _TRIMMED])
    logarithm = np.clip(logarithm, low, high)
    between = logarithm.var(ddof=1) - polygamma(1, half).mean()
    prior_half = _MOST_DEGREES / 2
    if between > polygamma(1, prior_half):
        prior_half = _inverse_trigamma(between)
    location = np.exp(logarithm.mean() + digamma(prior_half) - np.log(prior_half))
    return 2 * prior_half, float(location)


def _inverse_trigamma(value: float) -> float:
    """Return x with trigamma(x) = value, by Newton's method on 1 / trigamma."""
    from scipy.special import polygamma

    found = 0.5 + 1 / value
    for _ in range(50):
        trigamma = float(polygamma(1, found))
        step = trigamma * (1 - trigamma / value) / float(polygamma(2, found))
        found += step
        if abs(step) < 1e-10 * found:
            break
    return float(found)
