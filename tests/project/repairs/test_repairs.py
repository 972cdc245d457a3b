"""The repairs of the sample, held against its truth and against the tables."""

import duckdb
import pytest

from python_ml.sample.repair_quality import repair_quality
from python_ml.sample.simulate import simulate
from tests.build import MODELS_ONLY, ROOT, Project
from tests.project.properties.compiled import write_feed
from tests.project.repairs.repaired import (
    FEEDS,
    assert_repairs_tell_what_differs,
    cells,
    is_same,
)

TRUTH = ROOT / "seeds/sample/sample_truth.csv"
SEARCH_PATH = "assay_marts,assay_intermediate,assay_repaired,assay_staging,assay_sample"


@pytest.fixture(scope="module")
def quality(sample_build):
    return repair_quality(sample_build.database, TRUTH).set_index("method")


@pytest.fixture(scope="module")
def connection(sample_build):
    with duckdb.connect(sample_build.database, read_only=True) as connection:
        connection.execute(f"set search_path = '{SEARCH_PATH}'")
        yield connection


def test_what_is_applied_is_right(quality):
    assert quality.precision["all"] >= 0.98
    assert (quality.precision.dropna() >= 0.95).all()
    used = quality.index[quality.applied > 0]
    assert {"missing", "format", "disagreement"} <= set(used)
    assert {"repeat", "orphan", "impossible"} <= set(used)
    # No audit has confirmed any.
    assert "label" not in used


def test_the_truth_of_the_sample_is_that_of_the_simulator(tmp_path):
    simulate(tmp_path, format="csv", prefix="sample_")
    assert (tmp_path / "sample_truth.csv").read_bytes() == TRUTH.read_bytes()


def test_what_can_be_repaired_is_repaired(quality):
    """Of the planted defects that the truth says can be repaired.

    Labels apart: what is learned of so few rows seldom is sure enough of another one.
    """
    told = quality.drop(["all", "label"])
    assert told.repaired.sum() >= 0.9 * told.repairable.sum()
    assert (told.recall >= 0.9).all()
    assert told.repairable.sum() > 200


def test_the_index_of_every_feed_rises_and_no_issue_is_introduced(connection):
    effect = connection.sql("from fct_repair_effect where dimension = 'all'").df()
    of_feeds = effect[effect.scope_type == "feed"].set_index("feed")
    assert sorted(of_feeds.index) == FEEDS
    assert (of_feeds.score_after > of_feeds.score_before).all()
    assert (effect.issues_introduced == 0).all()
    (shop,) = effect[effect.scope_type == "shop"].itertuples()
    assert shop.score_after > shop.score_before
    for count in ["issues_before", "issues_after", "rows_changed", "rows_removed"]:
        assert getattr(shop, count) == of_feeds[count].sum()
    left = effect.issues_before - effect.issues_resolved + effect.issues_introduced
    assert (effect.issues_after == left).all()


def test_the_effect_counts_the_rows_of_the_repairs(connection):
    counted = connection.sql("""
        select feed, rows_changed, rows_removed
        from fct_repair_effect where scope_type = 'feed' and dimension = 'all'
        order by feed
    """).fetchall()
    told = connection.sql("""
        with applied as (
            select feed, record_number,
                bool_or(action in ('drop', 'quarantine')) as is_removed
            from fct_repairs where status = 'applied' and action <> 'merge'
            group by all
        )

        select feed, count_if(not is_removed), count_if(is_removed)
        from applied group by feed order by feed
    """).fetchall()
    assert counted == told


def test_repairs_are_traced_to_their_cells_and_rows(connection):
    assert_repairs_tell_what_differs(connection)
    ids = connection.sql("select count(*), count(distinct repair_id) from fct_repairs")
    ((count, distinct),) = ids.fetchall()
    assert count == distinct > 0


def test_what_was_repaired_is_not_repaired_again(connection, tmp_path):
    project = Project(tmp_path)
    repaired = {feed: cells(connection, f"repaired_{feed}") for feed in FEEDS}
    for feed, rows in repaired.items():
        write_feed(project, feed, rows)
    vars = {"as_of": "2026-07-01", "feeds": dict.fromkeys(FEEDS)}
    project.build(vars, MODELS_ONLY, repairs=True)
    again = project.query(
        "from fct_repairs where status = 'applied' and action <> 'merge'"
    )
    assert again.empty, again.to_string()


@pytest.mark.parametrize("feed", FEEDS)
def test_repaired_tables_have_the_columns_of_staging(connection, feed):
    staged, repaired = (
        {row[0]: row[1] for row in connection.sql(f"describe {table}").fetchall()}
        for table in [f"stg_{feed}", f"repaired_{feed}"]
    )
    assert repaired == {"record_number": "BIGINT", **staged}


@pytest.mark.parametrize("feed", FEEDS)
def test_staging_still_holds_what_was_found(connection, feed):
    raw = cells(connection, f"sample_{feed}")
    staged = cells(connection, f"stg_{feed}")
    # A column of the contract that the sample lacks is there, and empty.
    assert staged[staged.columns.difference(raw.columns)].isna().all(axis=None)
    staged = staged[raw.columns]
    assert staged.index.equals(raw.index)
    pairs = zip(staged.to_numpy().flat, raw.to_numpy().flat, strict=True)
    assert all(is_same(*pair) for pair in pairs)
