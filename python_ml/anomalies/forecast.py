"""What a series would show next: level, slope and weekday, averaged over priors.

A Bayesian regression of many series at once. The noise has variance s2 with a flat
prior of its logarithm; the level has a flat prior, the slope and the six contrasts of
weekdays have normal priors around zero whose widths are in units of the noise. Widths
are not chosen: each pair of them is a model, and what they say is averaged by their
marginal likelihoods (Hoeting and others, Bayesian Model Averaging, 1999), so that a
series without a season pays next to nothing for those that have one. The forecast is a
mixture of Student's t, with one degree of freedom less than there are points.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import erfc, exp, pi, sqrt

import numpy as np

from python_ml.anomalies.student import mixture_quantile, mixture_tails

# In deviations of the noise: of the slope a day, and of the effect of a weekday. Those
# after the first line are for shops that close at weekends and counts that grow by
# plan, whose noise is small beside them.
_PRIORS = np.array(
    [
        *product((1e-4, 0.01, 0.05, 0.25), (0.02, 0.5, 2.0, 8.0)),
        *product((1e-4, 0.05, 1.5), (45.0, 400.0)),
        *product((1.5,), (0.02, 3.0)),
    ]
)
# A step (python_ml.anomalies.levels) may be as large as it likes.
_STEP = 1e6
_BLOCK = 512  # Series at a time: what a processor's cache holds.


@dataclass(frozen=True)
class History:
    """The earlier points of series, and what of them is used.

    Attributes:
        values: [series, days], in the units in which the noise is alike; what is not
            used may be anything finite.
        weights: [series, days]: 0 for a point that is not used; the others are in
            proportion to how exact a point is, and 1 on average.
        weekdays: Of the days, 0 to 6, [days].
        weekday: Of the day to forecast, which follows the last of the days.
        weight: How exact the point of that day is, above 0, [series].
        floor: The smallest deviation of the noise that is believed, [series].
        prior_degrees: What is known of the variance from other series counts as so
            many points, [series]; 0 where nothing is.
        prior_variance: What they say, [series].
        step: [series, days]: 1 on the days of a new level, whose height is estimated
            beside the rest; None where there is none.
    """

    values: np.ndarray
    weights: np.ndarray
    weekdays: np.ndarray
    weekday: int
    weight: np.ndarray
    floor: np.ndarray
    prior_degrees: np.ndarray
    prior_variance: np.ndarray
    step: np.ndarray | None = None

    def rows(self, rows: np.ndarray | slice) -> History:
        """Return the history of some of the series."""
        return History(
            self.values[rows],
            self.weights[rows],
            self.weekdays,
            self.weekday,
            self.weight[rows],
            self.floor[rows],
            self.prior_degrees[rows],
            self.prior_variance[rows],
            None if self.step is None else self.step[rows],
        )


@dataclass(frozen=True)
class Forecast:
    """Mixtures of Student's t, one for each series.

    Attributes:
        location, scale, share: Of each part, [parts, series]; shares sum to 1.
        degrees: Degrees of freedom, [series].
        variance: Of the noise, as the history has it by itself, [series].
    """

    location: np.ndarray
    scale: np.ndarray
    share: np.ndarray
    degrees: np.ndarray
    variance: np.ndarray

    def expected(self) -> np.ndarray:
        """Return the mean of the forecasts, [series]."""
        return (self.share * self.location).sum(0)

    def deviation(self) -> np.ndarray:
        """Return the scale of the forecast as a whole, [series]."""
        spread = self.scale**2 + (self.location - self.expected()) ** 2
        return np.sqrt((self.share * spread).sum(0))

    def quantile(self, tail: float) -> np.ndarray:
        """Return the value [series] below which a share in (0, 1) is expected."""
        return mixture_quantile(
            tail, self.location, self.scale, self.share, self.degrees
        )

    def p_value(self, found: np.ndarray) -> np.ndarray:
        """Return how rarely a value [series] as far out would come by chance."""
        low, high = mixture_tails(
            found, self.location, self.scale, self.share, self.degrees
        )
        return np.minimum(1.0, 2 * np.minimum(low, high))


def forecast(history: History, clip: float | None = None) -> Forecast:
    """Forecast the day after the history of each series.

    Args:
        history: With at least two points that are used in each series.
        clip: Points farther from a first fit than so many deviations of the noise are
            brought as near (winsorised) before the fit that counts; None: none are.
    """
    parts = [
        _of_block(history.rows(slice(start, start + _BLOCK)), clip)
        for start in range(0, len(history.values), _BLOCK)
    ]
    return Forecast(
        *(
            np.concatenate([getattr(part, name) for part in parts], axis=-1)
            for name in ("location", "scale", "share", "degrees", "variance")
        )
    )


def _of_block(history: History, clip: float | None) -> Forecast:
    design, point = _design(history)
    weights = history.weights
    # Sums of squares of centred values lose no digits.
    centre = (weights * history.values).sum(1) / weights.sum(1)
    values = history.values - centre[:, None]
    ridge = _ridge(len(point))
    factor = _factor(_gram(history, design), ridge, point)

    def solved() -> tuple[_Parts, tuple[np.ndarray, ...]]:
        parts = _solve(factor, _moments(history, values, design))
        squares = (weights * values**2).sum(1)
        return parts, _variances(
            history, squares, parts.explained, factor.determinant, ridge
        )

    parts, (variance, share, degrees, own) = solved()
    kept = 1.0
    if clip is not None:
        fitted = _fitted(history, design, factor, parts.solved, share)
        reach = clip * _deviation(history, values - fitted)
        values = np.clip(values, fitted - reach, fitted + reach)
        parts, (variance, share, degrees, own) = solved()
        kept = _kept_variance(clip)
    leverage = np.einsum("cps,cps->ps", factor.point, factor.point)
    return Forecast(
        parts.mean + centre,
        np.sqrt(variance / kept * (1 / history.weight + leverage)),
        share,
        degrees,
        own / kept,
    )


def _kept_variance(clip: float) -> float:
    """Return which part of the variance of normal noise is left by winsorising."""
    outside = erfc(clip / sqrt(2))
    density = exp(-(clip**2) / 2) / sqrt(2 * pi)
    return 1 - outside - 2 * clip * density + clip**2 * outside


def _deviation(history: History, residuals: np.ndarray) -> np.ndarray:
    """Return the deviation of the noise of each point, [series, days].

    By the median of residuals, which few outliers do not move.
    """
    used = history.weights > 0
    exactness = np.sqrt(np.where(used, history.weights, 1))
    size = np.where(used, np.abs(residuals) * exactness, np.inf)
    size.sort(1)
    middle = used.sum(1) // 2
    found = size[np.arange(len(size)), middle] * 1.4826
    return np.maximum(found, history.floor)[:, None] / exactness


def _design(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns of the regression [days, columns], and those of the day."""
    days = len(history.weekdays)
    contrasts = _contrasts()
    design = np.column_stack(
        [np.ones(days), np.arange(-days, 0), contrasts[history.weekdays]]
    )
    point = np.concatenate([[1.0, 0.0], contrasts[history.weekday]])
    if history.step is not None:
        point = np.append(point, 1.0)
    return design, point


