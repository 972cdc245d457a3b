"""What a classifier of texts looks at: their embedding and their character n-grams.

The two miss different things: an embedding knows words that no other row holds, n-grams
know brands, models and spellings that the embedding blurs.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from python_ml.encode_ngrams import count_ngrams
from python_ml.softmax_regression import Features, sparse_rows

if TYPE_CHECKING:
    import scipy.sparse

_COLUMNS = 2**19  # Hashes of n-grams are taken modulo this.
_CHUNK = 20_000  # Texts in memory as n-grams at a time.
_SAMPLE = 20_000  # Texts from which the components of many n-grams are learned.
_COMPONENTS = 256
_IDEOGRAPHS = (1, 3)
_FEW_CLASSES = 8
_BESIDE_NGRAMS = 0.35  # Length of embeddings beside n-grams as they are.


def text_features(
    texts: list[str],
    embeddings: np.ndarray | None,
    classes: int,
    *,
    device: str = "cpu",
    seed: int = 0,
) -> Features:
    """Make the features of distinct texts.

    N-grams are weighed by TF-IDF. For few classes they are used as they are; for many,
    where a weight for each n-gram and class costs too much, by the 256 components that
    explain most of them (truncated singular value decomposition, Halko et al. 2011).

    Args:
        texts: Not missing.
        embeddings: float32 [texts, dimensions], rows of length 1; None when n-grams are
            all that is known of the texts.
        classes: How many classes they are to be told into.
        device: Of PyTorch, where the features are put.
        seed: Of the decomposition.

    Returns:
        The features: n-grams in rows of length 1, embeddings in rows of length 1, or of
        0.35 beside n-grams as they are, which tell few classes apart better.
    """
    import torch

    vocabulary, idf = _vocabulary(texts, seed)
    is_many = classes > _FEW_CLASSES
    if not is_many:
        ngrams = _tf_idf(texts, vocabulary, idf)
        block = sparse_rows(
            torch.from_numpy(ngrams.indptr.astype(np.int64)),
            torch.from_numpy(ngrams.indices.astype(np.int64)),
            torch.from_numpy(ngrams.data),
            ngrams.shape,
        )
    else:
        block = torch.from_numpy(_components(texts, vocabulary, idf, seed))
    blocks = [block.to(device)]
    if embeddings is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # They may be read-only.
            embeddings = torch.from_numpy(np.ascontiguousarray(embeddings)).to(device)
        blocks.append(embeddings if is_many else _BESIDE_NGRAMS * embeddings)
    return Features(blocks)


def _vocabulary(texts: list[str], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the column of each hash (-1: too rare to learn from) and their weights."""
    sample = _sampled(texts, seed)
    frequency = np.zeros(_COLUMNS, np.int64)
    for start in range(0, len(sample), _CHUNK):
        _, hashes, _ = count_ngrams(sample[start : start + _CHUNK], _IDEOGRAPHS)
        frequency += np.bincount(
            (hashes % np.uint64(_COLUMNS)).astype(np.int64), minlength=_COLUMNS
        )
    kept = np.flatnonzero(frequency >= min(2, len(sample)))
    vocabulary = np.full(_COLUMNS, -1, np.int64)
    vocabulary[kept] = np.arange(len(kept))
    idf = 1 + np.log((1 + len(sample)) / (1 + frequency[kept]))
    return vocabulary, idf.astype(np.float32)


def _sampled(texts: list[str], seed: int) -> list[str]:
    if len(texts) <= _SAMPLE:
        return texts
    chosen = np.random.default_rng(seed).choice(len(texts), _SAMPLE, replace=False)
    return [texts[row] for row in np.sort(chosen)]


def _tf_idf(
    texts: list[str], vocabulary: np.ndarray, idf: np.ndarray
) -> scipy.sparse.csr_matrix:
    from scipy import sparse

    parts = []
    for start in range(0, len(texts), _CHUNK):
        chunk = texts[start : start + _CHUNK]
        rows, hashes, count = count_ngrams(chunk, _IDEOGRAPHS)
        columns = vocabulary[(hashes % np.uint64(_COLUMNS)).astype(np.int64)]
        known = columns >= 0
        rows, columns, count = rows[known], columns[known], count[known]
        values = (1 + np.log(count)).astype(np.float32) * idf[columns]
        part = sparse.csr_matrix(
            (values, (rows, columns)), shape=(len(chunk), len(idf)), dtype=np.float32
        )
        length = np.sqrt(np.asarray(part.multiply(part).sum(1)).ravel())
        part.data /= np.repeat(np.maximum(length, 1e-12), np.diff(part.indptr))
        parts.append(part)
    return sparse.vstack(parts, format="csr") if len(parts) > 1 else parts[0]


def _components(
    texts: list[str], vocabulary: np.ndarray, idf: np.ndarray, seed: int
) -> np.ndarray:
    from sklearn.utils.extmath import randomized_svd

    if len(idf) < 2:  # Hardly an n-gram occurs twice: nothing to decompose.
        return _tf_idf(texts, vocabulary, idf).toarray()
    sample = _tf_idf(_sampled(texts, seed), vocabulary, idf)
    _, _, directions = randomized_svd(
        sample,
        min(_COMPONENTS, min(sample.shape) - 1),
        n_iter=2,
        random_state=seed,
    )
    directions = np.ascontiguousarray(directions.T, np.float32)
    result = np.empty((len(texts), directions.shape[1]), np.float32)
    for start in range(0, len(texts), _CHUNK):
        chunk = _tf_idf(texts[start : start + _CHUNK], vocabulary, idf)
        result[start : start + _CHUNK] = chunk @ directions
    result /= np.maximum(np.linalg.norm(result, axis=1, keepdims=True), 1e-12)
    return result
