"""Whether two components get worse together: `compare_components`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from scipy import stats

from python_ml.statistics.comparisons import Comparison
from python_ml.statistics.periods import DEPENDENT, Days, periods_of

LEAST = 10
"""Periods below which a correlation says nothing."""


def compare_components(
    components: Mapping[str, Days], *, feed: str
) -> list[Comparison]:
    """Correlate the failure rates of each two components of a feed over time.

    One observation is a day (or a week, or a month: `periods_of`) on which both were
    measured. By ranks (Spearman 1904), and by the rates themselves (Pearson).

    Args:
        components: Checks and failing checks by component and day.
        feed: Of which table.

    Returns:
        Two comparisons a pair. None of pairs with fewer than ten periods, or of which
        one never changes.
    """
    tests = []
    for one, other in combinations(sorted(components), 2):
        pair = {name: components[name] for name in (one, other)}
        periods = periods_of(pair, LEAST)
        if len(periods.scores) < 2:
            continue
        both = sorted(periods.scores[one].keys() & periods.scores[other].keys())
        a, b = (
            np.array([1 - periods.scores[name][at] for at in both]) for name in pair
        )
        if len(both) < LEAST or min(np.ptp(a), np.ptp(b)) <= 1e-12:
            continue
        for test, result in {
            "spearman": stats.spearmanr(a, b),
            "pearson": stats.pearsonr(a, b),
        }.items():
            r = float(result.statistic)
            tests.append(
                Comparison(
                    feed=feed,
                    question="Do two components get worse together?",
                    test=test,
                    observation=periods.unit,
                    groups=2,
                    observations=len(both),
                    difference=(
                        f"When the failure rate of {one} rises, that of {other} tends"
                        f" to {'rise, too' if r > 0 else 'fall'}"
                    ),
                    no_difference=(
                        f"No connection between the failure rates of {one} and {other}"
                        " was seen"
                    ),
                    component=f"{one}, {other}",
                    statistic=r,
                    degrees_of_freedom=len(both) - 2,
                    p_value=float(result.pvalue),
                    p_value_basis="asymptotic",
                    effect_name="r",
                    effect=r,
                    note=DEPENDENT if periods.is_dependent else "",
                )
            )
    return tests
