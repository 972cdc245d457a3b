"""Similar words, learned from the texts themselves: no lexicon is needed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from python_ml.common.inputs import parts_of

_SHARE = 0.1  # Of the words of a text that are changed; at least one is.
_LETTERS = re.compile(r"[^\W\d_]{3}")
_VOCABULARY = 3000  # Most frequent words among which similar ones are sought.
_SIMILAR = 5  # Words kept as similar to one.
_LEAST_SIMILARITY = 0.25


def with_synonyms(
    text: str, similar: dict[str, list[str]], generator: np.random.Generator
) -> str:
    """Replace a tenth of the words, at least one, by `similar` ones; spaces stay."""
    pieces = re.split(r"(\s+)", text)  # Words, and at odd places what is between.
    known = [place for place in range(0, len(pieces), 2) if pieces[place] in similar]
    count = max(1, round(_SHARE * len(pieces) / 2))
    for place in generator.permutation(known)[:count]:
        pieces[place] = generator.choice(similar[pieces[place]])
    return "".join(pieces)


def similar_words(
    texts: Sequence[str | tuple[str, str]], classes: np.ndarray
) -> dict[str, list[str]]:
    """Learn which words may stand for each other.

    Two words are similar if they stand beside the same words (cosine of the TF-IDF of
    the words before and after) and in texts of the same classes: "blue" for "black",
    but not "shirt" for "shoe". The two cosines are multiplied.

    Args:
        texts: The texts, or pairs of texts.
        classes: int64 [texts], the class of each.

    Returns:
        Of each word at most five similar ones, the best first, if there are any.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    beside: defaultdict[str, list[tuple]] = defaultdict(list)
    within: defaultdict[str, list[int]] = defaultdict(list)
    for text, text_class in zip(texts, classes, strict=True):
        for words in map(str.split, parts_of(text)):
            for word in words:
                within[word].append(text_class)
            for left, right in pairwise(words):
                beside[left].append(("after", right))
                beside[right].append(("before", left))
    known = [word for word in beside if _LETTERS.search(word) and len(within[word]) > 1]
    known = sorted(known, key=lambda word: -len(within[word]))[:_VOCABULARY]
    if not known:
        return {}
    contexts = TfidfVectorizer(analyzer=list, sublinear_tf=True)
    profiles = TfidfVectorizer(analyzer=list, use_idf=False)
    of_words = contexts.fit_transform(beside[word] for word in known)
    of_classes = profiles.fit_transform(within[word] for word in known)
    similarity = (of_words @ of_words.T).multiply(of_classes @ of_classes.T).tocsr()
    similar = {}
    for place, word in enumerate(known):
        row = similarity[[place]].toarray()[0]
        row[place] = 0
        best = np.argsort(-row, kind="stable")[:_SIMILAR]
        similar[word] = [known[i] for i in best if row[i] >= _LEAST_SIMILARITY]
    return {word: others for word, others in similar.items() if others}
