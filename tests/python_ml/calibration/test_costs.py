"""Costs, what follows from them, and that nothing is lost or done twice."""

import json

import numpy as np
import pytest

from python_ml.calibration.costs import (
    Cost,
    calibrate,
    check,
    costs_of,
    predicted,
)
from python_ml.calibration.damage import EVENT_KINDS, TEXT_KINDS
from python_ml.calibration.runs import Measured, RunLog, plan
from python_ml.calibration.shop import Loss
from python_ml.calibration.weights import (
    SEEN_BY,
    Rule,
    rule_costs,
    visible_share,
    weights_of,
)

TRUE = {"missing": 0.2, "wrong_user": 0.6, "repeats": 0.0}


def world(run):
    """A shop whose losses are known, with noise of its own."""
    rng = np.random.default_rng([run.seed, len(run.key)])
    loss = predicted(run.rates, TRUE) + rng.normal(0, 0.003)
    return Loss(float(loss), 0.004)


@pytest.fixture
def runs():
    return plan("recommendation", TRUE, (0.05, 0.1, 0.2), 2, 20)


def test_costs_are_learned_and_predict_what_was_never_seen(runs, tmp_path):
    results = calibrate(runs, RunLog(tmp_path / "runs.jsonl", "a"), world)
    costs = {cost.kind: cost for cost in costs_of(results)}
    for kind, slope in TRUE.items():
        assert costs[kind].slope == pytest.approx(slope, abs=0.05)
        assert costs[kind].low <= slope <= costs[kind].high
        assert costs[kind].runs == 6
    found = check(results, costs.values(), "recommendation")
    assert found.mixes >= 15
    assert found.order > 0.95
    assert found.order > found.order_of_costly + 0.02
    assert found.order > found.order_of_equal + 0.05
    assert found.error < 0.01
    assert check(results, costs.values(), "search") is None


def test_no_cost_is_below_nothing():
    helps = [Measured("search", "no_title", {"no_title": 0.1}, 0, -0.02, 0.001)]
    (cost,) = costs_of(helps)
    assert (cost.slope, cost.low) == (0, 0)


def test_a_calibration_goes_on_where_it_was_killed(runs, tmp_path):
    path = tmp_path / "runs.jsonl"
    done = []

    def measure(run):
        if len(done) == 7:
            raise KeyboardInterrupt
        done.append(run.key)
        return world(run)

    with pytest.raises(KeyboardInterrupt):
        calibrate(runs, RunLog(path, "a"), measure)
    # Killed while it wrote.
    with path.open("a") as file:
        file.write('{"state": "a", "key": "[cut o')
    log = RunLog(path, "a")
    assert len(log) == 7
    measured = []
    results = calibrate(runs, log, lambda run: measured.append(run.key) or world(run))
    assert len(results) == len(runs)
    assert not set(measured) & set(done)
    assert len(measured) == len(runs) - 7
    again = calibrate(runs, RunLog(path, "a"), lambda run: 1 / 0)
    assert again == results
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len({line["key"] for line in lines}) == len(lines) == len(runs)


def test_what_was_measured_of_other_data_is_measured_again(runs, tmp_path):
    path = tmp_path / "runs.jsonl"
    calibrate(runs[:3], RunLog(path, "a"), world)
    assert len(RunLog(path, "b")) == 0
    assert path.read_text() == ""


def test_it_stops_when_the_time_is_over(runs, tmp_path):
    log = RunLog(tmp_path / "runs.jsonl", "a")
    results = calibrate(runs, log, world, is_over=lambda: len(log) >= 5)
    assert len(results) == len(log) == 5


def test_runs_are_planned_alike_each_time():
    runs = plan("search", TEXT_KINDS, (0.1,), 2, 5)
    assert runs == plan("search", TEXT_KINDS, (0.1,), 2, 5)
    assert len({run.key for run in runs}) == len(runs)
    single = [run for run in runs if not run.name.startswith("mix")]
    assert len(single) == 2 * len(TEXT_KINDS)
    mixes = [run for run in runs if run.name.startswith("mix")]
    assert not {run.seed for run in single} & {run.seed for run in mixes}
    assert all(0 <= rate <= 0.2 for run in mixes for rate in run.rates.values())


