"""Series by day, history, anomalies and incidents of a table of one's own."""

import math
import random
from datetime import date, timedelta

import duckdb
import pytest

from tests.build import MODELS_ONLY, Project

pytestmark = pytest.mark.build

FIRST, DAYS = date(2026, 4, 1), 60
BROKEN = FIRST + timedelta(days=50)  # The app sends no customer.
SHIFTED = FIRST + timedelta(days=55)  # Shoes are sold as hats.
SILENT = FIRST + timedelta(days=44)  # Nothing arrives.
TESTS = """
models:
  - name: orders
    config:
      meta: {key: order_id, day: ordered_at, source_system: source, category: kind}
    columns:
      - name: customer
        data_tests: [not_missing: {name: order_has_a_customer}]
"""
NEXT = str(FIRST + timedelta(days=DAYS + 1))


def orders():
    """A thousand orders a weekday and 400 a weekend, one in a hundred nobody's."""
    draw = random.Random(5)
    rows = [
        (date(1970, 1, 1), "web", "hat", "old"),
        (date(2031, 1, 1), "web", "hat", "x"),
    ]
    for day in (FIRST + timedelta(days=number) for number in range(DAYS + 1)):
        mean = 400 if day.weekday() > 4 else 1000
        count = 0 if day == SILENT else round(draw.gauss(mean, math.sqrt(mean)))
        for _ in range(count):
            source = draw.choice(["web", "web", "app"])
            share = 0.5 if day == BROKEN and source == "app" else 0.01
            customer = None if draw.random() < share else "ann"
            kind = "hat" if day == SHIFTED else draw.choice(["hat", "shoe"])
            rows.append((day, source, kind, customer))
    return rows


def build(project, as_of, *arguments, select=None):
    vars = {"feeds": {}, "watched": ["orders"], "as_of": as_of, **dict(arguments)}
    return project.build(vars, MODELS_ONLY, watching=True, select=select)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("watching"))
    with duckdb.connect(project.database) as connection:
        connection.execute(
            "create table found_orders"
            " (order_id integer, ordered_at date, source varchar, kind varchar,"
            " customer varchar)"
        )
        connection.begin()
        connection.executemany(
            "insert into found_orders values (?, ?, ?, ?, ?)",
            [(number, *row) for number, row in enumerate(orders())],
        )
        connection.commit()
    project.write(
        "models/orders.sql",
        "{{ config(materialized='table') }}"
        " from {{ target.database }}.main.found_orders",
    )
    project.write("models/orders.yml", TESTS)
    project.write("models/rules/int_orders_issues.sql", "{{ issues(ref('orders')) }}")
    build(project, str(FIRST + timedelta(days=DAYS)))
    return project


def history(project):
    return project.query("from fct_quality_history order by all")


def test_a_series_has_each_day_that_is_over_and_no_other(project):
    found = project.query(
        "select day, value from assay_intermediate.int_quality_series"
        " where measure = 'rows' and slice_type = 'all' order by day"
    )
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    assert found.day.dt.date.tolist() == days
    assert found.set_index(found.day.dt.date).value[SILENT] == 0
    rates = project.query(
        "select day from assay_intermediate.int_quality_series"
        " where measure = 'failure_rate' and slice_type = 'all'"
    )
    assert set(rates.day.dt.date) == set(days) - {SILENT}


def test_what_was_planted_is_found_and_explained(project):
    incidents = project.query("from fct_quality_incidents order by first_day")
    found = {
        (row.measure, row.rule_name): row
        for row in incidents.itertuples()
        if row.measure in ("rows", "failure_rate")
    }
    silent = next(row for key, row in found.items() if key[0] == "rows")
    assert silent.first_day.date() == SILENT
    assert silent.direction == "below"
    assert silent.found == 0
    broken = found["failure_rate", "order_has_a_customer"]
    assert broken.first_day.date() == broken.last_day.date() == BROKEN
    assert (broken.slice_type, broken.slice_value) == ("source_system", "app")
    assert broken.explained_share > 0.9
    shifted = incidents[incidents.measure.isin(["share", "population_stability"])]
    assert shifted.first_day.dt.date.tolist() == [SHIFTED], shifted.summary.tolist()
    assert not incidents.is_open.any()
    # Weekends dip by half every week, and are no news.
    assert len(incidents) <= 4, incidents.summary.tolist()


def test_history_has_two_clocks_and_the_same_build_adds_nothing(project):
    first = history(project)
    assert set(first.clock) == {"event_day", "build"}
    by_day = first[(first.clock == "event_day") & (first.measure == "failure_rate")]
    # Of days that were measured, from the first day of the history on.
    assert by_day.observed_at.dt.date.nunique() == DAYS
    assert by_day.set_index(by_day.observed_at.dt.date).value[BROKEN] > 0.1
    build(project, str(FIRST + timedelta(days=DAYS)))
    assert history(project).equals(first)


def test_history_outlives_rows_and_is_kept_for_as_long_as_asked(project):
    first = history(project)
    with duckdb.connect(project.database) as connection:
        connection.execute("delete from found_orders where ordered_at < ?", [SILENT])
    build(project, NEXT, ("history_days", 30))
    later = history(project)
    built = later[later.clock == "build"].observed_at.dt.date.unique()
    assert sorted(built) == [FIRST + timedelta(days=DAYS), date.fromisoformat(NEXT)]
    days = later[later.clock == "event_day"].observed_at.dt.date
    assert days.min() == date.fromisoformat(NEXT) - timedelta(days=30)
    # What the table no longer has is as it was.
    gone = first.observed_at.dt.date < SILENT
    kept = first[gone & (first.observed_at >= later.observed_at.min())]
    assert len(kept)
    assert set(kept.history_id) <= set(later.history_id)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("history_days", 0, "history_days is 0"),
        ("history_days", "a year", "history_days is a year"),
        ("closed_after", {"shops": "1 hour"}, "closed_after names shops"),
        ("closed_after", {"orders": "soon"}, "closed_after, orders"),
        ("closed_after", "1 hour", "closed_after is"),
    ],
)
def test_a_wrong_setting_is_named(project, setting, value, message):
    vars = {"feeds": {}, "watched": ["orders"], setting: value}
    result = project.build(vars, MODELS_ONLY, select="stg_feeds", check=False)
    assert result.returncode
    assert message in " ".join(result.output.split())


def test_a_day_is_waited_for(project):
    as_of = f"{FIRST + timedelta(days=DAYS)} 05:00:00"
    build(
        project,
        as_of,
        ("closed_after", {"orders": "6 hours"}),
        select="+int_quality_series",
    )
    last = project.query(
        "select max(day) as day from assay_intermediate.int_quality_series"
    )
    assert last.day[0].date() == FIRST + timedelta(days=DAYS - 2)
