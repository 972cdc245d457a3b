"""What a recommender of one version is worth to each user that is tested."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from python_ml.effect.models.neighbours import Scorer
from python_ml.effect.ranking_metrics import METRICS, Places, metrics_by_row, places
from python_ml.effect.split import TARGETS, Problem
from python_ml.effect.training import Slots, Training

_CELLS = 20_000_000  # Scores at a time: 80 MB.
_SHOWN = 10  # The list in which places are wasted.


@dataclass(frozen=True)
class Judged:
    """What was measured of one model in one version for one target.

    Attributes:
        values: float64 [users of the problem, METRICS], NaN for a user who has nothing
            to find there.
        wasted: Share of the places of the first ten that show an item a second time or,
            for what is new, an item that the user has, were the list made with what
            the version itself knows; NaN if no place was filled.
    """

    values: np.ndarray
    wasted: float

    @staticmethod
    def mean(of: list[Judged]) -> Judged:
        """Return the mean over starts of one model."""
        return Judged(
            np.mean([each.values for each in of], axis=0),
            float(np.mean([each.wasted for each in of])),
        )


@dataclass(frozen=True)
class Judge:
    """Compares scores with what users took.

    Attributes:
        problem: What all versions are judged by.
        training: Of the version.
        slots: Of the version.
    """

    problem: Problem
    training: Training
    slots: Slots

    def judge(
        self, scorer: Scorer, fallback: Scorer, targets: tuple[str, ...] = TARGETS
    ) -> dict[str, Judged]:
        """Rank all candidates for all users.

        Nobody is left out: a user of whom the version knows nothing gets what the
        fallback shows.

        Args:
            scorer: Of the model.
            fallback: Of popularity.
            targets: Some of `TARGETS`.
        """
        users = self.problem.users
        values = {name: np.full((len(users), len(METRICS)), np.nan) for name in targets}
        wasted = {name: np.zeros(2) for name in targets}
        size = max(1, _CELLS // max(len(self.slots.candidate), 1))
        for start in range(0, len(users), size):
            block = np.arange(start, min(start + size, len(users)))
            scores = self._scores(scorer, fallback, users[block])
            for name in targets:
                wasted[name] += self._wasted(scores, block, name)
            seen = [name for name in targets if name != "new"]
            if seen:
                found = self._found(scores, block)
                for name in seen:
                    values[name][block] = self._values(found, len(block), name)
            if "new" in targets:
                owned = self.slots.spread(self.problem.owned[block])
                scores[owned.nonzero()] = -np.inf
                found = self._found(scores, block, is_new=True)
                values["new"][block] = self._values(found, len(block), "new")
        return {
            name: Judged(
                values[name],
                float(wasted[name][0] / wasted[name][1])
                if wasted[name][1]
                else float("nan"),
            )
            for name in targets
        }

    def _scores(
        self, scorer: Scorer, fallback: Scorer, users: np.ndarray
    ) -> np.ndarray:
        scores = scorer(users)
        is_unknown = np.diff(self.training.taken.indptr)[users] == 0
        if is_unknown.any():
            scores = np.array(scores, np.float32)
            scores[is_unknown] = fallback(users[is_unknown])
        return self.slots.filled(scores)

    def _found(
        self, scores: np.ndarray, block: np.ndarray, is_new: bool = False
    ) -> tuple[Places, np.ndarray]:
        """Return the places of what users took, and whether they had it before."""
        relevant = self.problem.relevant[block].tocoo()
        order = np.lexsort((relevant.col, relevant.row))
        row, candidate = relevant.row[order], relevant.col[order]
        had = _looked_up(self.problem.owned[block], row, candidate)
        if is_new:
            row, candidate, had = row[~had], candidate[~had], had[~had]
        slot = self.slots.best(scores, row, candidate)
        return places(scores, row, slot), had

    def _values(
        self, found: tuple[Places, np.ndarray], rows: int, target: str
    ) -> np.ndarray:
        at, had = found
        if target == "repeat":
            at = Places(at.row[had], at.above[had], at.tied[had])
        by_name = metrics_by_row(at, np.ones(len(at.row)), rows)
        return np.stack([by_name[name] for name in METRICS], 1)

    def _wasted(self, scores: np.ndarray, block: np.ndarray, target: str) -> np.ndarray:
        """Return how many of the first ten places are wasted, of how many."""
        shown = min(_SHOWN, scores.shape[1])
        if target == "new":
            known = self.training.taken[self.problem.users[block]].nonzero()
            hidden = scores[known]
            scores[known] = -np.inf
            candidate = shown_first(scores, self.slots.candidate, shown)
            scores[known] = hidden
        elif self.slots.has_copies:
            candidate = shown_first(scores, self.slots.candidate, shown)
        else:
            return np.array([0, len(block) * shown])
        lost = is_again(candidate)
        if target == "new":
            row, place = np.nonzero(candidate >= 0)
            owned = self.problem.owned[block]
            lost[row, place] |= _looked_up(owned, row, candidate[row, place])
        return np.array([lost.sum(), (candidate >= 0).sum()])


def shown_first(scores: np.ndarray, candidate: np.ndarray, shown: int) -> np.ndarray:
    """Return the candidates in the first places, in the order of their numbers.

    Args:
        scores: float32 [rows, slots]; -inf is not shown.
        candidate: int64 [slots].
        shown: How many places there are.

    Returns:
        int64 [rows, shown], -1 where fewer are shown; of equals at the last place any.
    """
    least = np.partition(scores, scores.shape[1] - shown, axis=1)[:, -shown]
    row, slot = np.nonzero(scores >= least[:, None])
    row, slot = (part[np.isfinite(scores[row, slot])] for part in (row, slot))
    # What is above the last place comes before what is tied there.
    order = np.lexsort((scores[row, slot] <= least[row], row))
    row, slot = row[order], slot[order]
    place = np.arange(len(row)) - np.searchsorted(row, np.arange(len(scores)))[row]
    inside = place < shown
    found = np.full((len(scores), shown), -1)
    found[row[inside], place[inside]] = candidate[slot[inside]]
    return np.sort(found, axis=1)


def is_again(candidate: np.ndarray) -> np.ndarray:
    """Return whether each place shows a candidate once more, bool [rows, shown]."""
    again = np.zeros(candidate.shape, bool)
    again[:, 1:] = (candidate[:, 1:] == candidate[:, :-1]) & (candidate[:, 1:] >= 0)
    return again


def _looked_up(
    matrix: sparse.csr_matrix, row: np.ndarray, column: np.ndarray
) -> np.ndarray:
    """Return bool [pairs], whether each pair is in a matrix."""
    if not len(row):
        return np.zeros(0, bool)
    return np.asarray(matrix[row, column]).ravel().astype(bool)
