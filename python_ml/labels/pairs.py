"""Which labels of pairs are wrong: `score_pairs`.

A relation label says something of two texts: the same product or not; how relevant a
product is to a query. What the texts have in common is measured (`matching.features`)
and the label predicted by models that have not seen the pair (`matching.classifier`).
Given labels are then taken for noisy readings of the true ones (`noise`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from python_ml.common.folds import stratified_folds
from python_ml.common.inputs import as_labels, as_texts, same_text
from python_ml.labels.noise import Observations
from python_ml.labels.rows import LabeledRows
from python_ml.labels.scores import LabelScores
from python_ml.labels.scoring import scores_of_rows
from python_ml.matching.classifier import (
    PairClassifier,
    fit_models,
    fit_pair_classifier,
    fit_projections,
    learned_rows,
    predict_models,
    with_projections,
)
from python_ml.matching.features import pair_features

if TYPE_CHECKING:
    from python_ml.labels.classifier import Judgement

__all__ = ["PairClassifier", "fit_pair_classifier", "pair_features", "score_pairs"]

_FOLDS = 5
_AXES = 24  # of the space in which pairs are near each other
_CLEAN_SHARPNESS = 2.5  # of these models


def score_pairs(
    pairs: Iterable[tuple[str | None, str | None]],
    labels: Iterable,
    *,
    audits: Mapping | None = None,
    encoder: str = "auto",
    device: str = "auto",
    embeddings: tuple[np.ndarray, np.ndarray] | None = None,
    pair_model: str | None = None,
    seed: int = 0,
    progress: bool = False,
) -> LabelScores:
    """Judge the labels of pairs: which are wrong, what they should be, how many.

    Give the texts one attribute a line, the same on both sides (title, brand, number of
    the model, price): lines are then compared one by one. Pairs that differ in case and
    spaces only are one pair. Similar rows, the evidence, are pairs of texts that have
    alike in common.

    Args:
        pairs: Two texts each, such as `zip(queries, products)`; None, NaN and blank
            ones are missing.
        labels: As many; None and NaN are missing.
        audits: As for `score_labels`.
        encoder: As for `encode`.
        device: As for `encode`.
        embeddings: Of the left and of the right texts, each float32 [rows, dimensions],
            rows of length 1: what `encode` made of them, if it was called before.
        pair_model: The folder of a model that `train` has learned from other pairs.
            What it says of these is evidence beside what they have in common. One that
            has seen these labels believes the wrong ones too.
        seed: Of folds, samples and models.
        progress: Whether to show bars on stderr.

    Returns:
        One entry per row.

    Raises:
        ValueError: If lengths differ, a pair is not two texts, audits are wrong, or the
            encoder or the model is not there.
    """
    from python_ml.common.devices import resolve_device
    from python_ml.encoding.classifiers import load_classifier

    # Before the work: whether it is there.
    trained = load_classifier(pair_model, device) if pair_model is not None else None
    left, right = _sides(pairs)
    labels = as_labels(labels)
    if len(left) != len(labels):
        raise ValueError(f"There are {len(left)} pairs but {len(labels)} labels.")
    if embeddings is not None:
        _ensure_embeddings(embeddings, len(left))
    rows = LabeledRows.of(labels, left, right, encoder=encoder, key=same_text)
    if rows.problem:
        return rows.not_judged()
    encoder, first_row = rows.encoder, rows.first_row
    left, right = left[first_row].tolist(), right[first_row].tolist()
    if embeddings is None:
        vectors = _encoded(left, right, encoder, device, progress)
    else:
        vectors = (
            _of_rows(embeddings[0], first_row),
            _of_rows(embeddings[1], first_row),
        )
    values, names = pair_features(
        left, right, left_embeddings=vectors[0], right_embeddings=vectors[1]
    )
    cosine = values[:, names.index("embedding_cosine")]
    values = with_projections(
        values, fit_projections(*vectors, seed=seed), vectors[0], vectors[1]
    )
    if trained is not None:
        logits = trained.logits(list(zip(left, right, strict=True)))
        # Of two labels one column says all.
        logits -= logits.mean(1, keepdims=True)
        values = np.concatenate([values, logits[:, -len(trained.labels) + 1 :]], 1)
        rows = replace(rows, note=_noted(rows.note, f"read by {trained.name} too"))
    judgement = _judge(
        values,
        Observations.of_rows(rows.subject, rows.label),
        len(rows.classes),
        seed,
        progress,
    )
    return scores_of_rows(
        rows,
        judgement,
        vectors=_space(values),
        category_distance=1 - np.clip(cosine, 0, 1)[rows.subject],
        audits=audits,
        device=resolve_device(device),
        seed=seed,
    )


def _noted(*notes: str) -> str:
    return "; ".join(filter(None, notes))


def _sides(pairs: Iterable) -> tuple[np.ndarray, np.ndarray]:
    """Return the left and the right texts."""
    pairs = list(pairs)
    for number, pair in enumerate(pairs):
        if isinstance(pair, str) or not hasattr(pair, "__len__") or len(pair) != 2:
            raise ValueError(f"Pair {number} is not two texts but {pair!r:.60}.")
    return as_texts(left for left, _ in pairs), as_texts(right for _, right in pairs)


def _ensure_embeddings(embeddings: tuple, rows: int) -> None:
    if len(embeddings) != 2:
        raise ValueError("Give the embeddings of both sides: (left, right).")
    for vectors in embeddings:
        if len(vectors) != rows:
            raise ValueError(f"There are {rows} pairs but {len(vectors)} embeddings.")


def _of_rows(embeddings: np.ndarray, rows: np.ndarray) -> np.ndarray:
    vectors = np.asarray(embeddings, np.float32)
    # No copy of what may be gigabytes.
    return vectors if len(rows) == len(vectors) else vectors[rows]


def _encoded(
    left: list, right: list, encoder: str, device: str, progress: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Encode both sides at once: a text may stand on both."""
    from python_ml.encoding.encoders import encode

    vectors = encode(left + right, encoder=encoder, device=device, progress=progress)
    return vectors[: len(left)], vectors[len(left) :]


