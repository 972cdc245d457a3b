"""What two texts have in common: `pair_features`.

Nothing is known of the texts but that, where
texts have several lines, the same line of both says the same kind of thing (title,
category, brand, number of the model, price). What is counted, in both directions and
weighted by how rare it is: words, character n-grams, numbers, numbers with the word
behind them (`13 inch`), and codes (`kx-tg1032s`), however they are hyphenated. Last,
how much closer the two are than either is to its other partners in the same call.

The weights are inverse document frequencies (Spärck Jones 1972), and similarities the
cosine and the generalized Jaccard index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from python_ml.common.inputs import numbered, same_text
from python_ml.matching.profiles import BUCKETS, FAMILIES, Profiles

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_BATCH = 8192  # pairs in work at a time: bounds the memory
_CHARACTERS = 2000  # looked at of each text
_FIT_TEXTS = 100_000  # of more, a sample gives the weights
_MAX_LINES = 8

_MEASURES = (
    "left_share", "right_share", "jaccard", "cosine", "rarest_shared",
    "rarest_left_only", "rarest_right_only", "shared", "left_only", "right_only",
)  # fmt: skip
_LINE_MEASURES = _MEASURES[:7]
_CODE_MEASURES = (
    "code_within", "code_prefix_share", "code_prefix", "code_left", "code_right",
    "code_conflict",
)  # fmt: skip
_RIVALS = ("word_cosine", "ngram_cosine", "word_rarest_shared", "code_within")


@dataclass(frozen=True)
class TokenWeights:
    """How rare each token is, of `fit_token_weights`.

    Attributes:
        weights: float32 [families, buckets], by hash of the token; 1 = in every text.
        lines: Lines compared one by one, 0 where texts have one line only.
    """

    weights: np.ndarray
    lines: int


def fit_token_weights(texts: Sequence[str | None]) -> TokenWeights:
    """Count in how many texts each token stands.

    Args:
        texts: Texts, lines parted by a newline; None is missing. Of more than 100,000
            distinct ones, as many taken at equal steps are counted.

    Returns:
        The weights, 1 + log((1 + texts) / (1 + texts with the token)).
    """
    distinct = list(dict.fromkeys(text for text in texts if text))
    step = max(1, -(-len(distinct) // _FIT_TEXTS))
    distinct = distinct[::step]
    counts = np.zeros((len(FAMILIES), BUCKETS), np.float32)
    for start in range(0, len(distinct), _BATCH):
        profiles = Profiles(distinct[start : start + _BATCH])
        for place, family in enumerate(FAMILIES):
            matrix = profiles.texts(family)
            buckets, found = np.unique(matrix.indices, return_counts=True)
            counts[place, buckets] += found
    # The logarithm where a token is known only: most buckets are empty.
    weights = np.full(counts.shape, np.log(1 + len(distinct)) + 1, np.float32)
    known = np.nonzero(counts)
    weights[known] -= np.log1p(counts[known])
    lines = np.array([text.count("\n") + 1 for text in distinct], np.int64)
    # Free text breaks its lines anywhere: lines are fields where most texts agree.
    usual = int(np.bincount(lines).argmax()) if len(lines) else 1
    if usual == 1 or (lines == usual).mean() < 0.5:
        usual = 0
    return TokenWeights(weights, min(usual, _MAX_LINES))


def pair_features(
    left_texts: Sequence[str | None],
    right_texts: Sequence[str | None],
    *,
    weights: TokenWeights | None = None,
    left_embeddings: np.ndarray | None = None,
    right_embeddings: np.ndarray | None = None,
    rivals: bool = True,
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Measure what the two texts of each pair have in common.

    A pair is also compared with the other pairs of its left and of its right text, so
    candidates should be given together.

    Args:
        left_texts: n texts; None is missing.
        right_texts: n texts.
        weights: Of `fit_token_weights`; default: fitted on the texts given.
        left_embeddings: float [n, d], rows of length 1.
        right_embeddings: float [n, d].
        rivals: Whether to compare a pair with the other pairs of its texts. Not where
            pairs come one by one, or with more or fewer rivals than in training.

    Returns:
        float32 [n, features], NaN where a feature says nothing (no code in either
        text, a missing text), and the names of the features.

    Raises:
        ValueError: If lengths differ.
    """
    left, right = _texts(left_texts), _texts(right_texts)
    if len(left) != len(right):
        raise ValueError(f"{len(left)} left texts, but {len(right)} right texts.")
    if (left_embeddings is None) != (right_embeddings is None):
        raise ValueError("Give the embeddings of both sides, or of none.")
    if weights is None:
        weights = fit_token_weights(left + right)
    names = _names(weights.lines, left_embeddings is not None)
    values = np.full((len(left), len(names)), np.nan, np.float32)
    groups = [numbered(map(same_text, side))[1] for side in (left, right)]
    # Pairs of one text lie together, so that each batch reads it once.
    order = np.lexsort((groups[1], groups[0]))
    own = len(names) - 2 * (len(_rivals(left_embeddings is not None)) + 1)
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        values[rows, : own - (left_embeddings is not None)] = _compare_batch(
            [left[row] for row in rows], [right[row] for row in rows], weights
        )
        if left_embeddings is not None and right_embeddings is not None:
            values[rows, own - 1] = np.einsum(
                "ij,ij->i",
                np.asarray(left_embeddings[rows], np.float32),
                np.asarray(right_embeddings[rows], np.float32),
            )
    place = own
    for group in groups if rivals else ():
        for name in _rivals(left_embeddings is not None):
            own_value = np.nan_to_num(values[:, names.index(name)])
            values[:, place] = own_value - _best_other(group, own_value)
            place += 1
        values[:, place] = np.bincount(group)[group] if len(group) else 0
        place += 1
    missing = np.array([not (a and b) for a, b in zip(left, right, strict=True)], bool)
    values[missing] = np.nan
    return (values, names) if rivals else (values[:, :own], names[:own])


