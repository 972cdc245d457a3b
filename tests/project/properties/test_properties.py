"""What holds of the marts whatever the feeds hold.

A failing example is printed with the seed that makes its feeds.
"""

from random import Random

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.build import ROOT, Project
from tests.project.properties.compiled import Compiled
from tests.project.properties.feeds import clean_shop, with_anything, with_defects

DIMENSIONS = ["completeness", "accuracy", "consistency", "timeliness"]
SCORES = [f"{dimension}_score" for dimension in DIMENSIONS] + ["quality_index"]
WEIGHTS = pd.read_csv(ROOT / "seeds" / "quality_weights.csv", index_col="feed")
# The most that the index of a feed can be where more than half of it fails the rule.
FLOORS = {
    rule["name"]: rule["arguments"]["floor"]["index"]
    for path in (ROOT / "models/staging").glob("stg_*.yml")
    for column in yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0][
        "columns"
    ]
    for test in column.get("data_tests", [])
    for rule in test.values()
    if "floor" in rule.get("arguments", {})
}
SCOPE = ["scope_type", "feed", "scope_value"]
MISSING_COLUMNS = {"products": "brand", "users": "email", "events": "occurred_at"}
RULES_WITHOUT_COLUMNS = [
    "product_brand_present",
    "product_brand_has_one_spelling",
    "product_brand_agrees",
    "user_email_present",
    "user_email_in_format",
    "event_content_is_unique",
    "event_is_not_cancelled",
    "event_after_product_created",
    "event_time_present",
    "event_occurred_at_is_time",
    "event_occurred_before_ingested",
    "event_is_not_in_the_future",
    "events_cover_days",
    "event_pace_is_of_people",
    "events_updated_daily",
]
# In the YAML of a feed: what a rule is given, and what makes no sense in its place.
BROKEN = {
    "products": ("key: product_id, tolerance", "key: sku, tolerance"),
    "users": (r"{pattern: '^\+", r"{pattern: '(^\+"),
    "events": ("{before: ingested_at", "{before: eaten_at"),
}
# A column, the value it has throughout, the rule that fails in every row, and the score
# that is 0 because no other rule shares its component.
WHOLLY_BAD = [
    ("products", "product_id", "未知", "product_id_present", None),
    ("products", "title", None, "product_title_present", None),
    ("products", "price", "-1", "product_price_in_range", None),
    ("products", "currency", "Euro", "product_currency_is_iso_4217", None),
    ("products", "updated_at", "2023-01-01", "product_is_current", "timeliness_score"),
    ("users", "phone", "12", "user_phone_in_format", None),
    ("users", "user_id", "nobody", "users_cover_events", "completeness_score"),
    ("users", "updated_at", "2023-01-01", "user_is_current", "timeliness_score"),
    ("events", "event_type", "veiw", "event_type_is_known", None),
    ("events", "product_id", "ghost", "events_cover_products", None),
    ("events", "ingested_at", "2020-01-01", "event_occurred_before_ingested", None),
]


def examples(count: int):
    """Properties of that many shops, each made from a seed."""
    seeds = given(seed=st.integers(0, 2**32 - 1))
    # A seed near another makes another shop: there is nothing to shrink.
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    runs = settings(max_examples=count, deadline=None, phases=phases)
    return lambda test: runs(seeds(test))


def any_shop(seed: int) -> dict[str, pd.DataFrame]:
    random = Random(seed)
    return with_anything(clean_shop(random), random)


def flawed_shop(seed: int) -> dict[str, pd.DataFrame]:
    """A shop with some defects, in which every rule is measured."""
    random = Random(seed)
    return with_defects(clean_shop(random), random, set())


def scores_of(rules: pd.DataFrame, feed: str) -> pd.Series:
    """The scores of a feed by hand, from the rates of its rules."""
    is_left_out = rules.verdict.isin(["not measured", "not applicable"])
    rules = rules[(rules.feed == feed) & ~is_left_out]
    failing = rules.weight * rules.failure_rate.fillna(1)
    sums = rules.assign(failing=failing).groupby(["dimension", "component"])
    components = 1 - sums.failing.sum() / sums.weight.sum()
    scores = components.groupby("dimension").prod().reindex(DIMENSIONS)
    weights = WEIGHTS.loc[feed, DIMENSIONS].where(scores.notna())
    index = (weights * scores).sum(min_count=1) / weights.sum()
    floors = rules.rule_name.map(FLOORS)[rules.failure_rate.fillna(1) > 0.5]
    index = min([index, *floors.dropna()])
    return pd.Series([*scores, index], SCORES, dtype=float)


