"""The relation of two texts, learned: `fit_pair_classifier`.

A gradient boosting over `pair_features` and the projected embeddings, averaged with a
logistic regression, which is right where examples are few and the trees are not. Both
are held simple, so that they do not learn the errors among the labels.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from python_ml.matching.features import TokenWeights, fit_token_weights, pair_features

_FIT_ROWS = 200_000  # of more, a sample is learned from: time is then linear
_PROJECTED = 16
_ONE_THREAD_ROWS = 20_000
_ABSENT = -1.0  # in place of a feature that says nothing; most lie in [0, 1]
_TREES_SHARE = 2 / 3
_TREES_CLASSES = 20  # of more, the logistic regression answers alone


@dataclass(frozen=True)
class PairClassifier:
    """A fitted classifier of pairs, of `fit_pair_classifier`.

    Attributes:
        classes: The labels, in the order of the columns of the probabilities.
        weights: How rare each token is.
        projections: Means and axes of the embeddings, empty where there were none.
        models: The fitted models.
        rivals: Whether a pair is compared with the other pairs of its texts.
    """

    classes: tuple
    weights: TokenWeights
    projections: tuple
    models: tuple
    rivals: bool

    def probabilities(
        self,
        left_texts: Sequence[str | None],
        right_texts: Sequence[str | None],
        *,
        left_embeddings: np.ndarray | None = None,
        right_embeddings: np.ndarray | None = None,
    ) -> np.ndarray:
        """Say how probable each label is for each pair.

        With `rivals`, give all candidates of a text in one call, as they were given
        when the classifier was fitted.

        Args:
            left_texts: n texts.
            right_texts: n texts.
            left_embeddings: float [n, d], where the classifier was fitted with them.
            right_embeddings: float [n, d].

        Returns:
            float64 [n, classes]; rows sum to 1.

        Raises:
            ValueError: If embeddings are missing, or were not there in fitting.
        """
        if bool(self.projections) != (left_embeddings is not None):
            raise ValueError(
                "Give embeddings exactly where the classifier was fitted with them."
            )
        values, _ = pair_features(
            left_texts,
            right_texts,
            weights=self.weights,
            left_embeddings=left_embeddings,
            right_embeddings=right_embeddings,
            rivals=self.rivals,
        )
        values = with_projections(
            values, self.projections, left_embeddings, right_embeddings
        )
        return predict_models(self.models, values, len(self.classes))


def fit_pair_classifier(
    left_texts: Sequence[str | None],
    right_texts: Sequence[str | None],
    labels: Sequence,
    *,
    left_embeddings: np.ndarray | None = None,
    right_embeddings: np.ndarray | None = None,
    rivals: bool = True,
    seed: int = 0,
) -> PairClassifier:
    """Learn a relation from labelled pairs.

    Args:
        left_texts: n texts; None is missing.
        right_texts: n texts.
        labels: n labels, such as 1 = same product and 0 = another one.
        left_embeddings: float [n, d], rows of length 1, or None to go without.
        right_embeddings: float [n, d].
        rivals: Whether to compare a pair with the other pairs of its texts; more exact
            where new pairs come with as many rivals as these, less where not.
        seed: Of the sampling and of the trees.

    Returns:
        The classifier.

    Raises:
        ValueError: If lengths differ or there is no pair.
    """
    if not len(labels) == len(left_texts) == len(right_texts):
        raise ValueError(
            f"{len(left_texts)} left texts, {len(right_texts)} right texts and "
            f"{len(labels)} labels: there must be as many of each."
        )
    if not len(labels):
        raise ValueError("There is no pair to learn from.")
    numbers = dict.fromkeys(labels)
    classes = tuple(sorted(numbers, key=lambda label: (type(label).__name__, label)))
    place = {label: number for number, label in enumerate(classes)}
    weights = fit_token_weights([*left_texts, *right_texts])
    values, _ = pair_features(
        left_texts,
        right_texts,
        weights=weights,
        left_embeddings=left_embeddings,
        right_embeddings=right_embeddings,
        rivals=rivals,
    )
    projections = fit_projections(left_embeddings, right_embeddings, seed=seed)
    values = with_projections(values, projections, left_embeddings, right_embeddings)
    given = np.array([place[label] for label in labels])
    rows = learned_rows(np.arange(len(given)), seed=seed)
    models = fit_models(values[rows], given[rows], len(classes), seed=seed)
    return PairClassifier(classes, weights, projections, models, rivals)


def learned_rows(rows: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Return the rows, or a sample where they are more than 200,000."""
    if len(rows) <= _FIT_ROWS:
        return rows
    random = np.random.default_rng(seed)
    return np.sort(random.choice(rows, _FIT_ROWS, replace=False))


