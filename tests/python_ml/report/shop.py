"""A small warehouse of marts alone, with all that may stand in them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import yaml

from tests.build import ROOT

AS_OF = datetime(2026, 7, 1)
SCRIPT = "<script>document.title = 'broken'</script>"
IMAGE = '"><img src=x onerror="document.title = 1">'
TURNED = "a\u202egnp.exe\u2066\u0007"
EMAIL = "anna.meier@example.org"
PHONE = "+49 170 5550123"

# The marts of watching, as they are agreed; where their YAML is there, it is read.
WATCHED = {
    "fct_quality_anomalies": """
        series_id varchar, feed varchar, measure varchar, rule_name varchar,
        column_name varchar, value_of_column varchar, day date, found double,
        expected double, expected_low double, expected_high double, p_value double,
        q_value double, is_anomaly boolean, direction varchar, history_days bigint,
        little_history boolean, detectable_change double, rows_needed bigint
    """,
    "fct_quality_incidents": """
        incident_id varchar, feed varchar, measure varchar, rule_name varchar,
        column_name varchar, direction varchar, first_day date, last_day date,
        alarm_days bigint, is_open boolean, worst_day date, found double,
        expected double, expected_low double, expected_high double, size double,
        p_value double, little_history boolean, slice_type varchar, slice_value varchar,
        explained_share double, related bigint, summary varchar
    """,
    "fct_quality_history": """
        history_id varchar, clock varchar, observed_at timestamp, feed varchar,
        slice_type varchar, slice_value varchar, measure varchar, rule_name varchar,
        rows_checked bigint, failing_rows double, value double, value_low double,
        value_high double
    """,
    "fct_alerts": """
        alert_id varchar, incident_id varchar, feed varchar, state varchar,
        first_seen timestamp, last_seen timestamp, resolved_at timestamp,
        snoozed_until timestamp, note varchar, summary varchar, first_day date,
        last_day date, direction varchar, measure varchar, rule_name varchar,
        expected_low double, expected_high double, found double, size double,
        slice_type varchar, slice_value varchar
    """,
}
MARTS = [
    "dim_quality_rules",
    "fct_quality_index",
    "fct_quality_issues",
    "fct_quality_measures",
    "fct_quality_rules",
    "fct_repair_effect",
    "fct_repairs",
    "fct_suspect_labels",
]
# Left out unless a test adds rows.
EFFECT = ["fct_recommender_effect", "fct_search_effect"]


@dataclass
class Warehouse:
    """Rows of marts, written into a DuckDB file."""

    rows: dict[str, list[dict]] = field(
        default_factory=lambda: {name: [] for name in [*MARTS, *WATCHED]}
    )
    absent: set[str] = field(default_factory=set)

    def add(self, mart: str, **values: object) -> None:
        """Adds a row; what is not named is null."""
        self.rows.setdefault(mart, []).append(values)

    def write(self, path: Path) -> Path:
        """Writes the file."""
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema assay_marts; use assay_marts; begin")
            for mart, rows in self.rows.items():
                if mart in self.absent:
                    continue
                connection.execute(f"create table {mart} ({columns(mart)})")
                for row in rows:
                    names = ", ".join(f'"{name}"' for name in row)
                    places = ", ".join("?" for _ in row)
                    connection.execute(
                        f"insert into {mart} ({names}) values ({places})",
                        list(row.values()),
                    )
            connection.execute("commit")
        return path


def columns(mart: str) -> str:
    """The columns of a mart with their types, from its contract."""
    path = ROOT / "models" / "marts" / f"{mart}.yml"
    if mart in EFFECT:
        path = path.parent / "effect" / path.name
    if not path.exists():
        return WATCHED[mart]
    (model,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    return ", ".join(
        f'"{column["name"]}" {column["data_type"]}' for column in model["columns"]
    )


def shop(feeds=("orders", "users"), *, unwatched=False, hostile=False) -> Warehouse:
    """A shop of feeds with 60 days; the last weeks of the first are worse."""
    warehouse = Warehouse(absent=set(WATCHED) if unwatched else set())
    scope = {
        "measured_weight": 0.9,
        "measured_grade": "nearly all",
        "quality_index": 0.91,
        "index_low": 0.85,
        "index_high": 0.97,
        "completeness_score": 0.9,
        "accuracy_score": None,
        "consistency_score": 0.95,
        "timeliness_score": 0.88,
        "clean_row_share": 0.8,
        "rows_checked": 6000,
        "issue_count": 7,
        "as_of": AS_OF,
        "worst_rule": "orders_are_there",
        "worst_rule_rate": 0.2,
    }
    warehouse.add(
        "fct_quality_index",
        scope_type="shop",
        **scope,
        worst_feed=feeds[0],
        worst_feed_index=0.84,
    )
    for number, feed in enumerate(feeds):
        warehouse.add(
            "fct_quality_index",
            scope_type="feed",
            feed=feed,
            **{**scope, "quality_index": 0.84 + 0.02 * number},
        )
        add_days(warehouse, scope, feed, is_worse=number == 0)
        add_rules(warehouse, feed, hostile)
        add_repairs(warehouse, feed, hostile)
    if not unwatched:
        add_watching(warehouse, feeds, hostile)
    return warehouse


def add_days(warehouse: Warehouse, scope: dict, feed: str, is_worse: bool) -> None:
    """Days with 100 rows each, a slice, a day without and one to come."""
    for back in range(60, -3, -1):
        day = (AS_OF - timedelta(days=back)).date()
        share = 0.6 if is_worse and back <= 20 else 0.85 + 0.01 * (day.day % 3)
        warehouse.add(
            "fct_quality_index",
            scope_type="day",
            feed=feed,
            **{**scope, "rows_checked": 100, "clean_row_share": share},
            scope_value=day.isoformat(),
        )
    for slice_type, value in [
        ("day", "(missing)"),
        ("source_system", SCRIPT),
        ("category", "Toys"),
    ]:
        warehouse.add(
            "fct_quality_index",
            scope_type=slice_type,
            feed=feed,
            scope_value=value,
            **{**scope, "rows_checked": 40},
        )


def add_rules(warehouse: Warehouse, feed: str, hostile: bool) -> None:
    """Rules of a title and of e-mails, one not measured, one learned."""
    kinds = [
        ("are_there", "not_missing", "title", "failed"),
        ("emails_in_format", "in_format", "email", "failed"),
        ("brand_agrees", "agrees_with", "brand", "not measured"),
        ("label_is_right", "label_is_right", "label", "failed"),
    ]
    for name, kind, column, verdict in kinds:
        rule = f"{feed}_{name}" + (IMAGE if hostile else "")
        is_measured = verdict != "not measured"
        warehouse.add(
            "dim_quality_rules",
            rule_name=rule,
            description=f"{column} is right {SCRIPT if hostile else ''}",
            feed=feed,
            rule_kind=kind,
        )
        warehouse.add(
            "fct_quality_rules",
            rule_name=rule,
            feed=feed,
            column_name=column,
            dimension="completeness",
            component="missing",
            rows_checked=100 if is_measured else None,
            failing_rows=20 if is_measured else None,
            failure_rate=0.2 if is_measured else None,
            rate_low=0.13 if is_measured else None,
            rate_high=0.29 if is_measured else None,
            rate_basis="model" if kind == "label_is_right" else "counted",
            max_rate=0.02,
            weight=1,
            verdict=verdict,
            reason=None if is_measured else f"not supplied {TURNED if hostile else ''}",
            shop_index_gain=0.01 if is_measured else None,
            feed_index_gain=0.02 if is_measured else None,
            is_waived=False,
        )
        for back in (3, 40):
            warehouse.add(
                "fct_quality_measures",
                rule_name=rule,
                feed=feed,
                slice_type="day",
                slice_value=(AS_OF - timedelta(days=back)).date().isoformat(),
                rows_checked=100,
                failing_rows=back,
            )
        for number in range(5 if is_measured else 0):
            warehouse.add(
                "fct_quality_issues",
                issue_id=f"{rule}{number}",
                feed=feed,
                record_key=f"{TURNED if hostile else 'R'}{number}",
                occurrence=1,
                rule_name=rule,
                column_name=column,
                found_value=EMAIL if column == "email" else f"  {SCRIPT}",
                suggested_value=IMAGE,
                error_probability=1.0,
                issue_day=date(2026, 6, 1),
            )
    warehouse.add(
        "fct_suspect_labels",
        rule_name=f"{feed}_label_is_right",
        feed=feed,
        record_key="R1",
        suspect_rank=1,
        labeled_text=f"{SCRIPT}{IMAGE}{TURNED} {PHONE}" if hostile else "red shoes",
        given_label="good",
        suggested_label=IMAGE if hostile else "bad",
        error_probability=0.97,
        neighbour_disagreement=0.9,
        is_audited=False,
    )


def add_repairs(warehouse: Warehouse, feed: str, hostile: bool) -> None:
    """The effect on the shop and the feed, and two proposals."""
    for scope, name in [("shop", None), ("feed", feed)]:
        if scope == "feed" or not warehouse.rows["fct_repair_effect"]:
            warehouse.add(
                "fct_repair_effect",
                scope_type=scope,
                feed=name,
                dimension="all",
                score_before=0.9,
                score_after=0.95,
                issues_before=7,
                issues_after=4,
                issues_resolved=3,
                issues_introduced=0,
                rows_changed=2,
                rows_removed=1,
            )
    found = {"title": SCRIPT if hostile else "a", "email": EMAIL}
    for number, (column, value) in enumerate(found.items()):
        warehouse.add(
            "fct_repairs",
            repair_id=f"{feed}{column}",
            feed=feed,
            record_key="R1",
            column_name=column,
            method="format",
            status="proposed",
            cause_id=f"format:{number}",
            cause=f"{column}: {value} -> b",
            confidence=0.6,
        )


def add_watching(warehouse: Warehouse, feeds: tuple, hostile: bool) -> None:
    """An open incident, a snoozed and a resolved one; anomalies; three builds."""
    name = SCRIPT if hostile else "orders_are_there"
    for number, feed in enumerate(feeds):
        for back in range(60, 0, -1):
            is_anomaly = number == 0 and back in (5, 6)
            warehouse.add(
                "fct_quality_anomalies",
                series_id=f"{feed}-failures",
                feed=feed,
                measure="failure_rate",
                rule_name=name,
                day=(AS_OF - timedelta(days=back)).date(),
                found=0.4 if is_anomaly else 0.1,
                expected=0.1,
                expected_low=0.05,
                expected_high=0.15,
                p_value=1e-5 if is_anomaly else 0.5,
                is_anomaly=is_anomaly,
                direction="above" if is_anomaly else None,
            )
    for number, measure in enumerate(["failure_rate", "rows", "share", "freshness"]):
        state = ["open", "open", "snoozed", "resolved"][number]
        warehouse.add(
            "fct_quality_incidents",
            incident_id=f"incident {number}",
            feed=feeds[0],
            measure=measure,
            rule_name=name,
            column_name="city",
            direction="above",
            first_day=date(2026, 6, 25 - 20 * (number == 3)),
            last_day=date(2026, 6, 30 - 20 * (number == 3)),
            alarm_days=6,
            is_open=state != "resolved",
            found=0.4,
            expected=0.1,
            expected_low=0.05,
            expected_high=0.15,
            p_value=1e-5,
            little_history=number == 1,
            slice_type="source_system",
            slice_value=IMAGE if hostile else "app",
            explained_share=0.83,
            related=2,
        )
        warehouse.add(
            "fct_alerts",
            alert_id=f"incident {number}",
            incident_id=f"incident {number}",
            feed=feeds[0],
            state=state,
            note=f"Anna looks {TURNED}" if state == "snoozed" else None,
        )
    for number in range(3):
        warehouse.add(
            "fct_quality_history",
            clock="build",
            observed_at=AS_OF - timedelta(days=3 - number),
            feed="shop",
            slice_type="all",
            slice_value="all",
            measure="quality_index",
            value=0.9 + 0.01 * number,
        )
