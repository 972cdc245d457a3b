"""From what is believed of texts, or of pairs of texts, to `LabelScores` of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from python_ml.common.inputs import as_labels, is_given
from python_ml.labels.rows import FEWEST_TEXTS, LabeledRows, few_texts
from python_ml.labels.scores import (
    NEAREST,
    LabelScores,
    best_f1_threshold,
    wrong_levels,
)

if TYPE_CHECKING:
    from python_ml.labels.classifier import Judgement

_NEIGHBOURS = 10
_MUCH_DOUBT = 0.1
_HARD = (
    "labels are hard to tell apart by these texts (the model takes {:.0%} of its own "
    "answers for wrong): rely on a rate with audits only"
)
_TURNED = (
    "not judged are {} labels that few texts (fewer than 20 distinct ones each) do not "
    "tell from the others"
)
_UNKNOWN = 0.6  # Of a class with one text; with five texts .08 of it is left.
# A suggestion between labels that overlap, or for most texts of a label, is none to
# follow unasked, however sure it is.
_OVERLAP = 0.25  # Share of the texts of each that read as the other.
_MOST_IN_OVERLAP = 0.5


def scores_of_rows(
    rows: LabeledRows,
    judgement: Judgement,
    *,
    vectors: np.ndarray,
    category_distance: np.ndarray,
    audits: Mapping | None,
    device: str,
    seed: int,
) -> LabelScores:
    """Say of each row what is believed of its text and label.

    Args:
        rows: Those that could be judged, with at least two labels.
        judgement: Of their subjects.
        vectors: float32 [subjects, dimensions], in which similar rows are sought.
        category_distance: float32 [judged].
        audits: As for `score_labels`.
        device: Of PyTorch.
        seed: Of the search.

    Returns:
        One entry per row.
    """
    from python_ml.common.nearest import nearest_rows
    from python_ml.labels.audits import model_interval

    text_of_row, label_of_row, classes = rows.subject, rows.label, rows.classes
    is_few, problem, of_few = few_texts(text_of_row, label_of_row, classes)
    if not problem and not _is_learnable(judgement.prior, text_of_row, label_of_row):
        problem = "these texts say nothing of the labels: no better than chance"
    if problem:
        return rows.not_judged(problem)
    error = _error_probability(judgement, text_of_row, label_of_row)
    is_turned = _is_turned(error, text_of_row, label_of_row)
    # Of few texts, that a whole label looks wrong says that nothing was learned of it.
    is_left_out = is_few | (is_turned & ~_has_many_texts(text_of_row, label_of_row))
    if is_left_out.all():
        return rows.not_judged(
            "by these few texts no label can be told from the others"
        )
    # Of them nothing is known: they are as probably wrong as the others are on average.
    error[is_left_out] = error[~is_left_out].mean()
    suggested, suggestion = _suggestions(judgement, text_of_row, label_of_row, error)
    is_open = is_turned | _is_overlapping(
        judgement.prior, text_of_row, label_of_row, suggested
    )
    suggestion = np.where(is_open, np.minimum(suggestion, _MOST_IN_OVERLAP), suggestion)
    near, similarity = nearest_rows(vectors, _NEIGHBOURS, device=device, seed=seed)
    majority = _majority(text_of_row, label_of_row, len(vectors))
    threshold = best_f1_threshold(error[~is_left_out])
    is_suspect = (error >= threshold) & ~is_left_out
    levels = np.where(
        is_suspect, wrong_levels(classes[label_of_row], classes[suggested]), 0
    )
    near_rows = np.where(near >= 0, rows.first_row[near], -1)[:, :NEAREST]

    found = {
        "error_probability": error,
        "suggested_label": classes[suggested],
        "suggestion_probability": suggestion,
        "is_suspect": is_suspect,
        "classifier_disagreement": 1 - judgement.prior[text_of_row, label_of_row],
        "neighbour_disagreement": _neighbour_disagreement(
            near, majority, text_of_row, label_of_row
        ),
        "same_text_disagreement": _same_text_disagreement(text_of_row, label_of_row),
        "category_distance": category_distance,
        "wrong_level": levels,
        "nearest_rows": near_rows[text_of_row],
        "nearest_similarity": similarity[text_of_row, :NEAREST],
    }
    rate = float(error.mean())
    doubt = float(1 - judgement.prior.max(1).mean())
    is_hard = doubt > _MUCH_DOUBT
    turned = len(np.unique(label_of_row[is_left_out & ~is_few]))
    notes = [rows.note, of_few, _TURNED.format(turned) if turned else ""]
    notes.append(_HARD.format(doubt) if is_hard else "")
    judged_count = int((~is_left_out).sum())
    low, high = model_interval([rate, *judgement.rates[1:]], judged_count, doubt)
    scores = LabelScores.of_judged(
        rows.count,
        rows.judged,
        found,
        note="; ".join(filter(None, notes)),
        encoder=rows.encoder,
        error_rate=rate,
        error_rate_low=low,
        error_rate_high=high,
        threshold=threshold,
    )
    if audits is None or not len(audits["row"]):
        return scores
    # The rate first: it compares the verdicts with what the model says.
    scores = with_audited_rate(scores, audits)
    given = np.full(rows.count, None, object)
    given[rows.judged] = classes[label_of_row]
    return _with_verdicts(scores, audits, given)


def with_audited_rate(scores: LabelScores, audits: Mapping) -> LabelScores:
    """Let the error rate rest on verdicts; what is said of each row stays."""
    from python_ml.labels.audits import audited_rate

    audited = audited_rate(scores.error_probability, audits)
    return replace(
        scores,
        error_rate=audited.rate,
        error_rate_low=audited.low,
        error_rate_high=audited.high,
        rate_basis="audits",
    )


def _with_verdicts(
    scores: LabelScores, audits: Mapping, given: np.ndarray
) -> LabelScores:
    """Let what a person said of a row go before what the model says."""
    row, is_wrong = np.asarray(audits["row"]), np.asarray(audits["is_wrong"], bool)
    right = audits.get("right_label")
    right = as_labels([None] * len(row) if right is None else right)
    is_judged = ~np.isnan(scores.error_probability[row])
    row, is_wrong, right = (each[is_judged] for each in (row, is_wrong, right))
    is_known = is_wrong & is_given(right)
    wrong, cleared, known = row[is_wrong], row[~is_wrong], row[is_known]
    error, suspect = scores.error_probability.copy(), scores.is_suspect.copy()
    error[row] = suspect[row] = is_wrong
    suggestion = scores.suggestion_probability.copy()
    suggestion[cleared], suggestion[known] = 0, 1
    suggested = scores.suggested_label.copy()
    suggested[known] = right[is_known]
    level = scores.wrong_level.copy()
    level[wrong] = wrong_levels(given[wrong], suggested[wrong])
    level[cleared] = 0
    return replace(
        scores,
        error_probability=error,
        is_suspect=suspect,
        suggestion_probability=suggestion,
        suggested_label=suggested,
        wrong_level=level,
    )


def _error_probability(
    judgement: Judgement, text_of_row: np.ndarray, label_of_row: np.ndarray
) -> np.ndarray:
    error = 1 - judgement.posterior[text_of_row, label_of_row].astype(np.float64)
    # A class with few texts is hardly known: out of fold its rows all look wrong.
    count = _texts_of_label(text_of_row, label_of_row)[label_of_row]
    known = 1 - _UNKNOWN**count
    return np.clip(known * error + (1 - known) * error.mean(), 0, 1)


def _is_learnable(
    prior: np.ndarray, text_of_row: np.ndarray, label_of_row: np.ndarray
) -> bool:
    """Return whether texts tell labels apart beyond chance, out of fold.

    What the classifier gives to the label of a text is compared with what it gives to
    the labels of all texts, by a one-sided test at two standard errors: it is as fair
    to a rare label as to a frequent one.
    """
    classes = prior.shape[1]
    pairs = np.unique(text_of_row * classes + label_of_row)
    texts, labels = pairs // classes, pairs % classes
    shares = np.bincount(labels, minlength=classes) / len(labels)
    gain = prior[texts, labels] - prior[texts] @ shares
    error = gain.std(ddof=1) / np.sqrt(len(gain))
    return bool(gain.mean() > 2 * error)


def _texts_of_label(text_of_row: np.ndarray, label_of_row: np.ndarray) -> np.ndarray:
    """Return how many distinct texts have each label."""
    classes = label_of_row.max() + 1
    return np.bincount(np.unique(text_of_row * classes + label_of_row) % classes)


def _has_many_texts(text_of_row: np.ndarray, label_of_row: np.ndarray) -> np.ndarray:
    return (_texts_of_label(text_of_row, label_of_row) >= FEWEST_TEXTS)[label_of_row]


def _is_turned(
    error: np.ndarray, text_of_row: np.ndarray, label_of_row: np.ndarray
) -> np.ndarray:
    """Return of each row whether most texts with its label are taken for wrong."""
    classes = label_of_row.max() + 1
    _, first = np.unique(text_of_row * classes + label_of_row, return_index=True)
    labels = label_of_row[first]
    mean = np.bincount(labels, error[first]) / np.bincount(labels)
    return (mean > 0.5)[label_of_row]


def _is_overlapping(
    prior: np.ndarray,
    text_of_row: np.ndarray,
    label_of_row: np.ndarray,
    suggested: np.ndarray,
) -> np.ndarray:
    """Return of each row whether its label and the suggested one overlap.

    Two labels overlap where texts of each are often taken for the other: seasons and
    synonyms look so, and one that is wrong for the other seldom goes both ways. Labels
    that a person would give to the same text are no errors of each other.
    """
    classes = prior.shape[1]
    pairs = np.unique(text_of_row * classes + label_of_row)
    texts, labels = pairs // classes, pairs % classes
    read = np.zeros((classes, classes))
    np.add.at(read, labels, prior[texts])
    share = read / np.maximum(read.sum(1, keepdims=True), 1e-9)
    both = np.minimum(share, share.T)
    return both[label_of_row, suggested] > _OVERLAP


def _suggestions(
    judgement: Judgement,
    text_of_row: np.ndarray,
    label_of_row: np.ndarray,
    error: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the most probable other class of each row and its probability."""
    suggested = np.empty(len(text_of_row), np.int64)
    probability = np.empty(len(text_of_row))
    for start in range(0, len(text_of_row), 65536):
        part = slice(start, start + 65536)
        others = judgement.posterior[text_of_row[part]].astype(np.float64)
        at = np.arange(len(others)), label_of_row[part]
        wrong = 1 - others[at]
        others[at] = -1
        suggested[part] = others.argmax(1)
        share = others.max(1) / np.maximum(wrong, 1e-12)
        probability[part] = error[part] * np.clip(share, 0, 1)
    return suggested, probability


def _majority(
    text_of_row: np.ndarray, label_of_row: np.ndarray, texts: int
) -> np.ndarray:
    """Return the most frequent label of each text."""
    classes = label_of_row.max() + 1
    both, count = np.unique(text_of_row * classes + label_of_row, return_counts=True)
    order = np.argsort(count, kind="stable")
    majority = np.zeros(texts, np.int64)
    majority[both[order] // classes] = both[order] % classes
    return majority


def _neighbour_disagreement(
    near: np.ndarray,
    majority: np.ndarray,
    text_of_row: np.ndarray,
    label_of_row: np.ndarray,
) -> np.ndarray:
    close = near[text_of_row]
    is_there = close >= 0
    other = (majority[close] != label_of_row[:, None]) & is_there
    return other.sum(1) / np.maximum(is_there.sum(1), 1)


def _same_text_disagreement(
    text_of_row: np.ndarray, label_of_row: np.ndarray
) -> np.ndarray:
    classes = label_of_row.max() + 1
    _, place, count = np.unique(
        text_of_row * classes + label_of_row, return_inverse=True, return_counts=True
    )
    return 1 - count[place] / np.bincount(text_of_row)[text_of_row]
