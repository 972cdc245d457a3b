"""Alarms that belong together: `group_incidents`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import md5

import pyarrow as pa
import pyarrow.compute as pc

from python_ml.anomalies.explain import Explanation, Slices
from python_ml.anomalies.schemas import incidents_schema
from python_ml.anomalies.words import summary

# Days without alarm inside a run: a weekend, or a day that is just not far enough out.
_LONGEST_GAP = 3
# They follow from other series: alone they are an incident, beside others they join it.
_CONSEQUENCES = ("quality_index",)
# One cause stops the rows and makes the newest of them old.
_OF_WHOLE_FEED = ("rows", "freshness")


@dataclass
class _Run:
    """Alarms of one series on one side, one after the other."""

    series_id: str
    alarms: list[dict]
    explanation: Explanation | None = None  # Of the first day, which stays.

    @property
    def first(self) -> dict:
        return self.alarms[0]

    @property
    def worst(self) -> dict:
        return min(self.alarms, key=lambda one: (one["p_value"], one["day"]))


@dataclass
class _Incident:
    """Runs of one cause; the first of them gives it its name."""

    runs: list[_Run] = field(default_factory=list)

    def had_alarm(self, days: Iterable[date]) -> bool:
        wanted = set(days)
        return any(one["day"] in wanted for run in self.runs for one in run.alarms)

    def has_cause_of(self, run: _Run) -> bool:
        return any(_share_cause(one, run) for one in self.runs)


def group_incidents(anomalies: pa.Table, series: pa.Table) -> pa.Table:
    """Make incidents of the anomalies of series.

    Anomalies of one series on the same side, with three days without between them at
    most, are one run. A run that begins while or the day after an incident of the same
    feed had an alarm joins it, if both are of one column, both are about how many rows
    come and when, one of them is the quality index, or the same slice explains both.
    What began first gives an incident its name, which later days do not change.

    Args:
        anomalies: As `find_anomalies` returns them.
        series: As it takes them, with the series of slices, which explain.

    Returns:
        One row per incident, by first_day and incident_id: columns as in
        `incidents_schema`. The numbers are those of the worst day of the series that
        gives it its name.
    """
    alarms = anomalies.filter(pc.fill_null(anomalies["is_anomaly"], False))
    if not len(alarms):
        return incidents_schema().empty_table()
    slices = Slices(series, alarms)
    by_feed = defaultdict(list)
    for run in _runs(alarms):
        run.explanation = slices.explain(run.first, run.first["day"])
        by_feed[run.first["feed"]].append(run)
    closed = _last_days(anomalies)
    rows = [
        _row(incident, closed[feed], slices)
        for feed, runs in by_feed.items()
        for incident in _incidents(runs)
    ]
    rows.sort(key=lambda row: (row["first_day"], row["incident_id"]))
    return pa.Table.from_pylist(rows, incidents_schema())


def _runs(alarms: pa.Table) -> list[_Run]:
    by_side = defaultdict(list)
    for alarm in alarms.sort_by("day").to_pylist():
        by_side[alarm["series_id"], alarm["direction"]].append(alarm)
    runs = []
    for (series_id, _), found in by_side.items():
        run: list[dict] = []
        for alarm in found:
            if run and (alarm["day"] - run[-1]["day"]).days > _LONGEST_GAP + 1:
                runs.append(_Run(series_id, run))
                run = []
            run.append(alarm)
        runs.append(_Run(series_id, run))
    return runs


def _incidents(runs: list[_Run]) -> list[_Incident]:
    """Put the runs of a feed together in the order in which they began.

    Only what was known when a run began decides where it belongs: later days move none.
    """

    def order(run: _Run) -> tuple:
        first = run.first
        consequence = first["measure"] in _CONSEQUENCES
        return first["day"], consequence, first["p_value"], run.series_id

    incidents: list[_Incident] = []
    recent: list[_Incident] = []
    for run in sorted(runs, key=order):
        day = run.first["day"]
        near = [day - timedelta(1), day]
        recent = [one for one in recent if one.had_alarm(_days_until(day))]
        found = (one for one in recent if one.had_alarm(near) and one.has_cause_of(run))
        incident = next(found, None)
        if incident is None:
            incident = _Incident()
            incidents.append(incident)
            recent.append(incident)
        incident.runs.append(run)
    return incidents


def _days_until(day: date) -> list[date]:
    return [day - timedelta(before) for before in range(_LONGEST_GAP + 2)]


def _share_cause(one: _Run, other: _Run) -> bool:
    measures = one.first["measure"], other.first["measure"]
    if any(measure in _CONSEQUENCES for measure in measures):
        return True
    if all(measure in _OF_WHOLE_FEED for measure in measures):
        return True
    column = one.first["column_name"]
    if column is not None and column == other.first["column_name"]:
        return True
    mine, theirs = one.explanation, other.explanation
    return mine is not None and theirs is not None and mine.slice == theirs.slice


def _last_days(anomalies: pa.Table) -> dict[str, date]:
    """Return the last day of each feed on which anything was tested."""
    last = anomalies.group_by("feed").aggregate([("day", "max")])
    return dict(zip(last["feed"].to_pylist(), last["day_max"].to_pylist(), strict=True))


def _row(incident: _Incident, closed: date, slices: Slices) -> dict:
    lead = incident.runs[0]
    worst, first = lead.worst, lead.first
    days = {one["day"] for run in incident.runs for one in run.alarms}
    explanation = slices.explain(worst, first["day"])
    names = ("feed", "measure", "rule_name", "column_name", "value_of_column")
    key = [worst[name] for name in names] + [first["day"].isoformat()]
    text = "|".join("" if one is None else str(one) for one in key)
    row = {name: worst[name] for name in names}
    numbers = ("found", "expected", "expected_low", "expected_high", "p_value")
    row |= {name: worst[name] for name in numbers}
    row |= {
        "incident_id": md5(text.encode(), usedforsecurity=False).hexdigest(),
        "direction": worst["direction"],
        "first_day": first["day"],
        "last_day": max(days),
        "alarm_days": len(days),
        "is_open": max(days) >= closed,
        "worst_day": worst["day"],
        "size": worst["found"] - worst["expected"],
        "little_history": worst["little_history"],
        "slice_type": explanation.slice[0] if explanation else None,
        "slice_value": explanation.slice[1] if explanation else None,
        "explained_share": explanation.share if explanation else None,
        "related": len({run.series_id for run in incident.runs}) - 1,
    }
    return row | {"summary": summary(row, worst["history_days"])}
