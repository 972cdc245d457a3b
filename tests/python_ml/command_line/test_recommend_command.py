"""`assay recommend`, on a warehouse with as much as it reads."""

import csv
import json

import duckdb
import pytest

from python_ml.__main__ import main
from tests.python_ml.effect.shops import shop


@pytest.fixture
def warehouse(tmp_path):
    """The repaired tables of a build, and what was measured."""
    path = tmp_path / "shop.duckdb"
    events = shop(users=60)
    with duckdb.connect(str(path)) as connection:
        connection.register("events", events)
        for schema in ("marts", "intermediate", "repaired"):
            connection.execute(f"create schema assay_{schema}")
        connection.execute("""
            create table assay_marts.fct_quality_index as select 1 as one;
            create view assay_repaired.repaired_users as
                select * from (values ('1'), ('never seen'), (null)) as t (user_id);
            create table assay_repaired.repaired_integrated_products as
                select cast(n as varchar) as product_id, 'title ' || n as title,
                    'c' || n % 5 as category
                from range(60) as t (n);
            create table assay_intermediate.int_recommender_events as
                select 'repaired' as version, * from events
                union all select 'found', * replace ('wrong' as user_id) from events;
            create table assay_intermediate.int_text_embeddings as
                select md5('title ' || n) as text_hash, 'some' as encoder,
                    [cast(n as float), 1.0::float] as embedding
                from range(50) as t (n);
            create table assay_marts.fct_recommender_effect (
                version varchar, model varchar, target varchar, metric varchar,
                value double
            );
        """)
    return path


def measured(path, *rows):
    with duckdb.connect(str(path)) as connection:
        for row in rows:
            connection.execute(
                "insert into assay_marts.fct_recommender_effect values (?, ?, ?, ?, ?)",
                row,
            )


def run(path, *options):
    out = path.parent / "lists.csv"
    code = main(["recommend", "--database", str(path), "--out", str(out), *options])
    if code:
        return code, []
    with out.open(encoding="utf-8") as file:
        return code, list(csv.DictReader(file))


def test_the_best_model_on_repaired_data_is_taken(warehouse, capsys):
    measured(
        warehouse,
        ("repaired", "popularity", "all", "ndcg_at_100", 0.2),
        ("repaired", "item_knn", "all", "ndcg_at_100", 0.3),
        ("repaired", "own_counts", "all", "ndcg_at_100", None),
        ("repaired", "ease", "all", "ndcg_at_10", 0.9),
        ("repaired", "ease", "new", "ndcg_at_100", 0.9),
        ("found", "ease", "all", "ndcg_at_100", 0.9),
    )
    code, rows = run(warehouse, "--top", "3")
    assert code == 0
    said = capsys.readouterr().err
    assert "183 rows for 61 users, by item_knn, the best on repaired data" in said
    assert "NDCG@100 0.3000" in said
    users = {row["user_id"] for row in rows}
    assert "never seen" in users
    assert "wrong" not in users
    alike = [row for row in rows if row["reason"] == "alike"]
    assert all(json.loads(row["because_of"]) for row in alike)


@pytest.mark.parametrize(
    ("target", "model"), [("all", "own_counts"), ("new", "item_knn")]
)
def test_what_was_not_measured_is_called_a_guess(warehouse, capsys, target, model):
    code, _ = run(warehouse, "--target", target)
    assert code == 0
    said = capsys.readouterr().err
    assert f"by {model}: nothing was measured, so it is a guess" in said


def test_texts_are_those_that_were_embedded(warehouse):
    code, rows = run(warehouse, "--model", "content", "--diversity", "0.3")
    assert code == 0
    assert len(rows) == 61 * 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "svd"], "The model svd is none of popularity"),
        (["--diversity", "2"], "diversity is 2.0"),
        (["--database", "absent.duckdb"], "There is no absent.duckdb"),
        (["--out", "absent/lists.csv"], "There is no folder"),
    ],
)
def test_what_cannot_be_done_is_said(warehouse, capsys, options, message):
    assert run(warehouse, *options)[0] == 1
    assert message in capsys.readouterr().err


def test_a_build_without_effect_is_named(warehouse, capsys):
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop table assay_intermediate.int_recommender_events")
    assert run(warehouse)[0] == 1
    assert "has no int_recommender_events: build without" in capsys.readouterr().err
