"""What all versions of a search are judged by: queries, candidates, labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from python_ml.effect.fusion import folds_by_time
from python_ml.effect.search_index import SearchVersion, Wanted
from python_ml.effect.settings import SearchSettings

_LOCALES = 10


@dataclass(frozen=True)
class SearchTask:
    """What all versions are judged by.

    Attributes:
        wanted: The candidates and the judged queries.
        gain: float64 CSR [queries, candidates].
        is_judged: bool CSR [queries, candidates].
        locale: Of each query, or None.
        fold: int64 [queries].
        excluded: Judged queries that are not tested: no product that is there answers
            them, or there were too many.
    """

    wanted: Wanted
    gain: sparse.csr_matrix
    is_judged: sparse.csr_matrix
    locale: list[str | None]
    fold: np.ndarray
    excluded: int

    def scopes(self, least: int) -> Iterator[tuple[str, np.ndarray]]:
        """Yield all queries, and those of each locale that has so many."""
        yield "all", np.arange(len(self.locale))
        by_locale: dict[str, list[int]] = {}
        for number, locale in enumerate(self.locale):
            if locale is not None:
                by_locale.setdefault(locale, []).append(number)
        if len(by_locale) > 1:
            largest = sorted(by_locale, key=lambda name: (-len(by_locale[name]), name))
            for name in largest[:_LOCALES]:
                if len(by_locale[name]) >= least:
                    yield f"locale {name}", np.array(by_locale[name])


def pose_search(
    reference: SearchVersion,
    labels: pa.Table,
    crosswalk: pa.Table | None,
    settings: SearchSettings,
) -> SearchTask:
    """Say what is asked, what is ranked and what is right.

    Args:
        reference: The version that everything is judged by.
        labels: query_id, product_id, gain.
        crosswalk: product_id, item_id; or None.
        settings: Of the evaluation.

    Raises:
        ValueError: If a column is missing, or a gain is not in [0, 1].
    """
    _need("The labels", labels, ("query_id", "product_id", "gain"))
    _need("The products", reference.products, ("product_id",))
    _need("The queries", reference.queries, ("query_id", "query_text"))
    item_ids: dict[str, str] = {}
    if crosswalk is not None:
        _need("The crosswalk", crosswalk, ("product_id", "item_id"))
        pairs = crosswalk.select(["product_id", "item_id"]).to_pylist()
        item_ids = {
            str(pair["product_id"]): str(pair["item_id"])
            for pair in pairs
            if pair["item_id"] is not None
        }
    products = pc.unique(reference.products["product_id"].cast(pa.string())).to_pylist()
    items = sorted({item_ids.get(one, one) for one in products if one is not None})
    number = {item: place for place, item in enumerate(items)}
    days = _days(reference.queries)
    asked = {
        str(row["query_id"]): {**row, "day": day}
        for row, day in zip(reference.queries.to_pylist(), days, strict=True)
        if row["query_id"] is not None and row["query_text"] is not None
    }
    judged = labels.select(["query_id", "product_id", "gain"]).drop_null()
    gains: dict[str, dict[int, list[float]]] = {}
    known = set()
    for query, product, gain in zip(
        judged["query_id"].cast(pa.string()).to_pylist(),
        judged["product_id"].cast(pa.string()).to_pylist(),
        judged["gain"].cast(pa.float64()).to_pylist(),
        strict=True,
    ):
        if not 0 <= gain <= 1:
            raise ValueError(f"The gain of a label is {gain}: it must be from 0 to 1.")
        place = number.get(item_ids.get(product, product))
        if query not in asked:
            continue
        known.add(query)
        if place is not None:
            gains.setdefault(query, {}).setdefault(place, []).append(gain)
    mean = {
        query: {place: float(np.mean(found)) for place, found in of.items()}
        for query, of in gains.items()
    }
    queries = sorted(
        query
        for query, of in mean.items()
        if any(gain >= settings.relevant_from for gain in of.values())
    )
    if len(queries) > settings.maximum_queries:
        rng = np.random.default_rng(settings.seed)
        chosen = rng.choice(len(queries), settings.maximum_queries, replace=False)
        queries = [queries[place] for place in sorted(chosen)]
    pairs_of = [
        (row, place, gain)
        for row, query in enumerate(queries)
        for place, gain in sorted(mean[query].items())
    ]
    row, column, value = (
        (np.array(part) for part in zip(*pairs_of, strict=True))
        if pairs_of
        else (np.zeros((3, 0), int))
    )
    shape = (len(queries), len(items))
    gain = sparse.csr_matrix((value.astype(float), (row, column)), shape)
    gain.eliminate_zeros()
    is_judged = sparse.csr_matrix((np.ones(len(row), bool), (row, column)), shape)
    texts = [
        " ".join(str(asked[query]["query_text"]).casefold().split())
        for query in queries
    ]
    issued = np.array([asked[query]["day"] for query in queries], float)
    return SearchTask(
        Wanted(pa.array(items, pa.string()), item_ids, pa.array(queries, pa.string())),
        gain,
        is_judged,
        [asked[query].get("locale") for query in queries],
        folds_by_time(texts, issued),
        len(known) - len(queries),
    )


def _need(what: str, table: pa.Table, columns: tuple[str, ...]) -> None:
    if not isinstance(table, pa.Table):
        raise ValueError(f"{what} are a {type(table).__name__}, not an Arrow table.")
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise ValueError(f"{what} have no column {', '.join(missing)}.")


def _days(queries: pa.Table) -> list[float]:
    """Return when each was issued, in days since 1970; NaN where it is not known."""
    if "issued_at" not in queries.column_names:
        return [float("nan")] * len(queries)
    times = queries["issued_at"]
    if not (pa.types.is_temporal(times.type) or pa.types.is_null(times.type)):
        raise ValueError(f"issued_at of queries is {times.type}: give timestamps.")
    micro = times.cast(pa.timestamp("us")).cast(pa.int64()).cast(pa.float64())
    return [
        float("nan") if value is None else value / 86_400_000_000
        for value in micro.to_pylist()
    ]


def refusal(task: SearchTask, settings: SearchSettings) -> str | None:
    """Say why nothing is measured; None if it is."""
    queries = len(task.fold)
    least = max(settings.minimum_queries, 2)
    if not len(task.wanted.items):
        return "not measured: no products"
    if queries < least:
        return (
            f"not measured: {queries:,} judged quer{'y' if queries == 1 else 'ies'}"
            " with a product that answers"
        )
    return None
