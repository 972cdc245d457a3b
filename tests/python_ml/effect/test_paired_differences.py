"""Differences on the same users: size, interval, p-value."""

import numpy as np
import pytest

from python_ml.effect.paired_differences import adjust, compare_paired


def pair(before, after, **options):
    values = np.stack([before, after], 1)
    return compare_paired(values, np.array([0, 0]), **options)[1]


def test_the_same_data_differ_by_chance_as_often_as_they_should():
    """200 pairs of one truth with other noise: the null test."""
    rng = np.random.default_rng(0)
    p_values = []
    for number in range(200):
        user = rng.exponential(0.2, 400)
        noise = rng.exponential(0.1, (2, 400))
        found = pair(user + noise[0], user + noise[1], draws=500, seed=number)
        p_values.append(found.p_value)
    assert 0.02 <= np.mean(np.array(p_values) < 0.05) <= 0.08


def test_intervals_hold_the_truth():
    rng = np.random.default_rng(1)
    held = []
    for number in range(200):
        user = rng.random(300)
        found = pair(user, user + rng.normal(0.02, 0.1, 300), draws=400, seed=number)
        held.append(found.low <= 0.02 <= found.high)
    assert 0.9 <= np.mean(held) <= 0.99


def test_the_smallest_difference_is_seen_in_four_of_five_cases():
    rng = np.random.default_rng(2)
    smallest = pair(np.zeros(400), rng.normal(0, 0.1, 400)).smallest
    seen = [
        pair(np.zeros(400), rng.normal(smallest, 0.1, 400), draws=300).p_value < 0.05
        for _ in range(200)
    ]
    assert 0.72 <= np.mean(seen) <= 0.88


def test_what_is_the_same_differs_by_nothing():
    values = np.random.default_rng(3).random(50)
    found = pair(values, values)
    assert (found.difference, found.low, found.high, found.smallest) == (0, 0, 0, 0)
    assert found.p_value == 1
    assert found.value == pytest.approx(values.mean())
    assert found.value_low < found.value < found.value_high


def test_a_difference_of_every_user_is_no_chance():
    values = np.random.default_rng(4).random(500)
    found = pair(values, values + 0.1)
    assert found.difference == pytest.approx(0.1)
    assert 0 < found.p_value < 1e-20
    assert found.low == pytest.approx(0.1)


def test_one_draw_serves_all():
    """The same column twice has the same interval to the last digit."""
    values = np.random.default_rng(5).random((80, 2))
    found = compare_paired(values[:, [0, 1, 1]], np.array([0, 0, 0]))
    assert found[1] == found[2]
    alone = compare_paired(values, np.array([0, 0]))
    assert alone[1].low == pytest.approx(found[1].low)


def test_users_without_anything_to_measure_are_left_out():
    values = np.random.default_rng(6).random((60, 2))
    some = np.vstack([values, np.full((40, 2), np.nan)])
    found = compare_paired(some, np.array([0, 0]))[1]
    assert found.users == 60
    assert found.value == pytest.approx(values[:, 1].mean())
    assert found.difference == pytest.approx((values[:, 1] - values[:, 0]).mean())
    assert compare_paired(np.full((5, 1), np.nan), np.array([0])) == [None]
    one = np.array([[0.5], [np.nan]])
    assert compare_paired(one, np.array([0])) == [None]


def test_other_users_are_no_pairs():
    values = np.array([[0.1, np.nan], [0.2, 0.3], [0.4, 0.1]])
    with pytest.raises(ValueError, match="same users"):
        compare_paired(values, np.array([0, 0]))


def test_adjusted_p_values_are_those_of_the_formula():
    p_values = np.array([0.04, 0.001, 0.2, 0.012])
    harmonic = 1 + 1 / 2 + 1 / 3 + 1 / 4
    wanted = [
        min(0.04 * 4 / 3 * harmonic, 1),
        0.001 * 4 * harmonic,
        min(0.2 * harmonic, 1),
        0.012 * 4 / 2 * harmonic,
    ]
    assert adjust(p_values) == pytest.approx(wanted)
    assert adjust(np.array([0.03, 0.03])) == pytest.approx([0.045, 0.045])
