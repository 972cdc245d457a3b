"""Error rates from audits: which rows people should judge, and what follows from it.

A model alone may be wrong about how many labels are wrong; people alone would have to
look at many rows. Together: the model says which rows to look at and what to expect of
all others, and the verdicts say how far it is to be believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

Z = 1.959964  # of a 95 % interval

# Chosen by coverage and width in benchmarks/labels/audits.py, the same for all data.
UNIFORM_SHARE = 0.8  # of a sample, drawn whatever the model says
_SOFTENING = 0.005  # no probability is taken to be nearer to 0 or 1: about 1 / audits
_BACKGROUND = 0.02  # share of the errors that the model is never believed to see
_SLOPE_DEVIATION = 0.5  # of the normal prior of the slope, around 1
_INTERCEPT_DEVIATION = 3.0  # of the normal prior of the intercept, around 0
_FARTHEST_SHIFT = 20.0  # in logits: farther off, a float is not told from 1

# Where nothing contradicts a model, its log odds are still off by 0.2: .05 may be .06.
# A model that is right in half of its answers is off by one more.
_MODEL_DEVIATION = 0.2
_DEVIATION_OF_DOUBT = 2.0
_MODEL_DEGREES = 4


@dataclass(frozen=True)
class ErrorRate:
    """The share of wrong rows with its 95 % interval; all in [0, 1], in order.

    Attributes:
        rate: The estimate.
        low: The lower limit, at most the rate.
        high: The upper limit, at least the rate.
        audit_count: The verdicts that it rests on.
    """

    rate: float
    low: float
    high: float
    audit_count: int


def audit_sample(
    probabilities: np.ndarray, random_numbers: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Choose the rows that people should judge next.

    Rows of which the model is unsure are drawn more often, but no row less than 0.8
    times as often as in a simple random sample, so that errors that the model does not
    suspect are found as well. This is priority sampling (Duffield, Lund and Thorup,
    2007, Journal of the ACM 54): the rows with the smallest random number over size
    are taken, of whatever size was asked for. A larger sample contains a smaller one.

    Args:
        probabilities: The probability that a row is wrong, in [0, 1], [rows]. Rows with
            NaN could not be judged and are never chosen.
        random_numbers: One for each row, uniform between 0 and 1 (neither of them),
            independent of everything else: hashes of the keys, [rows].
        size: How many rows to choose, 1 or more; all where there are no more.

    Returns:
        The rows as positions, in the order in which to judge them, and their weights:
        how many rows each stands for, 1 or more (inverse inclusion probabilities).

    Raises:
        ValueError: If an argument is outside its range.
    """
    probabilities = _checked_probabilities(probabilities)
    random_numbers = np.asarray(random_numbers, dtype=np.float64)
    if random_numbers.shape != probabilities.shape:
        raise ValueError("random_numbers: must be as many as probabilities")
    if not np.all((random_numbers > 0) & (random_numbers < 1)):
        raise ValueError("random_numbers: must be between 0 and 1")
    if size < 1:
        raise ValueError(f"size: must be at least 1, not {size}")
    judged = np.flatnonzero(~np.isnan(probabilities))
    spread = np.sqrt(probabilities[judged] * (1 - probabilities[judged]))
    mean = spread.mean() if len(judged) else 0.0
    relative = spread / mean if mean > 0 else np.ones(len(judged))
    share = UNIFORM_SHARE + (1 - UNIFORM_SHARE) * relative
    priority = random_numbers[judged] / share
    order = np.argsort(priority, kind="stable")
    chosen = order[:size]
    if len(order) <= size:
        return judged[chosen], np.ones(len(chosen))
    threshold = priority[order[size]]
    return judged[chosen], np.maximum(1.0, 1 / (share[chosen] * threshold))


