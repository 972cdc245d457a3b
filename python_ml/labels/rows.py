"""The rows whose labels can be judged: `LabeledRows`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from python_ml.common.inputs import as_objects, is_given, numbered
from python_ml.labels.scores import LabelScores

if TYPE_CHECKING:
    pass

_FEWEST_ROWS = 10
# Fewer distinct texts, in all or of a label, are nothing to learn from: out of fold a
# text that no other resembles is a stranger, however many copies of it there are.
FEWEST_TEXTS = 20
_FEWEST_TEXTS_OF_LABEL = 3


@dataclass(frozen=True)
class LabeledRows:
    """The rows whose labels can be judged, by a text or by a pair of texts.

    Attributes:
        count: How many rows there are, judged or not.
        judged: int64 [judged], the rows that have a label and texts.
        subjects: What the labels are about: distinct texts, or pairs of texts as they
            are compared.
        subject: int64 [judged], the number of the subject of each.
        label: int64 [judged], the number of the label of each.
        classes: object [classes], the labels, ordered as texts.
        encoder: The encoder of the texts.
        note: On the encoder, in words; else empty.
        problem: Why no row can be judged, in words; else empty.
    """

    count: int
    judged: np.ndarray
    subjects: list
    subject: np.ndarray
    label: np.ndarray
    classes: np.ndarray
    encoder: str
    note: str
    problem: str

    @classmethod
    def of(
        cls,
        labels: np.ndarray,
        *texts: np.ndarray,
        encoder: str,
        key: Callable[[str], str] = str,
    ) -> LabeledRows:
        """Number subjects and labels.

        Args:
            labels: object [rows]; None is missing.
            texts: object [rows] each, one column or two; None is missing.
            encoder: As for `encode`; "auto" is chosen by the texts.
            key: Texts with one key are the same.
        """
        from python_ml.encoding.languages import choose_encoder

        note = ""
        if encoder == "auto":
            encoder, note = choose_encoder([text for each in texts for text in each])
        complete = is_given(labels)
        for column in texts:
            complete &= is_given(column)
        judged = np.flatnonzero(complete)
        problem = _problem(labels[judged], [column[judged] for column in texts])
        if problem:
            empty: np.ndarray = np.zeros(0, np.int64)
            return cls(
                len(labels), judged, [], empty, empty, empty, encoder, note, problem
            )
        keys = [map(key, column[judged]) for column in texts]
        subjects, subject = numbered(
            keys[0] if len(keys) == 1 else zip(*keys, strict=True)
        )
        classes, label = label_classes(labels[judged])
        return cls(
            len(labels), judged, subjects, subject, label, classes, encoder, note, ""
        )

    @property
    def first_row(self) -> np.ndarray:
        """The first row of each subject, int64 [subjects]."""
        return self.judged[np.unique(self.subject, return_index=True)[1]]

    def not_judged(self, problem: str = "") -> LabelScores:
        """Say that no row can be judged, and why."""
        return LabelScores.not_judged(self.count, self.encoder, problem or self.problem)


def _problem(labels: np.ndarray, texts: list[np.ndarray]) -> str:
    if len(labels) < _FEWEST_ROWS:
        return f"{len(labels)} rows have a label and a text; {_FEWEST_ROWS} are needed"
    if len({str(label) for label in labels}) < 2:
        return f"all labels are {labels[0]}: nothing to tell apart"
    if all((column == column[0]).all() for column in texts):
        return "all texts are the same: nothing to tell labels apart by"
    return ""


def label_classes(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct labels, ordered as texts, and the number of each row's."""
    spoken = {str(label): label for label in labels[::-1].tolist()}
    names = sorted(spoken)
    place = {name: number for number, name in enumerate(names)}
    numbers = np.fromiter((place[str(label)] for label in labels.tolist()), np.int64)
    return as_objects([spoken[name] for name in names]), numbers


def few_texts(
    text_of_row: np.ndarray, label_of_row: np.ndarray, classes: np.ndarray
) -> tuple[np.ndarray, str, str]:
    """Return which rows have labels with too few distinct texts to be judged.

    Args:
        text_of_row: int64 [rows], numbers of distinct texts.
        label_of_row: int64 [rows], numbers of labels.
        classes: object [labels].

    Returns:
        bool [rows]; why no row can be judged, in words, else an empty text; and a note
        on the labels of which no row can be, else an empty text.
    """
    texts = len(np.unique(text_of_row))
    if texts < FEWEST_TEXTS:
        return (
            np.ones(len(text_of_row), bool),
            f"{texts} distinct texts are too few to learn from, {FEWEST_TEXTS} needed",
            "",
        )
    pairs = np.unique(text_of_row * len(classes) + label_of_row) % len(classes)
    count = np.bincount(pairs, minlength=len(classes))
    is_few = count < _FEWEST_TEXTS_OF_LABEL
    if (~is_few).sum() < 2:
        return (
            np.ones(len(text_of_row), bool),
            f"fewer than two labels have {_FEWEST_TEXTS_OF_LABEL} distinct texts",
            "",
        )
    note = ""
    if is_few.any():
        named = [f"{classes[k]} ({count[k]})" for k in np.flatnonzero(is_few)[:3]]
        more = f" and {is_few.sum() - 3} more" if is_few.sum() > 3 else ""
        note = (
            f"not judged are labels with fewer than {_FEWEST_TEXTS_OF_LABEL} distinct "
            f"texts: {', '.join(named)}{more}"
        )
    return is_few[label_of_row], "", note
