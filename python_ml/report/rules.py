"""Question 7: which rules are over their limits, and what do failing rows look like?"""

from __future__ import annotations

from dataclasses import dataclass

from python_ml.report.marts import PERIODS, Marts
from python_ml.report.visible import Personal, clipped

SHOWN = 10
# The worst of the shop, and the worst of each feed, for the filter.
_KEPT, _KEPT_OF_FEED = 40, 10
_EXAMPLES = 3
_REASONS = 10


@dataclass(frozen=True)
class Example:
    """A failing row; `value` and `suggested` are shapes where `is_personal`."""

    record_key: str
    column_name: str | None
    value: str | None
    suggested: str | None
    day: str | None
    is_personal: bool


@dataclass(frozen=True)
class Rule:
    """A rule over its limit; rates in [0, 1].

    Attributes:
        gain: What the index of the shop would gain if no row failed it; of the feed
            where it has no part in that of the shop.
        of_feed: Whether it is of the feed.
        counts: By period the failing rows and the rows checked; None if not by day.
        issues: Rows of fct_quality_issues.
    """

    name: str
    feed: str
    column_name: str | None
    description: str | None
    verdict: str
    failing: int | None
    checked: int | None
    rate: float | None
    low: float | None
    high: float | None
    basis: str | None
    limit: float | None
    gain: float | None
    of_feed: bool
    is_waived: bool
    reason: str | None
    counts: dict[str, tuple[int, int] | None]
    examples: list[Example]
    issues: int


@dataclass(frozen=True)
class Unmeasured:
    """Rules that were not measured for one reason."""

    feed: str
    reason: str
    rules: int
    first: str


@dataclass(frozen=True)
class Rules:
    """Rules over their limits or in error, and what was not measured.

    Attributes:
        failed: The first are the worst of the shop.
        totals: How many are over their limits or in error, by feed and all ("").
        unmeasured: By reason, the largest groups first.
        reasons: How many such groups there are.
    """

    failed: list[Rule]
    totals: dict[str, int]
    unmeasured: list[Unmeasured]
    reasons: int


def rules(marts: Marts, personal: Personal) -> Rules:
    """Return what the page says of rules."""
    found = marts.rows(
        f"""
        with failed as (
            select
                rules.*,
                described.description,
                row_number() over (
                    order by
                        verdict = 'error' desc, is_waived,
                        shop_index_gain desc nulls last,
                        feed_index_gain desc nulls last, failure_rate desc,
                        rules.rule_name
                ) as rank,
                count(*) over (partition by rules.feed) as of_feed
            from fct_quality_rules as rules
            left join dim_quality_rules as described
                on rules.rule_name = described.rule_name
            where verdict in ('failed', 'error')
        )

        select *, count(*) over () as total
        from failed
        qualify rank <= {_KEPT}
            or row_number() over (partition by feed order by rank) <= {_KEPT_OF_FEED}
        order by rank
        """
    )
    totals = {"": 0}
    for row in marts.rows(
        """
        select feed, count(*) as rules
        from fct_quality_rules
        where verdict in ('failed', 'error')
        group by all
        """
    ):
        totals[row["feed"]] = row["rules"]
        totals[""] += row["rules"]
    names = [row["rule_name"] for row in found]
    counts, (examples, issues) = (
        _counts(marts, names),
        _examples(marts, names, personal),
    )
    reasons = _unmeasured(marts)
    return Rules(
        [_rule(row, counts, examples, issues) for row in found],
        totals,
        reasons[:_REASONS],
        len(reasons),
    )


def _rule(row: dict, counts: dict, examples: dict, issues: dict) -> Rule:
    name = row["rule_name"]
    gain = row["shop_index_gain"]
    return Rule(
        name=name,
        feed=row["feed"],
        column_name=row["column_name"],
        description=row["description"],
        verdict=row["verdict"],
        failing=row["failing_rows"],
        checked=row["rows_checked"],
        rate=row["failure_rate"],
        low=row["rate_low"],
        high=row["rate_high"],
        basis=row["rate_basis"],
        limit=row["max_rate"],
        gain=row["feed_index_gain"] if gain is None else gain,
        of_feed=gain is None,
        is_waived=bool(row["is_waived"]),
        reason=row["reason"],
        counts={period: counts.get((name, period)) for period in PERIODS},
        examples=examples.get(name, []),
        issues=issues.get(name, 0),
    )


def _counts(marts: Marts, names: list[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return by rule and shorter period the failing rows and the rows checked."""
    counts = {}
    for period in PERIODS:
        if period == "all":
            continue
        for row in marts.rows(
            """
            select
                rule_name, sum(failing_rows) as failing, sum(rows_checked) as checked
            from fct_quality_measures
            where
                slice_type = 'day' and rule_name in (select unnest(?))
                and try_cast(slice_value as date) >= ?
                and try_cast(slice_value as date) < ?
            group by all
            """,
            [names, marts.start(period), marts.end],
        ):
            counts[row["rule_name"], period] = int(row["failing"]), int(row["checked"])
    return counts


def _examples(
    marts: Marts, names: list[str], personal: Personal
) -> tuple[dict[str, list[Example]], dict[str, int]]:
    """Return the first failing rows of each rule, and how many it has."""
    found = marts.rows(
        f"""
        select
            *, count(*) over (partition by rule_name) as issues
        from fct_quality_issues
        where rule_name in (select unnest(?))
        qualify row_number() over (
            partition by rule_name
            order by error_probability desc, record_key, occurrence, issue_id
        ) <= {_EXAMPLES}
        order by rule_name, error_probability desc, record_key, occurrence, issue_id
        """,
        [names],
    )
    examples: dict[str, list[Example]] = {}
    for row in found:
        feed, column = row["feed"], row["column_name"]
        value = personal.value(feed, column, row["found_value"])
        suggested = personal.value(feed, column, row["suggested_value"])
        day = row["issue_day"]
        examples.setdefault(row["rule_name"], []).append(
            Example(
                record_key=clipped(personal.key(feed, row["record_key"]) or ""),
                column_name=column,
                value=value and clipped(value),
                suggested=suggested and clipped(suggested),
                day=day and day.isoformat(),
                is_personal=personal.is_personal(feed, column),
            )
        )
    return examples, {row["rule_name"]: row["issues"] for row in found}


def _unmeasured(marts: Marts) -> list[Unmeasured]:
    return [
        Unmeasured(row["feed"], row["reason"], row["rules"], row["first_rule"])
        for row in marts.rows(
            """
            select
                feed,
                coalesce(reason, '') as reason,
                count(*) as rules,
                min(rule_name) as first_rule
            from fct_quality_rules
            where verdict = 'not measured'
            group by all
            order by rules desc, feed, reason
            """
        )
    ]
