"""What stands before, beside and around the index, in one build.

Of 300 events 200 name products that nobody knows; the columns are typed, so that some
rules cannot fail; and most columns of the contract are not there.
"""

import json

import numpy as np
import pandas as pd
import pytest

from python_ml.command_line.show import index_table, last_failure
from tests.build import ROOT, Project

VARS = {
    "as_of": "2026-07-01",
    "feeds": {
        "products": {"file": "products.parquet"},
        "events": {
            "file": "events.parquet",
            "columns": {"event_id": ["session_id", "product_id"]},
        },
    },
}
DIMENSIONS = ["completeness", "accuracy", "consistency", "timeliness"]
WEIGHTS = pd.read_csv(ROOT / "seeds/quality_weights.csv", index_col="feed")
ORPHANS = "event_product_exists"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("head"))
    pd.DataFrame(
        {
            "product_id": [f"p{number:03}" for number in range(100)],
            "title": [f"Chair number {number}" for number in range(100)],
            "brand": [f"{4711 + number % 5}" for number in range(100)],
            "attributes": [{"size": str(number)} for number in range(100)],
            "updated_at": pd.Timestamp("2026-06-30"),
        }
    ).to_parquet(project.folder / "products.parquet")
    number = np.arange(300)
    pd.DataFrame(
        {
            "session_id": [f"s{n}" for n in number],
            "user_id": [f"u{n % 7}" for n in number],
            "product_id": [f"p{n:03}" for n in number],
            "event_type": "view",
            "occurred_at": pd.Timestamp("2026-06-18 12:00")
            + pd.to_timedelta(number, "h"),
        }
    ).to_parquet(project.folder / "events.parquet")
    project.output = project.build(VARS).output
    return project


@pytest.fixture(scope="module")
def index(project):
    index = project.query("from fct_quality_index where scope_type in ('shop', 'feed')")
    return index.set_index(index.feed.fillna("shop"))


@pytest.fixture(scope="module")
def rules(project):
    return project.query("from fct_quality_rules").set_index("rule_name")


def test_a_disaster_is_not_hidden_by_a_mean(index, rules):
    assert rules.failure_rate[ORPHANS] == pytest.approx(2 / 3)
    events, shop = index.loc["events"], index.loc["shop"]
    means = [events[f"{name}_score"] for name in ("completeness", "consistency")]
    assert min(means) > 0.5
    assert events.quality_index == events.index_high == 0.5
    assert (events.worst_rule, events.worst_rule_rate) == (ORPHANS, 2 / 3)
    assert (shop.worst_feed, shop.worst_feed_index) == ("events", 0.5)
    assert index.worst_feed.isna().sum() == len(index) - 1


def test_what_was_not_looked_at_widens_the_interval(index):
    measured = index[index.quality_index.notna()]
    assert (measured.index_low <= measured.quality_index).all()
    assert (measured.quality_index <= measured.index_high).all()
    products, users = index.loc["products"], index.loc["users"]
    # Nothing of it fails, and all that nobody looked at may.
    assert products.quality_index == products.index_high == 1
    assert products.index_low < products.measured_weight < 0.6
    assert (products.measured_grade, users.measured_grade) == ("some", "none")
    assert users[["quality_index", "index_low", "index_high"]].isna().all()
    assert users.measured_weight == 0
    shop = index.loc["shop"]
    assert shop.measured_weight < 0.5 and shop.index_low < 0.3 < 0.7 < shop.index_high


def test_a_rule_that_cannot_fail_is_no_pass(rules, index, project):
    never = rules[rules.verdict == "not applicable"]
    assert never.reason.to_dict() == {
        "event_id_present": "the mapping makes it, of several columns or a constant",
        "event_occurred_at_is_time": "every value of the type timestamp is timestamp",
        "product_attributes_are_json": "every value of the type struct is json",
        "product_brand_has_one_spelling": "no value has letter case",
        "product_updated_at_is_time": "every value of the type timestamp is timestamp",
    }
    staged = 'from assay_staging.stg_products where attributes = \'{"size":"7"}\''
    assert list(project.query(staged).product_id) == ["p007"]
    unknown = never[["rows_checked", "failure_rate", "shop_index_gain"]].isna()
    assert unknown.all(axis=None)
    # The rules left of the consistency of products have not been measured at all.
    weights = project.query(
        "select sum(measured_weight) as measured, sum(rule_weight) as all_rules"
        " from assay_intermediate.int_component_rates"
        " where feed = 'products' and slice_type = 'all' and component = 'format'"
    ).iloc[0]
    known = rules[(rules.feed == "products") & (rules.component == "format")]
    assert weights.all_rules == known.drop(never.index, errors="ignore").weight.sum()


