from collections import Counter

import numpy as np

from python_ml.encoding.ngrams import embed_ngrams


def test_vectors_never_change():
    # They are compared with those of earlier builds: a change needs a new NAME.
    vectors = embed_ngrams(["red shoe, 44", "红色的鞋"])
    assert np.allclose(
        vectors[0, [506, 926, 436]], [0.1819, -0.1819, -0.1612], atol=1e-4
    )
    assert np.allclose(vectors[1, [1, 436, 603]], [-0.2638, -0.2233, 0.2233], atol=1e-4)
    assert np.allclose(vectors @ np.cos(np.arange(1024)), [-0.0356, -0.1493], atol=1e-4)


def exact(text: str) -> Counter:
    """N-grams of 1 to 4 letters in words of their own, for letters only."""
    padded = f" {text} "
    grams = Counter(
        padded[start : start + order]
        for order in range(1, 5)
        for start in range(len(padded) - order + 1)
    )
    return Counter({gram: 1 + np.log(count) for gram, count in grams.items()})


def cosine(left: Counter, right: Counter) -> float:
    def product(a, b):
        return sum(value * b[gram] for gram, value in a.items())

    return product(left, right) / (product(left, left) * product(right, right)) ** 0.5


def test_cosines_are_those_of_the_counts():
    seed = 5
    print("seed", seed)
    random = np.random.default_rng(seed)
    words = ["red", "blue", "shoe", "boot", "canvas", "leather", "lamp", "desk", "oak"]
    texts = [" ".join(random.choice(words, 6)) for _ in range(40)]
    vectors = embed_ngrams(texts)
    found = vectors @ vectors.T
    counts = [exact(text) for text in texts]
    expected = np.array([[cosine(a, b) for b in counts] for a in counts])
    # Projected to 1,024 dimensions, they spread by about 1 / sqrt(1024) = 0.03.
    assert np.abs(found - expected).max() < 0.15
    assert np.sqrt(np.mean((found - expected) ** 2)) < 0.04


def test_case_width_and_spaces_make_no_difference():
    vectors = embed_ngrams(["Red  Shoe\t44", "red shoe 44", "ｒｅｄ　ｓｈｏｅ ４４"])
    assert np.allclose(vectors, vectors[0])


def test_texts_do_not_run_into_each_other():
    apart = np.concatenate([embed_ngrams([text]) for text in ("ab", "cd", "a", "鞋")])
    assert np.allclose(embed_ngrams(["ab", "cd", "a", "鞋"]), apart, atol=1e-7)


def test_order_of_words_and_letters_matters():
    vectors = embed_ngrams(["red shoe", "shoe red", "der eohs", "鞋红", "红鞋"])
    cosines = vectors @ vectors.T
    assert 0.6 < cosines[0, 1] < 0.98
    assert cosines[0, 2] < 0.75
    assert cosines[3, 4] < 0.95
