"""Rows made between rows: mixing the embeddings of thin classes.

* `smote`: between a row and one of its five nearest in its class; the label stays
  (Chawla et al. 2002, "SMOTE: Synthetic Minority Over-sampling Technique")
* `mixup`: between a row and any other; the label is mixed likewise (Zhang et al. 2018,
  "mixup"; on embeddings of texts Guo et al. 2019). The share of the row of the thin
  class is at least a half, so that what is added is mostly of that class (Chou et al.
  2020, "Remix").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_NEAREST = 5
_BETA = 0.4  # Both parameters of the distribution of shares in mixup.


@dataclass(frozen=True)
class Mixes:
    """Rows that lie between two rows.

    Attributes:
        left: int64 [mixes], the one row.
        right: int64 [mixes], the other row.
        share: float32 [mixes], the share of the left row, in [0, 1]; that of the right
            one is the rest. Label and vector are mixed in the same shares.
    """

    left: np.ndarray
    right: np.ndarray
    share: np.ndarray

    @classmethod
    def none(cls) -> Mixes:
        """Return no mixes."""
        no_row = np.zeros(0, np.int64)
        return cls(no_row, no_row, np.zeros(0, np.float32))

    def of(self, vectors: np.ndarray) -> np.ndarray:
        """Return the mixed vectors, [mixes, ...], of the vectors of rows."""
        share = self.share.reshape(-1, *[1] * (vectors.ndim - 1))
        return share * vectors[self.left] + (1 - share) * vectors[self.right]


def smote(
    rows: np.ndarray, vectors: np.ndarray, targets: np.ndarray, seed: int = 0
) -> Mixes:
    """Mix rows with near ones of their class.

    Args:
        rows: int64 [mixes], the rows to begin from. One that is alone in its class is
            repeated.
        vectors: float32 [all rows, dimensions].
        targets: int64 [all rows], the class of each.
        seed: Of the choices.
    """
    generator = np.random.default_rng([seed, 1])
    right = rows.copy()
    for row in np.unique(rows):
        others = np.flatnonzero(targets == targets[row])
        others = others[others != row]
        if not len(others):
            continue
        distance = np.square(vectors[others] - vectors[row]).sum(1)
        near = others[np.argsort(distance, kind="stable")[:_NEAREST]]
        is_it = rows == row
        right[is_it] = generator.choice(near, is_it.sum())
    return Mixes(rows, right, generator.random(len(rows), np.float32))


def mixup(
    rows: np.ndarray, vectors: np.ndarray, targets: np.ndarray, seed: int = 0
) -> Mixes:
    """Mix rows, and with them their labels, with any others.

    Args:
        rows: int64 [mixes], the rows to begin from.
        vectors: float32 [all rows, dimensions].
        targets: int64 [all rows], the class of each.
        seed: Of the choices.
    """
    generator = np.random.default_rng([seed, 2])
    share = generator.beta(_BETA, _BETA, len(rows)).astype(np.float32)
    right = generator.integers(len(targets), size=len(rows))
    return Mixes(rows, right, np.maximum(share, 1 - share))
