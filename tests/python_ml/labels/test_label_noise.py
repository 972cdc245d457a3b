"""How labels go wrong: what was planted is found again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_ml.labels.noise import (
    Observations,
    believe,
    estimate_noise,
    likeliest_sharpness,
    sharpened,
    true_class,
    wrong_share,
)
from python_ml.labels.scores import best_f1_threshold, wrong_levels

NOISE = np.array([[0.9, 0.1, 0.0], [0.0, 0.95, 0.05], [0.3, 0.0, 0.7]])


def simulated(rows=6000, spread=3.0, noise=NOISE, seed=0):
    """Draw logits, true classes of just these probabilities, and noisy labels."""
    random = np.random.default_rng(seed)
    logits = (spread * random.normal(size=(rows, len(noise)))).astype(np.float32)
    true = drawn(sharpened(logits, 1.0), random)
    given_label = drawn(noise[true], random)
    return logits, true, given_label


def drawn(probabilities, random):
    """Draw a class from each row."""
    places = np.cumsum(probabilities.astype(np.float64), 1)
    places /= places[:, -1:]
    return (random.random((len(places), 1)) < places).argmax(1)


def one_label_each(labels):
    return Observations.of_rows(np.arange(len(labels)), labels)


def test_the_planted_noise_is_found():
    logits, true, labels = simulated()
    noise, likelihood = estimate_noise(sharpened(logits, 1.0), one_label_each(labels))
    np.testing.assert_allclose(noise.sum(1), 1)
    np.testing.assert_allclose(noise, NOISE, atol=0.03)
    posterior, of_true = true_class(
        sharpened(logits, 1.0), one_label_each(labels), NOISE
    )
    assert likelihood == pytest.approx(of_true, abs=0.01)
    share = wrong_share(posterior, one_label_each(labels))
    assert share == pytest.approx((true != labels).mean(), abs=0.015)


def test_clean_labels_have_no_noise():
    logits, true, _ = simulated()
    noise, _ = estimate_noise(sharpened(logits, 1.0), one_label_each(true))
    assert np.diag(noise).min() > 0.98


def test_more_iterations_make_the_labels_no_less_likely():
    logits, _, labels = simulated(rows=2000)
    found = [
        estimate_noise(sharpened(logits, 1.0), one_label_each(labels), count)[1]
        for count in (1, 2, 4, 8, 16, 32)
    ]
    assert (np.diff(found) > -1e-4).all()
    assert found[-1] > found[0] + 0.01


def test_a_class_that_no_row_has_is_given_the_noise_of_all():
    logits, _, labels = simulated(rows=2000)
    prior = sharpened(np.column_stack([logits, np.full(2000, -80.0, np.float32)]), 1.0)
    noise, _ = estimate_noise(prior, one_label_each(labels))
    assert noise.shape == (4, 4)
    np.testing.assert_allclose(noise.sum(1), 1)
    assert 0.7 < noise[3, 3] < 1
    np.testing.assert_allclose(noise[:3, :3], NOISE, atol=0.06)


def test_the_posterior_is_that_of_bayes():
    prior = np.array([[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]])
    posterior, likelihood = true_class(prior, one_label_each(np.array([1, 0])), NOISE)
    joint = prior * NOISE[:, [1, 0]].T
    np.testing.assert_allclose(posterior, joint / joint.sum(1, keepdims=True))
    assert likelihood == pytest.approx(np.log(joint.sum(1)).mean())


def test_labels_that_conflict_share_one_vote():
    prior = np.full((3, 3), 1 / 3)
    noise = np.full((3, 3), 0.1) + 0.7 * np.eye(3)
    # Text 0 is labelled 0 three times and 1 once; text 1 always 2; text 2 0 or 1.
    text = np.array([0, 1, 0, 2, 0, 2, 0, 1])
    label = np.array([0, 2, 0, 0, 1, 1, 0, 2])
    observations = Observations.of_rows(text, label)
    posterior, likelihood = true_class(prior, observations, noise)
    np.testing.assert_allclose(posterior.sum(1), 1)
    seen = np.array(
        [
            [0.8**0.75 * 0.1**0.25, 0.1**0.75 * 0.8**0.25, 0.1],
            [0.1**2**0.5, 0.1**2**0.5, 0.8**2**0.5],
            [0.08**0.5, 0.08**0.5, 0.1],
        ]
    )
    np.testing.assert_allclose(posterior, seen / seen.sum(1, keepdims=True))
    assert likelihood == pytest.approx(np.log((seen / 3).sum(1)).mean())
    # Copies of a row with one label say more than one row, and less than two judges.
    alone, _ = true_class(prior[:1], one_label_each(np.array([2])), noise)
    assert alone[0, 2] < posterior[1, 2] < 0.64 / 0.66


def test_a_posterior_is_finite_where_everything_speaks_against_the_label():
    logits = np.array([[200.0, 0, 0], [0, 200.0, 0]], np.float32)
    noise = np.full((3, 3), 1e-9) + (1 - 3e-9) * np.eye(3)
    labels = one_label_each(np.array([2, 2]))
    posterior, likelihood = true_class(sharpened(logits, 8.0), labels, noise)
    np.testing.assert_allclose(posterior.sum(1), 1)
    assert np.isfinite(likelihood)


def test_observations_gather_rows():
    text = np.array([2, 0, 2, 1, 2, 0])
    label = np.array([1, 3, 1, 0, 0, 3])
    found = Observations.of_rows(text, label)
    assert found.text.tolist() == [0, 1, 2, 2]
    assert found.label.tolist() == [3, 0, 0, 1]
    assert found.rows.tolist() == [2, 1, 1, 2]
    np.testing.assert_allclose(found.weight, [1, 1, 1 / 3, 2 / 3])


def test_observations_of_some_texts_are_numbered_in_their_order():
    text = np.array([0, 1, 1, 2, 3, 3])
    label = np.array([0, 1, 2, 2, 0, 1])
    found = Observations.of_rows(text, label).of_texts(np.array([3, 1]))
    assert found.text.tolist() == [0, 0, 1, 1]
    assert found.label.tolist() == [0, 1, 1, 2]
    np.testing.assert_allclose(found.weight, 0.5)
    assert found.rows.tolist() == [1, 1, 1, 1]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=st.integers(0, 999), rows=st.integers(1, 60), texts=st.integers(1, 20))
def test_observations_keep_every_row_once(seed, rows, texts):
    random = np.random.default_rng(seed)
    _, text = np.unique(random.integers(texts, size=rows), return_inverse=True)
    label = random.integers(4, size=rows)
    found = Observations.of_rows(text, label)
    assert found.rows.sum() == rows
    assert (np.diff(found.text) >= 0).all()
    np.testing.assert_allclose(np.bincount(found.text, found.weight), 1)
    chosen = random.permutation(text.max() + 1)[: 1 + rows // 2]
    part = found.of_texts(chosen)
    assert (np.diff(part.text) >= 0).all()
    np.testing.assert_array_equal(np.unique(part.text), np.arange(len(chosen)))
    expected = {
        (place, label)
        for place, number in enumerate(chosen)
        for label in found.label[found.text == number]
    }
    assert set(zip(part.text, part.label, strict=True)) == expected


@pytest.mark.parametrize("planted", [1.0, 2.0, 4.0])
def test_the_sharpness_that_was_taken_away_is_found(planted):
    logits, _, labels = simulated()
    flat = (logits / planted).astype(np.float32)
    found, likelihood = likeliest_sharpness(flat, one_label_each(labels))
    assert 1 / 1.45 < found / planted < 1.45
    _, unchanged = estimate_noise(sharpened(flat, 1.0), one_label_each(labels), 8)
    assert likelihood >= unchanged


def test_what_is_believed_comes_with_its_rate():
    logits, true, labels = simulated(spread=6.0)
    observations = one_label_each(labels)
    posterior, prior, rates = believe(
        (logits / 3).astype(np.float32), observations, 3.0
    )
    assert posterior.shape == prior.shape == logits.shape
    np.testing.assert_allclose(posterior.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(prior.sum(1), 1, atol=1e-5)
    assert rates[0] == pytest.approx(wrong_share(posterior, observations))
    assert rates[0] == pytest.approx((true != labels).mean(), abs=0.03)
    assert 0 <= rates[1] < rates[0] < rates[2] <= 1
    assert (posterior.argmax(1) == true).mean() > (labels == true).mean() + 0.05
    wrong = 1 - posterior[np.arange(len(labels)), labels]
    assert wrong[true != labels].mean() > 0.7
    assert wrong[true == labels].mean() < 0.1


def test_the_share_of_wrong_labels_counts_rows():
    observations = Observations.of_rows(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]))
    posterior = np.array([[0.75, 0.25], [0.5, 0.5]])
    share = (0.25 + 0.25 + 0.75 + 0.5) / 4
    assert wrong_share(posterior, observations) == pytest.approx(share)


def test_sharpening_is_a_softmax_that_does_not_overflow():
    logits = np.array([[0.0, 1.0], [-500.0, 500.0]], np.float32)
    kept = logits.copy()
    found = sharpened(logits, 2.0)
    np.testing.assert_allclose(found[0], [1 / (1 + np.e**2), 1 / (1 + np.e**-2)], 1e-5)
    np.testing.assert_allclose(found[1], [0, 1])
    np.testing.assert_array_equal(logits, kept)


def expected_f1(probabilities, threshold):
    suspects = probabilities >= threshold
    hits = probabilities[suspects].sum()
    return 2 * hits / (suspects.sum() + probabilities.sum())


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(
        st.floats(0, 1).map(lambda value: round(value**3, 3)), min_size=1, max_size=12
    )
)
def test_no_other_threshold_has_a_higher_f1(values):
    probabilities = np.array(values)
    threshold = best_f1_threshold(probabilities)
    assert 0 < threshold <= 1
    of_some = [expected_f1(probabilities, value) for value in values if value > 0]
    of_none = np.prod(1 - probabilities)
    if (probabilities >= threshold).any():
        assert expected_f1(probabilities, threshold) == pytest.approx(max(of_some))
        assert max(of_some) >= of_none - 1e-9
    else:
        assert threshold == 1
        assert of_none >= max(of_some, default=0)


@pytest.mark.parametrize(
    "values,threshold", [([1e-13] * 50, 1), ([0.4, 1e-9], 1), ([0.6, 1e-9], 0.6)]
)
def test_hardly_any_error_makes_no_suspect(values, threshold):
    assert best_f1_threshold(np.array(values)) == threshold


def test_the_threshold_leaves_out_what_was_not_judged():
    values = np.array([0.9, 0.8, 0.1, 0.05])
    beside = np.array([np.nan, 0.9, 0.8, np.nan, 0.1, 0.05])
    assert best_f1_threshold(values) == best_f1_threshold(beside) == 0.8
    assert best_f1_threshold(np.array([])) == 1
    assert best_f1_threshold(np.array([np.nan])) == 1
    assert best_f1_threshold(np.zeros(3)) == 1


@pytest.mark.parametrize(
    "given_label,suggested,level",
    [
        ("A > B > C", "A > B > D", 3),
        ("A > B > C", "A > X > C", 2),
        ("A > B > C", "X > B > C", 1),
        ("A > B > C", "A > B > C", 0),
        ("A > B", "A > B > C", 3),
        ("A > B > C", "A > B", 3),
        ("A >  B", "A > B", 0),
        ("A", "B", 1),
        ("A", "A", 0),
        ("", "A", 1),
        ("A>B", "A>C", 1),
        (1, 2, 1),
        (1, True, 1),
        (False, False, 0),
        (["A"], ["B"], 1),
    ],
)
def test_the_level_of_a_path_that_is_wrong(given_label, suggested, level):
    pair = np.empty(2, object)
    pair[:] = [given_label, suggested]
    beside = np.array(["A > B", "A > C"], object)
    found = wrong_levels(
        np.append(pair[:1], beside[:1]), np.append(pair[1:], beside[1:])
    )
    assert found.dtype == np.int64
    assert found.tolist() == [level, 2]


def test_no_rows_have_no_level():
    assert wrong_levels(np.empty(0, object), np.empty(0, object)).tolist() == []
