"""What a recommender learns from, and what its scores are scores of.

A version is trained on ids as it has them. What it would show is judged as things: an
item that stands under two ids counts where it is first, and the second takes a place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from python_ml.effect.interactions import Interactions, Vocabulary
from python_ml.effect.split import Problem

LAST = float(np.finfo(np.float32).min)
"""The score of what comes last: less than any other, and still ranked."""


@dataclass(frozen=True)
class Training:
    """The interactions of a version before the cut.

    Attributes:
        counts: float32 CSR [users, products], how often; all users of the vocabulary.
        recent: float32 CSR [users, products], the same with a half-life.
        taken: float32 CSR [users, products], 1 where it was at least once.
        products: int64 [products], their numbers in `Vocabulary.products`.
        candidate: int64 [products], the candidate of the problem that each is.
    """

    counts: sparse.csr_matrix
    recent: sparse.csr_matrix
    taken: sparse.csr_matrix
    products: np.ndarray

    candidate: np.ndarray

    @property
    def buyers(self) -> np.ndarray:
        """How many users took each product, float32 [products]."""
        return np.asarray(self.taken.sum(0), np.float32).ravel()


def learned_from(
    events: Interactions,
    vocabulary: Vocabulary,
    problem: Problem,
    half_life: float,
    cut: float | None = None,
) -> Training:
    """Return what a version knows before the cut about the candidates.

    Args:
        events: Of the version.
        vocabulary: Of all versions.
        problem: Whose candidates are kept.
        half_life: In days: what happened so long before the cut counts half.
        cut: Days since 1970; that of the problem by default.
    """
    cut = problem.cut if cut is None else cut
    number = np.full(len(vocabulary.items), -1)
    number[problem.items] = np.arange(len(problem.items))
    candidate = number[vocabulary.item_of]
    events = events.where((events.cut_day < cut) & (candidate[events.product] >= 0))
    products, column = np.unique(events.product, return_inverse=True)
    shape = (len(vocabulary.users), len(products))
    # A wrong time may lie after the cut: it is as recent as can be, no more.
    age = np.maximum(cut - events.day, 0)
    place = (events.user, column)

    def matrix(values: np.ndarray) -> sparse.csr_matrix:
        return sparse.csr_matrix((values, place), shape).astype(np.float32)

    counts = matrix(np.ones(len(column)))
    taken = counts.copy()
    taken.data[:] = 1
    recent = matrix(0.5 ** (age / half_life))
    return Training(counts, recent, taken, products, candidate[products])


class Slots:
    """The places of a ranking: the products of a version, and the items it lacks."""

    def __init__(self, candidate: np.ndarray, candidates: int) -> None:
        """Lay out the places.

        Args:
            candidate: int64 [products], the candidate that each product of the version
                is.
            candidates: How many there are.
        """
        self.known = len(candidate)
        lacking = np.setdiff1d(np.arange(candidates), candidate)
        self.candidate = np.concatenate([candidate, lacking])
        """int64 [slots], the candidate that each is."""
        order = np.argsort(self.candidate, kind="stable")
        copies = np.bincount(self.candidate, minlength=candidates)
        start = np.cumsum(copies) - copies
        widest = int(copies.max(initial=1))
        self._slots = np.full((candidates, widest), -1)
        for copy in range(widest):
            has = copies > copy
            self._slots[has, copy] = order[start[has] + copy]
        self.has_copies = widest > 1

    def filled(self, scores: np.ndarray, lowest: float = LAST) -> np.ndarray:
        """Return float32 [rows, slots]; what the version does not know is lowest."""
        lacking = len(self.candidate) - self.known
        if not lacking:
            return np.ascontiguousarray(scores, np.float32)
        last = np.full((len(scores), lacking), lowest, np.float32)
        return np.hstack([scores.astype(np.float32, copy=False), last])

    def best(
        self, scores: np.ndarray, row: np.ndarray, candidate: np.ndarray
    ) -> np.ndarray:
        """Return the slot where each candidate is shown first, int64 [pairs]."""
        copies = self._slots[candidate]
        if not self.has_copies:
            return copies[:, 0]
        found = np.where(copies >= 0, scores[row[:, None], copies], -np.inf)
        return copies[np.arange(len(copies)), found.argmax(1)]

    def spread(self, matrix: sparse.csr_matrix) -> sparse.csr_matrix:
        """Return CSR [rows, slots] of CSR [rows, candidates]."""
        return matrix.tocsc()[:, self.candidate].tocsr()