def test_gains_are_what_the_index_would_be(rules, index):
    gains = rules.feed_index_gain.dropna()
    assert (gains >= 0).all() and ORPHANS == gains.idxmax()
    failing = rules.failure_rate[gains.index] > 0
    assert (gains[~failing] == 0).all()
    # Above its floor the feed is the weighted mean of what is left.
    accuracy = 1.0
    others = index.loc["events"]
    weights = WEIGHTS.loc["events", DIMENSIONS]
    scores = pd.Series({name: others[f"{name}_score"] for name in DIMENSIONS})
    scores["accuracy"] = accuracy
    mean = (weights * scores).sum() / weights[scores.notna()].sum()
    assert gains[ORPHANS] == pytest.approx(mean - 0.5, abs=1e-8)


def test_the_build_says_in_one_line_each_what_is_over_its_limit(project, rules):
    lines = project.output.splitlines()
    failed = rules.index[rules.verdict == "failed"]
    (title,) = (n for n, line in enumerate(lines) if "Rules over their limits" in line)
    listed = lines[title + 1 : title + 1 + len(failed)]
    assert {line.split()[1].rstrip(",") for line in listed} == set(failed)
    assert any(
        "event_product_exists, events: 66.67 % (61.2 to 71.8)," in x for x in listed
    )
    warnings = [line for line in lines if "Warning in test" in line]
    assert [line.split()[4] for line in warnings].count("rules_within_limits") == 1
    assert not any(name in line for name in failed for line in warnings)
    # The floors of indexes, and what was measured, are told by themselves.
    assert any("products_measured_above_floor" in line for line in warnings)
    assert any("events_index_above_floor" in line for line in warnings)


def test_what_must_be_measured_is_listed_too(project, rules):
    vars = json.dumps({**VARS, "encoder": "none", "not_measured": "fail_supplied"})
    output = project.dbt("test", "--select", "fct_quality_rules", "--vars", vars).output
    missing = rules[
        (rules.verdict == "not measured") & rules.feed.isin(["products", "events"])
    ]
    bad = len(missing) + (rules.verdict == "failed").sum()
    assert f"Rules over their limits: {bad} " in output
    assert f"Got {bad} results" in output
    name, rule = next(missing.iterrows())
    assert f"  {name}, {rule.feed}: not measured, {rule.reason}" in output


def test_a_rule_that_is_tested_alone_warns(project):
    arguments = ["--select", ORPHANS, "--vars", '{"encoder": "none"}']
    output = project.dbt("test", *arguments).output
    assert "WARN=1" in output


def test_show_puts_what_was_measured_before_the_index(project, index):
    head, *lines = index_table(project.database).splitlines()
    shop = index.loc["shop"]
    assert head.startswith(
        f"{shop.quality_index:.3f} of the {shop.measured_weight:.0%} of the shop that"
    )
    assert (
        "Worst feed: events, 0.500. Worst rule: event_product_exists, 66.7%." in lines
    )
    assert "as of 2026-07-01 00:00" in lines[1]
    assert (
        "events: at most 0.500, because 66.7% fail event_product_exists (more than 50%)"
        in lines
    )
    table = next(line for line in lines if line.strip().startswith("measured"))
    assert table.split()[:2] == ["measured", "index"]
    grouped = [line for line in lines if "not supplied: " in line]
    assert any("products" in line and "description" in line for line in grouped)
    first = lines[next(n for n, x in enumerate(lines) if x.startswith("Fix first")) + 1]
    assert first.split()[0] == ORPHANS
    assert "product_id" in first and "61.2%-71.8%" in first


def test_show_says_that_the_last_run_failed(project):
    target = project.folder / "target"
    (built_at,) = project.query("from assay_intermediate.int_last_build").built_at
    name = project.database.stem
    project.build(VARS, {"DBT_EXCLUDE_RESOURCE_TYPES": "test unit_test"})
    assert last_failure(target, name, built_at) is None
    broken = {**VARS, "feeds": {"products": {"file": "no.parquet"}}}
    assert project.build(broken, check=False).returncode == 1
    said = last_failure(target, name, built_at)
    assert "failed: stg_feeds" in said and "no.parquet" in said
    assert said.endswith("What follows is of the build before.")
    assert last_failure(target, "another", built_at) is None
    assert last_failure(project.folder / "nowhere", name, built_at) is None
    assert index_table(project.database, target=target).startswith(
        "The last run of dbt"
    )
