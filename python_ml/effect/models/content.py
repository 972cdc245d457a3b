"""Recommending what reads like what a user took: embeddings of the products' texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_ml.effect.interactions import Vocabulary
from python_ml.effect.models.neighbours import Scorer
from python_ml.effect.training import Training


@dataclass(frozen=True)
class TextVectors:
    """Embeddings of texts, as `python_ml.encode` makes them.

    Attributes:
        ids: The ids of what has the texts: a list or an Arrow array of strings; an id
            given twice has the mean of its vectors.
        vectors: float32 [ids, dimensions], rows of length 1, or of zeros where there is
            nothing to read.

    Raises:
        ValueError: If there are not as many vectors as ids, or one is not finite.
    """

    ids: pa.Array
    vectors: np.ndarray

    def __post_init__(self) -> None:
        """Check what was given."""
        vectors = np.asarray(self.vectors)
        if vectors.ndim != 2 or len(vectors) != len(self.ids):
            raise ValueError(
                f"{len(self.ids)} ids need one vector each, not an array of shape"
                f" {vectors.shape}."
            )
        if not np.isfinite(vectors).all():
            raise ValueError("The vectors of texts are not all finite.")

    def of(self, wanted: pa.Array) -> np.ndarray:
        """Return float32 [wanted, dimensions] of length 1; zeros where unknown."""
        ids = self.ids
        if not isinstance(ids, (pa.Array, pa.ChunkedArray)):
            ids = pa.array(list(ids), pa.string())
        place = pc.index_in(ids.cast(pa.string()), value_set=wanted)
        row = pc.fill_null(place, -1).to_numpy(zero_copy_only=False)
        found = np.zeros((len(wanted), self.vectors.shape[1]), np.float32)
        np.add.at(found, row[row >= 0], np.asarray(self.vectors, np.float32)[row >= 0])
        return unit(found)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return rows of length 1, zeros where there was nothing."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)


def alike_in_text(
    training: Training, vocabulary: Vocabulary, texts: TextVectors
) -> Scorer:
    """Rank by the cosine to the mean of what the user took.

    Products without a vector come last, all alike.
    """
    ids = vocabulary.products.take(pa.array(training.products))
    vectors = texts.of(ids)
    has_none = ~vectors.any(1)
    taken = training.taken

    def scores(users: np.ndarray) -> np.ndarray:
        found = unit(np.asarray(taken[users] @ vectors)) @ vectors.T
        found[:, has_none] = -1
        return found

    return scores
