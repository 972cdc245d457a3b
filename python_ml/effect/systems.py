"""The systems of one version of a search, judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from python_ml.effect import rerank
from python_ml.effect.fusion import tuned_weights
from python_ml.effect.judging import is_again, shown_first
from python_ml.effect.ranking_metrics import METRICS, metrics_by_row, places
from python_ml.effect.search_index import SearchIndex, stretched
from python_ml.effect.search_task import SearchTask
from python_ml.effect.settings import SearchSettings

_CELLS = 20_000_000  # Scores at a time.
_SHOWN = 10
_UNJUDGED = 20  # Of what was shown first and nobody judged, so many teach as well.


@dataclass(frozen=True)
class SystemValues:
    """What was measured of one system in one version.

    Attributes:
        values: float64 [queries, METRICS].
        wasted: float64 [queries, 2], of the first ten: how many show a product a second
            time, and how many there are.
        judged: float64 [queries, 2], of the first ten: how many are judged, and how
            many there are.
    """

    values: np.ndarray
    wasted: np.ndarray
    judged: np.ndarray


class Systems:
    """The systems of one version."""

    def __init__(
        self, index: SearchIndex, task: SearchTask, settings: SearchSettings
    ) -> None:
        """Say what is searched and judged.

        Args:
            index: Of the version.
            task: What all versions are judged by.
            settings: Of the evaluation.
        """
        self._index = index
        self._task = task
        self._settings = settings

    def not_measured(self, system: str) -> str | None:
        """Say why a system cannot be measured; None if it can."""
        if system in ("dense", "fusion") and not self._index.has_vectors:
            return "not measured: no embeddings of products and queries"
        if system == "reranked" and rerank.not_installed():
            return f"not measured: {rerank.not_installed()}"
        return None

    def tuned(self) -> np.ndarray:
        """Return the weight of words for each query, by NDCG@100 of other folds."""
        ndcg = METRICS.index("ndcg_at_100")
        queries = len(self._task.fold)

        def quality(weight: float) -> np.ndarray:
            share = np.full(queries, weight)
            return self._judged(lambda block: self._index.fused(block, share[block]))[
                0
            ][:, ndcg]

        return tuned_weights(self._task.fold, quality)

    def values(self, system: str, weights: np.ndarray) -> SystemValues:
        """Judge one system."""
        score = self._first_stage(system, weights)
        if system == "reranked":
            score = self._reranked(score)
        return SystemValues(*self._judged(score))

    def _first_stage(
        self, system: str, weights: np.ndarray
    ) -> Callable[[np.ndarray], np.ndarray]:
        if system == "lexical" or not self._index.has_vectors:
            return self._index.lexical
        if system == "dense":
            return self._index.dense
        return lambda block: self._index.fused(block, weights[block])

    def _judged(
        self, score: Callable[[np.ndarray], np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        queries = len(self._task.fold)
        values = np.full((queries, len(METRICS)), np.nan)
        wasted, judged = np.zeros((queries, 2)), np.zeros((queries, 2))
        for block in self._blocks():
            scores = score(block)
            gain = self._task.gain[block].tocoo()
            order = np.lexsort((gain.col, gain.row))
            row, candidate = gain.row[order], gain.col[order]
            slot = self._index.slots.best(scores, row, candidate)
            by_name = metrics_by_row(
                places(scores, row, slot),
                gain.data[order],
                len(block),
                self._settings.relevant_from,
            )
            values[block] = np.stack([by_name[name] for name in METRICS], 1)
            wasted[block], judged[block] = self._shown(scores, block)
        return values, wasted, judged

    def _shown(
        self, scores: np.ndarray, block: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Count of the first ten: what is there again, judged, and shown."""
        shown = min(_SHOWN, scores.shape[1])
        candidate = shown_first(scores, self._index.slots.candidate, shown)
        row, place = np.nonzero(candidate >= 0)
        is_judged = np.zeros(candidate.shape, bool)
        if len(row):
            found = self._task.is_judged[block][row, candidate[row, place]]
            is_judged[row, place] = np.asarray(found).ravel()
        count = (candidate >= 0).sum(1)
        return (
            np.stack([is_again(candidate).sum(1), count], 1),
            np.stack([is_judged.sum(1), count], 1),
        )

    def _reranked(
        self, first: Callable[[np.ndarray], np.ndarray]
    ) -> Callable[[np.ndarray], np.ndarray]:
        """Learn from judged pairs, and rank the head of the first stage anew."""
        rng = np.random.default_rng(self._settings.seed)
        features = rerank.Features(self._index)
        learned: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        ranked: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        known = self._index.slots.known
        for block in self._blocks():
            scores = first(block)
            depth = min(rerank.DEPTH, scores.shape[1])
            head = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
            is_shown = np.isfinite(np.take_along_axis(scores, head, 1))
            row, place = np.nonzero(is_shown)
            slot = head[row, place]
            of_head = features.of(block, row, slot)
            ranked.append((block[row], slot, of_head))
            candidate = self._index.slots.candidate[slot]
            judged = self._task.is_judged[block]
            is_judged = np.zeros(len(row), bool)
            if len(row):
                is_judged = np.asarray(judged[row, candidate]).ravel().astype(bool)
            # What nobody judged counts as a miss where it is measured.
            share = _UNJUDGED / rerank.DEPTH
            drawn = ~is_judged & (rng.random(len(row)) < share)
            learned.append((block[row[drawn]], np.zeros(drawn.sum()), of_head[drawn]))
            pairs = judged.tocoo()
            at = self._index.slots.best(scores, pairs.row, pairs.col)
            has = at < known
            gain = np.asarray(self._task.gain[block][pairs.row, pairs.col]).ravel()
            learned.append(
                (
                    block[pairs.row[has]],
                    gain[has],
                    features.of(block, pairs.row[has], at[has]),
                )
            )
        query, gain, given = (
            np.concatenate(part) for part in zip(*learned, strict=True)
        )
        asked, slots, heads = (
            np.concatenate(part) for part in zip(*ranked, strict=True)
        )
        fold = self._task.fold
        predicted = np.zeros(0)
        if len(asked):
            predicted = rerank.fit_predict(given, gain, fold[query], heads, fold[asked])
        floor = float(predicted.min(initial=0)) - 2

        def score(block: np.ndarray) -> np.ndarray:
            scores = stretched(first(block)) + floor
            row = np.full(len(fold), -1)
            row[block] = np.arange(len(block))
            here = row[asked] >= 0
            scores[row[asked[here]], slots[here]] = predicted[here]
            return scores

        return score

    def _blocks(self) -> Iterator[np.ndarray]:
        queries = len(self._task.fold)
        size = max(1, _CELLS // max(len(self._index.slots.candidate), 1))
        for start in range(0, queries, size):
            yield np.arange(start, min(start + size, queries))
