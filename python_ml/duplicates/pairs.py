"""How probably two texts are about the same product: `match_probabilities`.

A logistic regression of a dozen measures of what two texts have in common and of what
speaks against it: rare words, codes, numbers and units that stand in one of them only.
Nobody has labelled pairs of the catalogue at hand, so the coefficients were learned
elsewhere; `sources` then calibrates them on the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from python_ml.duplicates.conflicts import NAMES, Conflicts
from python_ml.matching.features import (
    TokenWeights,
    fit_token_weights,
    pair_features,
    value_of,
)

_LEAST_TEXTS = 5000  # Fewer do not tell how rare a word is.
_LONGEST = 12  # characters of a code; longer ones say no more
_BATCH = 65_536  # pairs in work at a time: bounds the memory
_FAR = 2.0  # logarithm of a ratio of values; beyond, more says no more

# Fitted on the pairs of abt_buy and walmart_amazon (Mudgal et al. 2018, "Deep Learning
# for Entity Matching"), all splits, by `python benchmarks/repairs/duplicates.py --fit`.
INTERCEPT = -18.34
COEFFICIENTS = {
    "word_rarest_shared": 9.41,
    "word_cosine": -0.44,
    "word_rarest_both": -1.09,
    "ngram_rarest_shared": 13.93,
    "ngram_only_both": -0.32,
    "number_max_share": 1.36,
    "unit_max_share": -1.82,
    "measure_max_share": 1.23,
    "measure_rarest_any": -0.57,
    "code_within": 4.58,
    "code_length_min": -1.93,
    "value_distance": -1.29,
    "measure_conflict": -0.71,
    "colour_conflict": -2.99,
    "colour_agreement": 0.67,
}


def match_logits(
    texts: Sequence[str],
    left: np.ndarray,
    right: np.ndarray,
    *,
    progress: bool = False,
) -> np.ndarray:
    """Say how probable it is that two texts are about the same product.

    Args:
        texts: n texts, one attribute a line.
        left: int64 [pairs], numbers of texts.
        right: int64 [pairs].
        progress: Whether to show a bar on stderr.

    Returns:
        float64 [pairs], logarithms of the odds; the order of the two makes no
        difference.
    """
    from tqdm import tqdm

    coefficients = np.array(list(COEFFICIENTS.values()))
    result = np.empty(len(left))
    compared = Compared.of_texts(texts)
    for start in tqdm(
        range(0, len(left), _BATCH), desc="compare products", disable=not progress
    ):
        rows = slice(start, start + _BATCH)
        measured = compared.measures(left[rows], right[rows])
        result[rows] = measured @ coefficients + INTERCEPT
    return result


class Compared:
    """Texts, prepared to be compared pair by pair.

    Attributes:
        words: The lines of each text that are no plain numbers, as one line.
        values: float64 [n, lines], the plain numbers (a price), NaN where none stands.
        weights: How rare each token is.
        conflicts: Their measures and colours.
    """

    def __init__(
        self, words: list[str], values: np.ndarray, weights: TokenWeights
    ) -> None:
        """Take what `of_texts` prepares."""
        self.words, self.values, self.weights = words, values, weights
        self.conflicts = Conflicts(words)

    @classmethod
    def of_texts(cls, texts: Sequence[str]) -> Compared:
        """Part words from values, and count how rare each word is.

        Args:
            texts: n texts, one attribute a line.
        """
        lines_of = [text.split("\n") for text in texts]
        values = np.full((len(texts), max(map(len, lines_of), default=0)), np.nan)
        words = []
        for row, lines in enumerate(lines_of):
            kept = []
            # The first line is the title, even where it is a number.
            for place, line in enumerate(lines):
                value = value_of(line) if place else np.nan
                values[row, place] = value
                if value != value:
                    kept.append(line)
            words.append(" ".join(kept))
        weights = fit_token_weights(words)
        # Of few texts each word is in many; they are taken for part of a catalogue.
        count = len(set(words))
        added = np.log1p(max(count, _LEAST_TEXTS)) - np.log1p(count)
        weights = replace(weights, weights=weights.weights + np.float32(added))
        return cls(words, values, weights)

    def measures(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Measure pairs.

        Args:
            left: int64 [pairs], numbers of texts.
            right: int64 [pairs].

        Returns:
            float64 [pairs, measures], in the order of `COEFFICIENTS`: shares and
            cosines in [0, 1]; the rarity of the rarest token that is shared, or in one
            text only (`any`: the rarer of the two sides, `both`: the less rare) as a
            share of the rarity of a token in no text at all; the logarithm of the
            rarity of all that one text alone has; characters of codes in dozens;
            absolute logarithms of ratios of values; then those of `Conflicts`.
        """
        found, names = pair_features(
            [self.words[row] for row in left],
            [self.words[row] for row in right],
            weights=self.weights,
            rivals=False,
        )
        column = dict(zip(names, np.nan_to_num(found).T, strict=True))
        contradictions = self.conflicts.compare(left, right)
        column.update(zip(NAMES, contradictions.T, strict=True))
        rarest = float(self.weights.weights.max())
        result = []
        for name in COEFFICIENTS:
            family, _, measure = name.partition("_")
            if measure == "rarest_shared":
                value = column[name] / rarest
            elif measure in ("rarest_both", "rarest_any"):
                choose = np.minimum if measure == "rarest_both" else np.maximum
                sides = [column[f"{family}_rarest_{side}_only"] for side in _SIDES]
                value = choose(*sides) / rarest
            elif measure == "only_both":
                sides = [column[f"{family}_{side}_only"] for side in _SIDES]
                value = np.log1p(np.minimum(*sides) / rarest)
            elif measure == "max_share":
                value = np.maximum(*(column[f"{family}_{s}_share"] for s in _SIDES))
            elif measure == "length_min":
                shorter = np.minimum(*(column[f"{family}_{side}"] for side in _SIDES))
                value = np.minimum(shorter, _LONGEST) / _LONGEST
            elif measure == "within":
                value = np.minimum(column[name], _LONGEST) / _LONGEST
            elif measure == "distance":
                value = self._value_distance(left, right)
            else:
                value = column[name]
            result.append(value)
        return np.column_stack(result).astype(np.float64)

    def _value_distance(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        ratio = np.abs(np.log(self.values[left]) - np.log(self.values[right]))
        known = np.isfinite(ratio)
        total = np.minimum(np.where(known, ratio, 0), _FAR).sum(axis=1)
        return total / np.maximum(known.sum(axis=1), 1)


_SIDES = ("left", "right")
