"""Logistic regression of soft targets: the optimum that scikit-learn finds."""

import warnings

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from python_ml.common.softmax_regression import Features, fit_softmax

ROWS, COLUMNS = 150, 12
STRENGTH = 2.0


def values(seed=0, columns=COLUMNS):
    """Return rows of length 1, about half of the entries 0."""
    random = np.random.default_rng(seed)
    found = random.normal(size=(ROWS, columns)) * (random.random((ROWS, columns)) < 0.5)
    found[:, 0] += 0.5  # No row is empty.
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def classes_of(rows, classes, seed=1):
    """Return a class of each row that its values explain in part."""
    random = np.random.default_rng(seed)
    logits = rows @ random.normal(size=(rows.shape[1], classes)) * 4
    return (logits + random.gumbel(size=logits.shape)).argmax(1)


def features_of(rows, kind):
    middle = rows.shape[1] // 2
    if kind == "dense":
        return Features([torch.from_numpy(rows)])
    if kind == "sparse":
        return Features([sparse.csr_matrix(rows)])
    return Features(
        [sparse.csr_matrix(rows[:, :middle]), torch.from_numpy(rows[:, middle:])]
    )


def loss_of(weights, rows, targets, strength):
    """Return the mean loss of weights in float64, without any code that is tested."""
    logits = rows.astype(np.float64) @ weights[:-1] + weights[-1]
    highest = logits.max(1, keepdims=True)
    total = highest[:, 0] + np.log(np.exp(logits - highest).sum(1))
    ridge = (weights[:-1] ** 2).sum() / (2 * strength * len(rows))
    return (total - (targets * logits).sum(1)).mean() + ridge


def of_sklearn(rows, labels, strength, weights=None):
    model = LogisticRegression(C=strength, tol=1e-8, max_iter=5000)
    model.fit(rows.astype(np.float64), labels, sample_weight=weights)
    return np.vstack([model.coef_.T, model.intercept_])


@pytest.mark.parametrize("kind", ["dense", "sparse", "both"])
@pytest.mark.parametrize("classes", [3, 7])
def test_the_optimum_is_that_of_sklearn(kind, classes):
    rows = values()
    labels = classes_of(rows, classes)
    assert len(set(labels)) == classes
    targets = np.eye(classes, dtype=np.float32)[labels]
    fitted = fit_softmax(
        features_of(rows, kind), torch.from_numpy(targets), STRENGTH, iterations=500
    ).numpy()
    best = of_sklearn(rows, labels, STRENGTH)
    assert fitted.shape == (COLUMNS + 1, classes)
    assert loss_of(fitted, rows, targets, STRENGTH) == pytest.approx(
        loss_of(best, rows, targets, STRENGTH), rel=1e-3
    )
    np.testing.assert_allclose(fitted[:-1], best[:-1], atol=0.15)
    assert np.corrcoef(fitted[:-1].ravel(), best[:-1].ravel())[0, 1] > 0.999


def test_two_classes_are_those_of_sklearn_at_twice_the_strength():
    # scikit-learn has one column of weights for two classes; here they are mirrored,
    # and penalized twice for half the difference each.
    rows = values()
    labels = classes_of(rows, 2)
    targets = torch.from_numpy(np.eye(2, dtype=np.float32)[labels])
    fitted = fit_softmax(features_of(rows, "both"), targets, STRENGTH, iterations=500)
    fitted = fitted.numpy()
    difference = fitted[:, 1] - fitted[:, 0]
    best = of_sklearn(rows, labels, 2 * STRENGTH)[:, 0]
    np.testing.assert_allclose(difference[:-1], best[:-1], atol=0.15)
    assert np.corrcoef(difference[:-1], best[:-1])[0, 1] > 0.999
    np.testing.assert_allclose(fitted[:-1, 0], -fitted[:-1, 1], atol=1e-4)


def test_soft_targets_are_rows_repeated_with_weights():
    rows, classes = values(), 3
    random = np.random.default_rng(2)
    hard = np.eye(classes)[classes_of(rows, classes)]
    targets = 0.7 * hard + 0.3 * random.dirichlet(np.ones(classes), ROWS)
    fitted = fit_softmax(
        features_of(rows, "dense"),
        torch.from_numpy(targets.astype(np.float32)),
        STRENGTH,
        iterations=500,
    ).numpy()
    best = of_sklearn(
        np.repeat(rows, classes, axis=0),
        np.tile(np.arange(classes), ROWS),
        STRENGTH,
        targets.ravel(),
    )
    assert loss_of(fitted, rows, targets, STRENGTH) == pytest.approx(
        loss_of(best, rows, targets, STRENGTH), rel=1e-3
    )
    np.testing.assert_allclose(fitted[:-1], best[:-1], atol=0.15)


def test_dense_and_sparse_blocks_give_the_same_weights():
    rows = values()
    targets = torch.from_numpy(np.eye(3, dtype=np.float32)[classes_of(rows, 3)])
    dense, as_csr, both = (
        fit_softmax(features_of(rows, kind), targets, STRENGTH, tolerance=1e-6)
        for kind in ("dense", "sparse", "both")
    )
    torch.testing.assert_close(dense, as_csr, atol=2e-2, rtol=0)
    torch.testing.assert_close(dense, both, atol=2e-2, rtol=0)


