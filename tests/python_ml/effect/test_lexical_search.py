"""Words and BM25."""

import math
from collections import Counter

import numpy as np
import pytest

from python_ml.effect.lexical import Bm25, tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Red Mug, 350 ml", ["red", "mug", "350", "ml"]),
        ("红色马克杯", ["红色", "色马", "马克", "克杯"]),
        ("茶", ["茶"]),
        ("iPhone手机壳 12pro", ["iphone", "手机", "机壳", "12pro"]),
        ("ｆｕｌｌ　ＷＩＤＴＨ", ["full", "width"]),
        ("Straße snake_case", ["strasse", "snake", "case"]),
        ("コーヒー豆", ["コー", "ーヒ", "ヒー", "ー豆"]),
        ("커피 머신", ["커피", "머신"]),
        ("привет мир", ["привет", "мир"]),
        ("!?", []),
        ("", []),
        (None, []),
    ],
)
def test_words_of_a_text(text, found):
    assert tokens(text) == found


def by_formula(texts, query, k1, b):
    """BM25 of one query, term by term."""
    mean = sum(map(len, texts)) / len(texts)
    scores = []
    for text in texts:
        count = Counter(text)
        score = 0.0
        for term in query:
            holding = sum(term in other for other in texts)
            if count[term]:
                rarity = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
                damped = count[term] + k1 * (1 - b + b * len(text) / mean)
                score += rarity * count[term] / damped
        scores.append(score)
    return scores


def test_bm25_is_that_of_the_formula():
    rng = np.random.default_rng(0)
    words = np.array([f"w{number}" for number in range(60)])
    share = 1 / np.arange(1, 61)
    share /= share.sum()
    texts = [
        rng.choice(words, rng.integers(0, 30), p=share).tolist() for _ in range(150)
    ]
    queries = [rng.choice(words, 3).tolist() for _ in range(25)]
    queries += [["w1", "w1"], ["absent"], []]
    for k1, b in ((1.2, 0.75), (0.3, 0.6)):
        index = Bm25(texts, k1, b)
        found = index.scores(index.asked(queries))
        wanted = np.array([by_formula(texts, query, k1, b) for query in queries])
        assert np.abs(found - wanted).max() < 1e-12


def test_texts_without_words_are_found_by_nothing():
    index = Bm25([[], []])
    assert index.scores(index.asked([["a"], []])).tolist() == [[0, 0], [0, 0]]
    empty = Bm25([])
    assert empty.scores(empty.asked([["a"]])).shape == (1, 0)
