"""Whether rows fail more often in one group than in another: `compare_shares`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from python_ml.statistics.comparisons import Comparison
from python_ml.statistics.words import fails, plural, rate

OTHERS = "(others)"
_LEAST_EXPECTED = 5  # Cochran (1954): in four of five cells, and 1 in each.
_DRAWS = 9_999
_MOST_DRAWN = 30  # groups of a table whose p value is simulated


@dataclass(frozen=True)
class Shares:
    """Rows and failing rows of groups; arrays of the same length."""

    names: list[str]
    rows: np.ndarray
    failing: np.ndarray


def compare_shares(
    groups: Shares,
    *,
    feed: str,
    group_column: str,
    rule_name: str | None = None,
    component: str | None = None,
    overdispersion: float = 0.0,
    days: int = 0,
) -> Comparison | None:
    """Test whether the share of failing rows depends on the group.

    Pearson's chi-square over groups and failing or not. Groups in which fewer than five
    failing rows are expected are taken together; where that leaves too few, p is exact
    (two groups: Fisher 1922) or simulated with the margins fixed (Hope 1968). Where
    rows of one day fail together, the counts are divided by the design effect, 1 +
    (rows a day - 1) * rho (Rao & Scott 1992, A simple method for the analysis of
    clustered binary data). The effect is Cramér's V, corrected (Bergsma 2013).

    Args:
        groups: Their names, rows checked and failing rows.
        feed: Of which table.
        group_column: What the groups are: source_system, category or month.
        rule_name: Which rule; None: whether any rule finds fault with the row.
        component: Of the rule.
        overdispersion: rho, the correlation of two rows of a day: 0 to 1.
        days: Over how many days the rows of all groups lie; 0: not known.

    Returns:
        The comparison; None where fewer than two groups have rows, or all rows fail, or
        none does: then there is nothing to compare.
    """
    has_rows = groups.rows > 0
    names = [name for name, kept in zip(groups.names, has_rows, strict=True) if kept]
    rows = groups.rows[has_rows]
    failing = np.minimum(groups.failing[has_rows], rows)
    if len(rows) < 2 or not 0 < failing.sum() < rows.sum():
        return None
    design = _design_effect(rows, overdispersion, days, group_column)
    names, rows, failing, design, pooled = _pooled(names, rows, failing, design)
    if len(rows) < 2:
        return None
    counted = rows / design
    found, chi, basis, p_value = _test(rows, failing, design)
    residuals = (found - counted * found.sum() / counted.sum()) / np.sqrt(
        counted * (1 - counted / counted.sum())
    )
    # Groups that were taken together are no group.
    place = [at for at, name in enumerate(names) if name != OTHERS]
    high, low = max(place, key=residuals.item), min(place, key=residuals.item)
    what = fails(rule_name)
    return Comparison(
        feed=feed,
        question=(
            f"Does it depend on the {group_column.replace('_', ' ')} how often rows"
            f" {what}?"
        ),
        test="chi_square",
        observation="row",
        groups=len(names),
        observations=int(rows.sum()),
        difference=_difference(
            what, Shares(names, rows, failing), high, low, residuals
        ),
        no_difference=f"No difference between {plural(group_column)} was seen in how"
        f" often rows {what}",
        rule_name=rule_name,
        component=component,
        group_column=group_column,
        statistic=chi,
        degrees_of_freedom=len(names) - 1,
        p_value=p_value,
        p_value_basis=basis,
        effect_name="cramers_v",
        effect=cramers_v(chi, counted.sum(), len(names)),
        highest_group=names[high] if residuals[high] > 0 else None,
        lowest_group=names[low] if residuals[low] < 0 else None,
        note=f"{pooled:,} groups with few rows are taken together." if pooled else "",
    )


def _difference(
    what: str, groups: Shares, high: int, low: int, residuals: np.ndarray
) -> str:
    """Say which groups are furthest above and below the rest."""
    names, rates = groups.names, [*map(rate, groups.failing, groups.rows)]
    if len(names) == 2 and high != low:
        return (
            f"Rows of {names[high]} {what} more often ({rates[high]}) than rows of"
            f" {names[low]} ({rates[low]})"
        )
    told = []
    if residuals[high] > 0:
        told.append(f"rows of {names[high]} {what} more often ({rates[high]})")
    if residuals[low] < 0:
        less = "those" if told else "rows"
        verb = "" if told else f" {what}"
        told.append(f"{less} of {names[low]}{verb} less often ({rates[low]})")
    overall = rate(groups.failing.sum(), groups.rows.sum())
    text = f"{', '.join(told)} than all rows together ({overall})"
    return text[0].upper() + text[1:]


def cramers_v(chi: float, observations: float, groups: int) -> float:
    """Return Cramér's V of groups by two outcomes, without its bias; 0 to 1.

    Bergsma (2013), A bias-correction for Cramér's V and Tschuprow's T.
    """
    n = observations
    if n <= 1:
        return 0.0
    square = max(0.0, chi / n - (groups - 1) / (n - 1))
    rows = groups - (groups - 1) ** 2 / (n - 1)
    columns = 2 - 1 / (n - 1)
    least = min(rows, columns) - 1
    return min(1.0, (square / least) ** 0.5) if least > 0 else 0.0


def overdispersion(
    periods: Sequence[str], rows: np.ndarray, failing: np.ndarray
) -> float:
    """Estimate how much rows of one day fail together, by the days of each month.

    The correlation rho of two rows of a day, by moments from Pearson's statistic of
    days within their month (Williams 1982, Extra-binomial variation in logistic linear
    models): what changes from month to month is no overdispersion.

    Args:
        periods: The month of each day.
        rows: Rows checked on each day.
        failing: Those of them that fail.

    Returns:
        rho, 0 to 1; 0 where there are fewer than five days to learn it from.
    """
    statistic = freedom = extra = 0.0
    months = np.asarray(periods)
    for month in np.unique(months):
        of_month = (months == month) & (rows > 0)
        n, f = rows[of_month], failing[of_month]
        if len(n) < 2 or not 0 < f.sum() < n.sum():
            continue
        p = f.sum() / n.sum()
        statistic += float(((f - n * p) ** 2 / (n * p * (1 - p))).sum())
        freedom += len(n) - 1
        # What rho = 1 adds to the expectation of the statistic.
        extra += float(((n - 1) * (1 - n / n.sum())).sum())
    if freedom < 5 or extra <= 0:
        return 0.0
    return float(np.clip((statistic - freedom) / extra, 0, 1))


def _design_effect(
    rows: np.ndarray, rho: float, days: int, group_column: str
) -> np.ndarray:
    """Return by how much the rows of each group count as fewer, from 1 on."""
    if rho <= 0 or days < 1:
        return np.ones(len(rows))
    # The days of a month are its own; those of other groups are shared.
    each = max(1.0, days / len(rows)) if group_column == "month" else float(days)
    a_day = np.maximum(rows / each, 1.0)
    return 1 + (a_day - 1) * rho


def _pooled(
    names: list[str], rows: np.ndarray, failing: np.ndarray, design: np.ndarray
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray, int]:
    """Take groups together in which few failing, or few passing, rows are expected.

    Which are is decided by their rows alone, not by what was found in them. Where no
    two groups would be left, they stay as they are, but for the smallest of very many.
    """
    share = failing.sum() / rows.sum()
    is_large = rows / design * min(share, 1 - share) >= _LEAST_EXPECTED
    if is_large.sum() < 2:
        is_large = np.zeros(len(rows), dtype=bool)
        is_large[np.argsort(-rows, kind="stable")[:_MOST_DRAWN]] = True
    small = ~is_large
    if small.sum() < 2:
        return names, rows, failing, design, 0
    kept = [name for name, large in zip(names, is_large, strict=True) if large]
    rest = rows[small].sum()
    return (
        [*kept, OTHERS],
        np.append(rows[is_large], rest),
        np.append(failing[is_large], failing[small].sum()),
        np.append(design[is_large], (design[small] * rows[small]).sum() / rest),
        int(small.sum()),
    )


def _test(
    rows: np.ndarray, failing: np.ndarray, design: np.ndarray
) -> tuple[np.ndarray, float, str, float]:
    """Return failing rows that count, chi-square, the basis of p, and p."""
    counted, found = rows / design, failing / design
    chi = float(_chi_square(counted, found))
    share = found.sum() / counted.sum()
    expected = np.concatenate([counted * share, counted * (1 - share)])
    if expected.min() >= 1 and (expected >= _LEAST_EXPECTED).mean() >= 0.8:
        return found, chi, "asymptotic", float(stats.chi2.sf(chi, len(rows) - 1))
    if len(rows) == 2 and (design == 1).all():
        table = np.stack([failing, rows - failing])
        return found, chi, "exact", float(stats.fisher_exact(table).pvalue)
    random = np.random.default_rng(0)
    drawn = random.multivariate_hypergeometric(
        rows.astype(np.int64), int(failing.sum()), size=_DRAWS, method="marginals"
    )
    simulated = _chi_square(rows, drawn)
    # Rows that fail together make large values more likely.
    extremes = int((simulated * (1 - 1e-9) >= chi * (1 - 1e-9)).sum())
    return found, chi, "simulated", (extremes + 1) / (_DRAWS + 1)


def _chi_square(rows: np.ndarray, failing: np.ndarray) -> np.ndarray:
    share = failing.sum(axis=-1, keepdims=True) / rows.sum()
    return ((failing - rows * share) ** 2 / (rows * share * (1 - share))).sum(axis=-1)
