"""Results as tables: one row per version, what was ranked, and measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from python_ml.effect.paired_differences import adjust, compare_paired
from python_ml.effect.ranking_metrics import METRICS

_NUMBERS = (
    "value",
    "value_low",
    "value_high",
    "value_found",
    "difference",
    "difference_low",
    "difference_high",
    "p_value",
    "p_adjusted",
    "smallest_difference",
)


def _schema(keys: tuple[str, ...], counted: str, rates: tuple[str, ...]) -> pa.Schema:
    return pa.schema(
        [(name, pa.string()) for name in ("version", *keys, "metric")]
        + [(name, pa.float64()) for name in _NUMBERS]
        + [(counted, pa.int64()), (f"{counted}_excluded", pa.int64())]
        + [(name, pa.float64()) for name in rates]
        + [("note", pa.string())]
    )


RECOMMENDER_SCHEMA = _schema(
    ("model", "target"), "users", ("slots_wasted_rate", "cold_item_share")
)
"""Of `RecommenderEffect.table`."""
SEARCH_SCHEMA = _schema(
    ("system", "scope"), "queries", ("slots_wasted_rate", "judged_at_10_share")
)
"""Of `SearchEffect.table`."""


@dataclass(frozen=True)
class RecommenderEffect:
    """What versions of the data are worth to recommenders.

    Attributes:
        table: One row per version, model, target and metric; null is not measured, and
            `note` says why. `value` is the mean over users in [0, 1], `value_found`
            that of the baseline, `difference` their paired difference, with 95 %
            intervals over users; `p_adjusted` holds for the whole table
            (Benjamini-Yekutieli); `smallest_difference` is what such data show in four
            of five cases.
        by_user: One row per version, model, target and user: user_id and the metrics.
        weights: Of the hybrid, by target: {model: weight}.
        seconds: How long each version and model took, {(version, model): seconds}.
    """

    table: pa.Table
    by_user: pa.Table = field(repr=False)
    weights: Mapping[str, Mapping[str, float]]
    seconds: Mapping[tuple[str, str], float] = field(repr=False)


@dataclass(frozen=True)
class SearchEffect:
    """What versions of the data are worth to search.

    Attributes:
        table: One row per version, system, scope and metric, as in `RecommenderEffect`;
            `judged_at_10_share` is how much of the first ten was judged at all.
        by_query: One row per version, system and query: query_id and the metrics.
        weights: Of lexical scores in the fusion, {version: mean over the folds}.
        seconds: {(version, system): seconds}.
    """

    table: pa.Table
    by_query: pa.Table = field(repr=False)
    weights: Mapping[str, float]
    seconds: Mapping[tuple[str, str], float] = field(repr=False)


@dataclass(frozen=True)
class Measured:
    """The values of one version and model or system, for one target or scope.

    Attributes:
        keys: Version, model and target, or version, system and scope.
        values: float64 [users, METRICS], NaN for who has nothing to find; None where
            nothing was measured.
        rates: The other figures of the schema, in [0, 1], by name; NaN is null.
        note: What was compared or why not, in words.
    """

    keys: tuple[str, str, str]
    values: np.ndarray | None
    rates: Mapping[str, float]
    note: str


def effect_table(
    measured: list[Measured],
    schema: pa.Schema,
    baseline: str,
    excluded: int | None,
    *,
    draws: int,
    seed: int,
) -> pa.Table:
    """Compare each version with the baseline, on the same users.

    Args:
        measured: In the order of the rows.
        schema: `RECOMMENDER_SCHEMA` or `SEARCH_SCHEMA`.
        baseline: The version that others are compared with.
        excluded: How many users or queries are not tested.
        draws: Of the bootstrap and the randomization.
        seed: Of the draws.
    """
    columns: list[np.ndarray] = []
    of: list[tuple[int, str]] = []
    place: dict[tuple[str, ...], int] = {}
    for number, each in enumerate(measured):
        if each.values is None:
            continue
        for index, metric in enumerate(METRICS):
            place[*each.keys, metric] = len(columns)
            columns.append(each.values[:, index])
            of.append((number, metric))
    found = {}
    if columns:
        base = []
        for number, metric in of:
            version, *rest = measured[number].keys
            column = place[version, *rest, metric]
            base.append(place.get((baseline, *rest, metric), column))
        results = compare_paired(
            np.stack(columns, 1), np.array(base), draws=draws, seed=seed
        )
        for (number, metric), column, result in zip(of, base, results, strict=True):
            found[number, metric] = (result, results[column])
    rows = []
    counted = "users" if "users" in schema.names else "queries"
    for number, each in enumerate(measured):
        keys = dict(zip(schema.names[:3], each.keys, strict=True))
        rates = {name: None if np.isnan(v) else v for name, v in each.rates.items()}
        for metric in METRICS:
            row = {**keys, "metric": metric, **rates, "note": each.note}
            row[f"{counted}_excluded"] = excluded
            result, base_result = found.get((number, metric), (None, None))
            if result is None:
                row["note"] = (
                    each.note
                    if each.values is None
                    else (f"not measured: fewer than 2 {counted} have anything to find")
                )
                row |= dict.fromkeys(rates)
            else:
                row |= {
                    "value": result.value,
                    "value_low": result.value_low,
                    "value_high": result.value_high,
                    counted: result.users,
                }
                if base_result is not None and base_result is not result:
                    row |= {
                        "value_found": base_result.value,
                        "difference": result.difference,
                        "difference_low": result.low,
                        "difference_high": result.high,
                        "p_value": result.p_value,
                        "smallest_difference": result.smallest,
                    }
            rows.append(row)
    given = [number for number, row in enumerate(rows) if "p_value" in row]
    if given:
        adjusted = adjust(np.array([rows[number]["p_value"] for number in given]))
        for number, value in zip(given, adjusted.tolist(), strict=True):
            rows[number]["p_adjusted"] = value
    return pa.Table.from_pylist(rows, schema)