def _contrasts() -> np.ndarray:
    """Return six orthogonal contrasts of seven weekdays, [7, 6] (Helmert)."""
    found = np.zeros((7, 6))
    for column in range(6):
        found[: column + 1, column] = -1
        found[column + 1, column] = column + 1
    # A weekday's effect then has the variance of the prior.
    return found / np.sqrt((found**2).sum(0)) * np.sqrt(7 / 6)


def _ridge(columns: int) -> np.ndarray:
    """Return the precisions of the priors, [columns, priors]."""
    ridge = np.zeros((columns, len(_PRIORS)))
    ridge[1] = _PRIORS[:, 0] ** -2
    ridge[2:8] = _PRIORS[:, 1] ** -2
    ridge[8:] = _STEP**-2
    return ridge


def _gram(history: History, design: np.ndarray) -> np.ndarray:
    """Return the weighted products of columns, [columns, columns, series]."""
    columns = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    gram = (history.weights @ products).T.reshape(columns, columns, -1)
    if history.step is None:
        return gram
    beside = ((history.weights * history.step) @ design).T
    whole = np.empty((columns + 1, columns + 1, gram.shape[2]))
    whole[:-1, :-1] = gram
    whole[-1, :-1] = whole[:-1, -1] = beside
    whole[-1, -1] = beside[0]
    return whole


