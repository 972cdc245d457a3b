"""A missing value, such as a brand or a colour, found in what the record itself says.

The values that other records have are looked for in the text of this one, and what its
nearest neighbours have is counted. Which of these candidates is right, and how surely,
is learned from the records whose value is known, as if it were not: how often a value
that is in the text is the record's value, what stands beside it (`red` in `Red Tape` is
no colour), where it stands, how many others there are, and what similar records say.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_LEAST = 50  # Known values from which something can be learned.
_FOLDS = 5
_LEARNED = 6_000  # Rows that the model learns from.
_POOL = 30_000  # Rows among which neighbours are looked for.
_PAIRS = 250_000_000  # Rows times rows that are compared at most.
_NEIGHBOURS = 10
_LONGEST = 8  # Tokens of a value.
_PRIOR = 3.0  # Rows of ordinary precision that each value is taken to have beside.
_BLOCK = 1024
_UNSEEN = -6.0  # Log odds of what is not in the text.
_FEATURES = (
    "in_text",  # 1 if it is
    "rate",  # log odds that it is right where it is in a text,
    "rate_after",  # the same before this next token,
    "rate_before",  # and behind this token
    "frequency",  # log(1 + rows that have the value)
    "start",  # number of its first token in the text
    "place",  # the same in [0, 1)
    "size",  # in tokens
    "lead",  # of the three log odds over the best other value in the text
    "rivals",  # other values in the text
    "share",  # of the neighbours' votes, by similarity
    "nearest",  # similarity of the nearest neighbour that has it
    "share_lead",  # over the best other value
    "nearest_of_all",  # similarity of the nearest neighbour
    "voters",  # neighbours that have it
)
_AT = {name: place for place, name in enumerate(_FEATURES)}
# Ideographs and kana are words of their own; other letters run together.
_IDEOGRAPHS = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(f"[{_IDEOGRAPHS}]|[^\\W_{_IDEOGRAPHS}]+")


@dataclass(frozen=True)
class Extracted:
    """What missing values are likely to be, for all rows in their order.

    Attributes:
        value: As it is spelled elsewhere in the column; None where the value is not
            missing, or nothing is known.
        confidence: float64 [rows], the probability that it is right, in [0, 1]; 0 where
            there is none.
        reason: In words; "" where the value is not missing.
    """

    value: list[str | None]
    confidence: np.ndarray
    reason: list[str]


def extract_values(
    texts: Sequence[str | None], values: Sequence[str | None], *, seed: int = 0
) -> Extracted:
    """Find missing values in the texts of their records, or among similar records.

    Args:
        texts: The text of each record, such as its title; None is missing.
        values: The value of each record; None is missing and to be found.
        seed: Of the folds, samples and trees.

    Returns:
        A value, or None, for each row whose value is missing.

    Raises:
        ValueError: If there are not as many texts as values.
    """
    if len(texts) != len(values):
        raise ValueError(f"{len(texts)} texts and {len(values)} values: not as many.")
    result = Extracted([None] * len(values), np.zeros(len(values)), [""] * len(values))
    is_known = np.array([value is not None for value in values], bool)
    missing = np.flatnonzero(~is_known)
    for row in missing.tolist():
        result.reason[row] = "nothing in the text or in similar records"
    has_text = np.array([bool(text) for text in texts], bool)
    known = np.flatnonzero(is_known & has_text)
    if len(known) < _LEAST or not len(missing):
        for row in missing.tolist():
            result.reason[row] = "too few values to learn from"
        return result
    random = np.random.default_rng(seed)
    catalogue = _Catalogue(texts, values, random)
    learned = np.sort(random.permutation(known)[:_LEARNED])
    asked = missing[has_text[missing]]
    pool = random.permutation(known)[: max(_PAIRS // (len(learned) + len(asked)), 1)]
    votes = _votes(
        texts, catalogue.given, np.concatenate([learned, asked]), np.sort(pool[:_POOL])
    )
    candidates = _candidates(catalogue, votes, learned, asked)
    confidence = _judged(catalogue, candidates, learned, asked, seed)
    order = np.lexsort((confidence, candidates.row))
    rows = candidates.row[order]
    for place in order[np.append(rows[1:] != rows[:-1], True)[: len(rows)]].tolist():
        at = int(candidates.row[place])
        if is_known[at]:
            continue
        result.value[at] = catalogue.spelling[candidates.value[place]]
        result.confidence[at] = confidence[place]
        in_text, voters = candidates.features[place, [_AT["in_text"], _AT["voters"]]]
        similar = f"{voters:.0f} of {_NEIGHBOURS} similar records have it"
        reasons = ["it is in the text"] if in_text else []
        result.reason[at] = ", ".join(reasons + ([similar] if voters > 0 else []))
    return result


class _Catalogue:
    """Values and texts as numbers, and where values occur in texts.

    Attributes:
        spelling: The most used spelling of each value.
        given: int64 [rows], the value of each row, -1 where it is missing.
        fold: int64 [rows].
        row, value, start, size, tokens: int64 [matches]: where a value is found, which,
            at which token, how many tokens it has, how many the text has.
        before, after: int64 [matches], the tokens beside it.
    """

    def __init__(
        self,
        texts: Sequence[str | None],
        values: Sequence[str | None],
        random: np.random.Generator,
    ):
        keys: dict[tuple[str, ...], int] = {}
        spellings: list[Counter[str]] = []
        self.given = np.full(len(values), -1)
        for row, value in enumerate(values):
            if value is None:
                continue
            key = tuple(_tokens(value)) or (value,)
            number = keys.setdefault(key, len(keys))
            if number == len(spellings):
                spellings.append(Counter())
            spellings[number][value] += 1
            self.given[row] = number
        self.spelling = [counter.most_common(1)[0][0] for counter in spellings]
        self.fold = random.integers(0, _FOLDS, len(values))
        sizes: dict[str, set[int]] = defaultdict(set)
        for key in keys:
            if len(key) <= _LONGEST:
                sizes[key[0]].add(len(key))
        longest_first = {token: sorted(s, reverse=True) for token, s in sizes.items()}
        numbers: dict[str, int] = {}
        found: list[tuple[int, ...]] = []
        for row, text in enumerate(texts):
            tokens = tuple(_tokens(text)) if text else ()
            end = 0
            seen: set[int] = set()
            for start, token in enumerate(tokens):
                for size in longest_first.get(token, ()):
                    # What lies within a longer value is none: `blue` in `navy blue`.
                    if start + size <= end:
                        break
                    known = keys.get(tokens[start : start + size])
                    if known is None:
                        continue
                    end = start + size
                    if known not in seen:
                        before = tokens[start - 1] if start else ""
                        after = tokens[end] if end < len(tokens) else ""
                        seen.add(known)
                        found.append(
                            (row, known, start, size, len(tokens))
                            + tuple(
                                numbers.setdefault(word, len(numbers))
                                for word in (before, after)
                            )
                        )
                    break
        table = np.array(found, np.int64).reshape(-1, 7).T
        self.row, self.value, self.start, self.size, self.tokens = table[:5]
        self.before, self.after = table[5:]

    def counted(
        self, groups: np.ndarray, rows: np.ndarray, is_counted: np.ndarray
    ) -> np.ndarray:
        """Count members of each member's group, but for those of its own fold.

        Args:
            groups: int64 [n], the group of each member.
            rows: int64 [n], its row.
            is_counted: bool [n], which members count.

        Returns:
            int64 [n]; the counts of rows without a value miss nothing.
        """
        _, group = np.unique(groups, return_inverse=True)
        count = np.bincount(group, is_counted)
        in_fold = group * _FOLDS + self.fold[rows]
        of_fold = np.bincount(in_fold, is_counted)[in_fold]
        return count[group] - np.where(self.given[rows] < 0, 0, of_fold)


@dataclass(frozen=True)
class _Candidates:
    """Values that rows may have.

    Attributes:
        row: int64 [candidates].
        value: int64 [candidates].
        features: float64 [candidates, features], as `_FEATURES` names them.
    """

    row: np.ndarray
    value: np.ndarray
    features: np.ndarray


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


def _votes(
    texts: Sequence[str | None], given: np.ndarray, asked: np.ndarray, pool: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Let the neighbours of rows vote.

    Args:
        texts: Of all rows.
        given: int64 [rows], their values.
        asked: int64 [asked], rows with a text.
        pool: int64 [pool], rows with a text and a value.

    Returns:
        For each row and value that one of its neighbours has: the row, the value, and
        float64 [votes, 4]: share of the votes by similarity, similarity of the nearest
        that has it, similarity of the nearest of all, number of neighbours with it.
    """
    import torch

    from python_ml.encoding.ngrams import embed_ngrams

    vectors = torch.from_numpy(embed_ngrams([texts[row] for row in pool]))
    own = np.full(len(texts), -1)
    own[pool] = np.arange(len(pool))
    rows, values, features = [], [], []
    for start in range(0, len(asked), _BLOCK):
        block = asked[start : start + _BLOCK]
        queries = torch.from_numpy(embed_ngrams([texts[row] for row in block]))
        cosines = queries @ vectors.T
        itself = np.flatnonzero(own[block] >= 0)
        cosines[itself, own[block][itself]] = -2
        nearest_of, place = torch.topk(cosines, min(_NEIGHBOURS, len(pool)), 1)
        best, value = nearest_of.double().numpy(), given[pool[place.numpy()]]
        weight = np.where(best > -1, np.exp(10 * (best - 1)), 0)
        same = value[:, :, None] == value[:, None, :]
        share = (same * weight[:, None, :]).sum(2) / (weight.sum(1) + 1e-12)[:, None]
        nearest = np.where(same, best[:, None, :], -1).max(2)
        is_first = ~np.tril(same, -1).any(2) & (weight > 0)
        at, column = np.nonzero(is_first)
        rows.append(block[at])
        values.append(value[at, column])
        features.append(
            np.stack(
                [share[at, column], nearest[at, column], best[at, 0]]
                + [same.sum(2)[at, column]],
                axis=1,
            )
        )
    return np.concatenate(rows), np.concatenate(values), np.concatenate(features)


