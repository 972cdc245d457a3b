"""What is said of each label: `LabelScores`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

NEAREST = 3  # Most similar rows that are named as evidence.


@dataclass(frozen=True)
class LabelScores:
    """Which labels are wrong, what they should be, and how many there are.

    One entry per row, in the order of the rows that were scored. A row that cannot be
    judged (its label or its text is missing, or all rows have one label) has NaN for
    a probability and is no suspect. A row of whose label there are too few distinct
    texts is as probably wrong as the others are on average, and no suspect. Of an
    audited row the verdict is said: its error probability is 0 or 1, and it is a
    suspect if it is 1; the right label, where the audit has it, is then the suggestion,
    with probability 1.

    Attributes:
        error_probability: float64 [rows] in [0, 1]; of the rows at 0.8, about 80 % are
            wrong.
        suggested_label: object [rows]; the most probable of the other labels: the right
            one, if the given one is wrong. None where the row cannot be judged.
        suggestion_probability: float64 [rows] in [0, 1]; at most error_probability.
        is_suspect: bool [rows]; whether error_probability reaches `threshold`.
        classifier_disagreement: float32 [rows] in [0, 1]; what a classifier that has
            not seen the row gives to other labels.
        neighbour_disagreement: float32 [rows] in [0, 1]; share of the 10 most similar
            texts that carry another label.
        same_text_disagreement: float32 [rows] in [0, 1]; share of the rows with the
            same text that carry another label.
        category_distance: float32 [rows] in [0, 1]; 1 - cosine of the text and the mean
            of the other texts with its label. For pairs 1 - cosine of the two texts.
        wrong_level: int64 [rows]; the level (1 is the first) of a path `A > B > C` at
            which the suggestion of a suspect leaves the given label; 0 for no suspect.
        nearest_rows: int64 [rows, 3]; the most similar rows with another text, most
            similar first; -1 where there are fewer.
        nearest_similarity: float32 [rows, 3]; their cosine in [-1, 1].
        error_rate: Share of wrong labels among the rows that could be judged, in
            [0, 1]; NaN where none could.
        error_rate_low: Lower end of its 95 % interval.
        error_rate_high: Upper end of its 95 % interval.
        rate_basis: "audits" where human verdicts support the rate, otherwise "model".
        threshold: The error probability from which a row is a suspect.
        encoder: The encoder of the texts.
        note: What could not be done as wished, or how little the rate is worth where
            labels are hard to tell apart, in words; else empty.
    """

    error_probability: np.ndarray = field(repr=False)
    suggested_label: np.ndarray = field(repr=False)
    suggestion_probability: np.ndarray = field(repr=False)
    is_suspect: np.ndarray = field(repr=False)
    classifier_disagreement: np.ndarray = field(repr=False)
    neighbour_disagreement: np.ndarray = field(repr=False)
    same_text_disagreement: np.ndarray = field(repr=False)
    category_distance: np.ndarray = field(repr=False)
    wrong_level: np.ndarray = field(repr=False)
    nearest_rows: np.ndarray = field(repr=False)
    nearest_similarity: np.ndarray = field(repr=False)
    error_rate: float
    error_rate_low: float
    error_rate_high: float
    rate_basis: str
    threshold: float
    encoder: str
    note: str

    @classmethod
    def not_judged(cls, rows: int, encoder: str, note: str) -> LabelScores:
        """Make the scores of rows of which none can be judged, for a reason."""
        nobody: np.ndarray = np.zeros(0, np.int64)
        return cls.of_judged(rows, nobody, {}, encoder=encoder, note=note)

    @classmethod
    def of_judged(
        cls, rows: int, judged: np.ndarray, found: Mapping[str, Any], **of_all: Any
    ) -> LabelScores:
        """Make the scores of rows of which some were judged.

        Args:
            rows: How many there are.
            judged: int64 [judged], their places.
            found: The attributes with an entry per row, of those judged.
            **of_all: The other attributes; rates that are not given are NaN.
        """
        columns: dict[str, Any] = {}
        for name, (kind, missing) in _NOT_JUDGED.items():
            shape = (rows, NEAREST) if name.startswith("nearest") else (rows,)
            columns[name] = np.full(shape, missing, kind)
            if len(judged):
                columns[name][judged] = found[name]
        return cls(**columns, **_NO_RATE | of_all)


# What stands in the rows that cannot be judged, and of which type it is.
_NOT_JUDGED: dict[str, tuple[type, Any]] = {
    "error_probability": (np.float64, np.nan),
    "suggested_label": (object, None),
    "suggestion_probability": (np.float64, np.nan),
    "is_suspect": (bool, False),
    "classifier_disagreement": (np.float32, np.nan),
    "neighbour_disagreement": (np.float32, np.nan),
    "same_text_disagreement": (np.float32, np.nan),
    "category_distance": (np.float32, np.nan),
    "wrong_level": (np.int64, 0),
    "nearest_rows": (np.int64, -1),
    "nearest_similarity": (np.float32, np.nan),
}
_NO_RATE = dict.fromkeys(
    ("error_rate", "error_rate_low", "error_rate_high", "threshold"), float("nan")
) | {"rate_basis": "model"}


def best_f1_threshold(error_probability: np.ndarray) -> float:
    """Return the threshold from which on suspects have the highest expected F1.

    With calibrated probabilities, the k most probable errors hold sum(p[:k]) expected
    errors of sum(p) in all: F1 = 2 sum(p[:k]) / (k + sum(p)). No suspect at all is
    right with the probability that there is no error: product(1 - p).

    Args:
        error_probability: float [rows] in [0, 1]; NaN is left out.

    Returns:
        A threshold in (0, 1]; 1 where it is best to suspect no row.
    """
    ordered = np.sort(error_probability[~np.isnan(error_probability)])[::-1]
    if not len(ordered) or ordered[0] <= 0:
        return 1.0
    found = np.cumsum(ordered)
    expected = 2 * found / (np.arange(1, len(ordered) + 1) + found[-1])
    if np.prod(1 - ordered) > expected.max():
        return 1.0
    return float(ordered[np.argmax(expected)])


def wrong_levels(given: np.ndarray, suggested: np.ndarray) -> np.ndarray:
    """Return the level of a path `A > B > C` at which a suggestion leaves the label.

    Args:
        given: object [rows], labels.
        suggested: object [rows], labels.

    Returns:
        int64 [rows]; 1 is the first level, 0 where the two are the same.
    """
    pairs = list(zip(map(str, given), map(str, suggested), strict=True))
    levels: dict[tuple[str, str], int] = {}
    for pair in set(pairs):
        left, right = ([part.strip() for part in path.split(" > ")] for path in pair)
        shared = 0
        while left[shared : shared + 1] == right[shared : shared + 1] != []:
            shared += 1
        levels[pair] = 0 if left == right else shared + 1
    return np.fromiter((levels[pair] for pair in pairs), np.int64, len(pairs))
