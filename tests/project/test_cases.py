"""Small inputs that went wrong somewhere, through a build.

They lie in the folder that the environment variable `ASSAY_TEST_CASES` names, or in
`shared/cases` beside the clone; each says itself what is right.
"""

import os
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.build import MODELS_ONLY, ROOT, Project

CASES = Path(os.environ.get("ASSAY_TEST_CASES", ROOT.parent / "shared" / "cases"))
pytestmark = pytest.mark.skipif(
    not CASES.exists(), reason="the cases are not here (ASSAY_TEST_CASES)"
)


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(CASES / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Titles, reviews and events, with label repairs as loose as they can be."""
    project = Project(tmp_path_factory.mktemp("cases"))
    read("titles.csv").to_parquet(project.folder / "products.parquet")
    read("short_reviews.csv").to_parquet(project.folder / "reviews.parquet")
    read("tracker.csv").to_parquet(project.folder / "events.parquet")
    vars = {
        "as_of": "2026-11-27",
        "encoder": "ngrams",
        "label_repairs": "confident",
        "feeds": {"products": {}, "reviews": {}, "events": {}},
    }
    project.build(vars, env=MODELS_ONLY, repairs=True)
    return project


def test_clean_titles_neither_fail_nor_are_changed(project):
    titles = read("titles.csv")
    clean = titles[titles.truth.str.startswith("clean")]
    assert len(clean) > 20
    failing = project.query(
        "select split_part(record_key, '|', 1) as product_id, rule_name, found_value"
        " from fct_quality_issues where feed = 'products' and column_name = 'title'"
    )
    failing = failing[failing.product_id.isin(clean.product_id)]
    assert failing.empty, failing.to_string()
    with duckdb.connect(project.database, read_only=True) as connection:
        repaired = connection.sql(
            "select product_id, title from assay_repaired.repaired_products"
        ).df()
    repaired = repaired.set_index("product_id").title
    for row in clean.itertuples():
        assert repaired[row.product_id] == row.title


def test_what_is_broken_in_titles_is_found(project):
    titles = read("titles.csv")
    failing = project.query(
        "select distinct split_part(record_key, '|', 1) as product_id"
        " from fct_quality_issues where feed = 'products' and column_name = 'title'"
    )
    kinds = ["entity", "tag", "spaces", "replacement"]
    broken = titles[titles.truth.isin(kinds)]
    assert set(broken.product_id) <= set(failing.product_id)


def test_right_labels_of_two_distinct_texts_are_not_measured(project):
    (rule,) = project.query(
        "from fct_quality_rules where rule_name = 'review_label_is_right'"
    ).itertuples()
    assert rule.verdict == "not measured"
    assert "2 distinct texts are too few" in rule.reason
    repairs = project.query("from fct_repairs where column_name = 'label'")
    assert repairs.empty, repairs.to_string()


def test_one_event_of_1970_is_one_event(project):
    (days,) = project.query(
        "from fct_quality_rules where rule_name = 'events_cover_days'"
    ).itertuples()
    assert days.failing_rows < 40
    (future,) = project.query(
        "from fct_quality_issues where rule_name = 'event_is_not_in_the_future'"
    ).itertuples()
    assert future.record_key == "e9"
