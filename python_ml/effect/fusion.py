"""Folds of queries, and the weight of words against vectors that other folds decide.

A weight fixed at a half is a trap: where one side is weak, the sum is worse than the
other alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

WEIGHTS = np.linspace(0, 1, 11)
"""Of the lexical scores."""
FOLDS = 5


def folds_by_time(texts: Sequence[str], issued: np.ndarray) -> np.ndarray:
    """Return the fold of each query, int64 [queries] below `FOLDS`: periods in time.

    Queries of one text are in one fold, that of the first; without times texts are in
    the order of the alphabet.

    Args:
        texts: Of the queries.
        issued: float64 [queries], when; NaN where it is not known.
    """
    first: dict[str, float] = {}
    for text, moment in zip(texts, issued, strict=True):
        moment = float("inf") if np.isnan(moment) else float(moment)
        first[text] = min(first.get(text, moment), moment)
    order = sorted(first, key=lambda text: (first[text], text))
    fold = {text: place * FOLDS // len(order) for place, text in enumerate(order)}
    return np.array([fold[text] for text in texts], np.int64)


def tuned_weights(
    fold: np.ndarray, quality: Callable[[float], np.ndarray]
) -> np.ndarray:
    """Return for each query the weight that was best for the other folds.

    Args:
        fold: int64 [queries].
        quality: Of a weight, what each query is worth with it, float64 [queries].

    Returns:
        float64 [queries].
    """
    values = np.stack([np.nan_to_num(quality(float(weight))) for weight in WEIGHTS])
    best = np.empty(len(fold))
    for number in np.unique(fold):
        others = fold != number
        others = others if others.any() else ~others
        best[fold == number] = WEIGHTS[values[:, others].mean(1).argmax()]
    return best
