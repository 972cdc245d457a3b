"""What holds of the index whatever the weights of the seed of calibrated weights.

A failing example is printed with the seed that makes its feeds and its weights.
"""

from random import Random

import pandas as pd
import pytest

from tests.build import Project
from tests.project.properties.compiled import Compiled
from tests.project.properties.feeds import clean_shop, with_defects
from tests.project.properties.test_properties import (
    DIMENSIONS,
    FLOORS,
    SCORES,
    WEIGHTS,
    any_shop,
    assert_no_rise,
    examples,
    feed_scores,
)

SEED = "quality_weights_calibrated"
COLUMNS = ["feed", "dimension", "component", "rule_name", "weight"]
# Nothing, hardly anything, what it is by hand, and more than any shop would say.
EXPONENTS = [0, 1e-6, 0.3, 1, 1, 4, 1000]
RULE_WEIGHTS = [0, 0.01, 1, 1, 250]


@pytest.fixture(scope="module")
def assay(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("calibrated"))
    project.write(f"seeds/{SEED}.csv", f"{','.join(COLUMNS)}\nusers,,,,0.1\n")
    vars = {"quality_weights": "calibrated"}
    return Compiled(project, clean_shop(Random(0)), vars=vars)


@pytest.fixture(scope="module")
def rules(assay):
    return assay.run(clean_shop(Random(0)))["rules"]


def any_weights(random: Random, rules: pd.DataFrame) -> pd.DataFrame:
    """Weights of some feeds, dimensions, components and rules."""
    rows = []
    for feed in WEIGHTS.index:
        rows.append((feed, None, None, None, random.random()))
        if random.random() < 0.5:
            shares = [random.choice([0, random.random()]) for _ in DIMENSIONS]
            total = sum(shares) or 1
            rows += [
                (feed, dimension, None, None, share / total if sum(shares) else 0.25)
                for dimension, share in zip(DIMENSIONS, shares, strict=True)
            ]
    total = sum(row[-1] for row in rows if row[1] is None)
    rows = [row if row[1] is not None else (*row[:4], row[-1] / total) for row in rows]
    for place in sorted(set(zip(*rules[COLUMNS[:3]].to_numpy().T, strict=True))):
        if random.random() < 0.7:
            rows.append((*place, None, random.choice(EXPONENTS)))
    for rule in rules[COLUMNS[:4]].to_numpy():
        if random.random() < 0.5:
            rows.append((*rule, random.choice(RULE_WEIGHTS)))
    random.shuffle(rows)
    return pd.DataFrame(rows, columns=COLUMNS).astype({"weight": str})


def by_hand(rules: pd.DataFrame, weights: pd.DataFrame, feed: str) -> pd.Series:
    """The scores of a feed from the rates of its rules and the rows of the seed."""
    given = weights.assign(weight=weights.weight.astype(float))
    given = given[given.feed == feed]
    of_rules = given.dropna(subset="rule_name").set_index("rule_name").weight
    of_components = given[given.rule_name.isna()].dropna(subset="component")
    of_components = of_components.set_index("component").weight
    of_dimensions = given[given.component.isna()].dropna(subset="dimension")
    of_dimensions = of_dimensions.set_index("dimension").weight

    left_out = rules.verdict.isin(["not measured", "not applicable"])
    rules = rules[(rules.feed == feed) & ~left_out]
    exponents = rules.component.map(of_components).fillna(1)
    rules = rules.assign(
        exponent=exponents, weight=rules.rule_name.map(of_rules).fillna(rules.weight)
    )
    rules = rules[(rules.weight > 0) & (rules.exponent > 0)]
    scores = {}
    for dimension, of_dimension in rules.groupby("dimension"):
        score = 1.0
        for _, found in of_dimension.groupby("component"):
            rates = found.failure_rate.fillna(1)
            rate = (found.weight * rates).sum() / found.weight.sum()
            score *= max(0.0, 1 - rate) ** found.exponent.iloc[0]
        scores[dimension] = score
    scores = pd.Series(scores, dtype=float).reindex(DIMENSIONS)
    weights = of_dimensions.reindex(DIMENSIONS).fillna(WEIGHTS.loc[feed, DIMENSIONS])
    weights = weights.where(scores.notna())
    index = float("nan")
    if weights.sum() > 0:
        floors = rules.rule_name.map(FLOORS)[rules.failure_rate.fillna(1) > 0.5]
        mean = (weights * scores).sum() / weights.sum()
        index = min([mean, *floors.dropna()])
    return pd.Series([*scores, index], SCORES, dtype=float)


