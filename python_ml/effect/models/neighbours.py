"""Recommenders that are counts: popularity, own purchases, neighbouring items.

Where people buy again, what they bought most is hard to beat (Li et al. 2023, "A Next
Basket Recommendation Reality Check"): without own counts the evaluation of a grocer's
data is fiction.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from python_ml.effect.training import Training

Scorer = Callable[[np.ndarray], np.ndarray]
"""Numbers of users, int64 [rows], in; float32 [rows, products of the training] out."""
_BLOCK = 2048


def popularity(training: Training) -> Scorer:
    """Rank by how many users took a product."""
    buyers = training.buyers
    return lambda users: np.tile(buyers, (len(users), 1))


def own_counts(training: Training, is_recent: bool = False) -> Scorer:
    """Rank by how often the user took a product, then by popularity.

    Args:
        training: Of the version.
        is_recent: Whether what happened long ago counts less, by its half-life.
    """
    counts = training.recent if is_recent else training.counts
    least = float(counts.data.min(initial=1.0))
    buyers = training.buyers
    # Below the least of what was taken, whatever the popularity.
    behind = 0.5 * least * buyers / max(float(buyers.max(initial=0)), 1)
    return lambda users: counts[users].toarray() + behind.astype(np.float32)


def item_neighbours(
    training: Training, neighbours: int = 100, shrink: float = 10.0
) -> Scorer:
    """Rank by the cosine of items, shrunk, to those that the user took.

    The similarity of two items is n_ij / (sqrt(n_i n_j) + shrink) over users who took
    them; of each item the most similar others count (ItemKNN; Deshpande and Karypis
    2004, "Item-Based Top-N Recommendation Algorithms"). Ties at the last of them go by
    the order of the ids.

    Args:
        training: Of the version.
        neighbours: How many other items each item is compared with.
        shrink: What makes similarities smaller that rest on few users.
    """
    similar = similarities(training.taken, neighbours, shrink)
    taken = training.taken
    return lambda users: (taken[users] @ similar).toarray()


def similarities(
    taken: sparse.csr_matrix, neighbours: int, shrink: float
) -> sparse.csr_matrix:
    """Return float32 CSR [items, items]: in each column the neighbours of one item."""
    items = taken.shape[1]
    by_item = taken.T.tocsr()
    norm = np.sqrt(np.asarray(taken.sum(0)).ravel())
    rows, columns, values = [], [], []
    for start in range(0, items, _BLOCK):
        together = (by_item[start : start + _BLOCK] @ taken).tocsr()
        for number in range(together.shape[0]):
            item = start + number
            inside = slice(together.indptr[number], together.indptr[number + 1])
            other, shared = together.indices[inside], together.data[inside]
            is_other = other != item
            other, shared = other[is_other], shared[is_other]
            value = shared / (norm[item] * norm[other] + shrink)
            if len(value) > neighbours:
                kept = np.lexsort((other, -value))[:neighbours]
                other, value = other[kept], value[kept]
            rows.append(other)
            columns.append(np.full(len(other), item))
            values.append(value)
    if not rows:
        return sparse.csr_matrix((items, items), dtype=np.float32)
    place = (np.concatenate(rows), np.concatenate(columns))
    found = (np.concatenate(values).astype(np.float32), place)
    return sparse.csr_matrix(found, (items, items))
