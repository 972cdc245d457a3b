"""Which texts are worth comparing: `candidate_pairs`.

Each text is compared with those that share its rarest words, word pairs and codes, and
with its nearest neighbours where embeddings are given. A word in more than 500 texts
brings no two of them together, so the work grows with the texts and not with their
square (blocking on rare tokens: Papadakis et al. 2020, "Blocking and Filtering
Techniques for Entity Resolution").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from python_ml.matching.profiles import HAN

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_COMMON = 500  # texts; a token in more of them brings none together
_TOKENS = 64  # of a text, the rarest ones
_NEIGHBOURS = 30  # compared with a text because they share tokens
_NEAREST = 10  # compared with a text because their embeddings are near
_BATCH = 2048
_CHARACTERS = 2000  # looked at of each text

_WORD = re.compile(rf"[{HAN}]|[^\W_{HAN}]+")
_CODE = re.compile(rf"[^\W_{HAN}]+(?:[-/.][^\W_{HAN}]+)+")
_JOIN = str.maketrans("", "", "-/.")


def candidate_pairs(
    texts: Sequence[str],
    embeddings: np.ndarray | None = None,
    *,
    device: str = "cpu",
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Choose the pairs of texts to compare.

    Args:
        texts: n distinct texts.
        embeddings: float32 [n, d], rows of length 1, or None.
        device: Of PyTorch, for embeddings.
        seed: Of the cells in which neighbours are sought.

    Returns:
        int64 [pairs], int64 [pairs]: the numbers of both texts, the smaller one first,
        in ascending order, each pair once. At most 30 pairs a text are chosen by its
        tokens and 10 by its embedding.
    """
    rows = len(texts)
    chosen = [_sharing(_tokens(texts))]
    if embeddings is not None and rows > 1:
        from python_ml.common.nearest import nearest_rows

        near, _ = nearest_rows(embeddings, _NEAREST, device=device, seed=seed)
        one = np.repeat(np.arange(rows), near.shape[1])[near.ravel() >= 0]
        chosen.append(_keys(one, near.ravel()[near.ravel() >= 0], rows))
    keys = np.unique(np.concatenate(chosen))
    return keys // max(rows, 1), keys % max(rows, 1)


def _keys(one: np.ndarray | np.int64, other: np.ndarray, rows: int) -> np.ndarray:
    return np.minimum(one, other) * np.int64(rows) + np.maximum(one, other)


def _tokens(texts: Sequence[str]) -> csr_matrix:
    """Return [texts, tokens], rows of length 1, without tokens too rare or too common.

    Tokens weigh the square of their inverse document frequency: two texts that share a
    model number should come before two that share a sentence.
    """
    import scipy.sparse as sparse

    numbers: dict[str, int] = {}
    found, pointers = [], [0]
    for text in texts:
        text = unicodedata.normalize("NFKC", text[:_CHARACTERS]).lower()
        words = _WORD.findall(text)
        tokens = dict.fromkeys(words)
        tokens.update(dict.fromkeys(map(" ".join, zip(words, words[1:], strict=False))))
        tokens.update(dict.fromkeys(c.translate(_JOIN) for c in _CODE.findall(text)))
        found += [numbers.setdefault(token, len(numbers)) for token in tokens]
        pointers.append(len(found))
    columns = np.array(found, np.int64)
    row = np.repeat(np.arange(len(texts)), np.diff(pointers))
    frequency = np.bincount(columns, minlength=len(numbers))
    order = np.lexsort((columns, frequency[columns], row))
    row, columns = row[order], columns[order]
    rank = np.arange(len(row)) - np.array(pointers, np.int64)[row]
    row, columns = row[rank < _TOKENS], columns[rank < _TOKENS]
    weights = np.log(max(len(texts), 2) / frequency[columns]) ** 2 + 1e-3
    length = np.sqrt(np.bincount(row, weights**2, minlength=len(texts)))
    weights /= np.maximum(length[row], 1e-9)
    is_shared = (frequency[columns] > 1) & (frequency[columns] <= _COMMON)
    return sparse.csr_matrix(
        (
            weights[is_shared].astype(np.float32),
            (row[is_shared], columns[is_shared]),
        ),
        shape=(len(texts), len(numbers)),
    )


def _sharing(tokens: csr_matrix) -> np.ndarray:
    """Return keys of the pairs of rows whose tokens have the greatest cosine."""
    rows, chosen = tokens.shape[0], [np.zeros(0, np.int64)]
    transposed = tokens.T.tocsr()
    for start in range(0, rows, _BATCH):
        shared = (tokens[start : start + _BATCH] @ transposed).tocsr()
        for row in range(shared.shape[0]):
            part = slice(shared.indptr[row], shared.indptr[row + 1])
            others, cosines = shared.indices[part], shared.data[part]
            # With itself first; equal cosines go by the number, not by chance.
            order = np.lexsort((others, -cosines))[: _NEIGHBOURS + 1]
            others = others[order].astype(np.int64)
            others = others[others != start + row][:_NEIGHBOURS]
            chosen.append(_keys(np.int64(start + row), others, rows))
    return np.unique(np.concatenate(chosen))
