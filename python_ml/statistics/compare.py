"""All comparisons of a shop, with adjusted p values: `compare`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np

from python_ml.statistics.comparisons import Comparison, adjusted
from python_ml.statistics.components import compare_components
from python_ml.statistics.periods import month_of
from python_ml.statistics.scores import compare_scores
from python_ml.statistics.shares import Shares, compare_shares, overdispersion


def compare(
    slices: Iterable[Mapping[str, Any]], days: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Compare groups, and components over time.

    Args:
        slices: Rows checked and failing rows by feed, rule (None: any), component,
            slice_type (source_system, category, or day) and slice_value, in columns of
            these names and rows_checked, failing_rows. A day is written YYYY-MM-DD.
        days: checks and failures (a check is a row by a rule) by feed, slice_type
            (source_system, category or component), slice_value and day (a date).

    Returns:
        One row per test, columns as `COLUMNS` of `comparisons` says, in the order of
        their ids. p values are adjusted over all rows of the same test.
    """
    tests = [*_of_shares(slices), *_of_days(days)]
    families: dict[str, list[Comparison]] = {}
    for one in tests:
        families.setdefault(one.test, []).append(one)
    rows = []
    for family in families.values():
        tested = [one for one in family if one.p_value is not None]
        values = adjusted([one.p_value for one in tested if one.p_value is not None])
        rows += [one.row(value) for one, value in zip(tested, values, strict=True)]
        rows += [one.row(None) for one in family if one.p_value is None]
    return sorted(rows, key=lambda row: row["comparison_id"])


def _of_shares(slices: Iterable[Mapping[str, Any]]) -> Iterable[Comparison]:
    asked: dict[tuple[Any, ...], dict[str, dict[str, tuple[float, float]]]] = {}
    for row in slices:
        about = (row["feed"], row["rule_name"], row["component"])
        groups = asked.setdefault(about, {}).setdefault(row["slice_type"], {})
        counts = (row["rows_checked"], row["failing_rows"])
        groups[row["slice_value"]] = counts
    for (feed, rule_name, component), by_type in sorted(
        asked.items(), key=lambda item: [part or "" for part in item[0]]
    ):
        days = _shares(by_type.pop("day", {}))
        months = [f"{month_of(date.fromisoformat(day)):%Y-%m}" for day in days.names]
        rho = overdispersion(months, days.rows, days.failing)
        by_type["month"] = {}
        for at in dict.fromkeys(months):
            of_month = np.array(months) == at
            by_type["month"][at] = (
                float(days.rows[of_month].sum()),
                float(days.failing[of_month].sum()),
            )
        for group_column, groups in sorted(by_type.items()):
            found = compare_shares(
                _shares(groups),
                feed=feed,
                rule_name=rule_name,
                component=component,
                group_column=group_column,
                overdispersion=rho,
                days=int((days.rows > 0).sum()),
            )
            if found:
                yield found


def _shares(groups: Mapping[str, tuple[float, float]]) -> Shares:
    names = sorted(groups)
    return Shares(
        names,
        np.array([groups[name][0] for name in names], dtype=float),
        np.array([groups[name][1] for name in names], dtype=float),
    )


def _of_days(days: Iterable[Mapping[str, Any]]) -> Iterable[Comparison]:
    asked: dict[tuple[str, str], dict[str, dict[date, tuple[float, float]]]] = {}
    for row in days:
        groups = asked.setdefault((row["feed"], row["slice_type"]), {})
        of_group = groups.setdefault(row["slice_value"], {})
        of_group[row["day"]] = (row["checks"], row["failures"])
    for (feed, slice_type), groups in sorted(asked.items()):
        if slice_type == "component":
            yield from compare_components(groups, feed=feed)
        else:
            yield from compare_scores(groups, feed=feed, group_column=slice_type)