def _candidates(
    catalogue: _Catalogue,
    votes: tuple[np.ndarray, np.ndarray, np.ndarray],
    learned: np.ndarray,
    asked: np.ndarray,
) -> _Candidates:
    """Describe what is in the texts, and what the neighbours have."""
    row, value, vote = votes
    is_match = catalogue.given[catalogue.row] == catalogue.value
    is_known = catalogue.given[catalogue.row] >= 0
    words = (
        int(max(catalogue.before.max(initial=0), catalogue.after.max(initial=0))) + 1
    )
    overall = (is_match.sum() + 1) / (is_known.sum() + 2)
    rate = np.full(len(catalogue.row), overall)
    rates: list[np.ndarray] = []
    # From all to a value to a value beside a word: each leans on the one before.
    for groups, base in (
        (catalogue.value, None),
        (catalogue.value * words + catalogue.after, 0),
        (catalogue.value * words + catalogue.before, 0),
    ):
        prior = rate if base is None else rates[base]
        right = catalogue.counted(groups, catalogue.row, is_match)
        seen = catalogue.counted(groups, catalogue.row, is_known)
        rates.append((right + _PRIOR * prior) / (seen + _PRIOR))
    logits = np.stack([np.log(rate / (1 - rate)) for rate in rates], axis=1)
    values = len(catalogue.spelling)
    rows = np.concatenate([learned, asked])
    is_asked = np.zeros(len(catalogue.given), bool)
    is_asked[rows] = True
    kept = np.flatnonzero(is_asked[catalogue.row])
    pairs, place = np.unique(
        np.concatenate(
            [catalogue.row[kept] * values + catalogue.value[kept], row * values + value]
        ),
        return_inverse=True,
    )
    in_text, by_vote = place[: len(kept)], place[len(kept) :]
    row, value = pairs // values, pairs % values
    rates_at = [_AT[name] for name in ("rate", "rate_after", "rate_before")]
    votes_at = [_AT[name] for name in ("share", "nearest", "nearest_of_all", "voters")]
    features = np.full((len(pairs), len(_FEATURES)), -1.0)
    features[:, _AT["in_text"]] = 0
    features[in_text, _AT["in_text"]] = 1
    features[:, rates_at] = _UNSEEN
    features[in_text[:, None], rates_at] = logits[kept]
    features[in_text, _AT["start"]] = catalogue.start[kept]
    features[in_text, _AT["place"]] = catalogue.start[kept] / catalogue.tokens[kept]
    features[in_text, _AT["size"]] = catalogue.size[kept]
    # How much better it is than the best other value in the text.
    score = logits[kept].sum(1)
    features[in_text, _AT["lead"]] = score - _best_other(catalogue.row[kept], score)
    total = np.bincount(row, features[:, _AT["in_text"]])
    features[:, _AT["rivals"]] = total[row] - features[:, _AT["in_text"]]
    features[:, votes_at] = 0
    features[by_vote[:, None], votes_at] = vote
    features[:, _AT["share_lead"]] = features[:, _AT["share"]] - _best_other(
        row, features[:, _AT["share"]], 0.0
    )
    has_value = np.flatnonzero(catalogue.given >= 0)
    frequency = np.bincount(catalogue.given[has_value], minlength=values)[value]
    in_fold = np.bincount(
        catalogue.given[has_value] * _FOLDS + catalogue.fold[has_value],
        minlength=values * _FOLDS,
    )[value * _FOLDS + catalogue.fold[row]]
    frequency = frequency - np.where(catalogue.given[row] < 0, 0, in_fold)
    features[:, _AT["frequency"]] = np.log1p(frequency)
    # A value that its own fold alone has would not be known if it were missing.
    is_possible = (frequency > 0) | (features[:, _AT["voters"]] > 0)
    return _Candidates(row[is_possible], value[is_possible], features[is_possible])