def _judge(
    values: np.ndarray,
    observations: Observations,
    classes: int,
    seed: int,
    progress: bool,
) -> Judgement:
    """Judge the labels of distinct pairs out of fold."""
    from tqdm import tqdm

    from python_ml.labels.classifier import Judgement
    from python_ml.labels.noise import believe, likeliest_sharpness

    first = np.unique(observations.text, return_index=True)[1]
    order = np.random.default_rng(seed).permutation(len(values))
    folds = stratified_folds(observations.label[first], np.argsort(order), _FOLDS)
    predicted = np.empty((len(values), classes))
    # All rows of a pair are in one fold: its other labels are evidence of their own.
    for fold in tqdm(range(_FOLDS), desc="judge pairs", disable=not progress):
        test = folds == fold
        if test.any():
            seen = learned_rows(np.flatnonzero(~test[observations.text]), seed=seed)
            models = fit_models(
                values[observations.text[seen]],
                observations.label[seen],
                classes,
                seed=seed,
            )
            predicted[test] = predict_models(models, values[test], classes)
    # A label that a fold has not seen is improbable, and not impossible.
    logits = np.log(np.maximum(predicted, 1e-6)).astype(np.float32)
    # Unlike those of texts, these models are not fitted to the noise: they are the less
    # sure the more labels are wrong, and that the likelihood shows.
    sharpness = (likeliest_sharpness(logits, observations)[0] * _CLEAN_SHARPNESS) ** 0.5
    return Judgement(*believe(logits, observations, sharpness))


def _space(values: np.ndarray) -> np.ndarray:
    """Return the pairs in the principal axes of their features, rows of length 1."""
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