def feed_scores(marts: dict, feed: str) -> pd.Series:
    index = marts["index"]
    row = index[(index.scope_type == "feed") & (index.feed == feed)]
    return row[SCORES].astype(float).iloc[0]


def assert_shares(columns: pd.DataFrame) -> None:
    values = columns.to_numpy(float)
    assert (np.isnan(values) | ((values >= 0) & (values <= 1))).all()


def assert_no_rise(before: pd.DataFrame, after: pd.DataFrame) -> None:
    scopes = before.merge(after, on=SCOPE, suffixes=("_before", "_after"))
    for score in SCORES:
        rise = scopes[f"{score}_after"] - scopes[f"{score}_before"]
        assert not (rise > 1e-12).any(), score


def without_columns(shop: dict) -> dict[str, pd.DataFrame]:
    return {
        feed: rows.drop(columns=MISSING_COLUMNS[feed]) for feed, rows in shop.items()
    }


def without_users(shop: dict) -> dict[str, pd.DataFrame]:
    return {feed: rows for feed, rows in shop.items() if feed != "users"}


def compile_project(folder, feeds, broken=None) -> Compiled:
    project = Project(folder)
    for feed, (given_, wrong) in (broken or {}).items():
        path = f"models/staging/stg_{feed}.yml"
        text = (project.folder / path).read_text(encoding="utf-8")
        assert given_ in text
        project.write(path, text.replace(given_, wrong))
    return Compiled(project, feeds)


@pytest.fixture(scope="session")
def assay(tmp_path_factory):
    return compile_project(tmp_path_factory.mktemp("assay"), clean_shop(Random(0)))


@pytest.fixture(scope="session")
def assay_with_broken_rules(tmp_path_factory):
    folder = tmp_path_factory.mktemp("broken")
    return compile_project(folder, clean_shop(Random(0)), BROKEN)


@pytest.fixture(scope="session", params=["columns", "feed"])
def assay_with_less(request, tmp_path_factory):
    """Some columns or a feed are left out: by what, and which rules with them."""
    without, unmeasured = {
        "columns": (without_columns, RULES_WITHOUT_COLUMNS),
        "feed": (without_users, ["event_user_exists"]),
    }[request.param]
    folder = tmp_path_factory.mktemp("less")
    built = compile_project(folder, without(clean_shop(Random(0))))
    return built, without, unmeasured


@examples(5)
def test_a_clean_shop_has_index_one(assay, seed):
    marts = assay.run(clean_shop(Random(seed)))
    assert marts["issues"].empty
    for feed in MISSING_COLUMNS:
        assert (feed_scores(marts, feed).dropna() == 1).all()


def assert_scores_rates_and_shares_lie_between_0_and_1(marts: dict) -> None:
    index, rates = marts["index"], ["failure_rate", "rate_low", "rate_high"]
    assert_shares(index[[*SCORES, "clean_row_share", "measured_weight"]])
    assert_shares(marts["measures"][rates])
    assert_shares(marts["rules"][[*rates, "max_rate"]])
    for rows in [marts["measures"], marts["rules"]]:
        rows = rows[rows.failure_rate.notna()]
        assert (rows.rate_low <= rows.failure_rate).all()
        assert (rows.failure_rate <= rows.rate_high).all()
    index = index[index.quality_index.notna()]
    assert (index.index_low <= index.quality_index).all()
    assert (index.quality_index <= index.index_high).all()


def assert_counts_of_issues_measures_and_slices_agree(marts: dict) -> None:
    rules, issues = marts["rules"], marts["issues"]
    measures = marts["measures"].query("rows_checked > 0")
    assert (measures.failing_rows <= measures.rows_checked).all()

    found = issues.groupby("rule_name").size()
    failing = rules.set_index("rule_name").failing_rows.fillna(0)
    assert failing.to_dict() == found.reindex(failing.index, fill_value=0).to_dict()
    of_feeds = marts["index"].query("scope_type == 'feed'").set_index("feed")
    assert of_feeds.issue_count.sum() == len(issues)
    for feed, count in of_feeds.issue_count.items():
        assert count == (issues.feed == feed).sum()

    # An age is read off the newest row: it does not add up.
    ages = rules.rule_name[rules.component == "frequency"]
    counts = marts["measures"][~marts["measures"].rule_name.isin(ages)]
    counts = counts.groupby(["slice_type", "rule_name"])
    counts = counts[["rows_checked", "failing_rows"]].sum()
    for slice_type in counts.index.levels[0].drop("all"):
        sliced = counts.loc[slice_type]
        assert sliced.equals(counts.loc["all"].loc[sliced.index])