def _rivals(has_embeddings: bool) -> tuple[str, ...]:
    return _RIVALS + ("embedding_cosine",) * has_embeddings


def _names(lines: int, has_embeddings: bool) -> tuple[str, ...]:
    names = [f"{family}_{name}" for family in FAMILIES for name in _MEASURES]
    names += [*_CODE_MEASURES, "left_length", "right_length", "length_ratio"]
    for line in range(1, lines + 1):
        names += [f"line_{line}_word_{name}" for name in _LINE_MEASURES]
        names += [f"line_{line}_ngram_{name}" for name in _LINE_MEASURES[:4]]
        names += [f"line_{line}_{name}" for name in ("equal", "ratio", "distance")]
    rivals = _rivals(has_embeddings)
    names += ["embedding_cosine"] * has_embeddings
    for side in ("left", "right"):
        names += [f"{side}_lead_{name}" for name in rivals] + [f"{side}_partners"]
    return tuple(names)


def _texts(texts: Sequence[str | None]) -> list[str]:
    """Return texts cut to a length, "" where missing."""
    return [
        text[:_CHARACTERS] if isinstance(text, str) and not text.isspace() else ""
        for text in texts
    ]


def _best_other(groups: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the best value among the others of a group, -1 where there is none."""
    if not len(groups):
        return values
    order = np.lexsort((-values, groups))
    ordered, number = values[order], groups[order]
    starts = np.flatnonzero(np.r_[True, number[1:] != number[:-1]])
    sizes = np.diff(np.r_[starts, len(number)])
    second = np.where(sizes > 1, ordered[np.minimum(starts + 1, len(number) - 1)], -1)
    other = np.repeat(ordered[starts], sizes)
    other[starts] = second
    result = np.empty_like(values)
    result[order] = other
    return result


def _compare_batch(
    left: list[str], right: list[str], weights: TokenWeights
) -> np.ndarray:
    numbers: dict[str, int] = {}
    left_rows = np.array([numbers.setdefault(text, len(numbers)) for text in left])
    right_rows = np.array([numbers.setdefault(text, len(numbers)) for text in right])
    profiles = Profiles(list(numbers))
    columns = []
    for place, family in enumerate(FAMILIES):
        matrix = profiles.texts(family)
        columns += _overlap(
            matrix[left_rows], matrix[right_rows], weights.weights[place]
        )
    columns += list(_compare_codes(profiles, left_rows, right_rows).T)
    lengths = np.array([len(text) for text in numbers], np.float32)
    one, other = lengths[left_rows], lengths[right_rows]
    columns += [
        one,
        other,
        np.minimum(one, other) / np.maximum(1, np.maximum(one, other)),
    ]
    for line in range(weights.lines):
        for place, family in ((0, "word"), (5, "ngram")):
            matrix = profiles.line(family, line)
            measures = _overlap(
                matrix[left_rows], matrix[right_rows], weights.weights[place]
            )
            columns += measures[: 7 if family == "word" else 4]
        columns += _compare_values(profiles, line, left_rows, right_rows)
    return np.column_stack(columns).astype(np.float32)


def _overlap(
    left: csr_matrix, right: csr_matrix, weights: np.ndarray
) -> list[np.ndarray]:
    """Return the ten `_MEASURES` of two sparse matrices of zeros and ones."""
    shared = left.multiply(right).tocsr()
    left_only, right_only = (left - shared).tocsr(), (right - shared).tocsr()
    sums, squares, rarest = [], [], []
    for matrix in (shared, left_only, right_only):
        matrix.eliminate_zeros()
        matrix.data = weights[matrix.indices]
        sums.append(np.asarray(matrix.sum(axis=1)).ravel())
        rarest.append(matrix.max(axis=1).toarray().ravel())
        matrix.data = matrix.data**2
        squares.append(np.asarray(matrix.sum(axis=1)).ravel())
    both, one, other = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        lengths = np.sqrt((squares[0] + squares[1]) * (squares[0] + squares[2]))
        shares = [
            both / (both + one),
            both / (both + other),
            both / (both + one + other),
            squares[0] / lengths,
        ]
    return shares + rarest + sums


def _compare_codes(
    profiles: Profiles, left_rows: np.ndarray, right_rows: np.ndarray
) -> np.ndarray:
    """Look for the codes of each text within the other, and for their common start."""
    codes = [
        list(dict.fromkeys(code for line in lines for code in profiles.codes[line]))
        for lines in profiles.lines_of
    ]
    compact = [
        "".join(profiles.compact[i] for i in lines) for lines in profiles.lines_of
    ]
    result = np.zeros((len(left_rows), len(_CODE_MEASURES)), np.float32)
    for row, (one, other) in enumerate(zip(left_rows, right_rows, strict=True)):
        left, right = codes[one], codes[other]
        within = max(
            [len(code) for code in left if len(code) > 3 and code in compact[other]]
            + [len(code) for code in right if len(code) > 3 and code in compact[one]],
            default=0,
        )
        longest, share = 0, 0.0
        for a in left:
            for b in right:
                if a[0] == b[0]:
                    start = _common_start(a, b)
                    longest = max(longest, start)
                    share = max(share, start / max(len(a), len(b)))
        result[row] = (
            within,
            share,
            longest,
            max(map(len, left), default=0),
            max(map(len, right), default=0),
            bool(left) and bool(right) and not within,
        )
    return result


def _common_start(one: str, other: str) -> int:
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))


def _compare_values(
    profiles: Profiles, line: int, left_rows: np.ndarray, right_rows: np.ndarray
) -> list[np.ndarray]:
    """Return whether a line is equal, and the logarithm of the ratio of its numbers."""
    texts = [
        profiles.lines[lines[line]].strip() if line < len(lines) else ""
        for lines in profiles.lines_of
    ]
    values = np.array([value_of(text) for text in texts])
    groups = numbered(texts)[1]
    with np.errstate(invalid="ignore"):
        ratio = np.log(values[left_rows]) - np.log(values[right_rows])
    equal = (groups[left_rows] == groups[right_rows]).astype(np.float32)
    empty = np.array([not text for text in texts])
    equal[empty[left_rows] | empty[right_rows]] = np.nan
    return [equal, ratio, np.abs(ratio)]


def value_of(text: str) -> float:
    """Return the positive number that a line consists of, as a price; else NaN."""
    try:
        value = float(text.replace(",", "").strip(" $€£¥")) if len(text) < 20 else 0.0
    except ValueError:
        return np.nan
    return value if 0 < value < np.inf else np.nan
