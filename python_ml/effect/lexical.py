"""Lexical search: words, pairs of Chinese characters, BM25."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from scipy import sparse

# What is written without spaces between words: Han, kana, Hangul.
_UNSPACED = (
    "\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(f"([{_UNSPACED}]+)|([^\\W_{_UNSPACED}]+)")


def tokens(text: str | None) -> list[str]:
    """Return the words of a text; of Chinese, Japanese, Korean pairs of characters.

    Compatible forms and cases are one. Split at spaces alone a Chinese sentence would
    be one word, and 40 % of the queries found nothing; pairs find what a dictionary of
    words finds.
    """
    found: list[str] = []
    for match in _RUN.finditer(unicodedata.normalize("NFKC", text or "").casefold()):
        run = match[1]
        if run is None:
            found.append(match[2])
        elif len(run) == 1:
            found.append(run)
        else:
            found += [run[at : at + 2] for at in range(len(run) - 1)]
    return found


class Bm25:
    """BM25 as Lucene has it (Kamphuis et al. 2020, "Which BM25 Do You Mean?").

    Of a term in tf places of a text of `length` terms, of N texts of which n hold it:
    ln(1 + (N - n + .5) / (n + .5)) · tf / (tf + k1 (1 - b + b · length / mean length)).
    """

    def __init__(
        self, texts: Sequence[list[str]], k1: float = 1.2, b: float = 0.75
    ) -> None:
        """Index texts.

        Args:
            texts: The tokens of each.
            k1: How fast more places of a term cease to count.
            b: How much long texts are held against them, 0 to 1.
        """
        self._terms: dict[str, int] = {}
        counts = _counted(texts, self._terms, is_growing=True)
        length = np.asarray(counts.sum(1)).ravel()
        mean = float(length.mean()) if length.any() else 1.0
        holding = np.bincount(counts.indices, minlength=counts.shape[1])
        rarity = np.log1p((len(texts) - holding + 0.5) / (holding + 0.5))
        row = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))
        damped = counts.data + k1 * (1 - b + b * length[row] / mean)
        counts.data = rarity[counts.indices] * counts.data / damped
        self.weights: sparse.csr_matrix = counts.T.tocsr()
        """float64 CSR [terms, texts]."""

    def asked(self, queries: Sequence[list[str]]) -> sparse.csr_matrix:
        """Return float64 CSR [queries, terms]: how often a query has each term."""
        return _counted(queries, self._terms, is_growing=False)

    def scores(self, asked: sparse.csr_matrix) -> np.ndarray:
        """Return float64 [queries, texts]; 0 where no term is shared."""
        return (asked @ self.weights).toarray()


def _counted(
    texts: Sequence[list[str]], terms: dict[str, int], is_growing: bool
) -> sparse.csr_matrix:
    indices: list[int] = []
    ends = [0]
    for text in texts:
        for token in text:
            number = (
                terms.setdefault(token, len(terms)) if is_growing else terms.get(token)
            )
            if number is not None:
                indices.append(number)
        ends.append(len(indices))
    shape = (len(texts), len(terms))
    found = sparse.csr_matrix((np.ones(len(indices)), indices, ends), shape)
    found.sum_duplicates()
    return found
