"""What the source systems say about duplicates: `fit_source_evidence`.

Where a source system lists a product once, two of its rows are two products, however
alike they are. Whether it does so is not assumed: it shows in how much rarer pairs
from one source are among the pairs that look like matches than among the others. The
same difference calibrates the probabilities on a catalogue without a label: of pairs
that are no matches, as many come from one source as among pairs that surely are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_BINS = 400  # of equally many pairs: the fit takes no longer for more pairs
_SHIFT, _SLOPE, _DIFFERENCE = 1.0, 0.5, 2.0  # standard deviations of the priors


@dataclass(frozen=True)
class SourceEvidence:
    """How sources and probabilities hang together, of `fit_source_evidence`.

    Attributes:
        shift: Added to the logarithm of the odds, after `slope`.
        slope: By which the logarithm of the odds is multiplied.
        same_of_matches: Share of the matches whose rows are from one source, in [0, 1].
        same_of_others: Share of the other candidates whose rows are from one source.
    """

    shift: float = 0.0
    slope: float = 1.0
    same_of_matches: float = 0.5
    same_of_others: float = 0.5

    def probabilities(self, logits: np.ndarray, is_same: np.ndarray) -> np.ndarray:
        """Return calibrated probabilities, given whether a source is shared.

        Args:
            logits: float [pairs], of `match_logits`.
            is_same: bool [pairs], whether both texts are from one source.

        Returns:
            float64 [pairs] in (0, 1).
        """
        return _sigmoid(
            self.shift + self.slope * logits + self.weight_of_evidence(is_same)
        )

    def weight_of_evidence(self, is_same: np.ndarray) -> np.ndarray:
        """Return the logarithm of how much likelier matches make what is seen.

        Args:
            is_same: bool [pairs], whether both are from one source.

        Returns:
            float64 [pairs].
        """
        match, other = self.same_of_matches, self.same_of_others
        of_same = float(np.log(match / other))
        of_others = float(np.log((1 - match) / (1 - other)))
        return np.where(is_same, of_same, of_others)

    @property
    def exclusiveness(self) -> float:
        """How sure it is that a source lists a product once, in [0, 1]."""
        return max(0.0, 1 - self.same_of_matches / self.same_of_others)


def fit_source_evidence(logits: np.ndarray, is_same: np.ndarray) -> SourceEvidence:
    """Learn from the sources of candidate pairs, without a label.

    A pair is from one source with one probability if it is a match and with another if
    it is none: a mixture whose four parameters are those most probable a posteriori.
    Few pairs, or sources that make no difference, leave the logits as they are.

    Args:
        logits: float [pairs], of `match_logits`.
        is_same: bool [pairs], whether both texts are from one source.

    Returns:
        The evidence.
    """
    from scipy.optimize import minimize

    if not is_same.any() or is_same.all():
        return SourceEvidence()
    order = np.argsort(logits, kind="stable")
    bins = np.array_split(order, min(_BINS, len(order)))
    middle = np.array([logits[rows].mean() for rows in bins])
    same = np.array([is_same[rows].sum() for rows in bins], np.float64)
    different = np.array([len(rows) for rows in bins]) - same

    def minus_log_posterior(parameters: np.ndarray) -> float:
        shift, slope, base, difference = parameters
        match = _sigmoid(shift + slope * middle)
        share = match * _sigmoid(base + difference) + (1 - match) * _sigmoid(base)
        likelihood = same @ np.log(share) + different @ np.log1p(-share)
        penalty = (
            (shift / _SHIFT) ** 2
            + ((slope - 1) / _SLOPE) ** 2
            + (difference / _DIFFERENCE) ** 2
        )
        return penalty / 2 - likelihood

    overall = float(is_same.mean())
    start = np.array([0.0, 1.0, np.log(overall / (1 - overall)), 0.0])
    bounds = [(-3, 3), (0.2, 3), (-12, 12), (-8, 8)]
    found = minimize(minus_log_posterior, start, method="L-BFGS-B", bounds=bounds).x
    shift, slope, base, difference = found.tolist()
    return SourceEvidence(
        shift, slope, float(_sigmoid(base + difference)), float(_sigmoid(base))
    )


def share_among_rivals(
    probability: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    sources: csr_matrix,
    exclusiveness: float,
) -> np.ndarray:
    """Lower probabilities where a source has several candidates for one text.

    If a source lists a product once, at most one of its texts is about the product of
    another row: its odds are shared among them.

    Args:
        probability: float64 [pairs] in [0, 1).
        left: int64 [pairs], numbers of texts.
        right: int64 [pairs].
        sources: Sparse [texts, sources], which sources have a text.
        exclusiveness: How sure it is that a source lists a product once, in [0, 1].

    Returns:
        float64 [pairs] in [0, 1), none greater than before.
    """
    odds = probability / (1 - probability)
    one, other = np.r_[left, right], np.r_[right, left]
    # A line for each pair, in both directions, and each source of its other text.
    times = np.diff(sources.indptr)[other]
    pair = np.repeat(np.arange(len(one)), times)
    place = np.arange(len(pair)) - np.repeat(np.cumsum(times) - times, times)
    source = sources.indices[sources.indptr[other][pair] + place]
    seat = one[pair] * np.int64(sources.shape[1]) + source
    _, seat = np.unique(seat, return_inverse=True)
    pair %= max(1, len(odds))
    rivals = np.bincount(seat, odds[pair])[seat] - odds[pair]
    most = np.zeros(len(odds))
    np.maximum.at(most, pair, rivals)
    return odds / (1 + odds + exclusiveness * np.maximum(most, 0))


def _sigmoid(values: np.ndarray) -> np.ndarray:
    # Beyond, the logarithm of 1 - p would be none.
    return 1 / (1 + np.exp(-np.clip(values, -30, 30)))
