"""Measures of rankings, beside every order of what is tied and beside scikit-learn."""

from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from python_ml.effect.ranking_metrics import (
    METRICS,
    metrics_by_row,
    places,
)


def measured(scores, gains, relevant_from=0.0):
    """All measures of rankings [rows, items]."""
    row, column = np.nonzero(gains)
    found = places(scores, row, column)
    return metrics_by_row(found, gains[row, column], len(scores), relevant_from)


def of_order(gains):
    """The measures of one order, written out."""
    gains = np.asarray(gains, float)
    discounts = 1 / np.log2(np.arange(len(gains)) + 2)
    ideal = np.sort(gains)[::-1]
    hits = np.flatnonzero(gains > 0)
    return {
        **{
            f"ndcg_at_{k}": (gains * discounts)[:k].sum()
            / (ideal * discounts)[:k].sum()
            for k in (10, 100)
        },
        **{f"recall_at_{k}": (hits < k).sum() / len(hits) for k in (10, 100)},
        "mrr": 1 / (hits[0] + 1),
    }


def test_ties_are_the_mean_over_every_order():
    scores = np.array([[3.0, 1, 1, 1, 1, 0, 0]])
    gains = np.array([[0.0, 1, 0.5, 0, 0, 1, 0]])
    orders = [
        of_order([gains[0, 0], *gains[0, list(tied)], *gains[0, list(last)]])
        for tied in permutations((1, 2, 3, 4))
        for last in permutations((5, 6))
    ]
    found = measured(scores, gains)
    assert set(found) == set(METRICS)
    for name in METRICS:
        wanted = np.mean([order[name] for order in orders])
        assert found[name][0] == pytest.approx(wanted, abs=1e-12), name


def test_ties_across_the_cut_are_the_mean_too():
    """Twelve tied items of which three are relevant, ten shown."""
    scores, gains = np.zeros((1, 12)), np.zeros((1, 12))
    gains[0, :3] = 1
    found = measured(scores, gains)
    assert found["recall_at_10"][0] == pytest.approx(10 / 12)
    discounts = 1 / np.log2(np.arange(10) + 2)
    wanted = 3 * discounts.sum() / 12 / discounts[:3].sum()
    assert found["ndcg_at_10"][0] == pytest.approx(wanted)
    rng = np.random.default_rng(0)
    first = [np.flatnonzero(rng.permutation(12) < 3)[0] for _ in range(20_000)]
    drawn = np.mean(1 / (np.array(first) + 1))
    assert found["mrr"][0] == pytest.approx(drawn, abs=0.005)


@pytest.mark.parametrize("levels", [3, 1000])
def test_ndcg_is_that_of_scikit_learn(levels):
    rng = np.random.default_rng(1)
    scores = rng.integers(0, levels, (300, 150)).astype(float)
    gains = rng.choice([0, 0, 0, 0.01, 0.1, 1], (300, 150))
    found = measured(scores, gains)
    for k in (10, 100):
        wanted = [
            ndcg_score(gains[[row]], scores[[row]], k=k) for row in range(len(gains))
        ]
        assert np.abs(found[f"ndcg_at_{k}"] - wanted).max() < 1e-9


def test_without_ties_all_measures_are_those_of_the_order():
    rng = np.random.default_rng(2)
    scores = rng.permuted(np.tile(np.arange(130.0), (200, 1)), axis=1)
    gains = (rng.random((200, 130)) < 0.1).astype(float)
    gains[:, 0] = 1
    found = measured(scores, gains)
    for row in range(len(gains)):
        wanted = of_order(gains[row, np.argsort(-scores[row])])
        for name in METRICS:
            assert found[name][row] == pytest.approx(wanted[name], abs=1e-9)


@pytest.mark.parametrize("levels", [20, 300, 100_000])
def test_far_down_a_long_list_the_measures_are_the_same(levels, monkeypatch):
    """Only the first hundred places are sorted; the rest is told otherwise."""
    rng = np.random.default_rng(3)
    scores = rng.integers(0, levels, (150, 1200)).astype(np.float32)
    gains = np.zeros(scores.shape)
    for row in range(len(gains)):
        # Some have all that is relevant far down, and tied.
        candidates = np.argsort(scores[row])[: 300 if row % 2 else 1200]
        gains[row, rng.choice(candidates, 5, replace=False)] = 1
    found = measured(scores, gains)
    monkeypatch.setattr("python_ml.effect.ranking_metrics._DEPTH", 1200)
    wanted = measured(scores, gains)
    for name in METRICS:
        assert np.isfinite(found[name]).all()
        assert np.abs(found[name] - wanted[name]).max() < 1e-12, name
    assert (found["recall_at_100"] == 0).sum() > 20


def test_what_is_not_shown_is_not_found():
    scores = np.array([[2.0, -np.inf, -np.inf], [-np.inf, -np.inf, -np.inf]])
    gains = np.array([[0.0, 1, 1], [1, 0, 0]])
    found = measured(scores, gains)
    assert all(np.abs(found[name]).max() < 1e-15 for name in METRICS)


def test_nothing_to_find_is_no_number():
    found = measured(np.ones((2, 4)), np.array([[0, 0, 1, 0], [0, 0, 0, 0.0]]))
    assert all(np.isfinite(found[name][0]) for name in METRICS)
    assert all(np.isnan(found[name][1]) for name in METRICS)


def test_only_what_is_relevant_counts_for_recall():
    scores = np.array([[5.0, 4, 3]])
    found = measured(scores, np.array([[0.1, 0, 1]]), relevant_from=0.5)
    assert found["mrr"][0] == pytest.approx(1 / 3)
    assert found["recall_at_10"][0] == 1
    assert 0 < found["ndcg_at_10"][0] < 1


def test_scores_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="NaN"):
        places(np.array([[1, np.nan]]), np.array([0]), np.array([0]))
