"""Observations over time that are none of each other: `Periods`, `periods_of`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

LEAST_PERIODS = 5
"""Groups with fewer are not compared."""

DEPENDENT = (
    "Neighbouring periods are alike, and there are too few for longer ones: p is too"
    " small."
)
Days = Mapping[date, tuple[float, float]]
"""Checks and failing checks by day."""


@dataclass(frozen=True)
class Periods:
    """Scores of groups by period."""

    unit: str
    """day, week or month."""
    scores: dict[str, dict[date, float]]
    """By group and first day of the period: the share of checks that passed."""
    is_dependent: bool
    """Whether neighbouring periods are alike even so."""


def periods_of(groups: Mapping[str, Days], least: int = LEAST_PERIODS) -> Periods:
    """Choose the shortest periods that do not resemble their neighbours.

    A test takes observations for independent, and days that go on as the last one was
    are not: there it finds differences that are none. Days, weeks and months are tried
    in this order.

    Args:
        groups: Checks and failing checks by group and day.
        least: As many periods must be left in two of the groups.

    Returns:
        The scores; groups with fewer than `least` periods are left out.
    """
    found = None
    for unit in ("day", "week", "month"):
        scores = {name: _scores(days, unit) for name, days in groups.items()}
        scores = {name: of for name, of in scores.items() if len(of) >= least}
        if found is not None and len(scores) < len(found.scores):
            break
        found = Periods(unit, scores, _is_alike(scores, unit))
        if not found.is_dependent:
            break
    assert found is not None
    return found


def month_of(day: date) -> date:
    """Return the first day of the month."""
    return day.replace(day=1)


def _start(day: date, unit: str) -> date:
    if unit == "day":
        return day
    return month_of(day) if unit == "month" else day - timedelta(days=day.weekday())


def _scores(days: Days, unit: str) -> dict[date, float]:
    sums: dict[date, list[float]] = {}
    for day, (checks, failing) in days.items():
        at = sums.setdefault(_start(day, unit), [0.0, 0.0])
        at[0] += checks
        at[1] += failing
    return {at: 1 - of[1] / of[0] for at, of in sorted(sums.items()) if of[0] > 0}


def _is_alike(scores: Mapping[str, Mapping[date, float]], unit: str) -> bool:
    """Return whether periods resemble the one before, more than by chance in 20.

    The first autocorrelation within groups, over pairs of neighbours that are there,
    has a standard error of 1 / sqrt(pairs), and is low by 1 / periods (Kendall 1954).
    """
    products, squares, pairs, periods, groups = 0.0, 0.0, 0, 0, 0
    for of_group in scores.values():
        values = np.array(list(of_group.values()))
        centred = dict(zip(of_group, values - values.mean(), strict=True))
        squares += float((np.square(values - values.mean())).sum())
        periods += len(values)
        groups += 1
        for at, value in centred.items():
            after = _start(
                at + timedelta(days={"day": 1, "week": 7}.get(unit, 32)), unit
            )
            if after in centred:
                products += value * centred[after]
                pairs += 1
    if pairs < 4 or squares <= 0:
        return False
    correlation = products / pairs / (squares / periods) + groups / periods
    return bool(correlation > 1.645 / np.sqrt(pairs))