def fit_projections(
    left: np.ndarray | None, right: np.ndarray | None, *, seed: int = 0
) -> tuple:
    """Find the principal axes of what two embeddings differ and agree in.

    Args:
        left: float [n, d] or None.
        right: float [n, d] or None.
        seed: Of the sample of rows.

    Returns:
        Mean and axes [at most 16, d] for each of |left - right| and left * right, empty
        without embeddings.
    """
    if left is None or right is None:
        return ()
    if len(left) < 2:
        return ((0.0, np.zeros((0, left.shape[1]))),) * 2
    rows = np.arange(len(left))
    if len(rows) > 20_000:
        rows = np.sort(np.random.default_rng(seed).choice(rows, 20_000, replace=False))
    projections = []
    for matrix in _relations(left[rows], right[rows]):
        mean = matrix.mean(axis=0)
        centred = matrix - mean
        _, axes = np.linalg.eigh(centred.T.astype(np.float64) @ centred)
        projections.append((mean, axes.T[::-1][: min(_PROJECTED, len(rows) - 1)]))
    return tuple(projections)


def with_projections(
    values: np.ndarray,
    projections: tuple,
    left: np.ndarray | None,
    right: np.ndarray | None,
) -> np.ndarray:
    """Return features without gaps, and beside them the projected embeddings.

    Args:
        values: float32 [n, features].
        projections: Of `fit_projections`.
        left: float [n, d] or None.
        right: float [n, d] or None.

    Returns:
        float32 [n, features and projections].
    """
    count = sum(len(axes) for _, axes in projections)
    result = np.empty((len(values), values.shape[1] + count), np.float32)
    result[:, : values.shape[1]] = np.nan_to_num(values, nan=_ABSENT)
    if left is None or right is None or not count:
        return result
    for start in range(0, len(values), 8192):
        rows = slice(start, start + 8192)
        place = values.shape[1]
        relations = _relations(left[rows], right[rows])
        for (mean, axes), matrix in zip(projections, relations, strict=True):
            result[rows, place : place + len(axes)] = (matrix - mean) @ axes.T
            place += len(axes)
    return result


def _relations(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    left, right = np.asarray(left, np.float32), np.asarray(right, np.float32)
    return np.abs(left - right), left * right


def fit_models(
    values: np.ndarray, given: np.ndarray, classes: int, *, seed: int = 0
) -> tuple:
    """Fit both models.

    Args:
        values: float32 [n, features], without gaps.
        given: Numbers of the labels, [n].
        classes: How many labels there are, at least as many as occur here.
        seed: Of the sampling and of the trees.

    Returns:
        The models, for `predict_models`.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if (given == given[0]).all():
        return (int(given[0]),)
    # In single precision learning enlarges what is rounded away a thousandfold, and
    # that depends on processor and threads.
    values = values.astype(np.float64)
    models = [make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=300))]
    if classes <= _TREES_CLASSES:
        # Leaves of so many rows, and a third of the features at each split, keep a
        # tree from learning single labels.
        trees = HistGradientBoostingClassifier(
            max_iter=100,
            learning_rate=0.06,
            l2_regularization=5.0,
            max_leaf_nodes=8,
            max_features=0.3,
            min_samples_leaf=int(np.clip(len(values) // 50, 2, 40)),
            early_stopping=False,
            random_state=seed,
        )
        models.append(trees)
    with warnings.catch_warnings(), _few_threads(len(values)):
        warnings.simplefilter("ignore")  # lbfgs stopped by max_iter is as meant
        for model in models:
            model.fit(values, given)
    return tuple(models)


def predict_models(models: tuple, values: np.ndarray, classes: int) -> np.ndarray:
    """Return the averaged probabilities of `fit_models`.

    Args:
        models: Of `fit_models`.
        values: float32 [n, features], without gaps.
        classes: Number of classes.

    Returns:
        float64 [n, classes]; rows sum to 1.
    """
    result = np.zeros((len(values), classes))
    if isinstance(models[0], int):
        result[:, models[0]] = 1
        return result
    shares = [1 - _TREES_SHARE, _TREES_SHARE] if len(models) == 2 else [1.0]
    with _few_threads(len(values)):
        for start in range(0, len(values), 65_536):
            rows = slice(start, start + 65_536)
            part = values[rows].astype(np.float64)
            for model, share in zip(models, shares, strict=True):
                found = model.predict_proba(part)
                result[rows, model.classes_] += share * found
    return result


def _few_threads(rows: int) -> AbstractContextManager:
    """Use one thread where there is little to do: more only wait for each other."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1 if rows < _ONE_THREAD_ROWS else None)
