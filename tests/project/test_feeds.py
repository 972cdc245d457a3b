"""The same shop as Parquet, CSV, JSON, many files and tables gives the same marts."""

import duckdb
import pandas as pd
import pytest

from python_ml.sample.simulate import FEEDS, simulate
from tests.build import MODELS_ONLY, Project, rows_of

MARTS = [
    "fct_quality_index",
    "fct_quality_rules",
    "fct_quality_measures",
    "fct_quality_issues",
]


def marts(project):
    return [project.query(f"from {mart} order by all") for mart in MARTS]


def feeds(**settings):
    """The var `feeds`, with the same settings for each feed; {} is its name."""
    return {
        feed: {key: value.format(feed) for key, value in settings.items()}
        for feed in FEEDS
    }


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A small shop as Parquet in `parquet/` and as CSV in `csv/`, and its marts."""
    folder = tmp_path_factory.mktemp("shop")
    simulate(folder / "parquet", products=60, events=600, seed=11)
    simulate(folder / "csv", products=60, events=600, seed=11, format="csv")
    project = Project(tmp_path_factory.mktemp("parquet"))
    project.build(
        {"as_of": "2026-07-01", "folder": str(folder / "parquet"), "feeds": feeds()},
        env={"ASSAY_FOLDER": str(folder / "parquet"), **MODELS_ONLY},
    )
    return folder, marts(project)


def as_csv(folder, project):
    return feeds(file=str(folder / "csv" / "{}.csv"))


def as_json(folder, project):
    for feed in FEEDS:
        source, target = folder / "csv" / f"{feed}.csv", project.folder / feed
        rows_of(
            f"copy (from read_csv('{source}', all_varchar = true, header = true)) "
            f"to '{target}.jsonl' (format json)"
        )
    return feeds(file="{}.jsonl")


def as_many_files(folder, project):
    for feed in FEEDS:
        rows = pd.read_parquet(folder / "parquet" / f"{feed}.parquet")
        (project.folder / feed).mkdir()
        for part in range(3):
            rows[part::3].to_parquet(project.folder / feed / f"part{part}.parquet")
    return feeds(file="{}/*.parquet")


def as_tables(folder, project):
    with duckdb.connect(str(project.database)) as connection:
        connection.execute('create schema "the shop"')
        for feed in FEEDS:
            file = folder / "parquet" / f"{feed}.parquet"
            connection.execute(f"create table \"the shop\".{feed} as from '{file}'")
    return feeds(table="the shop.{}")


def as_views_with_other_names(folder, project):
    with duckdb.connect(str(project.database)) as connection:
        for feed, columns in FEEDS.items():
            file = folder / "parquet" / f"{feed}.parquet"
            names = ", ".join(f'{column} as "our {column}"' for column in columns)
            connection.execute(
                f"create view our_{feed} as select {names} from '{file}'"
            )
    return {
        feed: {
            "table": f"warehouse.main.our_{feed}",
            "columns": {column: f"our {column}" for column in columns},
        }
        for feed, columns in FEEDS.items()
    }


@pytest.mark.parametrize(
    "supply", [as_csv, as_json, as_many_files, as_tables, as_views_with_other_names]
)
def test_the_same_marts_from_anywhere(shop, supply, tmp_path):
    folder, expected = shop
    project = Project(tmp_path)
    settings = {"as_of": "2026-07-01", "feeds": supply(folder, project)}
    project.build(settings, env=MODELS_ONLY)
    for mart, found, wanted in zip(MARTS, marts(project), expected, strict=True):
        pd.testing.assert_frame_equal(found, wanted, rtol=0, atol=1e-12, obj=mart)


def test_a_filter_leaves_rows_out(shop, tmp_path):
    folder, _ = shop
    project = Project(tmp_path)
    settings = {"products": {"where": "source_system = 'shop'"}}
    supplied = {"ASSAY_FOLDER": str(folder / "parquet")}
    project.build({"feeds": settings}, env=supplied | MODELS_ONLY)
    file = folder / "parquet" / "products.parquet"
    [(rows,)] = rows_of(f"select count(*) from '{file}' where source_system = 'shop'")
    found = project.query("from fct_quality_index where feed = 'products'")
    assert found[found.scope_type == "feed"].rows_checked.item() == rows
    assert list(found[found.scope_type == "source_system"].scope_value) == ["shop"]


def test_ages_are_measured_against_the_start_of_the_run(shop, tmp_path):
    folder, _ = shop
    project = Project(tmp_path)
    project.build(
        {"feeds": {"queries": {"cycle": "1 day"}}},
        env={"ASSAY_FOLDER": str(folder / "parquet"), **MODELS_ONLY},
    )
    found = project.query("from fct_quality_rules where component = 'frequency'")
    found = found.set_index("feed").loc["queries"]
    age = pd.Timestamp.now("UTC").tz_localize(None) - pd.Timestamp("2026-07-01")
    assert found.failure_rate == pytest.approx(
        1 - pd.Timedelta("1 day") / age, abs=0.02
    )