def _best_other(
    row: np.ndarray, score: np.ndarray, none: float = 3 * _UNSEEN
) -> np.ndarray:
    """Return the highest score among the other candidates of the same row."""
    order = np.lexsort((score, row))
    last = np.append(row[order][1:] != row[order][:-1], True)[: len(row)]
    size = row.max(initial=0) + 1
    best, second = np.full(size, none), np.full(size, none)
    top = order[last]
    best[row[top]] = score[top]
    others = order[~last]
    np.maximum.at(second, row[others], score[others])
    is_top = np.zeros(len(row), bool)
    is_top[top] = True
    return np.where(is_top, second[row], best[row])


def _judged(
    catalogue: _Catalogue,
    candidates: _Candidates,
    learned: np.ndarray,
    asked: np.ndarray,
    seed: int,
) -> np.ndarray:
    """Return the probability that each candidate is right, float64 [candidates]."""
    from python_ml.matching.classifier import fit_models, predict_models

    is_learned = np.zeros(len(catalogue.given), bool)
    is_learned[learned] = True
    known = np.flatnonzero(is_learned[candidates.row])
    right = catalogue.given[candidates.row[known]] == candidates.value[known]
    if not right.any():
        return np.zeros(len(candidates.row))
    values = candidates.features.astype(np.float32)
    models = fit_models(values[known], right.astype(np.int64), 2, seed=seed)
    return predict_models(models, values, 2)[:, 1]
