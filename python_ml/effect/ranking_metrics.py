"""How good rankings are, for each user or query, with ties averaged.

Where scores are equal nobody knows which comes first: the value of a measure is then
its expectation over all orders of what is tied (McSherry and Najork 2008, "Computing
Information Retrieval Performance Measures Efficiently in the Presence of Tied
Scores"). An order by id, as trec_eval has it, would give a model that scores all alike
0 or 1 by the names of the products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

_NOWHERE = 2**60  # A rank that no list reaches.
_DEPTH = 100  # The largest k of the measures.
_PAIRS, _ROWS = 200_000, 1000  # At a time.

METRICS = ("ndcg_at_10", "ndcg_at_100", "recall_at_10", "recall_at_100", "mrr")
"""What `metrics_by_row` gives; `mrr` is the mean over rows of the reciprocal rank."""


@dataclass(frozen=True)
class Places:
    """Where relevant items stand in a ranking.

    Attributes:
        row: int64 [relevant], the ranking each belongs to, ascending.
        above: int64 [relevant], how many items have a greater score.
        tied: int64 [relevant], how many have the same, itself included: it stands at
            any of the ranks above + 1 to above + tied, each as likely.
    """

    row: np.ndarray
    above: np.ndarray
    tied: np.ndarray


def places(scores: np.ndarray, row: np.ndarray, column: np.ndarray) -> Places:
    """Find where relevant items stand among all.

    Places are exact up to rank 100, and of the first relevant item of each ranking,
    which is all that the measures look at; others are beyond all lists.

    Args:
        scores: float [rows, items]; -inf for what is not shown at all.
        row: int64 [relevant], ascending.
        column: int64 [relevant], the item.

    Raises:
        ValueError: If a score is NaN: such a model has no ranking.
    """
    wanted = scores[row, column]
    if not len(row):
        return Places(row, np.zeros(0, np.int64), np.zeros(0, np.int64))
    depth = min(_DEPTH, scores.shape[1])
    top = np.partition(scores, scores.shape[1] - depth, axis=1)[:, -depth:]
    if np.isnan(top).any():  # NaN is sorted behind all numbers.
        raise ValueError("Scores hold NaN, which has no place in a ranking.")
    above, tied = np.empty((2, len(row)), np.int64)
    for start in range(0, len(row), _PAIRS):
        part = slice(start, start + _PAIRS)
        beside, one = top[row[part]], wanted[part, None]
        above[part] = (beside > one).sum(1)
        tied[part] = (beside == one).sum(1)
    # What equals the last of the top has more ties behind it.
    last = top.min(axis=1)
    is_last = wanted == last[row]
    if is_last.any():
        tied[is_last] = (scores == last[:, None]).sum(1)[row[is_last]]
    is_below = wanted < last[row]
    above[is_below], tied[is_below] = _NOWHERE, 1
    if is_below.any():
        starts = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]]))
        best = np.maximum.reduceat(wanted, starts)
        of_best = np.full(len(scores), np.inf, scores.dtype)
        of_best[row[starts]] = best
        is_best = is_below & (wanted == of_best[row])
        rows = np.unique(row[is_best])
        for at in range(0, len(rows), _ROWS):
            some = rows[at : at + _ROWS]
            chosen = np.isin(row, some) & is_best
            place = np.searchsorted(some, row[chosen])
            found = scores[some]
            above[chosen] = (found > of_best[some, None]).sum(1)[place]
            tied[chosen] = (found == of_best[some, None]).sum(1)[place]
    is_hidden = np.isneginf(wanted)
    above[is_hidden], tied[is_hidden] = _NOWHERE, 1
    return Places(row, above, tied)


def metrics_by_row(
    found: Places, gain: np.ndarray, rows: int, relevant_from: float = 0.0
) -> dict[str, np.ndarray]:
    """Return each measure for each ranking.

    NDCG has linear gains and logarithmic discounts to the base 2 (Jarvelin and
    Kekalainen 2002); recall counts among all that is relevant, also where that is more
    than k; the reciprocal rank is that of the first relevant item.

    Args:
        found: Of the items with a gain.
        gain: float [relevant], above 0.
        rows: How many rankings there are.
        relevant_from: The least gain that recall and the reciprocal rank call relevant.

    Returns:
        float64 [rows] in [0, 1] by the names of `METRICS`; NaN for a ranking without
        anything to find.
    """
    counted = gain >= relevant_from
    hits = Places(found.row[counted], found.above[counted], found.tied[counted])
    with np.errstate(invalid="ignore", divide="ignore"):
        values = {
            f"ndcg_at_{k}": _dcg(found, gain, rows, k)
            / ideal_dcg(found.row, gain, rows, k)
            for k in (10, 100)
        }
        for k in (10, 100):
            inside = np.minimum(hits.above + hits.tied, k) - np.minimum(hits.above, k)
            summed = np.bincount(hits.row, inside / hits.tied, rows)
            values[f"recall_at_{k}"] = summed / np.bincount(hits.row, minlength=rows)
    values["mrr"] = _reciprocal_rank(hits, rows)
    return values


def ideal_dcg(row: np.ndarray, gain: np.ndarray, rows: int, k: int) -> np.ndarray:
    """Return the greatest DCG at k that each ranking could have, float64 [rows]."""
    order = np.lexsort((-gain, row))
    row, gain = row[order], gain[order]
    first = np.searchsorted(row, np.arange(rows))
    place = np.arange(len(row)) - first[row]
    inside = place < k
    return np.bincount(row[inside], gain[inside] / np.log2(place[inside] + 2), rows)


def _dcg(found: Places, gain: np.ndarray, rows: int, k: int) -> np.ndarray:
    summed = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(2, k + 2)))])
    inside = summed[np.minimum(found.above + found.tied, k)]
    discount = (inside - summed[np.minimum(found.above, k)]) / found.tied
    return np.bincount(found.row, gain * discount, rows)


def _reciprocal_rank(hits: Places, rows: int) -> np.ndarray:
    value = np.full(rows, np.nan)
    if not len(hits.row):
        return value
    order = np.lexsort((hits.above, hits.row))
    row, above, tied = hits.row[order], hits.above[order], hits.tied[order]
    first = np.concatenate([[True], row[1:] != row[:-1]])
    value[row[first]] = 1 / (above[first] + 1)
    best = np.full(rows, -1)
    best[row[first]] = above[first]
    # How many relevant items are tied with the first of them.
    rivals = np.bincount(row[above == best[row]], minlength=rows)
    for number, start, ties in zip(row[first], above[first], tied[first], strict=True):
        if ties > 1:
            value[number] = _expected_reciprocal(start, ties, rivals[number])
    return value


def _expected_reciprocal(above: int, tied: int, relevant: int) -> float:
    """Return E[1 / rank of the first of `relevant` among `tied`] (hypergeometric)."""
    place = np.arange(1, tied - relevant + 2)

    def log_choose(among: np.ndarray, chosen: int) -> np.ndarray:
        return gammaln(among + 1) - gammaln(chosen + 1) - gammaln(among - chosen + 1)

    probability = np.exp(
        log_choose(tied - place, relevant - 1)
        - log_choose(np.array(tied), int(relevant))
    )
    return float((probability / (above + place)).sum() / probability.sum())
