"""What versions of the data are worth to search: `evaluate_search`."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from python_ml.effect import rerank
from python_ml.effect.ranking_metrics import METRICS
from python_ml.effect.results import (
    SEARCH_SCHEMA,
    Measured,
    SearchEffect,
    effect_table,
)
from python_ml.effect.search_index import SearchIndex, SearchVersion
from python_ml.effect.search_task import SearchTask, pose_search, refusal
from python_ml.effect.settings import SearchSettings
from python_ml.effect.systems import Systems, SystemValues

_CELLS = 20_000_000  # Scores at a time.
_SHOWN = 10
_UNJUDGED = 20  # Of what was shown first and nobody judged, so many teach as well.
_LOCALES = 10


def evaluate_search(
    versions: Mapping[str, SearchVersion],
    labels: pa.Table,
    *,
    reference: str = "repaired",
    baseline: str = "found",
    crosswalk: pa.Table | None = None,
    settings: SearchSettings | None = None,
) -> SearchEffect:
    """Measure what search makes of several versions of products and queries.

    Each version is searched with its own texts. All are judged by the same labels, the
    same queries and the same candidates, those of the reference: labels of their own
    make a loss of .7 % look like 14 %. Both NDCG@10 and recall@100 are measured: a
    missing title is invisible in the first (another good product takes its place) and
    costs 8 to 19 % of the second. What is tuned or learned (the weights of the fusion,
    the re-ranker) comes from queries of other periods of time, five in all.

    Args:
        versions: `SearchVersion` by name.
        labels: Arrow table: query_id, product_id (ids of any version, or of the
            crosswalk), gain in [0, 1]; the mean counts where several annotators judged.
        reference: The version that everything is judged by.
        baseline: The version that the others are compared with.
        crosswalk: Arrow table of product_id and item_id: which ids are one product.
        settings: `SearchSettings`.

    Returns:
        A `SearchEffect`. Where nothing can be measured its rows say why.

    Raises:
        ValueError: If a version or a column is missing, or a gain is not in [0, 1].
    """
    settings = settings or SearchSettings()
    for role, name in (("reference", reference), ("baseline", baseline)):
        if name not in versions:
            raise ValueError(
                f"There is no version {name} to be the {role}; there are"
                f" {', '.join(versions) or 'none'}."
            )
    task = pose_search(versions[reference], labels, crosswalk, settings)
    why_not = refusal(task, settings)
    results: dict[str, dict[str, SystemValues]] = {}
    seconds: dict[tuple[str, str], float] = {}
    weights = np.full(len(task.wanted.query_ids), 1.0)
    order = [reference, *(name for name in versions if name != reference)]
    lacking: dict[str, dict[str, str | None]] = {}
    tuned: np.ndarray | None = None
    for version in order if why_not is None else []:
        began = time.perf_counter()
        index = SearchIndex(versions[version], task.wanted)
        search = Systems(index, task, settings)
        seconds[version, "index"] = time.perf_counter() - began
        lacking[version] = {
            name: search.not_measured(name) for name in settings.systems
        }
        if index.has_vectors and tuned is None:
            tuned = weights = search.tuned()
        results[version] = {}
        for system in settings.systems:
            if lacking[version][system] is None:
                began = time.perf_counter()
                results[version][system] = search.values(system, weights)
                seconds[version, system] = time.perf_counter() - began
    measured = []
    for version in versions:
        for system in settings.systems:
            # The same queries in both: what one version lacks no other is compared in.
            why = why_not or lacking[version][system] or lacking[baseline][system]
            for scope, chosen in task.scopes(settings.minimum_queries):
                found = None if why else results[version][system]
                measured.append(_measured(version, system, scope, chosen, found, why))
    table = effect_table(
        measured,
        SEARCH_SCHEMA,
        baseline,
        task.excluded,
        draws=settings.draws,
        seed=settings.seed,
    )
    by_query = [
        _by_query(version, system, found, task)
        for version in results
        for system, found in results[version].items()
    ]
    shares = {} if tuned is None else _by_fold(task.fold, tuned)
    return SearchEffect(
        table, pa.concat_tables([_BY_QUERY.empty_table(), *by_query]), shares, seconds
    )


_BY_QUERY = pa.schema(
    [(name, pa.string()) for name in ("version", "system", "query_id")]
    + [(name, pa.float64()) for name in METRICS]
)


def _measured(
    version: str,
    system: str,
    scope: str,
    chosen: np.ndarray,
    found: SystemValues | None,
    why: str | None,
) -> Measured:
    rates = {"slots_wasted_rate": np.nan, "judged_at_10_share": np.nan}
    keys = (version, system, scope)
    if found is None:
        return Measured(keys, None, rates, why or "")
    values = np.full(found.values.shape, np.nan)
    values[chosen] = found.values[chosen]
    for name, counts in (
        ("slots_wasted_rate", found.wasted),
        ("judged_at_10_share", found.judged),
    ):
        part, whole = counts[chosen].sum(0)
        rates[name] = part / whole if whole else np.nan
    return Measured(keys, values, rates, _NOTES[system])


_NOTES = {
    "lexical": "BM25 over words and pairs of Chinese characters",
    "dense": "cosine of embeddings",
    "fusion": "words and embeddings, weighted by what was best in other periods",
    "reranked": f"the first {rerank.DEPTH} ranked anew by what labels of other periods"
    " teach",
}


def _by_query(
    version: str, system: str, found: SystemValues, task: SearchTask
) -> pa.Table:
    count = len(task.fold)
    names = [pa.array([name] * count) for name in (version, system)]
    values = [pa.array(column, from_pandas=True) for column in found.values.T]
    return pa.table([*names, task.wanted.query_ids, *values], schema=_BY_QUERY)


def _by_fold(fold: np.ndarray, weights: np.ndarray) -> dict[str, float]:
    return {
        f"period {number + 1}": float(weights[fold == number][0])
        for number in np.unique(fold).tolist()
    }
