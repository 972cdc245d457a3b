"""What a classifier of texts looks at: their embedding and their character n-grams.

The two miss different things: an embedding knows words that no other row holds, n-grams
know brands, models and spellings that the embedding blurs.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from python_ml.common.softmax_regression import Features
from python_ml.encoding.ngrams import count_ngrams

if TYPE_CHECKING:
    import scipy.sparse
    import torch

_COLUMNS = 2**19  # Hashes of n-grams are taken modulo this.
_LEAST_TEXTS = 3  # That hold an n-gram, for something to be learned from it.
_CHUNK = 20_000  # Texts in memory as n-grams at a time, and to learn components from.
_COMPONENTS = 256
_POWER_ITERATIONS = 2
_IDEOGRAPHS = (1, 3)
_FEW_CLASSES = 8
_BESIDE_NGRAMS = 0.35  # Length of embeddings beside n-grams as they are.
# Up to so many texts in double precision: learning enlarges what single precision
# rounds away a thousandfold, and what that is depends on processor and threads.
_DOUBLE_TEXTS = 50_000


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
        0.35 beside n-grams as they are, which tell few classes apart better. They are
        float64 up to 50,000 texts, so that every processor learns the same, and float32
        above.
    """
    import torch
    from scipy import sparse

    kind = np.float64 if len(texts) <= _DOUBLE_TEXTS else np.float32
    sampled = _counts(_sampled(texts, seed), kind)
    kept, idf = _vocabulary(sampled)
    sampled = _tf_idf(sampled, kept, idf)
    chunks: Iterable[scipy.sparse.csr_matrix] = [sampled]
    if len(texts) > _CHUNK:
        chunks = (
            _tf_idf(_counts(texts[start : start + _CHUNK], kind), kept, idf)
            for start in range(0, len(texts), _CHUNK)
        )
    is_many = classes > _FEW_CLASSES
    blocks: list[torch.Tensor | scipy.sparse.csr_matrix] = []
    if is_many:
        directions = _directions(sampled, seed)
        components = np.concatenate([_components(part, directions) for part in chunks])
        blocks.append(torch.from_numpy(components).to(device))
    else:
        blocks.append(sparse.vstack(list(chunks), format="csr"))
    if embeddings is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # They may be read-only.
            vectors = torch.from_numpy(np.ascontiguousarray(embeddings, kind))
        vectors = vectors.to(device)
        blocks.append(vectors if is_many else _BESIDE_NGRAMS * vectors)
    return Features(blocks)


def _sampled(texts: list[str], seed: int) -> list[str]:
    if len(texts) <= _CHUNK:
        return texts
    chosen = np.random.default_rng(seed).choice(len(texts), _CHUNK, replace=False)
    return [texts[row] for row in np.sort(chosen)]


def _counts(texts: list[str], kind: type = np.float64) -> scipy.sparse.csr_matrix:
    """Return 1 + log(count) of each n-gram, by its hash."""
    from scipy import sparse

    rows, hashes, count = count_ngrams(texts, _IDEOGRAPHS)
    columns = (hashes % np.uint64(_COLUMNS)).astype(np.int32)
    values = (1 + np.log(count)).astype(kind)
    return sparse.csr_matrix((values, (rows, columns)), (len(texts), _COLUMNS))


def _vocabulary(counts: scipy.sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns that are not too rare to learn from, and their weights."""
    rows = counts.shape[0]
    frequency = np.bincount(counts.indices, minlength=_COLUMNS)
    kept = np.flatnonzero(frequency >= min(_LEAST_TEXTS, rows))
    idf = 1 + np.log((1 + rows) / (1 + frequency[kept]))
    return kept, idf.astype(counts.dtype)


def _tf_idf(
    counts: scipy.sparse.csr_matrix, kept: np.ndarray, idf: np.ndarray
) -> scipy.sparse.csr_matrix:
    weighted = counts[:, kept]
    weighted.data *= idf[weighted.indices]
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)).ravel())
    weighted.data /= np.repeat(np.maximum(length, 1e-12), np.diff(weighted.indptr))
    return weighted


def _directions(ngrams: scipy.sparse.csr_matrix, seed: int) -> np.ndarray:
    """Return what explains most of the n-grams, [columns, at most 256]."""
    from sklearn.utils.extmath import randomized_svd

    if ngrams.shape[1] < 2:  # Hardly an n-gram occurs twice: nothing to decompose.
        return np.eye(ngrams.shape[1], dtype=ngrams.dtype)
    count = min(_COMPONENTS, min(ngrams.shape) - 1)
    _, _, directions = randomized_svd(
        ngrams, count, n_iter=_POWER_ITERATIONS, random_state=seed
    )
    return np.ascontiguousarray(directions.T, ngrams.dtype)


def _components(ngrams: scipy.sparse.csr_matrix, directions: np.ndarray) -> np.ndarray:
    found = ngrams @ directions
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
