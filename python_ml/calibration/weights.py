"""Weights of the index that follow from costs: rows of `quality_weights_calibrated`.

The index is Σ w_feed w_dimension Π (1 - rate)^a over the components of a dimension,
whose rate is a mean of those of its rules. With a share of each rule as its cost in
that of its component, weights as the cost of a dimension in that of all, and
a = cost of the component · cost of all / cost of the dimension, the index falls by as
much as recommendation or search loses, for small rates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from python_ml.calibration.costs import Cost

SEEN_BY: dict[str, tuple[tuple[str, ...], ...]] = {
    "missing": (
        ("event_user_present",),
        ("event_user_exists",),
        ("event_product_present",),
        ("event_product_exists",),
        ("event_time_present",),
        ("event_occurred_at_is_time",),
    ),
    "wrong_user": (("event_session_has_one_user",),),
    "wrong_item": (),
    "wrong_time": (
        ("event_occurred_before_ingested",),
        ("event_after_product_created",),
        ("event_is_not_in_the_future",),
    ),
    "split_ids": (),
    "lost_items": (("events_cover_products",),),
    "lost_days": (("events_cover_days",),),
    "late": (("events_updated_daily",),),
    "extra_clicks": (),
    "repeats": (("event_is_unique", "event_content_is_unique"),),
    "bursts": (("event_pace_is_of_people",),),
    "no_title": (("product_title_present",),),
    "swapped_title": (("product_title_agrees",),),
    "misspelt_query": (),
    "no_query": (("query_text_present",),),
}
"""Which rules of Assay move with each kind of damage.

Each group sees the damage in a way of its own (an event is lost to who learns without
its user as without its time); the rules of one group see the same rows, and share the
price.
"""
_LATE = 0.1
"""The rate of a rule about age is near 1 once a feed is late at all; what it costs is
taken to be the loss of the last tenth of the time."""


@dataclass(frozen=True)
class Rule:
    """A rule of the last build: its name, feed, dimension and component."""

    name: str
    feed: str
    dimension: str
    component: str


@dataclass(frozen=True)
class Weight:
    """A row of the seed; None is an empty field."""

    feed: str
    dimension: str | None
    component: str | None
    rule_name: str | None
    weight: float


def rule_costs(
    costs: Iterable[Cost], rules: Iterable[Rule], search_share: float = 0.5
) -> dict[str, float]:
    """Return what a unit of the rate of each rule costs the shop.

    Args:
        costs: Of kinds.
        rules: Those that there are.
        search_share: What search counts in the shop, 0 to 1, where both were measured.
    """
    costs = list(costs)
    names = {rule.name for rule in rules}
    parts = {cost.part for cost in costs}
    share = {"search": search_share, "recommendation": 1 - search_share}
    found: dict[str, float] = {}
    for cost in costs:
        counted = cost.slope * (share[cost.part] if len(parts) > 1 else 1)
        if cost.kind == "late":
            counted *= _LATE
        for group in SEEN_BY[cost.kind]:
            there = [name for name in group if name in names]
            for name in there:
                found[name] = found.get(name, 0) + counted / len(there)
    return found


def seen_by(kind: str, rules: Iterable[Rule]) -> list[str]:
    """Return the names of the rules that move with a kind of damage."""
    names = {rule.name for rule in rules}
    return [name for group in SEEN_BY[kind] for name in group if name in names]


def visible_share(costs: Iterable[Cost], rules: Iterable[Rule], part: str) -> float:
    """Return the share of the priced loss that some rule sees, at rates all alike.

    0 where nothing costs anything.
    """
    rules = list(rules)
    priced = [cost for cost in costs if cost.part == part]
    total = sum(cost.slope for cost in priced)
    seen = sum(cost.slope for cost in priced if seen_by(cost.kind, rules))
    return seen / total if total else 0.0


def weights_of(costs: Mapping[str, float], rules: Iterable[Rule]) -> list[Weight]:
    """Return the rows of the seed.

    Feeds that cost nothing weigh 0 and keep their other weights; so do dimensions.

    Args:
        costs: As `rule_costs` returns them.
        rules: Those of the last build, of all feeds.

    Raises:
        ValueError: If no rule costs anything.
    """
    of_rules = sorted(rules, key=lambda rule: (rule.feed, rule.dimension, rule.name))
    total = sum(costs.get(rule.name, 0) for rule in of_rules)
    if not total > 0:
        raise ValueError(
            "No defect that a rule sees costs anything measurable here: no weights"
            " follow from that."
        )
    rows = []
    for feed in sorted({rule.feed for rule in of_rules}):
        in_feed = [rule for rule in of_rules if rule.feed == feed]
        of_feed = _sum(costs, in_feed)
        rows.append(Weight(feed, None, None, None, of_feed / total))
        if not of_feed:
            continue
        for dimension in ("completeness", "accuracy", "consistency", "timeliness"):
            in_dimension = [rule for rule in in_feed if rule.dimension == dimension]
            of_dimension = _sum(costs, in_dimension)
            rows.append(Weight(feed, dimension, None, None, of_dimension / of_feed))
            if not of_dimension:
                continue
            for component in sorted({rule.component for rule in in_dimension}):
                members = [r for r in in_dimension if r.component == component]
                cost = _sum(costs, members)
                exponent = cost * total / of_dimension
                rows.append(Weight(feed, dimension, component, None, exponent))
                rows += [
                    Weight(
                        feed, dimension, component, r.name, costs.get(r.name, 0) / cost
                    )
                    for r in members
                    if cost
                ]
    return rows


def _sum(costs: Mapping[str, float], rules: Iterable[Rule]) -> float:
    return sum(costs.get(rule.name, 0) for rule in rules)
