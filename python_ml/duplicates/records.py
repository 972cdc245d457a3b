"""The distinct texts among rows, and the sources that have them: `Items`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from python_ml.common.inputs import is_given, numbered, same_text

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_MARKS = dict.fromkeys(map(ord, "®™©℠"))
_BATCH = 1_000_000  # pairs in work at a time: bounds the memory


@dataclass(frozen=True)
class Items:
    """Distinct texts, and the rows that have them.

    Attributes:
        texts: Ordered, so that the order of the rows makes no difference; without what
            makes none: case, compatibility forms (full-width letters) and the width of
            spaces.
        rows: int64 [known], the rows that have a text.
        item: int64 [known], the number of the text of each.
        first: int64 [items], the first row of each text.
        sizes: int64 [items], how many rows have it.
        repeats: int64 [items], how many of these are from one source, at most; 0 where
            no source is known.
        sources: Sparse [items, sources], how many rows of a source have the text.
        is_unknown: bool [items], whether a row that has it names no source.
    """

    texts: list[str] = field(repr=False)
    rows: np.ndarray = field(repr=False)
    item: np.ndarray = field(repr=False)
    first: np.ndarray = field(repr=False)
    sizes: np.ndarray = field(repr=False)
    repeats: np.ndarray = field(repr=False)
    sources: csr_matrix = field(repr=False)
    is_unknown: np.ndarray = field(repr=False)

    @classmethod
    def of_rows(
        cls, texts: Sequence[str | None] | np.ndarray, sources: np.ndarray
    ) -> Items:
        """Number the texts.

        Args:
            texts: One per row; None is missing.
            sources: object [rows]; None is unknown.
        """
        import scipy.sparse as sparse

        rows = np.array([row for row, text in enumerate(texts) if text], np.int64)
        plain = [_plain(texts[row]) for row in rows]
        distinct = sorted(set(plain))
        number = {text: place for place, text in enumerate(distinct)}
        item = np.fromiter((number[text] for text in plain), np.int64, len(plain))
        is_named = is_given(sources[rows])
        names, source = numbered(sources[rows][is_named].tolist())
        matrix = sparse.csr_matrix(
            (np.ones(len(source), np.int64), (item[is_named], source)),
            shape=(len(distinct), max(1, len(names))),
        )
        matrix.sum_duplicates()
        repeats = matrix.max(axis=1).toarray().ravel()
        return cls(
            distinct,
            rows,
            item,
            rows[np.unique(item, return_index=True)[1]],
            np.bincount(item, minlength=len(distinct)),
            repeats,
            matrix,
            np.bincount(item[~is_named], minlength=len(distinct)) > 0,
        )

    def standing(self, texts: Sequence[str | None] | np.ndarray) -> np.ndarray:
        """Return a row of each item, the same one in whatever order the rows come.

        Args:
            texts: Of all rows, as they were given: they may differ in case and spaces.
        """
        found: dict[int, int] = {}
        for row, item in zip(self.rows.tolist(), self.item.tolist(), strict=True):
            if item not in found or texts[row] < texts[found[item]]:
                found[item] = row
        return np.array([found[item] for item in range(len(self.texts))], np.int64)

    def share_a_source(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Say of pairs of items whether a source has both.

        Args:
            left: int64 [pairs].
            right: int64 [pairs].

        Returns:
            bool [pairs].
        """
        result = np.zeros(len(left), bool)
        for start in range(0, len(left), _BATCH):
            part = slice(start, start + _BATCH)
            both = self.sources[left[part]].multiply(self.sources[right[part]])
            result[part] = np.asarray(both.sum(axis=1)).ravel() > 0
        return result


def _plain(text: str) -> str:
    # Marks of a trade are no letters, which NFKC would make of them.
    return "\n".join(map(same_text, text.translate(_MARKS).split("\n")))