def audited_rate(probabilities: np.ndarray, audits: Mapping) -> ErrorRate:
    """Estimate the share of wrong rows from verdicts on some of them.

    Prediction-powered inference (Angelopoulos et al., 2023, Science 382): the rate that
    the model expects of all rows, corrected by how far it was off on the audited ones,
    so that a wrong model costs width but not truth. Predictions are first recalibrated
    on the verdicts by a logistic curve; its slope is what the power tuning of PPI++
    (Angelopoulos, Duchi and Zrnic, 2023) is to a linear correction: a useless model
    gets a slope near 0 and the estimate becomes that of the audits alone.

    The interval inverts a score test, because few wrong rows are among the audits, and
    often none that the model did not see coming. It holds those rates at which the
    verdicts would not be a surprise, with their variance under that very rate. Where
    all probabilities are the same it is the interval of Wilson (1927).

    Args:
        probabilities: The probability that a row is wrong, in [0, 1], [rows], learned
            without the verdicts. Rows with NaN could not be judged: they do not count
            as rows, nor do verdicts on them.
        audits: Equally long arrays: `row` (position in probabilities), `is_wrong`, and
            optionally `weight` (how many rows each stands for, the inverse of its
            inclusion probability; default: a simple random sample). Weights of several
            samples, or of part of one, may be mixed: only their ratios matter, and
            that a row of weight 1 stands for itself alone. Other keys are ignored.

    Returns:
        The rate among all rows that could be judged, with its 95 % interval.

    Raises:
        ValueError: If there are no audits, or what they say cannot be; the message
            names the first that is wrong.
    """
    probabilities = _checked_probabilities(probabilities)
    row, is_wrong, weight = _checked_audits(audits, probabilities)
    judged = ~np.isnan(probabilities)
    count = int(judged.sum())
    unseen = count - len(row)
    found = is_wrong.sum()
    if not unseen:
        rate = float(found / count)
        return ErrorRate(rate, rate, rate, len(row))

    stands_for = weight - 1
    total = stands_for.sum()
    if total <= 0:
        raise ValueError(
            f"audits: all weights are 1, but {unseen} of {count} rows are not audited"
        )
    stands_for = stands_for * (unseen / total)
    squares = stands_for * (stands_for + 1)

    logits = _soft_logits(probabilities)
    values, counts = np.unique(logits[judged], return_counts=True)
    np.subtract.at(counts, np.searchsorted(values, logits[row]), 1)
    intercept, slope = _recalibration(logits[row], is_wrong)
    audited_curve = intercept + slope * logits[row]
    unseen_curve = intercept + slope * values

    def unseen_rate(shift: float) -> float:
        return float(counts @ _logistic(unseen_curve + shift) / unseen)

    def surprise(deviations: float, shift: float) -> float:
        expected = (1 - _BACKGROUND) * _logistic(audited_curve + shift)
        expected += _BACKGROUND * unseen_rate(shift)
        variance = squares @ (expected * (1 - expected))
        return stands_for @ (is_wrong - expected) - deviations * np.sqrt(variance)

    rate, low, high = (
        (found + unseen * unseen_rate(_last_positive(partial(surprise, deviations))))
        / count
        for deviations in (0.0, Z, -Z)
    )
    # Within rounding, these are in order and between 0 and 1 as they are.
    low, rate, high = np.clip(np.sort([low, rate, high]), 0, 1).tolist()
    return ErrorRate(rate, low, high, len(row))


def model_interval(
    estimates: Sequence[float] | np.ndarray, row_count: int, doubt: float = 0.0
) -> tuple[float, float]:
    """Return a 95 % interval of an error rate that no audit supports.

    It is off less by chance than because the model does not fit. By how much shows
    where several ways to estimate the same rate disagree: their distances are taken for
    errors of the first, on the scale of log odds, beside a prior worth four of them
    with the standard deviation 0.2 + 2 * doubt (Student's t for a variance with such a
    prior: Gelman et al., Bayesian Data Analysis, section 2.6). The chance of rows is
    added.

    Args:
        estimates: Rates in [0, 1], the reported one first, then others that were
            found in other ways (other features, counts, mixtures, seeds), [estimates].
        row_count: The rows that they are about, 1 or more.
        doubt: The share of its own answers that the model takes for wrong, in [0, 1].

    Returns:
        The lower and the upper limit, around the first of the estimates.

    Raises:
        ValueError: If there is no estimate, or one is outside [0, 1].
    """
    from scipy.stats import t

    estimates = np.asarray(estimates, dtype=np.float64)
    if estimates.ndim != 1 or not len(estimates):
        raise ValueError("estimates: must be a list with at least one rate")
    if not np.all((estimates >= 0) & (estimates <= 1)):
        raise ValueError("estimates: must be between 0 and 1")
    if row_count < 1:
        raise ValueError(f"row_count: must be at least 1, not {row_count}")
    if not 0 <= doubt <= 1:
        raise ValueError(f"doubt: must be between 0 and 1, not {doubt:g}")
    # Half a row wrong or right at least: log odds of 0 and 1 are infinite.
    rates = (estimates * row_count + 0.5) / (row_count + 1)
    odds = np.log(rates / (1 - rates))
    degrees = _MODEL_DEGREES + len(odds) - 1
    deviation = _MODEL_DEVIATION + _DEVIATION_OF_DOUBT * doubt
    squares = _MODEL_DEGREES * deviation**2 + np.sum((odds[1:] - odds[0]) ** 2)
    of_model = t.ppf(0.975, degrees) ** 2 * squares / degrees
    of_chance = Z**2 / (row_count * rates[0] * (1 - rates[0]))
    width = np.sqrt(of_model + of_chance)
    low, high = _logistic(np.array([odds[0] - width, odds[0] + width]))
    return min(float(low), float(estimates[0])), max(float(high), float(estimates[0]))


