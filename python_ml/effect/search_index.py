"""What search makes of one version of products and queries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from python_ml.effect.lexical import Bm25, tokens
from python_ml.effect.models.content import TextVectors
from python_ml.effect.training import Slots

TEXTS = ("title", "description", "category", "brand")
"""The columns of products that are searched, those that are there."""


@dataclass(frozen=True)
class SearchVersion:
    """One version of what is searched.

    Attributes:
        products: Arrow table: product_id and some of `TEXTS`; several rows of one id
            (of several source systems) are one product with all of their texts.
        queries: Arrow table: query_id, query_text, and, where there are, locale and
            issued_at.
        product_vectors: Embeddings of the products, by product id, or None.
        query_vectors: Embeddings of the queries, by query id, or None.
    """

    products: pa.Table
    queries: pa.Table
    product_vectors: TextVectors | None = None
    query_vectors: TextVectors | None = None


@dataclass(frozen=True)
class Wanted:
    """What is ranked and asked in all versions.

    Attributes:
        items: Arrow strings, the ids of the candidates.
        item_ids: {product id: item id}, where they differ.
        query_ids: Arrow strings.
    """

    items: pa.Array
    item_ids: dict[str, str]
    query_ids: pa.Array


class SearchIndex:
    """Scores of one version, a block of queries at a time.

    Attributes:
        slots: The places of its rankings.
        has_vectors: Whether there are embeddings of products and queries.
    """

    def __init__(self, version: SearchVersion, wanted: Wanted) -> None:
        """Index the products.

        Args:
            version: What is searched.
            wanted: What is ranked and asked.
        """
        number = {item: place for place, item in enumerate(wanted.items.to_pylist())}
        texts: dict[str, dict[str, dict[str, None]]] = {}
        columns = [name for name in TEXTS if name in version.products.column_names]
        products = version.products.select(["product_id", *columns])
        for row in products.to_pylist():
            product = str(row.pop("product_id"))
            if wanted.item_ids.get(product, product) in number:
                of_product = texts.setdefault(product, {})
                for name, text in row.items():
                    if text is not None:
                        of_product.setdefault(name, {})[str(text)] = None
        ids = sorted(texts)
        candidate = [number[wanted.item_ids.get(product, product)] for product in ids]
        self.slots = Slots(np.array(candidate, np.int64), len(number))
        self.titles = [tokens(" ".join(texts[one].get("title", ()))) for one in ids]
        self.title_texts = ["\n".join(texts[one].get("title", ())) for one in ids]
        whole = [
            [
                token
                for part in texts[one].values()
                for text in part
                for token in tokens(text)
            ]
            for one in ids
        ]
        asked = dict(
            zip(
                version.queries["query_id"].cast(pa.string()).to_pylist(),
                version.queries["query_text"].cast(pa.string()).to_pylist(),
                strict=True,
            )
        )
        self.query_texts = [
            asked.get(one) or "" for one in wanted.query_ids.to_pylist()
        ]
        self.queries = [tokens(text) for text in self.query_texts]
        self._whole, self._title = Bm25(whole), Bm25(self.titles)
        self._asked = self._whole.asked(self.queries)
        self._asked_title = self._title.asked(self.queries)
        self.has_vectors = (
            version.product_vectors is not None and version.query_vectors is not None
        )
        if version.product_vectors is not None and version.query_vectors is not None:
            self._products = version.product_vectors.of(pa.array(ids, pa.string()))
            self._query_vectors = version.query_vectors.of(wanted.query_ids)

    def lexical(self, block: np.ndarray) -> np.ndarray:
        """Return float32 [queries, slots]; -inf for what shares no word."""
        return self._shown(self._whole.scores(self._asked[block]))

    def by_title(self, block: np.ndarray) -> np.ndarray:
        """Return float32 [queries, slots], of titles alone."""
        return self._shown(self._title.scores(self._asked_title[block]))

    def _shown(self, scores: np.ndarray) -> np.ndarray:
        scores[scores <= 0] = -np.inf
        return self.slots.filled(scores, -np.inf)

    def dense(self, block: np.ndarray) -> np.ndarray:
        """Return float32 cosines [queries, slots]; -inf without a vector."""
        asked = self._query_vectors[block]
        scores = asked @ self._products.T
        scores[:, ~self._products.any(1)] = -np.inf
        scores[~asked.any(1)] = -np.inf
        return self.slots.filled(scores, -np.inf)

    def fused(self, block: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return float32 [queries, slots]: both, each stretched to 0 to 1 by query.

        Args:
            block: int64 [queries].
            weight: float [queries], of the lexical scores; that of the others is the
                rest to 1.
        """
        lexical = stretched(self.lexical(block), from_zero=True)
        dense = stretched(self.dense(block))
        share = weight[:, None].astype(np.float32)
        # A query of which one side knows nothing is left to the other.
        share = np.where((dense == -np.inf).all(1, keepdims=True), 1, share)
        share = np.where((lexical == -np.inf).all(1, keepdims=True), 0, share)
        hidden = ((lexical == -np.inf) | (share == 0)) & (
            (dense == -np.inf) | (share == 1)
        )
        mixed = share * np.maximum(lexical, 0) + (1 - share) * np.maximum(dense, 0)
        return np.where(hidden, np.float32(-np.inf), mixed.astype(np.float32))


def stretched(scores: np.ndarray, from_zero: bool = False) -> np.ndarray:
    """Return scores of each row from 0 to 1; -inf stays.

    Args:
        scores: float [rows, slots].
        from_zero: Whether 0 stays 0, as of what counts shared words.
    """
    is_shown = np.isfinite(scores)
    most = np.where(is_shown, scores, -np.inf).max(1, keepdims=True, initial=-np.inf)
    least = np.zeros_like(most)
    if not from_zero:
        least = np.where(is_shown, scores, np.inf).min(1, keepdims=True, initial=np.inf)
    with np.errstate(invalid="ignore"):
        span = most - least
        found = np.divide(
            scores - least, span, where=span > 0, out=np.ones_like(scores)
        )
    return np.where(is_shown, found, -np.inf)