@examples(12)
def test_the_index_follows_from_the_weights_of_the_seed(assay, rules, seed):
    shop, weights = any_shop(seed), any_weights(Random(seed), rules)
    marts = assay.run(shop, seeds={SEED: weights})
    for feed in shop:
        pd.testing.assert_series_equal(
            feed_scores(marts, feed),
            by_hand(marts["rules"], weights, feed),
            check_names=False,
            rtol=0,
            atol=2e-9,
        )


@examples(8)
def test_a_gain_is_what_the_index_is_without_the_failing_rows(assay, rules, seed):
    shop, weights = any_shop(seed), any_weights(Random(seed), rules)
    found = assay.run(shop, seeds={SEED: weights})["rules"]
    for rule in found.dropna(subset="feed_index_gain").itertuples():
        mended = found.copy()
        mended.loc[rule.Index, ["verdict", "failure_rate"]] = ["passed", 0.0]
        indexes = [
            by_hand(state, weights, rule.feed).quality_index
            for state in (found, mended)
        ]
        gain = indexes[1] - indexes[0]
        assert rule.feed_index_gain == pytest.approx(gain, abs=2e-9), rule.rule_name


@examples(10)
def test_more_defects_never_raise_a_score(assay, rules, seed):
    random, touched = Random(seed), set()
    shop, weights = clean_shop(random), any_weights(random, rules)
    before = assay.run(shop, seeds={SEED: weights})["index"]
    for _ in range(2):
        shop = with_defects(shop, random, touched)
        after = assay.run(shop, seeds={SEED: weights})["index"]
        # A defect can move a row to another slice.
        assert_no_rise(before[before.scope_type.isin(["shop", "feed"])], after)
        before = after


@examples(5)
def test_the_order_of_rows_and_weights_changes_nothing(assay, rules, seed):
    shop, weights = any_shop(seed), any_weights(Random(seed), rules)
    marts = assay.run(shop, threads=1, seeds={SEED: weights})
    shuffled = {
        feed: rows.sample(frac=1, random_state=seed) for feed, rows in shop.items()
    }
    again = weights.sample(frac=1, random_state=seed)
    again = assay.run(shuffled, threads=3, seeds={SEED: again})
    for mart in ["index", "rules"]:
        order = list(marts[mart].select_dtypes(exclude="number"))
        pd.testing.assert_frame_equal(
            marts[mart].sort_values(order, ignore_index=True),
            again[mart].sort_values(order, ignore_index=True),
            rtol=1e-12,
        )


@examples(5)
def test_where_every_row_fails_every_rule_the_index_is_zero(assay, rules, seed):
    weights = any_weights(Random(seed), rules)
    relations = {name.split(".")[-1].strip('"'): name for name in assay.models}
    with assay.built_with(clean_shop(Random(seed)), seeds={SEED: weights}) as built:
        built.execute(
            "update int_component_rates set"
            " failure_rate = case when failure_rate is not null then 1 end,"
            " rate_low = 1, rate_high = 1"
        )
        for model in ["int_dimension_scores", "fct_quality_index"]:
            sql = assay.models[relations[model]]
            built.execute(f"create or replace table {relations[model]} as {sql}")
        index = built.sql("from fct_quality_index").df()
    scores = index[SCORES].dropna(how="all")
    assert len(scores) > 10
    assert (scores.fillna(0) == 0).all(axis=None)