RULES = [
    Rule("event_user_present", "events", "completeness", "missing"),
    Rule("event_id_present", "events", "completeness", "missing"),
    Rule("event_is_unique", "events", "completeness", "repeat"),
    Rule("event_content_is_unique", "events", "completeness", "repeat"),
    Rule("event_product_exists", "events", "accuracy", "relation"),
    Rule("event_type_is_known", "events", "consistency", "format"),
    Rule("product_title_present", "products", "completeness", "missing"),
    Rule("user_email_present", "users", "completeness", "missing"),
]


def cost(part, kind, slope):
    return Cost(part, kind, slope, 0, 1, 6)


def test_the_index_falls_by_what_a_defect_costs():
    """The formula of the index with these weights, at small rates of each rule."""
    costs = [
        cost("recommendation", "missing", 0.2),
        cost("recommendation", "repeats", 0.03),
        cost("search", "no_title", 0.4),
    ]
    of_rules = rule_costs(costs, RULES, search_share=0.25)
    assert of_rules == pytest.approx(
        {
            "event_user_present": 0.15,
            "event_product_exists": 0.15,
            "event_is_unique": 0.01125,
            "event_content_is_unique": 0.01125,
            "product_title_present": 0.1,
        }
    )
    rows = weights_of(of_rules, RULES)
    given = {
        (row.feed, row.dimension, row.component, row.rule_name): row.weight
        for row in rows
    }

    def index(rates):
        total = 0.0
        for feed in {rule.feed for rule in RULES}:
            for dimension in {r.dimension for r in RULES if r.feed == feed}:
                weight = given.get((feed, dimension, None, None), 0)
                score = 1.0
                for component in {
                    rule.component
                    for rule in RULES
                    if (rule.feed, rule.dimension) == (feed, dimension)
                }:
                    exponent = given.get((feed, dimension, component, None), 0)
                    rate = sum(
                        given.get((feed, dimension, component, name), 0) * rate
                        for name, rate in rates.items()
                    )
                    score *= (1 - rate) ** exponent
                total += given[feed, None, None, None] * weight * score
        return total

    assert index({}) == pytest.approx(1)
    for rule in RULES:
        fall = index({}) - index({rule.name: 1e-6})
        assert fall / 1e-6 == pytest.approx(of_rules.get(rule.name, 0), abs=1e-4)
    feeds = [row.weight for row in rows if row.dimension is None]
    assert sum(feeds) == pytest.approx(1, abs=1e-12)
    for feed in ("events", "products"):
        dimensions = [
            row.weight
            for row in rows
            if row.feed == feed and row.dimension and row.component is None
        ]
        assert sum(dimensions) == pytest.approx(1, abs=1e-12)
    assert given["users", None, None, None] == 0
    assert not any(row.feed == "users" and row.dimension for row in rows)


def test_the_late_share_of_a_loss_is_priced():
    rules = [Rule("events_updated_daily", "events", "timeliness", "frequency")]
    found = rule_costs([cost("recommendation", "late", 0.5)], rules)
    assert found == {"events_updated_daily": pytest.approx(0.05)}


def test_where_nothing_costs_anything_there_are_no_weights():
    with pytest.raises(ValueError, match="no weights"):
        weights_of({}, RULES)


def test_what_no_rule_sees_is_no_visible_loss():
    costs = [
        cost("recommendation", "missing", 0.3),
        cost("recommendation", "wrong_item", 0.6),
        cost("search", "no_title", 1.0),
    ]
    assert visible_share(costs, RULES, "recommendation") == pytest.approx(1 / 3)
    assert visible_share(costs, RULES[:1], "search") == 0
    assert visible_share([], RULES, "search") == 0


def test_every_kind_says_which_rules_see_it():
    assert set(SEEN_BY) == {*EVENT_KINDS, *TEXT_KINDS}
