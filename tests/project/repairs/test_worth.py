"""What repairs are worth in recommendation and search, in whole builds."""

import datetime

import numpy as np
import pandas as pd
import pytest

from tests.build import MODELS_ONLY, Project
from tests.python_ml.effect.shops import BEGIN, shop

VARS = {
    "feeds": dict.fromkeys(("products", "events", "queries", "relevance_labels")),
    "as_of": str(BEGIN + datetime.timedelta(days=101)),
}
COLOURS = "red blue green black white grey brown pink gold teal".split()
THINGS = "mug lamp chair shirt phone table".split()


def write(project):
    """A shop of 300 users; a tenth of its events stands there six times."""
    rng = np.random.default_rng(0)
    titles = [f"{colour} {thing}" for colour in COLOURS for thing in THINGS]
    products = pd.DataFrame(
        {
            "product_id": [str(number) for number in range(60)],
            "source_system": "shop",
            "title": titles,
            "created_at": BEGIN - datetime.timedelta(days=1),
        }
    )
    events = shop(users=300).to_pandas()
    events["event_type"] = "purchase"
    events["event_id"] = [f"e{number}" for number in range(len(events))]
    repeated = events[rng.random(len(events)) < 0.1]
    events = pd.concat([events, *[repeated] * 5])
    asked = rng.integers(0, 60, 80)
    queries = pd.DataFrame(
        {
            "query_id": [f"q{number}" for number in range(80)],
            "query_text": [titles[number] for number in asked],
            "issued_at": BEGIN,
        }
    )
    labels = pd.DataFrame(
        {
            "query_id": queries["query_id"],
            "product_id": [str(number) for number in asked],
            "label": "exact",
            "annotator": "a",
        }
    )
    for name, table in (
        ("products", products),
        ("events", events),
        ("queries", queries),
        ("relevance_labels", labels),
    ):
        table.to_parquet(project.folder / f"{name}.parquet")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("worth"))
    write(project)
    project.build(VARS, MODELS_ONLY, repairs=True)
    return project


def test_repeats_that_are_dropped_are_worth_something_to_what_counts(built):
    rows = built.query(
        "select * from fct_recommender_effect where metric = 'ndcg_at_100'"
        " and target = 'all' and version = 'repaired'"
    ).set_index("model")
    assert set(rows.index) == {
        "popularity",
        "own_counts",
        "recent_own_counts",
        "item_knn",
        "ease",
    }
    assert (rows["users"] >= 200).all()
    own = rows.loc["own_counts"]
    assert own["difference"] > own["smallest_difference"] > 0
    assert own["difference_low"] > 0
    # To what looks at who took what, a repeat is nothing.
    for model in ("popularity", "item_knn", "ease"):
        assert rows.loc[model, "difference"] == 0
        assert rows.loc[model, "p_value"] == 1
    assert rows["note"].str.startswith("purchases: all that users took from").all()


def test_search_is_measured_with_what_there_is(built):
    rows = built.query("select * from fct_search_effect where version = 'repaired'")
    lexical = rows[rows["system"] == "lexical"]
    assert (lexical["queries"] == 80).all()
    assert lexical[lexical["metric"] == "mrr"]["value"].item() > 0.95
    others = rows[rows["system"] != "lexical"]
    assert others["value"].isna().all()
    assert set(others["note"]) == {
        "not measured: no embeddings of products and queries"
    }


def test_show_says_what_repairs_are_worth(built):
    from python_ml.command_line.show import index_table

    lines = index_table(built.database).splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("What repairs are"))
    shown = lines[at + 1 : at + 6]
    assert shown[0].split()[:3] == ["recommendation,", "all", "own_counts"]
    assert [line.split()[1] for line in shown[:3]] == ["all", "new", "repeat"]
    assert all(line.split()[:3] == ["search,", "all", "lexical"] for line in shown[3:])


def test_what_is_turned_off_is_not_measured(built):
    for off in ("off", False):
        built.build(
            {**VARS, "effect": off}, MODELS_ONLY, select="tag:effect", repairs=True
        )
        for mart in ("fct_recommender_effect", "fct_search_effect"):
            found = built.query(f"select distinct note from {mart}")
            assert found["note"].tolist() == ["not measured: turned off (var effect)"]


@pytest.mark.parametrize("wrong", ["on", 0])
def test_a_wrong_setting_is_named(built, wrong):
    result = built.build(
        {**VARS, "effect": wrong}, MODELS_ONLY, select="stg_feeds", check=False
    )
    assert result.returncode
    assert "Var effect is" in result.output
    assert "it must be `auto`, `full` or `off`" in " ".join(result.output.split())


def test_a_shop_with_products_alone_is_told_so(tmp_path):
    project = Project(tmp_path)
    write(project)
    project.build({**VARS, "feeds": {"products": None}}, MODELS_ONLY, repairs=True)
    notes = project.query("select distinct note from fct_recommender_effect")
    assert notes["note"].tolist() == [
        "not measured: no events with a user, a product and a time"
    ]
    notes = project.query("select distinct note from fct_search_effect")
    assert notes["note"].tolist() == [
        "not measured: 0 judged queries with a product that answers"
    ]


def test_the_rest_is_built_without(tmp_path):
    project = Project(tmp_path)
    write(project)
    vars = '{"encoder": "none", "feeds": {"products": null}, "as_of": "2026-07-01"}'
    result = project.dbt("build", "--vars", vars, "--exclude", "tag:effect")
    assert result.returncode == 0, result.output
    found = project.query(
        "select table_name as name from information_schema.tables"
        " where table_schema = 'assay_marts'"
    )
    assert "fct_repair_effect" in found["name"].tolist()
    assert not {"fct_recommender_effect", "fct_search_effect"} & set(found["name"])


@pytest.mark.parametrize(
    ("grades", "gains"), [(None, [0, 0.5, 1.0]), ([0, 4], [0.25, 0.5, 0.75])]
)
def test_grades_are_gains(tmp_path, grades, gains):
    """Of three grades, 1 to 3, on their own scale or on one from 0 to 4."""
    project = Project(tmp_path)
    write(project)
    pd.DataFrame(
        {
            "query_id": ["q1", "q2", "q3", "q4"],
            "product_id": ["1", "2", "3", "4"],
            "label": ["1", "2", "3", "good"],
        }
    ).to_parquet(project.folder / "relevance_labels.parquet")
    labels = {"grades": grades} if grades else None
    given = VARS["feeds"] | {"relevance_labels": labels}
    project.build(
        VARS | {"feeds": given}, MODELS_ONLY, select="+int_search_labels", repairs=True
    )
    found = project.query(
        "select gain from int_search_labels order by query_id",
        schemas="assay_intermediate",
    )
    assert found["gain"].tolist() == gains
