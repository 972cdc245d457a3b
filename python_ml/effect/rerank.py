"""A re-ranker learned from relevance labels: gradient boosting on seven features."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from scipy import sparse

from python_ml.effect.search_index import SearchIndex

DEPTH = 100
"""How many of the first stage are ranked anew."""
FEATURES = (
    "bm25",
    "bm25_title",
    "cosine",
    "query_words_in_title",
    "trigrams_in_common",
    "title_words",
    "query_words",
)


def not_installed() -> str | None:
    """Say in words what is missing; None if nothing is."""
    if find_spec("sklearn") is None:
        return "pip install 'assay-quality[labels]' first: sklearn is missing"
    return None


class Features:
    """Features of pairs of a query and a product of one version."""

    def __init__(self, index: SearchIndex) -> None:
        """Prepare what does not depend on the pair.

        Args:
            index: Of the version.
        """
        self._index = index
        terms: dict[str, int] = {}
        self._titles = _trigrams(index.title_texts, terms)
        self._queries = _trigrams(index.query_texts, terms)
        width = len(terms)
        self._titles.resize(len(index.title_texts), width)
        self._words = [set(title) for title in index.titles]

    def of(self, block: np.ndarray, row: np.ndarray, slot: np.ndarray) -> np.ndarray:
        """Return float32 [pairs, FEATURES]; a cosine of -1 where there is none.

        Args:
            block: int64 [queries].
            row: int64 [pairs], places in the block.
            slot: int64 [pairs], products that the version knows.
        """
        index = self._index
        shape = (len(row), len(FEATURES))
        found = np.zeros(shape, np.float32)
        for column, score in enumerate((index.lexical, index.by_title)):
            values = score(block)[row, slot]
            found[:, column] = np.where(np.isfinite(values), values, 0)
        if index.has_vectors:
            cosine = index.dense(block)[row, slot]
            found[:, 2] = np.where(np.isfinite(cosine), cosine, -1)
        asked = self._queries[block[row]]
        found[:, 4] = np.asarray(asked.multiply(self._titles[slot]).sum(1)).ravel()
        for number, (at, place) in enumerate(zip(row, slot, strict=True)):
            query = index.queries[block[at]]
            words = self._words[place]
            if query:
                found[number, 3] = sum(word in words for word in query) / len(query)
            found[number, 5:] = len(index.titles[place]), len(query)
        return found


def fit_predict(
    features: np.ndarray,
    gain: np.ndarray,
    group: np.ndarray,
    others: np.ndarray,
    other_group: np.ndarray,
) -> np.ndarray:
    """Predict gains of pairs by what other folds teach.

    Args:
        features: float32 [labelled, features].
        gain: float64 [labelled].
        group: int64 [labelled], the fold of the query.
        others: float32 [pairs, features], what is to be ranked.
        other_group: int64 [pairs], the fold of the query.

    Returns:
        float64 [pairs].
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    predicted = np.zeros(len(others))
    for fold in np.unique(other_group):
        learned = group != fold
        if not learned.any():
            learned = ~learned
        model = HistGradientBoostingRegressor(
            max_iter=100, learning_rate=0.08, min_samples_leaf=20, random_state=0
        )
        model.fit(features[learned], gain[learned])
        at = other_group == fold
        predicted[at] = model.predict(others[at])
    return predicted


def _trigrams(texts: list[str], terms: dict[str, int]) -> sparse.csr_matrix:
    """Return rows of length 1 [texts, terms]: trigrams of characters."""
    indices: list[int] = []
    ends = [0]
    for text in texts:
        padded = f" {text.casefold()} "
        grams = {padded[at : at + 3] for at in range(len(padded) - 2)}
        indices += [terms.setdefault(gram, len(terms)) for gram in sorted(grams)]
        ends.append(len(indices))
    length = np.maximum(np.diff(ends), 1)
    values = np.repeat(1 / np.sqrt(length), np.diff(ends))
    return sparse.csr_matrix((values, indices, ends), (len(texts), len(terms)))