def _checked_probabilities(probabilities: np.ndarray) -> np.ndarray:
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.ndim != 1:
        raise ValueError("probabilities: must have one dimension")
    outside = np.flatnonzero((probabilities < 0) | (probabilities > 1))
    if len(outside):
        first = outside[0]
        raise ValueError(
            f"probabilities: must be between 0 and 1, but row {first} is "
            f"{probabilities[first]:g}"
        )
    return probabilities


def _checked_audits(
    audits: Mapping, probabilities: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return row, is_wrong (0.0 or 1.0) and weight of verdicts on judged rows."""
    for name in ("row", "is_wrong"):
        if name not in audits:
            raise ValueError(f"audits: {name} is missing")
    row = np.asarray(audits["row"])
    if row.ndim != 1 or not len(row):
        raise ValueError("audits: there are none")
    if not np.issubdtype(row.dtype, np.integer):
        raise ValueError("audits: row must hold whole numbers")
    for name in ("is_wrong", "right_label", "weight"):
        if audits.get(name) is not None and len(audits[name]) != len(row):
            raise ValueError(
                f"audits: {name} has {len(audits[name])} values, row has {len(row)}"
            )
    outside = row[(row < 0) | (row >= len(probabilities))]
    if len(outside):
        raise ValueError(
            f"audits: row {outside[0]} does not exist, there are {len(probabilities)}"
        )
    rows, times = np.unique(row, return_counts=True)
    if times.max() > 1:
        raise ValueError(f"audits: row {rows[times > 1][0]} occurs more than once")
    is_wrong = np.asarray(audits["is_wrong"])
    if is_wrong.dtype != np.bool_:
        for position, verdict in zip(row, is_wrong.tolist(), strict=True):
            if not isinstance(verdict, (bool, int, float)) or verdict not in (0, 1):
                raise ValueError(
                    f"audits: is_wrong of row {position} must be true or false, "
                    f"not {verdict!r}"
                )
    is_wrong = is_wrong.astype(np.float64)

    is_judged = ~np.isnan(probabilities[row])
    if not is_judged.any():
        raise ValueError("audits: none is on a row that could be judged")
    if audits.get("weight") is None:
        count = np.count_nonzero(~np.isnan(probabilities))
        weight = np.full(len(row), count / is_judged.sum())
    else:
        weight = np.asarray(audits["weight"], dtype=np.float64)
        wrong = np.flatnonzero(~((weight >= 1) & np.isfinite(weight)))
        if len(wrong):
            raise ValueError(
                f"audits: weight of row {row[wrong[0]]} must be 1 or more, "
                f"not {weight[wrong[0]]:g}"
            )
    return row[is_judged], is_wrong[is_judged], weight[is_judged]


def _logistic(values: np.ndarray) -> np.ndarray:
    from scipy.special import expit

    return expit(values)


def _soft_logits(probabilities: np.ndarray) -> np.ndarray:
    """Return log odds, rounded so that a million rows have few distinct values."""
    soft = (probabilities + _SOFTENING) / (1 + 2 * _SOFTENING)
    return np.round(np.log(soft / (1 - soft)), 2)


def _recalibration(logits: np.ndarray, is_wrong: np.ndarray) -> tuple[float, float]:
    """Fit intercept and slope of the verdicts on the log odds (Newton's method).

    Verdicts count alike whatever their weight: given the probability, a row was not
    drawn for being wrong. The weights enter where the curve is corrected.
    """
    design = np.column_stack([np.ones(len(logits)), logits])
    prior = np.array([0.0, 1.0])
    precision = np.array([_INTERCEPT_DEVIATION, _SLOPE_DEVIATION]) ** -2.0
    found = prior.copy()
    for _ in range(100):
        expected = _logistic(design @ found)
        gradient = design.T @ (is_wrong - expected) - precision * (found - prior)
        curvature = (design.T * (expected * (1 - expected))) @ design
        step = np.linalg.solve(curvature + np.diag(precision), gradient)
        # Far from the maximum a whole step of Newton can go astray.
        found += step * min(1.0, 2.0 / max(np.abs(step).sum(), 1e-12))
        if np.abs(step).sum() < 1e-9:
            break
    return float(found[0]), float(found[1])


def _last_positive(function: Callable[[float], float]) -> float:
    """Return the shift up to which a falling function is positive, within bounds."""
    from scipy.optimize import brentq

    low, high = -_FARTHEST_SHIFT, _FARTHEST_SHIFT
    if function(low) <= 0:
        return low
    if function(high) >= 0:
        return high
    return brentq(function, low, high, xtol=1e-9)
