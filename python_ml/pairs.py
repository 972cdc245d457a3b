"""Which relation labels are wrong: `score_pairs`.

A relation label says something of two texts: the same product or not; how relevant a
product is to a query. What the texts have in common is measured (`pair_features`), the
label is predicted by models that have not seen the pair (`pair_classifier`), and what
they expect is weighed against how often labels are mistaken for each other here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from python_ml.label_scores import LabelScores, best_f1_threshold
from python_ml.pair_classifier import (
    PairClassifier,
    fit_models,
    fit_pair_classifier,
    fit_projections,
    predict_models,
    with_projections,
)
from python_ml.pair_features import pair_features

__all__ = ["PairClassifier", "fit_pair_classifier", "pair_features", "score_pairs"]

_FOLDS = 5
_LEAF = 2048  # pairs among which the nearest are looked for
_AXES = 24  # of the space in which they are near
_NEIGHBOURS = 10


def score_pairs(
    left_texts: Sequence[str | None],
    right_texts: Sequence[str | None],
    labels: Sequence,
    *,
    audits: Mapping | None = None,
    encoder: str = "auto",
    device: str = "auto",
    left_embeddings: np.ndarray | None = None,
    right_embeddings: np.ndarray | None = None,
    seed: int = 0,
    progress: bool = False,
) -> LabelScores:
    """Score the labels of pairs: how probably each is wrong, and what it should be.

    Give the texts one attribute a line, the most telling first (title, brand, number of
    the model, price), the same on both sides: lines are then compared one by one.

    The reasons are:

    * `classifier_disagreement`: 1 - the probability of the given label, by models that
      were fitted without the pair
    * `neighbour_disagreement`: share of the 10 nearest pairs with another label; pairs
      are near where their texts have alike in common
    * `same_text_disagreement`: share of the other rows of the same pair of texts with
      another label, 0 where there are none
    * `category_distance`: how far what the texts have in common is from what is usual
      for the given label, against the nearest other label: d / (d + d of the other),
      more than 0.5 where the other is nearer

    Args:
        left_texts: n texts; a row with a missing or blank text is not judged.
        right_texts: n texts.
        labels: n labels; None and NaN are missing.
        audits: Verdicts on some of the rows, as `audited_rate` takes them.
        encoder: As `encode` takes it.
        device: As `encode` takes it.
        left_embeddings: float [n, d], rows of length 1; default: encoded here.
        right_embeddings: float [n, d].
        seed: Of the folds, samples and models.
        progress: Whether to show bars on stderr.

    Returns:
        The scores, one entry per row, in the order given.

    Raises:
        ValueError: If lengths differ, or only one side has embeddings.
    """
    left, right, labels = list(left_texts), list(right_texts), list(labels)
    if not len(left) == len(right) == len(labels):
        raise ValueError(
            f"{len(left)} left texts, {len(right)} right texts and {len(labels)} "
            "labels: there must be as many of each."
        )
    if (left_embeddings is None) != (right_embeddings is None):
        raise ValueError("Give the embeddings of both sides, or of none.")
    judged = np.array(
        [
            not (_is_blank(one) or _is_blank(other) or _is_missing(label))
            for one, other, label in zip(left, right, labels, strict=True)
        ],
        bool,
    )
    rows = np.flatnonzero(judged)
    classes = _classes([labels[row] for row in rows])
    result = _Columns(len(left), labels)
    note = ""
    if len(classes) < 2:
        return result.finished(
            encoder=encoder,
            audits=audits,
            note="No row could be judged: there are fewer than two labels.",
        )
    if left_embeddings is None:
        left_embeddings, right_embeddings, encoder, note = _encoded(
            left, right, encoder, device, progress
        )
    left_embeddings = np.asarray(left_embeddings, np.float32)
    right_embeddings = np.asarray(right_embeddings, np.float32)
    if len(left_embeddings) != len(left) or len(right_embeddings) != len(left):
        raise ValueError(
            f"{len(left_embeddings)} left and {len(right_embeddings)} right "
            f"embeddings for {len(left)} pairs."
        )
    if len(rows) < len(left):
        left_embeddings, right_embeddings = (
            left_embeddings[rows],
            right_embeddings[rows],
        )
    left, right = [left[row] for row in rows], [right[row] for row in rows]
    place = {label: number for number, label in enumerate(classes)}
    given = np.array([place[labels[row]] for row in rows])
    pairs = _same_pairs(left, right)

    values, _ = pair_features(
        left,
        right,
        left_embeddings=left_embeddings,
        right_embeddings=right_embeddings,
    )
    projections = fit_projections(left_embeddings, right_embeddings, seed=seed)
    values = with_projections(values, projections, left_embeddings, right_embeddings)
    expected, posterior, rates = _posterior(
        values, given, pairs, len(classes), seed, progress
    )
    space = _space(values)
    nearest, similarity = _nearest(space)

    own = np.arange(len(rows))
    best = posterior.argmax(axis=1)
    result.error_probability[rows] = 1 - posterior[own, given]
    result.suggestion_probability[rows] = posterior[own, best]
    for row, number in zip(rows, best, strict=True):
        result.suggested_label[row] = classes[number]
    result.classifier_disagreement[rows] = 1 - expected[own, given]
    result.neighbour_disagreement[rows] = _neighbour_disagreement(nearest, given)
    result.same_text_disagreement[rows] = _same_pair_disagreement(pairs, given)
    result.category_distance[rows] = _label_distance(space, given, len(classes))
    shown = nearest[:, :3]
    result.nearest_rows[rows] = np.where(shown >= 0, rows[shown], -1)
    result.nearest_similarity[rows] = similarity[:, :3]
    return result.finished(encoder=encoder, audits=audits, rates=rates, note=note)


class _Columns:
    """The columns of LabelScores, as they are where no row could be judged."""

    def __init__(self, count: int, labels: list) -> None:
        self.error_probability = np.full(count, np.nan)
        self.suggested_label = np.empty(count, object)
        self.suggested_label[:] = labels
        self.suggestion_probability = np.full(count, np.nan)
        self.classifier_disagreement = np.zeros(count, np.float32)
        self.neighbour_disagreement = np.zeros(count, np.float32)
        self.same_text_disagreement = np.zeros(count, np.float32)
        self.category_distance = np.zeros(count, np.float32)
        self.nearest_rows = np.full((count, 3), -1, np.int64)
        self.nearest_similarity = np.zeros((count, 3), np.float32)

    def finished(
        self,
        *,
        encoder: str,
        audits: Mapping | None,
        rates: Sequence[float] = (),
        note: str = "",
    ) -> LabelScores:
        """Return the scores, with the threshold and the error rate."""
        from python_ml.audits import audited_rate, model_interval

        found = ~np.isnan(self.error_probability)
        threshold = 1.0
        suspect = np.zeros(len(found), bool)
        rate, low, high, basis = np.nan, np.nan, np.nan, "model"
        if found.any():
            probability = self.error_probability[found]
            threshold = best_f1_threshold(probability)
            suspect[found] = probability >= threshold
            if audits is not None and len(audits["row"]):
                audited = audited_rate(self.error_probability, audits)
                rate, low, high = audited.rate, audited.low, audited.high
                basis = "audits"
            else:
                rate = float(probability.mean())
                low, high = model_interval([rate, *rates], int(found.sum()))
        return LabelScores(
            **vars(self),
            is_suspect=suspect,
            wrong_level=np.zeros(len(found), int),
            error_rate=rate,
            error_rate_low=low,
            error_rate_high=high,
            rate_basis=basis,
            threshold=threshold,
            encoder=encoder,
            note=note,
        )


def _is_blank(text: object) -> bool:
    return not isinstance(text, str) or not text or text.isspace()


def _is_missing(label: object) -> bool:
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(label, (float, np.floating)) and bool(np.isnan(label))


def _classes(labels: list) -> list:
    return sorted(set(labels), key=lambda label: (type(label).__name__, label))


def _encoded(
    left: list, right: list, encoder: str, device: str, progress: bool
) -> tuple[np.ndarray, np.ndarray, str, str]:
    """Encode both sides at once, so that `auto` chooses one encoder for both."""
    from python_ml.encode import encode
    from python_ml.encode_choice import choose_encoder

    texts, note = left + right, ""
    if encoder == "auto":
        encoder, note = choose_encoder(texts)
    vectors = encode(texts, encoder=encoder, device=device, progress=progress)
    return vectors[: len(left)], vectors[len(left) :], encoder, note


def _same_pairs(left: list[str], right: list[str]) -> np.ndarray:
    """Number the pairs of texts, case and spaces apart."""
    numbers: dict[tuple[str, str], int] = {}
    return np.array(
        [
            numbers.setdefault(
                (" ".join(a.lower().split()), " ".join(b.lower().split())), len(numbers)
            )
            for a, b in zip(left, right, strict=True)
        ]
    )


def _folds(pairs: np.ndarray, given: np.ndarray, seed: int) -> np.ndarray:
    """Deal out the pairs, label by label; rows of one pair get the same fold."""
    _, first, own = np.unique(pairs, return_index=True, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(first))
    order = order[np.argsort(given[first][order], kind="stable")]
    folds = np.empty(len(first), int)
    folds[order] = np.arange(len(first)) % _FOLDS
    return folds[own]


def _out_of_fold(
    values: np.ndarray,
    given: np.ndarray,
    classes: int,
    folds: np.ndarray,
    seed: int,
    bar,
) -> np.ndarray:
    result = np.empty((len(given), classes))
    for fold in np.unique(folds):
        test = folds == fold
        fitted = test if test.all() else ~test
        models = fit_models(values[fitted], given[fitted], classes, seed=seed)
        result[test] = predict_models(models, values[test], classes)
        bar.update()
    return result


def _posterior(
    values: np.ndarray,
    given: np.ndarray,
    pairs: np.ndarray,
    classes: int,
    seed: int,
    progress: bool,
) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Return what is expected of each row, and what is after its label was seen.

    Returns:
        The probability of each label by the models, [rows, classes]; the same once the
        labels given to the row's pair are known, [rows, classes]; and the error rates
        that each of the models by itself comes to.
    """
    from tqdm import tqdm

    folds = _folds(pairs, given, seed)
    with tqdm(total=_FOLDS, desc="score pairs", disable=not progress) as bar:
        predicted = _out_of_fold(values, given, classes, folds, seed, bar)
    expected, mistaken = _noise_posterior(predicted, given)
    posterior = np.log(np.maximum(expected, 1e-12))
    seen = np.log(np.maximum(mistaken, 1e-12)).T[given]
    # The labels of the other rows of a pair speak as well. Rows that repeat are seldom
    # independent, so that together they count as two at most.
    sums = np.zeros((pairs.max() + 1, classes))
    np.add.at(sums, pairs, seen)
    others = np.bincount(pairs)[pairs] - 1
    share = np.minimum(others, 2) / np.maximum(others, 1)
    posterior += seen + share[:, None] * (sums[pairs] - seen)
    posterior = np.exp(posterior - posterior.max(axis=1, keepdims=True))
    posterior /= posterior.sum(axis=1, keepdims=True)
    return expected, posterior, []


