"""Ways to vary a text so that its label stays: one text in, one text out.

Typing errors, a dropped and a swapped word follow Wei and Zou (2019, "EDA: Easy Data
Augmentation Techniques"). Words are what stands between spaces; ideographs, kana and
Thai letters, which are written without, are words of one character each. Gaps between
words stay where they are, so that lines stay lines.

Every function takes a random generator and uses nothing else that is random.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_SHARE = 0.1  # Of the words of a text that are changed; at least one is.
_CASE_SHARE = 0.25  # Of the spelling variants that differ in case or width alone.
_UNSPACED = "\u0e00-\u0e7f\u2e80-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"([{_UNSPACED}]|[^\s{_UNSPACED}]+)(\s*)")
_LETTERS = re.compile(rf"[^\W\d_{_UNSPACED}]{{3,}}")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {
    key: row[max(place - 1, 0) : place] + row[place + 1 : place + 2]
    for row in _KEYS
    for place, key in enumerate(row)
}
_HALF_TO_FULL = {ord("!") + i: 0xFF01 + i for i in range(94)}

_VOCABULARY = 3000  # Most frequent words among which similar ones are sought.
_LEAST_ROWS = 2  # In which a word occurs, for something to be known of it.
_SIMILAR = 5  # Words kept as similar to one.
_LEAST_SIMILARITY = 0.25


def spelling_variant(text: str, generator: np.random.Generator) -> str:
    """Misspell some words, or write all in another case or width.

    A misspelling doubles, deletes or transposes letters, or hits the key beside (of a
    QWERTY keyboard). The first letter stays: it is rarely wrong (Pollock and Zamora
    1984). Ideographs are left alone; Latin letters and signs among them change between
    half and full width.
    """
    if generator.random() < _CASE_SHARE:
        return _other_form(text, generator)
    places = [match.span() for match in _LETTERS.finditer(text)]
    if not places:
        return _other_form(text, generator)
    count = max(1, round(_SHARE * len(places)))
    # From the end, so that the places before stay right.
    for number in sorted(generator.choice(len(places), count, False), reverse=True):
        start, end = places[number]
        text = text[:start] + _misspelt(text[start:end], generator) + text[end:]
    return text


def _misspelt(word: str, generator: np.random.Generator) -> str:
    place = int(generator.integers(1, len(word)))
    letter = word[place]
    beside = _BESIDE.get(letter.lower(), "")
    kind = generator.integers(4)
    if kind == 0 and beside:
        key = beside[generator.integers(len(beside))]
        changed = key.upper() if letter.isupper() else key
    elif kind == 1:
        changed = letter * 2
    elif kind == 2 and place > 1:
        return word[: place - 1] + letter + word[place - 1] + word[place + 1 :]
    else:
        changed = ""
    return word[:place] + changed + word[place + 1 :]


def _other_form(text: str, generator: np.random.Generator) -> str:
    if re.search(f"[{_UNSPACED}]", text):
        forms = [unicodedata.normalize("NFKC", text), text.translate(_HALF_TO_FULL)]
    else:
        forms = [text.lower(), text.upper(), text.title()]
    others = [form for form in forms if form != text]
    return others[generator.integers(len(others))] if others else text


def with_dropped_words(text: str, generator: np.random.Generator) -> str:
    """Drop each word with probability 0.1, at least one, but never all."""
    words = _WORD.findall(text)
    if len(words) < 2:
        return text
    is_kept = generator.random(len(words)) >= _SHARE
    if is_kept.all():
        is_kept[generator.integers(len(words))] = False
    if not is_kept.any():
        is_kept[generator.integers(len(words))] = True
    kept = [word for word, stays in zip(words, is_kept, strict=True) if stays]
    return "".join(map("".join, kept)).rstrip()


def with_swapped_words(text: str, generator: np.random.Generator) -> str:
    """Swap a tenth of the words, at least one, with the next."""
    words, gaps = _words_and_gaps(text)
    if len(words) < 2:
        return text
    for _ in range(max(1, round(_SHARE * len(words)))):
        place = generator.integers(len(words) - 1)
        words[place], words[place + 1] = words[place + 1], words[place]
    return _joined(words, gaps)


def with_similar_words(
    text: str, similar: dict[str, tuple[str, ...]], generator: np.random.Generator
) -> str:
    """Replace a tenth of the words, at least one, by similar ones where they have any.

    Args:
        text: The text.
        similar: From `similar_words`.
        generator: Of the choices.
    """
    words, gaps = _words_and_gaps(text)
    known = [place for place, word in enumerate(words) if word.casefold() in similar]
    if not known:
        return text
    count = min(len(known), max(1, round(_SHARE * len(words))))
    for place in generator.choice(known, count, False):
        others = similar[words[place].casefold()]
        words[place] = others[generator.integers(len(others))]
    return _joined(words, gaps)


def similar_words(
    texts: Sequence[str], classes: np.ndarray
) -> dict[str, tuple[str, ...]]:
    """Learn which words may stand for each other, from the texts themselves.

    Two words are similar if they stand beside the same words (cosine of the positive
    pointwise mutual information with the words before and after, Bullinaria and Levy
    2007) and in texts of the same classes: "blue" for "black", but not "shirt" for
    "shoe". The two cosines are multiplied. Scripts without spaces have no words here.

    Args:
        texts: The texts.
        classes: int64 [texts], the class of each.

    Returns:
        Of each word, in lower case, at most five similar ones as they are written most
        often, the most similar first; words without any are left out.
    """
    from scipy import sparse

    split = [_words_and_gaps(text)[0] for text in texts]
    spellings: defaultdict[str, Counter] = defaultdict(Counter)
    rows: Counter = Counter()
    for words in split:
        for word in words:
            spellings[word.casefold()][word] += 1
        rows.update({word.casefold() for word in words})
    frequent = [
        word
        for word, count in rows.most_common(_VOCABULARY)
        if count >= _LEAST_ROWS and _LETTERS.search(word)
    ]
    if not frequent:
        return {}
    number = {word: place for place, word in enumerate(frequent)}
    beside, within = [], []
    for words, row_class in zip(split, classes, strict=True):
        found = [number.get(word.casefold(), -1) for word in words]
        within += [(word, row_class) for word in set(found) if word >= 0]
        for left, right in zip(found, found[1:], strict=False):
            if left >= 0 and right >= 0:
                beside += [(left, right), (right, len(number) + left)]
    if not beside:
        return {}

    def counts(pairs: list[tuple[int, int]], columns: int) -> csr_matrix:
        at = np.array(pairs).T
        shape = (len(number), columns)
        return sparse.csr_matrix((np.ones(len(pairs), np.float32), at), shape)

    contexts = counts(beside, 2 * len(number))
    found = contexts.tocoo()
    expected = np.asarray(contexts.sum(1)).ravel()[found.row]
    expected = expected * np.asarray(contexts.sum(0)).ravel()[found.col]
    found.data = np.maximum(np.log(found.data * contexts.sum() / expected), 0)
    contexts = _of_length_one(found.tocsr())
    profiles = _of_length_one(counts(within, int(np.max(classes)) + 1))
    similarity = (contexts @ contexts.T).multiply(profiles @ profiles.T).tocsr()
    similar = {}
    for place, word in enumerate(frequent):
        part = slice(similarity.indptr[place], similarity.indptr[place + 1])
        values, others = similarity.data[part], similarity.indices[part]
        is_similar = (values >= _LEAST_SIMILARITY) & (others != place)
        values, others = values[is_similar], others[is_similar]
        best = others[np.lexsort((others, -values))[:_SIMILAR]]
        if len(best):
            similar[word] = tuple(
                spellings[frequent[other]].most_common(1)[0][0] for other in best
            )
    return similar


def _of_length_one(matrix: csr_matrix) -> csr_matrix:
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1)).ravel())
    matrix.data = matrix.data / np.repeat(
        np.maximum(length, 1e-12), np.diff(matrix.indptr)
    )
    return matrix


def _words_and_gaps(text: str) -> tuple[list[str], list[str]]:
    found = _WORD.findall(text)
    return [word for word, _ in found], [gap for _, gap in found]


def _joined(words: list[str], gaps: list[str]) -> str:
    return "".join(word + gap for word, gap in zip(words, gaps, strict=True))
