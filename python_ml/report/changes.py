"""Question 2: what changed, an incident a line, and the index from build to build."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from python_ml.report.marts import Marts
from python_ml.report.visible import Personal

# The first are what is open; more are kept for the filter.
SHOWN = 3
_KEPT = 60
_BUILDS = 30


@dataclass(frozen=True)
class Incident:
    """Days on which a series was outside what was expected of it."""

    feed: str
    measure: str
    rule_name: str | None
    column_name: str | None
    value: str | None
    direction: str | None
    first_day: date
    last_day: date
    alarm_days: int
    # `open`, `acknowledged`, `snoozed` or `resolved`.
    state: str
    found: float | None
    expected: float | None
    low: float | None
    high: float | None
    p_value: float | None
    little_history: bool
    slice_type: str | None
    slice_value: str | None
    explained: float | None
    related: int
    note: str | None


@dataclass(frozen=True)
class Changes:
    """What is known of changes.

    Attributes:
        state: `there`, `empty` (nothing unusual), or `absent` (nothing watches yet).
        incidents: Those that are open first, then the latest.
        totals: By feed, and all ("").
        is_open: How many are open, by feed and all ("").
    """

    state: str
    incidents: list[Incident]
    totals: dict[str, int]
    is_open: dict[str, int]


@dataclass(frozen=True)
class Build:
    """The index of the shop in one build."""

    observed_at: datetime
    index: float
    low: float | None
    high: float | None


def changes(marts: Marts, personal: Personal) -> Changes:
    """Return the incidents of the days that the page shows."""
    if not marts.has("fct_quality_incidents"):
        return Changes("absent", [], {}, {})
    since = marts.start("all")
    found = marts.rows(
        f"""
        select incidents.*, {_alerts(marts)}
        where incidents.last_day >= ?
        order by
            is_open desc, incidents.last_day desc, p_value, incidents.incident_id
        limit {_KEPT}
        """,
        [since],
    )
    totals, is_open = {"": 0}, {"": 0}
    for row in marts.rows(
        """
        select feed, count(*) as incidents, count(*) filter (where is_open) as opened
        from fct_quality_incidents
        where last_day >= ?
        group by all
        """,
        [since],
    ):
        for scope in ("", row["feed"]):
            totals[scope] = totals.get(scope, 0) + row["incidents"]
            is_open[scope] = is_open.get(scope, 0) + row["opened"]
    if not found:
        return Changes("empty", [], totals, is_open)
    return Changes(
        "there", [_incident(row, personal) for row in found], totals, is_open
    )


def builds(marts: Marts) -> list[Build]:
    """Return the index of the last builds, the oldest first; fewer than 2 are none."""
    if not marts.has("fct_quality_history"):
        return []
    found = marts.rows(
        f"""
        select observed_at, value, value_low, value_high
        from fct_quality_history
        where
            clock = 'build' and feed = 'shop' and slice_type = 'all'
            and measure = 'quality_index' and value is not null
        order by observed_at desc
        limit {_BUILDS}
        """
    )
    if len(found) < 2:
        return []
    return [
        Build(row["observed_at"], row["value"], row["value_low"], row["value_high"])
        for row in reversed(found)
    ]


def _alerts(marts: Marts) -> str:
    """Write what an alert adds to its incident, and where both are read."""
    if not marts.has("fct_alerts"):
        return """null as state, null as note
        from fct_quality_incidents as incidents"""
    return """alerts.state, alerts.note
        from fct_quality_incidents as incidents
        left join fct_alerts as alerts using (incident_id)"""


def _incident(row: dict, personal: Personal) -> Incident:
    return Incident(
        feed=row["feed"],
        measure=row["measure"],
        rule_name=row["rule_name"],
        column_name=row["column_name"],
        value=personal.value(
            row["feed"], row["column_name"], row.get("value_of_column")
        ),
        direction=row["direction"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        alarm_days=row["alarm_days"],
        state=row["state"] or ("open" if row["is_open"] else "resolved"),
        found=row["found"],
        expected=row["expected"],
        low=row["expected_low"],
        high=row["expected_high"],
        p_value=row["p_value"],
        little_history=bool(row["little_history"]),
        slice_type=row["slice_type"],
        slice_value=row["slice_value"] and personal.key("", row["slice_value"]),
        explained=row["explained_share"],
        related=row["related"] or 0,
        note=row["note"],
    )