def _moments(history: History, values: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Return the products of columns and values, [columns, series]."""
    weighted = history.weights * values
    moments = (weighted @ design).T
    if history.step is None:
        return moments
    return np.vstack([moments, (weighted * history.step).sum(1)])


@dataclass(frozen=True)
class _Factor:
    """Cholesky's factor of gram + ridge, by rows and columns, each [priors, series].

    Attributes:
        rows: The factor.
        point: The point of the forecast, solved by it, [columns, priors, series].
        determinant: Half the logarithm of that of gram + ridge, [priors, series].
    """

    rows: list[list[np.ndarray]]
    point: np.ndarray
    determinant: np.ndarray


@dataclass(frozen=True)
class _Parts:
    """What the priors say of values.

    Attributes:
        mean: Of the forecast, [priors, series].
        explained: Sum of squares, [priors, series].
        solved: The moments, solved by the factor, [columns, priors, series].
    """

    mean: np.ndarray
    explained: np.ndarray
    solved: np.ndarray


def _factor(gram: np.ndarray, ridge: np.ndarray, point: np.ndarray) -> _Factor:
    """Factor gram + ridge for all priors and series at once.

    Cholesky's method is written out over rows and columns, so that each step is one
    operation on all priors and series: several times as fast as LAPACK on each of many
    small matrices.
    """
    columns, shape = len(gram), (ridge.shape[1], gram.shape[2])
    determinant = np.zeros(shape)
    product_of = np.empty(shape)
    rows: list[list[np.ndarray]] = []
    for row in range(columns):
        found = _substituted(rows, gram[row], row, shape)
        last = np.broadcast_to(gram[row, row], shape) + ridge[row][:, None]
        for one in found:
            np.multiply(one, one, out=product_of)
            last -= product_of
        np.sqrt(last, out=last)
        determinant += np.log(last)
        rows.append([*found, last])
    given = np.broadcast_to(point[:, None], (columns, gram.shape[2]))
    solved = np.array(_substituted(rows, given, columns, shape))
    return _Factor(rows, solved, determinant)


def _substituted(
    rows: list[list[np.ndarray]], given: np.ndarray, count: int, shape: tuple[int, int]
) -> list[np.ndarray]:
    """Solve by the first rows of a factor: forward substitution."""
    product_of = np.empty(shape)
    found: list[np.ndarray] = []
    for column in range(count):
        rest = np.broadcast_to(given[column], shape).copy()
        for one, other in zip(found, rows[column], strict=False):
            np.multiply(one, other, out=product_of)
            rest -= product_of
        rest /= rows[column][column]
        found.append(rest)
    return found


def _solve(factor: _Factor, moments: np.ndarray) -> _Parts:
    shape = factor.determinant.shape
    solved = np.array(_substituted(factor.rows, moments, len(moments), shape))
    return _Parts(
        np.einsum("cps,cps->ps", solved, factor.point),
        np.einsum("cps,cps->ps", solved, solved),
        solved,
    )


def _variances(
    history: History,
    squares: np.ndarray,
    explained: np.ndarray,
    determinant: np.ndarray,
    ridge: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return variance and share of each prior, degrees, and the own variance."""
    own_degrees = (history.weights > 0).sum(1) - 1
    degrees = own_degrees + history.prior_degrees
    least = history.floor**2
    left = np.maximum(squares - explained, least * own_degrees)
    known = history.prior_degrees * np.maximum(history.prior_variance, least)
    variance = (left + known) / degrees
    evidence = -determinant - degrees / 2 * np.log(variance)
    evidence += np.log(ridge[1:8]).sum(0)[:, None] / 2
    share = np.exp(evidence - evidence.max(0))
    share /= share.sum(0)
    return variance, share, degrees, (share * left).sum(0) / own_degrees


def _fitted(
    history: History,
    design: np.ndarray,
    factor: _Factor,
    solved: np.ndarray,
    share: np.ndarray,
) -> np.ndarray:
    """Return what the history shows at its own days, [series, days]."""
    columns = len(solved)
    found: list[np.ndarray] = [share] * columns
    for column in reversed(range(columns)):
        rest = solved[column].copy()
        for after in range(column + 1, columns):
            rest -= factor.rows[after][column] * found[after]
        found[column] = rest / factor.rows[column][column]
    coefficients = np.array([(share * one).sum(0) for one in found])
    fitted = coefficients[: design.shape[1]].T @ design.T
    if history.step is not None:
        fitted += coefficients[-1][:, None] * history.step
    return fitted
