"""Audited error rates: exact where all is known, true where the model is not.

Simulations have fixed seeds; their tolerances are four standard errors or more, and far
below what the mistakes that they look for would cause.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_ml.labels.audits import audit_sample, audited_rate, model_interval


def shop(rows, rate, distance, seed):
    """Return calibrated probabilities of right and wrong rows, and which are wrong."""
    rng = np.random.default_rng(seed)
    is_wrong = np.arange(rows) < round(rows * rate)
    evidence = rng.normal(size=rows) + distance * is_wrong
    odds = distance * evidence - distance**2 / 2 + np.log(rate / (1 - rate))
    return 1 / (1 + np.exp(-odds)), is_wrong


def drawn(probabilities, is_wrong, size, rng):
    """Return the audits of a proposed sample."""
    random_numbers = rng.uniform(1e-12, 1, len(probabilities))
    row, weight = audit_sample(probabilities, random_numbers, size)
    return {"row": row, "is_wrong": is_wrong[row], "weight": weight}


# ---- the rate ------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [None, [1.0] * 5])
def test_when_all_rows_are_audited_the_rate_is_exact(weight):
    audits = {
        "row": [4, 0, 3, 1, 2],
        "is_wrong": [True, False, False, True, False],
        "weight": weight,
    }
    found = audited_rate(np.array([0.9, 0.9, 0.0, 1.0, 0.1]), audits)
    assert (found.rate, found.low, found.high, found.audit_count) == (0.4, 0.4, 0.4, 5)


def test_nearly_all_audited_leaves_only_what_the_others_may_be():
    is_wrong = np.arange(100) < 20
    audits = {"row": np.arange(1, 99), "is_wrong": is_wrong[1:99]}
    found = audited_rate(np.full(100, 0.5), audits)
    assert 0.19 <= found.low <= found.rate <= found.high <= 0.21


@pytest.mark.parametrize("wrong", [0, 1, 10, 100, 199, 200])
@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_where_the_model_knows_nothing_it_is_wilsons_interval(wrong, probability):
    # Limits of Wilson's interval, solved as the quadratic equation that it is.
    audits = {"row": np.arange(200), "is_wrong": np.arange(200) < wrong}
    found = audited_rate(np.full(100_000, probability), audits)
    share, z = wrong / 200, 1.959964
    limits = np.sort(np.roots([1 + z**2 / 200, -2 * share - z**2 / 200, share**2]))
    assert found.rate == pytest.approx(share, abs=1e-6)
    # 200 of 100,000 rows are audited, which narrows it by a thousandth.
    assert [found.low, found.high] == pytest.approx(limits, abs=1e-4)


def test_weights_are_inverse_inclusion_probabilities():
    # Of 1,000 rows every tenth of the last 900 was audited and all the first 100: the
    # rate is that of the first plus nine tenths of the share among the others.
    row = np.concatenate([np.arange(100), np.arange(105, 1000, 10)])
    is_wrong = np.concatenate([np.arange(100) < 60, np.arange(90) < 9])
    weight = np.concatenate([np.ones(100), np.full(90, 10.0)])
    audits = {"row": row, "is_wrong": is_wrong, "weight": weight}
    found = audited_rate(np.full(1000, 0.2), audits)
    assert found.rate == pytest.approx(0.06 + 0.09, abs=1e-6)
    unweighted = audited_rate(np.full(1000, 0.2), {**audits, "weight": None})
    assert unweighted.rate == pytest.approx(69 / 190, abs=1e-6)


def test_weights_of_part_of_a_sample_are_as_good():
    probabilities, is_wrong = shop(5000, 0.1, 2.0, seed=1)
    audits = drawn(probabilities, is_wrong, 300, np.random.default_rng(1))
    doubled = {**audits, "weight": 1 + 2 * (audits["weight"] - 1)}
    found, again = (audited_rate(probabilities, given) for given in (audits, doubled))
    assert again.rate == pytest.approx(found.rate, abs=1e-9)
    assert [again.low, again.high] == pytest.approx([found.low, found.high], abs=1e-9)


def test_the_order_of_audits_does_not_matter():
    probabilities, is_wrong = shop(3000, 0.1, 2.0, seed=2)
    audits = drawn(probabilities, is_wrong, 150, np.random.default_rng(2))
    turned = {name: values[::-1] for name, values in audits.items()}
    found, again = (audited_rate(probabilities, given) for given in (audits, turned))
    assert again.rate == pytest.approx(found.rate, abs=1e-9)


def test_rows_that_were_not_judged_do_not_count():
    probabilities, is_wrong = shop(2000, 0.1, 2.0, seed=3)
    row = np.arange(0, 2000, 10)
    known = audited_rate(probabilities, {"row": row, "is_wrong": is_wrong[row]})
    # As many rows more, of which some were audited all the same.
    more = np.concatenate([probabilities, np.full(2000, np.nan)])
    audits = {
        "row": np.concatenate([row, [2000, 3999]]),
        "is_wrong": np.concatenate([is_wrong[row], [True, True]]),
    }
    found = audited_rate(more, audits)
    assert found == known
    assert found.audit_count == 200


# ---- is it true? ---------------------------------------------------------------------

FAULTS = {
    "calibrated": lambda odds: odds,
    "too sure": lambda odds: 2 * odds,
    "seems rarer": lambda odds: odds - 1.5,
    "seems more": lambda odds: odds + 1.5,
    "useless": lambda odds: np.cos(1e6 * odds) - 3,
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("proposed", [False, True])
def test_a_wrong_model_does_not_move_the_rate(fault, proposed):
    probabilities, is_wrong = shop(4000, 0.1, 2.0, seed=4)
    odds = np.log(probabilities / (1 - probabilities))
    probabilities = 1 / (1 + np.exp(-FAULTS[fault](odds)))
    rng = np.random.default_rng(4)
    results = []
    for _ in range(200):
        if proposed:
            audits = drawn(probabilities, is_wrong, 200, rng)
        else:
            row = rng.choice(4000, 200, replace=False)
            audits = {"row": row, "is_wrong": is_wrong[row]}
        found = audited_rate(probabilities, audits)
        results.append((found.rate, found.low, found.high))
    rate, low, high = np.array(results).T
    standard_error = rate.std() / np.sqrt(200)
    assert abs(rate.mean() - 0.1) < 4 * standard_error + 0.001
    # Of 200 intervals of 95 %, 177 or fewer are true once in 5,000 times.
    assert np.count_nonzero((low <= 0.1) & (0.1 <= high)) > 177
    # Auditing alone: Wilson's interval of a share of 0.1 is 0.083 wide.
    assert (high - low).mean() < 0.092


def test_a_good_model_makes_the_interval_narrow():
    probabilities, is_wrong = shop(4000, 0.05, 3.5, seed=5)
    rng = np.random.default_rng(5)
    widths = []
    for _ in range(50):
        row = rng.choice(4000, 200, replace=False)
        found = audited_rate(probabilities, {"row": row, "is_wrong": is_wrong[row]})
        widths.append(found.high - found.low)
    # Wilson's interval of a share of 0.05 is 0.061 wide.
    assert np.mean(widths) < 0.7 * 0.061


def test_no_wrong_row_among_the_audits_is_no_proof_of_none():
    probabilities = np.full(10_000, 0.01)
    audits = {"row": np.arange(200), "is_wrong": np.zeros(200, bool)}
    found = audited_rate(probabilities, audits)
    assert found.rate == pytest.approx(0, abs=1e-9)
    assert found.low == pytest.approx(0, abs=1e-9)
    assert 0.015 < found.high < 0.02


def test_audits_of_two_rounds_may_be_mixed():
    # The second round knows another model and only rows without verdict.
    probabilities, is_wrong = shop(3000, 0.1, 2.5, seed=6)
    other, _ = shop(3000, 0.1, 1.0, seed=7)
    rng = np.random.default_rng(6)
    rates, covered = [], 0
    for _ in range(200):
        first = drawn(other, is_wrong, 100, rng)
        left = probabilities.copy()
        left[first["row"]] = np.nan
        second = drawn(left, is_wrong, 100, rng)
        both = {name: np.concatenate([first[name], second[name]]) for name in first}
        found = audited_rate(probabilities, both)
        rates.append(found.rate)
        covered += found.low <= 0.1 <= found.high
    assert abs(np.mean(rates) - 0.1) < 4 * np.std(rates) / np.sqrt(200) + 0.001
    assert covered > 177


# ---- the sample ----------------------------------------------------------------------


def test_weights_of_a_sample_add_up_to_the_rows():
    probabilities, _ = shop(2000, 0.1, 2.0, seed=8)
    rng = np.random.default_rng(8)
    counts = np.zeros(2000)
    totals = []
    for _ in range(2000):
        row, weight = audit_sample(probabilities, rng.uniform(1e-12, 1, 2000), 100)
        counts[row] += weight
        totals.append(weight.sum())
    assert abs(np.mean(totals) - 2000) < 4 * np.std(totals) / np.sqrt(2000)
    # Not on the whole alone: also of the rows that the model is sure or unsure of.
    for part in np.array_split(np.argsort(probabilities), 5):
        assert counts[part].sum() / 2000 == pytest.approx(400, rel=0.03)


def test_unsure_rows_are_drawn_more_often_and_none_is_neglected():
    probabilities = np.repeat([0.0, 0.02, 0.5, 1.0], 1000)
    row, weight = audit_sample(
        probabilities, np.random.default_rng(9).uniform(1e-12, 1, 4000), 400
    )
    drawn_of = np.bincount(row // 1000, minlength=4)
    assert drawn_of[2] > 1.3 * drawn_of[0]
    assert drawn_of[0] > 45 and drawn_of[3] > 45
    of_sure = weight[row < 1000]
    assert of_sure.max() == pytest.approx(of_sure.min())
    assert of_sure.max() < 1.15 * 4000 / 400 / 0.8


def test_a_sample_of_equal_probabilities_is_the_smallest_random_numbers():
    row, weight = audit_sample(np.zeros(5), np.array([0.5, 0.1, 0.9, 0.3, 0.7]), 2)
    assert row.tolist() == [1, 3]
    assert weight == pytest.approx([2.0, 2.0])  # the third is 0.5


def test_a_sample_by_hand():
    # Roots of p (1 - p) are 0.5, 0.3, 0.3 and 0.1, on the mean 0.3; shares are
    # 0.8 + 0.2 * 5/3 = 1.133, 1, 1 and 0.8 + 0.2 / 3 = 0.867.
    probabilities = np.array([0.5, 0.1, 0.9, 0.01])
    probabilities[3] = (1 - np.sqrt(1 - 0.04)) / 2
    row, weight = audit_sample(probabilities, np.array([0.96, 0.3, 0.5, 0.2]), 2)
    assert row.tolist() == [3, 1]  # priorities 0.847, 0.3, 0.5, 0.231
    assert weight == pytest.approx([1 / (0.8667 * 0.5), 1 / (1.0 * 0.5)], rel=1e-4)


def test_all_rows_are_the_sample_where_there_are_no_more():
    probabilities = np.array([0.2, np.nan, 0.4])
    row, weight = audit_sample(probabilities, np.array([0.5, 0.1, 0.3]), 5)
    assert sorted(row.tolist()) == [0, 2]
    assert weight.tolist() == [1.0, 1.0]
    row, weight = audit_sample(np.full(3, np.nan), np.full(3, 0.5), 5)
    assert len(row) == len(weight) == 0


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.data())
def test_samples_grow_and_rates_stay_in_order(data):
    rows = data.draw(st.integers(1, 40))
    probability = st.one_of(st.floats(0, 1), st.just(np.nan), st.sampled_from([0, 1]))
    probabilities = np.array(
        data.draw(st.lists(probability, min_size=rows, max_size=rows))
    )
    seed = data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    random_numbers = rng.uniform(1e-12, 1, rows)
    size = data.draw(st.integers(1, rows))
    row, weight = audit_sample(probabilities, random_numbers, size)
    larger, lighter = audit_sample(probabilities, random_numbers, size + 1)
    assert row.tolist() == larger[: len(row)].tolist()
    assert np.all(lighter[: len(row)] <= weight * (1 + 1e-12))
    assert np.all(weight >= 1)
    assert not np.isnan(probabilities[row]).any()
    assert len(set(row)) == len(row) == min(size, np.sum(~np.isnan(probabilities)))
    if (
        len(row)
        and weight.max() > 1
        or len(row) == np.sum(~np.isnan(probabilities)) > 0
    ):
        verdicts = rng.random(len(row)) < data.draw(st.floats(0, 1))
        audits = {"row": row, "is_wrong": verdicts, "weight": weight}
        found = audited_rate(probabilities, audits)
        assert 0 <= found.low <= found.rate <= found.high <= 1
        assert found.audit_count == len(row)
        judged = np.sum(~np.isnan(probabilities))
        assert found.rate >= verdicts.sum() / judged - 1e-9


# ---- without audits ------------------------------------------------------------------


def test_estimates_that_disagree_make_the_interval_wide():
    agreed = model_interval([0.05, 0.05, 0.05], 8000)
    disagreed = model_interval([0.05, 0.03, 0.08], 8000)
    assert disagreed[0] < agreed[0] < 0.05 < agreed[1] < disagreed[1]
    assert agreed[0] > 0.03 and agreed[1] < 0.08


def test_few_rows_make_the_interval_wide():
    few, many = model_interval([0.1], 50), model_interval([0.1], 5000)
    assert few[0] < many[0] < 0.1 < many[1] < few[1]


def test_a_model_that_doubts_itself_has_a_wide_interval():
    sure, doubtful = model_interval([0.1], 5000), model_interval([0.1], 5000, 0.2)
    assert doubtful[0] < sure[0] < 0.1 < sure[1] < doubtful[1]


@settings(deadline=None, derandomize=True)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=6),
    st.integers(1, 10**7),
    st.floats(0, 1),
)
def test_the_interval_of_a_model_holds_its_rate(estimates, rows, doubt):
    low, high = model_interval(estimates, rows, doubt)
    assert 0 <= low <= estimates[0] <= high <= 1


# ---- bad input -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("audits", "message"),
    [
        ({"row": [], "is_wrong": []}, "audits: there are none"),
        ({"row": [1]}, "audits: is_wrong is missing"),
        ({"is_wrong": [True]}, "audits: row is missing"),
        ({"row": [1, 2], "is_wrong": [True]}, "is_wrong has 1 values, row has 2"),
        (
            {"row": [1], "is_wrong": [True], "weight": [2.0, 3.0]},
            "weight has 2 values, row has 1",
        ),
        (
            {"row": [1, 9], "is_wrong": [True, True]},
            "row 9 does not exist, there are 4",
        ),
        ({"row": [-1], "is_wrong": [True]}, "row -1 does not exist"),
        ({"row": [1.5], "is_wrong": [True]}, "row must hold whole numbers"),
        ({"row": [2, 1, 2], "is_wrong": [1, 1, 1]}, "row 2 occurs more than once"),
        ({"row": [1, 2], "is_wrong": [True, None]}, "is_wrong of row 2 .* not None"),
        ({"row": [1], "is_wrong": [np.nan]}, "is_wrong of row 1 .* not nan"),
        ({"row": [1], "is_wrong": [2]}, "is_wrong of row 1 .* not 2"),
        ({"row": [1], "is_wrong": ["false"]}, "is_wrong of row 1 .* not 'false'"),
        (
            {"row": [1, 2], "is_wrong": [True, True], "weight": [2, 0.5]},
            "weight of row 2 must be 1 or more, not 0.5",
        ),
        ({"row": [1], "is_wrong": [True], "weight": [np.nan]}, "row 1 .* not nan"),
        ({"row": [1], "is_wrong": [True], "weight": [np.inf]}, "row 1 .* not inf"),
        (
            {"row": [1], "is_wrong": [True], "weight": [1]},
            "all weights are 1, but 2 of 3 rows are not audited",
        ),
        ({"row": [3], "is_wrong": [True]}, "none is on a row that could be judged"),
    ],
)
def test_bad_audits_are_named(audits, message):
    with pytest.raises(ValueError, match=message):
        audited_rate(np.array([0.1, 0.2, 0.3, np.nan]), audits)


def test_bad_probabilities_are_named():
    with pytest.raises(ValueError, match="between 0 and 1, but row 1 is 1.5"):
        audited_rate(np.array([0.5, 1.5]), {"row": [0], "is_wrong": [True]})
    with pytest.raises(ValueError, match="one dimension"):
        audit_sample(np.zeros((2, 2)), np.full((2, 2), 0.5), 1)


@pytest.mark.parametrize(
    ("random_numbers", "size", "message"),
    [
        ([0.5, 0.5, 0.5], 1, "random_numbers: must be as many"),
        ([0.5, 0.0], 1, "random_numbers: must be between 0 and 1"),
        ([0.5, np.nan], 1, "random_numbers: must be between 0 and 1"),
        ([0.5, 0.6], 0, "size: must be at least 1, not 0"),
    ],
)
def test_bad_samples_are_named(random_numbers, size, message):
    with pytest.raises(ValueError, match=message):
        audit_sample(np.array([0.1, 0.2]), np.array(random_numbers), size)


@pytest.mark.parametrize(
    ("estimates", "rows", "doubt", "message"),
    [
        ([], 10, 0, "at least one"),
        ([0.1, 1.2], 10, 0, "between 0 and 1"),
        ([0.1, np.nan], 10, 0, "between 0 and 1"),
        ([0.1], 0, 0, "row_count: must be at least 1, not 0"),
        ([0.1], 10, 1.5, "doubt: must be between 0 and 1, not 1.5"),
    ],
)
def test_bad_estimates_are_named(estimates, rows, doubt, message):
    with pytest.raises(ValueError, match=message):
        model_interval(estimates, rows, doubt)
