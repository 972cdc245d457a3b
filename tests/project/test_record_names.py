"""A record keeps its name: the order of rows and the threads change no result."""

import random

import duckdb
import pytest

from tests.build import MODELS_ONLY, Project

pytestmark = pytest.mark.build

TESTS = """
models:
  - name: sales
    config: {meta: {key: sale_id, day: sold_at}}
    data_tests:
      - not_cancelled:
          name: sale_stands
          arguments: {by: amount < 0, key: customer, amount: amount, at: sold_at}
      - not_repeated: {name: sale_is_unique, arguments: {columns: [sale_id]}}
    columns:
      - name: customer
        data_tests: [not_missing: {name: sale_has_a_customer}]
  - name: visits
    columns:
      - name: visitor
        data_tests: [not_missing: {name: visit_has_a_visitor}]
      - name: page
        data_tests:
          - agrees_with: {name: page_agrees, arguments: {key: visitor}}
"""
ISSUES = """
select * exclude (record_number) from assay_intermediate.int_issues order by all
"""
REPAIRS = "select * exclude (record_number) from assay_marts.fct_repairs order by all"
REPAIRED = "select * exclude (record_number) from {} order by all"


def rows(seed):
    """Sales of few customers at few moments, and visits of which many are alike."""
    draw = random.Random(seed)
    sales = [
        (
            draw.choice(["s1", "s2", "s3", f"t{number}"]),
            draw.choice(["ann", "bob", None]),
            draw.choice([1, 2, -1, -2]),
            f"2026-06-0{draw.randint(1, 3)}",
            draw.choice("xyz"),
        )
        for number in range(300)
    ]
    visits = [(draw.choice(["v1", "v2", None]), draw.choice("aab")) for _ in range(40)]
    return sales, visits


def built(folder, sales, visits, threads):
    project = Project(folder)
    with duckdb.connect(project.database) as connection:
        connection.execute(
            "create table found_sales (sale_id varchar, customer varchar,"
            " amount double, sold_at timestamp, note varchar);"
            "create table found_visits (visitor varchar, page varchar)"
        )
        connection.executemany("insert into found_sales values (?, ?, ?, ?, ?)", sales)
        connection.executemany("insert into found_visits values (?, ?)", visits)
    for name in ("sales", "visits"):
        project.write(
            f"models/{name}.sql",
            "{{ config(materialized='table') }}"
            f" select * from {{{{ target.database }}}}.main.found_{name}",
        )
        project.write(
            f"models/rules/int_{name}_issues.sql", f"{{{{ issues(ref('{name}')) }}}}"
        )
        project.write(
            f"models/repaired/repaired_{name}.sql", f"{{{{ repaired(ref('{name}')) }}}}"
        )
    project.write("models/tests.yml", TESTS)
    names = ["sales", "visits"]
    vars = {"feeds": {}, "as_of": "2026-07-01", "watched": names, "repaired": names}
    env = MODELS_ONLY | {"DBT_THREADS": str(threads)}
    project.build(vars, env=env, repairs=True)
    return project


@pytest.fixture(scope="module")
def projects(tmp_path_factory):
    sales, visits = rows(seed=3)
    shuffled = random.Random(4)
    return [
        built(tmp_path_factory.mktemp("as_found"), sales, visits, threads=1),
        built(
            tmp_path_factory.mktemp("shuffled"),
            shuffled.sample(sales, len(sales)),
            shuffled.sample(visits, len(visits)),
            threads=4,
        ),
    ]


@pytest.mark.parametrize(
    "query",
    [
        ISSUES,
        REPAIRS,
        REPAIRED.format("repaired_sales"),
        REPAIRED.format("repaired_visits"),
    ],
)
def test_the_order_of_rows_and_threads_change_nothing(projects, query):
    first, second = (
        project.query(query, schemas="assay_marts,assay_repaired")
        for project in projects
    )
    assert len(first)
    assert first.equals(second)


def test_each_issue_and_each_repair_has_a_name_of_its_own(projects):
    for mart, name in (
        ("fct_quality_issues", "issue_id"),
        ("fct_repairs", "repair_id"),
    ):
        found = projects[0].query(f"from {mart}")
        assert found[name].is_unique, mart
        assert set(found.feed) == {"sales", "visits"}
