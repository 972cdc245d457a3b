"""What a unit of each defect costs: `calibrate`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from python_ml.calibration.runs import Measured, Run, RunLog
from python_ml.calibration.shop import Loss


@dataclass(frozen=True)
class Cost:
    """The price of one kind of damage.

    Attributes:
        part: "recommendation" or "search".
        kind: Of `EVENT_KINDS` or `TEXT_KINDS`.
        slope: Share of the measure that is lost per unit of rate, 0 or more: at .23
            a rate of 10 % costs 2.3 %.
        low: Lower end of its 95 % interval, over users and over what was hit.
        high: Upper end.
        runs: How many it was learned from.
    """

    part: str
    kind: str
    slope: float
    low: float
    high: float
    runs: int


@dataclass(frozen=True)
class Check:
    """How well costs predict mixes that they were not learned from.

    Attributes:
        mixes: How many.
        order: Spearman's rank correlation of predicted and measured losses.
        order_of_equal: That of the sum of all rates: what it is worth to know how much,
            without knowing what.
        order_of_costly: That of the sum of the rates of kinds that cost anything.
        error: Median of how far the predicted loss is off, a share.
    """

    mixes: int
    order: float
    order_of_equal: float
    order_of_costly: float
    error: float


def calibrate(
    runs: Iterable[Run],
    log: RunLog,
    measure: Callable[[Run], Loss],
    progress: Callable[[Run, Measured], None] = lambda run, measured: None,
    is_over: Callable[[], bool] = lambda: False,
) -> list[Measured]:
    """Measure the runs that are not known yet.

    Args:
        runs: Of `plan`.
        log: Of what is known, to which is added.
        measure: What one damage costs.
        progress: Is called after each run.
        is_over: Whether to stop before the next run.

    Returns:
        What is known of the runs, in their order; fewer than the runs where it was
        stopped.
    """
    results = []
    for run in runs:
        found = log.found(run)
        if found is None:
            if is_over():
                break
            loss = measure(run)
            found = Measured(
                run.part, run.name, dict(run.rates), run.seed, loss.loss, loss.error
            )
            log.add(run, found)
            progress(run, found)
        results.append(found)
    return results


def costs_of(measured: Iterable[Measured]) -> list[Cost]:
    """Learn the price of each kind from the runs of single kinds.

    A slope through 0 by least squares. Its interval adds what differs between runs
    (what was hit) to what differs between users, who are the same in all runs.
    """
    by_kind: dict[tuple[str, str], list[Measured]] = {}
    for each in measured:
        if set(each.rates) == {each.name}:
            by_kind.setdefault((each.part, each.name), []).append(each)
    results = []
    for (part, kind), found in by_kind.items():
        rate = np.array([each.rates[kind] for each in found])
        loss = np.array([each.loss for each in found])
        error = np.array([each.error for each in found])
        weight = (rate**2).sum()
        slope = float((rate * loss).sum() / weight)
        apart = loss - slope * rate
        freedom = max(len(found) - 1, 1)
        of_runs = float(((apart**2).sum() / freedom / weight) ** 0.5)
        of_users = float((rate * error).sum() / weight)
        width = 1.96 * (of_runs**2 + of_users**2) ** 0.5
        results.append(
            Cost(
                part,
                kind,
                max(slope, 0.0),
                max(slope - width, 0.0),
                max(slope + width, 0.0),
                len(found),
            )
        )
    return results


def predicted(rates: Mapping[str, float], slopes: Mapping[str, float]) -> float:
    """Return the loss of a mix: 1 less the product of what each kind leaves."""
    left = [max(1 - slopes.get(kind, 0) * rate, 0) for kind, rate in rates.items()]
    return 1 - float(np.prod(left))


def check(
    measured: Iterable[Measured], costs: Iterable[Cost], part: str
) -> Check | None:
    """Compare predicted with measured losses of mixes; None with fewer than three."""
    slopes = {cost.kind: cost.slope for cost in costs if cost.part == part}
    by_mix: dict[str, list[Measured]] = {}
    for each in measured:
        if each.part == part and each.name.startswith("mix "):
            by_mix.setdefault(each.name, []).append(each)
    if len(by_mix) < 3:
        return None
    rates = [found[0].rates for found in by_mix.values()]
    loss = [float(np.mean([each.loss for each in found])) for found in by_mix.values()]
    foreseen = [predicted(each, slopes) for each in rates]
    costly = [
        sum(rate for kind, rate in each.items() if slopes.get(kind, 0) > 0)
        for each in rates
    ]
    equal = [sum(each.values()) for each in rates]
    return Check(
        len(by_mix),
        _order(foreseen, loss),
        _order(equal, loss),
        _order(costly, loss),
        float(np.median(np.abs(np.array(foreseen) - np.array(loss)))),
    )


def _order(left: list[float], right: list[float]) -> float:
    """Return Spearman's rank correlation; 0 where one side is all alike."""
    if len(set(left)) < 2 or len(set(right)) < 2:
        return 0.0
    return float(spearmanr(left, right).statistic)
