"""`assay calibrate` on a small shop, from a warehouse with as much as it reads."""

import csv

import duckdb
import pyarrow as pa
import pytest

from python_ml.__main__ import main
from tests.python_ml.effect.shops import shop


@pytest.fixture
def warehouse(tmp_path):
    path = tmp_path / "shop.duckdb"
    events = shop(users=260)
    events = events.append_column("cut_at", events["occurred_at"])
    events = events.append_column("event_type", pa.array(["purchase"] * len(events)))
    with duckdb.connect(str(path)) as connection:
        connection.register("events", events)
        connection.execute("""
            create schema assay_marts;
            create schema assay_intermediate;
            use assay_intermediate;
            create table assay_marts.fct_quality_index as select 1 as one;
            create table assay_marts.dim_quality_rules as select * from (values
                ('event_user_present', 'events', 'completeness', 'missing'),
                ('events_cover_products', 'events', 'completeness', 'coverage'),
                ('user_email_present', 'users', 'completeness', 'missing')
            ) as t (rule_name, feed, dimension, component);
            create table int_recommender_events as
                select 'repaired' as version, * from events;
            create table int_search_products as
                select 'repaired' as version, 'p' || n as product_id,
                    'title ' || n as title
                from range(20) as t (n);
            create table int_search_queries as
                select 'repaired' as version, 'q' || n as query_id,
                    'title ' || n as query_text, null::varchar as locale,
                    null::timestamp as issued_at
                from range(20) as t (n);
            create table int_search_labels as
                select 'q' || n as query_id, 'p' || n as product_id, 1.0::double as gain
                from range(20) as t (n);
        """)
    return path


def run(path, *options):
    out = path.parent / "weights.csv"
    given = ["--database", str(path), "--out", str(out), "--rates", ".7"]
    given += ["--seeds", "1", "--mixes", "0", *options]
    code = main(["calibrate", *given])
    if code:
        return code, []
    with out.open(encoding="utf-8") as file:
        return code, list(csv.DictReader(file))


def test_weights_follow_from_what_was_measured(warehouse, capsys):
    code, rows = run(warehouse)
    said = capsys.readouterr()
    assert code == 0, said.err
    assert "Measured: NDCG@100 of purchases" in said.err
    # Twenty queries are too few.
    assert "Not measured: Search cannot be measured: 20 judged queries" in said.err
    feeds = {row["feed"]: float(row["weight"]) for row in rows if not row["dimension"]}
    assert feeds == {"events": 1.0, "users": 0.0}
    assert {row["rule_name"] for row in rows} >= {"event_user_present"}
    with (warehouse.parent / "shop.duckdb.costs.csv").open() as file:
        costs = {row["kind"]: row for row in csv.DictReader(file)}
    assert float(costs["missing"]["slope"]) > 0
    assert costs["missing"]["seen_by"] == "event_user_present"
    assert costs["wrong_item"]["seen_by"] == ""
    assert "recommendation, wrong_item" in said.out
    # The next time everything is known.
    code, again = run(warehouse)
    assert code == 0
    assert again == rows
    assert " lost; about" not in capsys.readouterr().err


def test_it_stops_in_time_and_says_so(warehouse, capsys):
    code, _ = run(warehouse, "--budget", "0")
    assert code == 3
    assert "0 of 11 runs are measured" in capsys.readouterr().err
    assert not (warehouse.parent / "weights.csv").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--search-share", "2"], "--search-share is 2.0"),
        (["--database", "absent.duckdb"], "There is no absent.duckdb"),
        (["--out", "absent/weights.csv"], "There is no folder"),
    ],
)
def test_what_cannot_be_done_is_said(warehouse, capsys, options, message):
    assert run(warehouse, *options)[0] == 1
    assert message in capsys.readouterr().err


def test_a_shop_with_too_little_is_told_so(warehouse, capsys):
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from assay_intermediate.int_recommender_events")
    assert run(warehouse)[0] == 1
    said = capsys.readouterr().err
    assert "There are no events to recommend from." in said
    assert "20 judged queries" in said
