"""Which labels of texts are wrong: `score_labels`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from python_ml.common.inputs import as_labels, as_texts
from python_ml.labels.noise import Observations
from python_ml.labels.rows import LabeledRows
from python_ml.labels.scores import LabelScores
from python_ml.labels.scoring import scores_of_rows


def score_labels(
    texts: Iterable[str | None],
    labels: Iterable,
    *,
    audits: Mapping | None = None,
    encoder: str = "auto",
    device: str = "auto",
    embeddings: np.ndarray | None = None,
    seed: int = 0,
    progress: bool = False,
) -> LabelScores:
    """Judge the labels of texts: which are wrong, what they should be, how many.

    A classifier is trained on embedding and n-grams of the texts and judges each row
    out of fold. Given labels are then taken for noisy readings of the true ones, whose
    noise is estimated (`noise`). A second classifier learns from what the first
    believes as much as from what was given; the mean of both is what counts.

    Args:
        texts: None, NaN and blank ones are missing.
        labels: Of any type with a text form; None and NaN are missing. A path of
            categories is written `A > B > C`.
        audits: Human verdicts on some rows, as equally long arrays: `row` (position in
            texts), `is_wrong`, optionally `right_label` and `weight` (the inverse of
            the probability with which the row was drawn; default: a simple random
            sample). The error rate then rests on them (`audits`), and of their rows
            they go before what the model says.
        encoder: As for `encode`.
        device: As for `encode`; the classifier is trained there too.
        embeddings: float32 [rows, dimensions], rows of length 1: what `encode` made of
            the texts, if it was called before.
        seed: Of folds and samples.
        progress: Whether to show bars on stderr.

    Returns:
        One entry per row.

    Raises:
        ValueError: If lengths differ, audits are wrong, or the encoder is not there.
    """
    from python_ml.common.devices import resolve_device
    from python_ml.encoding.encoders import encode
    from python_ml.labels.classifier import judge
    from python_ml.labels.features import text_features

    texts, labels = as_texts(texts), as_labels(labels)
    if len(texts) != len(labels):
        raise ValueError(f"There are {len(texts)} texts but {len(labels)} labels.")
    if embeddings is not None and len(embeddings) != len(texts):
        raise ValueError(
            f"There are {len(texts)} texts but {len(embeddings)} embeddings."
        )
    rows = LabeledRows.of(labels, texts, encoder=encoder)
    if rows.problem:
        return rows.not_judged()
    encoder = rows.encoder
    if embeddings is None:
        vectors = encode(
            rows.subjects, encoder=encoder, device=device, progress=progress
        )
    else:
        vectors = np.asarray(embeddings, np.float32)
        if len(rows.subjects) < len(vectors):
            vectors = vectors[rows.first_row]
    device = resolve_device(device)
    classes = len(rows.classes)
    features = text_features(
        rows.subjects,
        None if encoder.startswith("ngrams") else vectors,
        classes,
        device=device,
        seed=seed,
    )
    observations = Observations.of_rows(rows.subject, rows.label)
    judgement = judge(features, observations, classes, seed=seed, progress=progress)
    return scores_of_rows(
        rows,
        judgement,
        vectors=vectors,
        category_distance=_category_distance(vectors, rows.subject, rows.label),
        audits=audits,
        device=device,
        seed=seed,
    )


def _category_distance(
    vectors: np.ndarray, text_of_row: np.ndarray, label_of_row: np.ndarray
) -> np.ndarray:
    """Return 1 - cosine of each text and the mean of the others with its label."""
    sums = np.zeros((label_of_row.max() + 1, vectors.shape[1]), np.float32)
    pairs = np.unique(text_of_row * len(sums) + label_of_row)
    np.add.at(sums, pairs % len(sums), vectors[pairs // len(sums)])
    distance = np.empty(len(text_of_row), np.float32)
    for start in range(0, len(distance), 65536):
        part = slice(start, start + 65536)
        own = vectors[text_of_row[part]]
        others = sums[label_of_row[part]] - own
        length = np.linalg.norm(others, axis=1)
        cosine = (own * others).sum(1) / np.where(length > 1e-6, length, 1)
        distance[part] = np.where(length > 1e-6, 1 - np.clip(cosine, 0, 1), 1)
    return distance
