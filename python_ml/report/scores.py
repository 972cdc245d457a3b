"""Questions 1, 4 and 5: the index of each scope, its dimensions and its components."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import floor

from python_ml.report.marts import Marts

DIMENSIONS = {
    "completeness": ("missing", "repeat", "coverage"),
    "accuracy": ("label", "class", "relation"),
    "consistency": ("source", "format"),
    "timeliness": ("frequency", "validity"),
}
# Fewer rows than this say little of a slice: they are not ranked.
_ROWS_OF_SLICE = 10
_SLICES = 10
# The upper ends of the levels of a heat map: shares that are wrong.
LEVELS = (0.005, 0.01, 0.02, 0.05)


@dataclass(frozen=True)
class Scope:
    """The shop (`feed` is empty), a feed, or a slice; scores in [0, 1] or None."""

    feed: str
    slice_type: str
    slice_value: str
    index: float | None
    low: float | None
    high: float | None
    measured: float
    scores: dict[str, float | None]
    clean: float | None
    rows: int
    issues: int
    worst_feed: str | None
    worst_feed_index: float | None
    worst_rule: str | None
    worst_rule_rate: float | None
    # The same index of the repaired data; None where nothing is repaired.
    repaired: float | None
    verdicts: Counter[str]

    @property
    def rules(self) -> int:
        """How many rules can fail."""
        return sum(self.verdicts.values()) - self.verdicts["not applicable"]


@dataclass(frozen=True)
class Cell:
    """A component of a feed: its score, or why there is none."""

    component: str
    score: float | None
    # `measured`, `not measured`, or `no rule`.
    state: str
    # 0 (nearly all is right) to 4.
    level: int
    rules: int


@dataclass(frozen=True)
class Slices:
    """The worst slices of source systems and categories, of how many."""

    shown: list[Scope]
    total: int


def scopes(marts: Marts) -> list[Scope]:
    """Return the shop and its feeds, the worst first; what has no rows is left out."""
    verdicts: dict[str, Counter[str]] = {"": Counter()}
    for row in marts.rows(
        "select feed, verdict, count(*) as rules from fct_quality_rules group by all"
    ):
        verdicts.setdefault(row["feed"], Counter())[row["verdict"]] += row["rules"]
        verdicts[""][row["verdict"]] += row["rules"]
    repaired = {}
    if marts.has("fct_repair_effect"):
        repaired = {
            row["feed"]: row["score_after"]
            for row in marts.rows(
                """
                select coalesce(feed, '') as feed, score_after
                from fct_repair_effect
                where dimension = 'all' and scope_type in ('shop', 'feed')
                """
            )
        }
    found = marts.rows(
        """
        select *
        from fct_quality_index
        where scope_type in ('shop', 'feed') and (rows_checked > 0 or feed is null)
        order by scope_type = 'feed', quality_index nulls last, feed
        """
    )
    return [
        _scope(row, repaired, verdicts.get(row["feed"] or "", Counter()))
        for row in found
    ]


def slices(marts: Marts) -> Slices:
    """Return the source systems and categories with the least index."""
    found = marts.rows(
        f"""
        select *, count(*) over () as slices
        from fct_quality_index
        where
            scope_type in ('source_system', 'category')
            and quality_index is not null
            and rows_checked >= {_ROWS_OF_SLICE}
        order by quality_index, feed, scope_type, scope_value
        limit {_SLICES}
        """
    )
    shown = [_scope(row, {}, Counter()) for row in found]
    return Slices(shown, found[0]["slices"] if found else 0)


def components(marts: Marts) -> dict[str, list[Cell]]:
    """Return by feed a cell for each component, in the order of the dimensions.

    A component's score is one less the weighted mean of its rules' failure rates, as in
    the index; a rule in error counts as wholly failing.
    """
    rated = {
        (row["feed"], row["component"]): row
        for row in marts.rows(
            """
            select
                feed,
                component,
                count(*) as rules,
                sum(weight * rate) filter (where rate is not null)
                / nullif(sum(weight) filter (where rate is not null), 0) as rate
            from (
                select
                    *,
                    case when verdict = 'error' then 1 else failure_rate end as rate
                from fct_quality_rules
                where
                    weight > 0
                    and component_weight is distinct from 0
                    and verdict <> 'not applicable'
            )
            group by all
            """
        )
    }
    feeds = {feed for feed, _ in rated}
    names = [name for group in DIMENSIONS.values() for name in group]
    return {
        feed: [_cell(name, rated.get((feed, name))) for name in names] for feed in feeds
    }


def floor_of(values: Iterable[float | None]) -> float:
    """Return where a scale of scores begins: the tenth below the least, 0.9 at most."""
    least = min((value for value in values if value is not None), default=0.0)
    return min(0.9, max(0.0, floor((least - 0.02) * 10) / 10))


def _scope(row: dict, repaired: dict, verdicts: Counter[str]) -> Scope:
    return Scope(
        feed=row["feed"] or "",
        slice_type=row["scope_type"],
        slice_value=row["scope_value"] or "",
        index=row["quality_index"],
        low=row["index_low"],
        high=row["index_high"],
        measured=row["measured_weight"] or 0.0,
        scores={name: row[f"{name}_score"] for name in DIMENSIONS},
        clean=row["clean_row_share"],
        rows=row["rows_checked"],
        issues=row["issue_count"],
        worst_feed=row["worst_feed"],
        worst_feed_index=row["worst_feed_index"],
        worst_rule=row["worst_rule"],
        worst_rule_rate=row["worst_rule_rate"],
        repaired=repaired.get(row["feed"] or ""),
        verdicts=verdicts,
    )


def _cell(component: str, rated: dict | None) -> Cell:
    if rated is None:
        return Cell(component, None, "no rule", 0, 0)
    if rated["rate"] is None:
        return Cell(component, None, "not measured", 0, rated["rules"])
    level = sum(rated["rate"] > end for end in LEVELS)
    return Cell(component, 1 - rated["rate"], "measured", level, rated["rules"])