def test_starting_at_the_optimum_stays_there():
    rows = values()
    targets = torch.from_numpy(np.eye(3, dtype=np.float32)[classes_of(rows, 3)])
    features = features_of(rows, "dense")
    best = fit_softmax(features, targets, STRENGTH, iterations=500)
    kept = best.clone()
    again = fit_softmax(features, targets, STRENGTH, start=best, iterations=5)
    torch.testing.assert_close(best, kept)  # What it starts with is not changed.
    torch.testing.assert_close(again, best, atol=5e-2, rtol=0)
    losses = [
        loss_of(weights.numpy(), rows, targets.numpy(), STRENGTH)
        for weights in (best, again)
    ]
    assert losses[1] <= losses[0] + 1e-7


def test_more_steps_never_make_it_worse():
    rows = values()
    targets = np.eye(4, dtype=np.float32)[classes_of(rows, 4)]
    losses = [
        loss_of(
            fit_softmax(
                features_of(rows, "both"),
                torch.from_numpy(targets),
                STRENGTH,
                iterations=count,
            ).numpy(),
            rows,
            targets,
            STRENGTH,
        )
        for count in (0, 1, 2, 4, 8, 16, 32)
    ]
    assert np.all(np.diff(losses) <= 1e-6)
    assert losses[-1] < losses[0] - 0.1


def test_without_strength_only_the_shares_of_classes_are_left():
    rows = values()
    labels = classes_of(rows, 3)
    targets = torch.from_numpy(np.eye(3, dtype=np.float32)[labels])
    features = features_of(rows, "dense")
    fitted = fit_softmax(features, targets, 1e-6, iterations=500)
    shares = torch.softmax(features.times(fitted), 1).mean(0).numpy()
    np.testing.assert_allclose(shares, np.bincount(labels) / ROWS, atol=1e-3)
    assert fitted[:-1].abs().max() < 1e-3


@pytest.mark.parametrize("kind", ["dense", "sparse", "both"])
def test_products_are_those_of_numpy(kind):
    rows = values()
    random = np.random.default_rng(3)
    weights = random.normal(size=(COLUMNS + 1, 3)).astype(np.float32)
    beside = random.normal(size=(ROWS, 3)).astype(np.float32)
    features = features_of(rows, kind)
    assert (features.rows, features.columns) == (ROWS, COLUMNS)
    np.testing.assert_allclose(
        features.times(torch.from_numpy(weights)).numpy(),
        rows @ weights[:-1] + weights[-1],
        atol=1e-5,
    )
    np.testing.assert_allclose(
        features.transposed_times(torch.from_numpy(beside)).numpy(),
        np.vstack([rows.T @ beside, beside.sum(0)]),
        atol=1e-4,
    )


@pytest.mark.parametrize("kind", ["dense", "sparse", "both"])
@pytest.mark.parametrize("chosen", [[5, 3, 3, 149, 0], list(range(150)), [7], []])
def test_rows_are_taken_in_the_order_asked_for(kind, chosen):
    rows = values()
    taken = features_of(rows, kind).take(torch.tensor(chosen, dtype=torch.int64))
    assert taken.rows == len(chosen)
    found = [
        block.toarray() if sparse.issparse(block) else block.numpy()
        for block in taken.blocks
    ]
    np.testing.assert_array_equal(np.hstack(found), rows[chosen])


def test_rows_without_any_value_are_no_trouble():
    rows = values()
    rows[::3] = 0
    rows[-1] = 0
    targets = np.eye(3, dtype=np.float32)[classes_of(rows, 3)]
    fitted = [
        fit_softmax(
            features_of(rows, kind), torch.from_numpy(targets), STRENGTH, tolerance=1e-6
        )
        for kind in ("dense", "sparse")
    ]
    torch.testing.assert_close(*fitted, atol=2e-2, rtol=0)
    assert torch.isfinite(fitted[0]).all()
    taken = features_of(rows, "sparse").take(torch.tensor([0, 1, 149]))
    np.testing.assert_array_equal(taken.blocks[0].toarray(), rows[[0, 1, 149]])


def test_a_class_that_nothing_has_is_improbable():
    rows = values()
    targets = np.zeros((ROWS, 4), np.float32)
    targets[np.arange(ROWS), classes_of(rows, 3)] = 1
    features = features_of(rows, "dense")
    fitted = fit_softmax(features, torch.from_numpy(targets), STRENGTH)
    probabilities = torch.softmax(features.times(fitted), 1)
    assert probabilities[:, 3].max() < 0.01


def test_nothing_is_written_to_the_log():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = values()
        features = features_of(rows, "both").take(torch.arange(0, ROWS, 2))
        labels = classes_of(rows, 3)[::2]
        fit_softmax(
            features, torch.from_numpy(np.eye(3, dtype=np.float32)[labels]), STRENGTH
        )