def _noise_posterior(
    predicted: np.ndarray, given: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Tell the right labels from the given ones, of which some are wrong.

    Returns:
        The probability of each right label without the given one [rows, classes], and
        of each given label by the right one [classes, classes].
    """
    logits = np.log(np.maximum(predicted, 1e-6))
    best = None
    for scale in (1, 1.2, 1.4, 1.7, 2, 2.4, 2.8, 3.4, 4):
        expected = np.exp(scale * (logits - logits.max(axis=1, keepdims=True)))
        expected /= expected.sum(axis=1, keepdims=True)
        mistaken, fit = _mistaken(expected, given, 10)
        if best is None or fit > best[0]:
            best = fit, expected
    mistaken, _ = _mistaken(best[1], given, 30)
    return best[1], mistaken


def _mistaken(
    expected: np.ndarray, given: np.ndarray, rounds: int
) -> tuple[np.ndarray, float]:
    count, classes = expected.shape
    mistaken = np.full((classes, classes), 0.1 / (classes - 1))
    np.fill_diagonal(mistaken, 0.9)
    fit = 0.0
    for _ in range(rounds):
        posterior = expected * mistaken[:, given].T
        total = np.maximum(posterior.sum(axis=1, keepdims=True), 1e-30)
        fit = float(np.log(total).mean())
        posterior /= total
        joint = np.zeros((classes, classes))
        np.add.at(joint.T, given, posterior)
        rate = 1 - np.trace(joint) / count
        prior = np.full((classes, classes), rate / (classes - 1))
        np.fill_diagonal(prior, 1 - rate)
        mistaken = (joint + 5 * prior) / (joint.sum(axis=1, keepdims=True) + 5)
    return mistaken, fit


def _same_pair_disagreement(pairs: np.ndarray, given: np.ndarray) -> np.ndarray:
    rows_of = np.bincount(pairs)[pairs]
    key = pairs.astype(np.int64) * (given.max() + 1) + given
    _, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    return (rows_of - counts[inverse]) / np.maximum(1, rows_of - 1)


def _space(values: np.ndarray) -> np.ndarray:
    """Return the pairs in the principal axes of their features, length 1."""
    sample = values[:: max(1, len(values) // 20_000)].astype(np.float64)
    mean, deviation = sample.mean(axis=0), sample.std(axis=0)
    scale = np.where(deviation > 1e-6, 1 / np.maximum(deviation, 1e-6), 0)
    centred = np.clip((sample - mean) * scale, -5, 5)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :_AXES].astype(np.float32)
    result = np.empty((len(values), axes.shape[1]), np.float32)
    for start in range(0, len(values), 65_536):
        rows = slice(start, start + 65_536)
        centred = np.clip((values[rows] - mean) * scale, -5, 5).astype(np.float32)
        result[rows] = centred @ axes
    return result / np.maximum(np.linalg.norm(result, axis=1, keepdims=True), 1e-9)


def _nearest(space: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the 10 nearest rows of each, exactly up to 2,048 rows.

    More are halved at the median of their longest axis until so few are left (a k-d
    tree, Bentley 1975, searched in one leaf): time grows as n log n.

    Returns:
        int64 [n, 10], -1 where there are fewer, and their cosines, float32 [n, 10].
    """
    count = len(space)
    nearest = np.full((count, _NEIGHBOURS), -1, np.int64)
    similarity = np.zeros((count, _NEIGHBOURS), np.float32)
    waiting = [np.arange(count)]
    while waiting:
        rows = waiting.pop()
        points = space[rows]
        if len(rows) > _LEAF:
            axis = int(points.var(axis=0).argmax())
            order = np.argsort(points[:, axis], kind="stable")
            waiting += [rows[order[: len(rows) // 2]], rows[order[len(rows) // 2 :]]]
            continue
        cosine = points @ points.T
        np.fill_diagonal(cosine, -np.inf)
        kept = min(_NEIGHBOURS, len(rows) - 1)
        if not kept:
            continue
        found = np.argpartition(-cosine, kept - 1, axis=1)[:, :kept]
        values = np.take_along_axis(cosine, found, axis=1)
        order = np.lexsort((found, -values), axis=1)
        nearest[rows, :kept] = rows[np.take_along_axis(found, order, axis=1)]
        similarity[rows, :kept] = np.take_along_axis(values, order, axis=1)
    return nearest, np.clip(similarity, 0, 1)


def _neighbour_disagreement(nearest: np.ndarray, given: np.ndarray) -> np.ndarray:
    known = nearest >= 0
    other = (given[nearest] != given[:, None]) & known
    return other.sum(axis=1) / np.maximum(1, known.sum(axis=1))


def _label_distance(space: np.ndarray, given: np.ndarray, classes: int) -> np.ndarray:
    sums = np.zeros((classes, space.shape[1]))
    np.add.at(sums, given, space)
    centres = sums / np.bincount(given, minlength=classes)[:, None]
    distance = np.stack(
        [np.linalg.norm(space - centre, axis=1) for centre in centres], axis=1
    )
    own = np.arange(len(given))
    mine = distance[own, given]
    distance[own, given] = np.inf
    other = distance.min(axis=1)
    return mine / np.maximum(mine + other, 1e-9)
