"""Several recommenders in one, with weights that a validation period decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, pairwise

import numpy as np

from python_ml.effect.models.neighbours import Scorer

_STEPS = 4  # Weights are quarters.


def blend(scorers: Mapping[str, Scorer], weights: Mapping[str, float]) -> Scorer:
    """Rank by the weighted sum of scores, each standardized over a user's products."""

    def scores(users: np.ndarray) -> np.ndarray:
        parts = [
            np.float32(weight) * standardized(scorers[name](users))
            for name, weight in weights.items()
            if weight
        ]
        return np.asarray(np.sum(parts, axis=0, dtype=np.float32))

    return scores


def standardized(scores: np.ndarray) -> np.ndarray:
    """Return rows of mean 0 and deviation 1; zeros where all are alike."""
    scores = scores - scores.mean(axis=1, keepdims=True)
    spread = scores.std(axis=1, keepdims=True)
    return np.divide(scores, spread, out=np.zeros_like(scores), where=spread > 0)


def best_weights(
    names: list[str], quality: Callable[[dict[str, float]], float]
) -> dict[str, float]:
    """Return the best weights on a grid of quarters that add up to 1.

    Args:
        names: Of the models.
        quality: What is to be greatest: of weights, a number. Of equals the first.
    """
    return max(_grid(names), key=quality)


def _grid(names: list[str]) -> Iterator[dict[str, float]]:
    """Yield all weights; bars between stars."""
    places = range(_STEPS + len(names) - 1)
    for bars in combinations(places, len(names) - 1):
        edges = [-1, *bars, _STEPS + len(names) - 1]
        parts = [after - before - 1 for before, after in pairwise(edges)]
        yield {name: part / _STEPS for name, part in zip(names, parts, strict=True)}