@examples(25)
def test_the_numbers_of_any_shop_are_sound(assay, seed):
    marts = assay.run(any_shop(seed))
    assert_scores_rates_and_shares_lie_between_0_and_1(marts)
    assert_counts_of_issues_measures_and_slices_agree(marts)


@examples(15)
def test_the_index_follows_from_the_rules(assay, assay_with_broken_rules, seed):
    shop = any_shop(seed)
    marts, broken = assay.run(shop), assay_with_broken_rules.run(shop)
    for found in [marts, broken]:
        for feed in shop:
            expected = scores_of(found["rules"], feed)
            pd.testing.assert_series_equal(
                feed_scores(found, feed), expected, check_names=False
            )
    # A rule in error never raises a score.
    assert (broken["rules"].verdict == "error").sum() == len(BROKEN)
    assert_no_rise(marts["index"], broken["index"])


@examples(15)
def test_row_order_and_threads_change_nothing(assay, seed):
    shop = any_shop(seed)
    shuffled = {
        feed: rows.sample(frac=1, random_state=seed) for feed, rows in shop.items()
    }
    marts, again = assay.run(shop, threads=1), assay.run(shuffled, threads=3)
    for mart, rows in marts.items():
        order = list(rows.select_dtypes(exclude="number"))
        pd.testing.assert_frame_equal(
            rows.sort_values(order, ignore_index=True),
            again[mart].sort_values(order, ignore_index=True),
            rtol=1e-12,
        )


@examples(25)
def test_more_defects_never_raise_a_score(assay, seed):
    random, touched = Random(seed), set()
    shop = clean_shop(random)
    before = assay.run(shop)["index"]
    for _ in range(2):
        shop = with_defects(shop, random, touched)
        after = assay.run(shop)["index"]
        # A defect can move a row to another slice.
        assert_no_rise(before[before.scope_type.isin(["shop", "feed"])], after)
        before = after


@pytest.mark.parametrize("feed, column, value, rule, score", WHOLLY_BAD)
@examples(3)
def test_a_wholly_bad_column_is_worth_nothing(
    assay, feed, column, value, rule, score, seed
):
    shop = clean_shop(Random(seed))
    shop[feed][column] = value
    marts = assay.run(shop)
    found = marts["rules"].set_index("rule_name").loc[rule]
    assert (found.failure_rate, found.verdict) == (1, "failed")
    if score:
        assert feed_scores(marts, feed)[score] == 0


@examples(8)
def test_what_is_not_supplied_is_neither_good_nor_bad(assay, assay_with_less, seed):
    built, without, unmeasured = assay_with_less
    shop = flawed_shop(seed)
    full, marts = assay.run(shop), built.run(without(shop))

    rules = marts["rules"].set_index("rule_name", drop=False)
    unmeasured = {*unmeasured, *rules.rule_name[~rules.feed.isin(without(shop))]}
    unmeasured |= set(full["rules"].query("verdict == 'not measured'").rule_name)
    assert set(rules.query("verdict == 'not measured'").rule_name) == unmeasured
    assert rules.failure_rate[list(unmeasured)].isna().all()

    kept = full["rules"][~full["rules"].rule_name.isin(unmeasured)]
    for feed in shop:
        pd.testing.assert_series_equal(
            feed_scores(marts, feed), scores_of(kept, feed), check_names=False
        )
    less, all_of_it = (
        found["index"].set_index(["scope_type", "feed"]).measured_weight
        for found in [marts, full]
    )
    assert less["feed", "events"] < all_of_it["feed", "events"]
    assert less["shop"].item() < all_of_it["shop"].item()


def test_an_empty_feed_is_not_fresh_and_one_not_supplied_has_no_index(assay):
    shop = {feed: rows[:0] for feed, rows in clean_shop(Random(0)).items()}
    marts = assay.run(shop)
    feeds = marts["index"].query("scope_type == 'feed'").set_index("feed")
    assert (feeds.quality_index[list(shop)] == 0).all()
    others = feeds.drop(index=list(shop))
    assert others.quality_index.isna().all()
    assert (others.measured_weight == 0).all()
    rules = marts["rules"]
    is_failed = (rules.component == "frequency") & rules.feed.isin(shop)
    assert is_failed.sum() == len(shop)
    assert set(rules.verdict[is_failed]) == {"failed"}
    assert set(rules.verdict[~is_failed]) == {"not measured"}
