"""Question 9: what did repairs do, and what is left?"""

from __future__ import annotations

from dataclasses import dataclass

from python_ml.report.marts import Marts
from python_ml.report.visible import Personal, clipped, without_contacts
from python_ml.report.worth import MARTS, Worth, worth

SHOWN = 8
_KEPT, _KEPT_OF_FEED = 30, 8


@dataclass(frozen=True)
class Effect:
    """The shop ("") or a feed: its index before and after, and its issues."""

    feed: str
    before: float | None
    after: float | None
    issues: int
    resolved: int
    introduced: int
    left: int
    rows_changed: int
    rows_removed: int


@dataclass(frozen=True)
class Method:
    """How many repairs of a method are applied, and how many wait."""

    method: str
    applied: int
    proposed: int
    other: int


@dataclass(frozen=True)
class Cause:
    """Proposals that share a cause; `text` is None where its values are personal."""

    feed: str
    method: str
    column_name: str | None
    text: str | None
    repairs: int
    confidence: float


@dataclass(frozen=True)
class Repairs:
    """What repairs did; None as `state` says.

    Attributes:
        state: `there`, or `absent` where the build left repairs out.
        causes: The largest groups of proposals.
        totals: How many such groups there are, by feed and all ("").
        worth: In recommendation and search; None where the build left that out.
    """

    state: str
    effects: list[Effect]
    methods: list[Method]
    causes: list[Cause]
    totals: dict[str, int]
    worth: Worth | None = None


def repairs(marts: Marts, personal: Personal) -> Repairs:
    """Return what the page says of repairs."""
    if not (marts.has("fct_repair_effect") and marts.has("fct_repairs")):
        return Repairs("absent", [], [], [], {})
    effects = [
        Effect(*row.values())
        for row in marts.rows(
            """
            select
                coalesce(feed, '') as feed, score_before, score_after, issues_before,
                issues_resolved, issues_introduced, issues_after, rows_changed,
                rows_removed
            from fct_repair_effect
            where
                dimension = 'all'
                and (
                    scope_type = 'shop'
                    or (scope_type = 'feed' and score_before is not null)
                    or (scope_type = 'feed' and issues_before > 0)
                )
            order by scope_type = 'feed', score_after nulls last, feed
            """
        )
    ]
    methods = [
        Method(*row.values())
        for row in marts.rows(
            """
            select
                method,
                count(*) filter (where status = 'applied') as applied,
                count(*) filter (where status = 'proposed') as proposed,
                count(*) filter (where status not in ('applied', 'proposed')) as other
            from fct_repairs
            group by method
            order by count(*) desc, method
            """
        )
    ]
    found = marts.rows(
        f"""
        with causes as (
            select
                feed,
                method,
                column_name,
                coalesce(min(cause), min(reason)) as cause,
                count(*) as repairs,
                avg(confidence) as confidence
            from fct_repairs
            where status = 'proposed'
            group by feed, method, column_name, coalesce(cause_id, repair_id)
        )

        select
            *, count(*) over (partition by feed) as of_feed, count(*) over () as total
        from causes
        qualify
            row_number() over (order by repairs desc, feed, cause) <= {_KEPT}
            or row_number() over (
                partition by feed order by repairs desc, cause
            ) <= {_KEPT_OF_FEED}
        order by repairs desc, feed, cause
        """
    )
    totals = {row["feed"]: row["of_feed"] for row in found}
    totals[""] = found[0]["total"] if found else 0
    has_worth = all(marts.has(mart) for mart in MARTS)
    return Repairs(
        "there",
        effects,
        methods,
        [_cause(row, personal) for row in found],
        totals,
        worth(marts.rows) if has_worth else None,
    )


def _cause(row: dict, personal: Personal) -> Cause:
    feed, column = row["feed"], row["column_name"]
    # A cause names values of its column: `email: a@b,c -> a@b.c`.
    hides = column is not None and personal.is_personal(feed, column)
    text = None if hides else clipped(without_contacts(row["cause"] or ""))
    return Cause(
        feed, row["method"], column, text, row["repairs"], row["confidence"] or 0.0
    )
