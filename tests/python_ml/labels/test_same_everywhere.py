"""Scores do not depend on the order in which a processor adds numbers up."""

from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
import torch
from threadpoolctl import threadpool_limits

from python_ml.labels import features as label_features
from python_ml.labels.pairs import score_pairs
from python_ml.labels.texts import score_labels
from tests.build import ROOT

pytestmark = pytest.mark.slow

# Far below the last digit shown (3), and above what learning makes of float32's last.
TOLERANCE = 1e-5
COLOURS = ["red", "blue", "green", "white", "black", "grey"]


def as_vectors(values: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return (values / length).astype(np.float32)


def two_kinds(seed: int):
    """Texts of which half name their kind, its number, their vectors, and the source
    of further numbers."""
    random = np.random.default_rng(seed)
    kinds = random.integers(2, size=300)
    texts = [
        f"{COLOURS[random.integers(6)]} "
        f"{('kettle', 'lamp')[kind] if random.random() < 0.5 else 'thing'} "
        f"of size {size}"
        for size, kind in enumerate(kinds)
    ]
    vectors = as_vectors(random.normal(size=(300, 128)) + 3 * np.eye(128)[kinds])
    return texts, kinds, vectors, random


def as_another_processor_has_them(vectors: np.ndarray) -> np.ndarray:
    """What differs is the last binary digit of float32."""
    way = np.random.default_rng(6).integers(-1, 2, vectors.shape)
    return (vectors * (1 + way * np.finfo(np.float32).eps)).astype(np.float32)


@contextmanager
def threads(count: int):
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with threadpool_limits(count):
            yield
    finally:
        torch.set_num_threads(before)


@pytest.fixture(scope="module")
def products():
    products = pd.read_csv(ROOT / "seeds/sample/sample_products.csv", dtype=str)
    products = products.dropna(subset=["category", "title"])
    return products.title.tolist(), products.category.tolist()


def test_labels_of_many_classes_are_scored_alike_by_one_thread_and_by_two(products):
    titles, labels = products
    random = np.random.default_rng(5)
    kinds = pd.factorize(np.array(labels))[0]
    vectors = as_vectors(random.normal(size=(len(kinds), 128)) + 2 * np.eye(128)[kinds])
    found = []
    for count in (1, 2):
        with threads(count):
            scores = score_labels(
                titles, labels, embeddings=vectors, encoder="minilm", device="cpu"
            )
        found.append(scores.error_probability)
    np.testing.assert_allclose(*found, atol=TOLERANCE)


@pytest.mark.parametrize("seed", [0, 4])
def test_the_last_digit_of_vectors_does_not_change_the_scores_of_labels(seed):
    texts, kinds, vectors, random = two_kinds(seed)
    given = np.where(random.random(300) < 0.1, 1 - kinds, kinds).tolist()
    found = [
        score_labels(texts, given, embeddings=some, encoder="minilm", device="cpu")
        for some in (vectors, as_another_processor_has_them(vectors))
    ]
    np.testing.assert_allclose(
        *(scores.error_probability for scores in found), atol=TOLERANCE
    )
    np.testing.assert_array_equal(*(scores.is_suspect for scores in found))


def test_the_last_digit_of_vectors_does_not_change_the_scores_of_pairs():
    texts, kinds, vectors, random = two_kinds(4)
    random.random(300)
    other = random.permutation(300)
    is_same = (kinds == kinds[other]) ^ (random.random(300) < 0.1)
    found = [
        score_pairs(
            [(texts[row], texts[twin]) for row, twin in enumerate(other)],
            is_same.tolist(),
            embeddings=(some, some[other]),
            encoder="minilm",
            device="cpu",
        ).error_probability
        for some in (vectors, as_another_processor_has_them(vectors))
    ]
    np.testing.assert_allclose(*found, atol=TOLERANCE)


def test_of_more_texts_than_time_allows_is_learned_in_single_precision(monkeypatch):
    texts = [f"kettle no {number}" for number in range(10)]
    assert label_features.text_features(texts, None, 2).number_type == torch.float64
    monkeypatch.setattr(label_features, "_DOUBLE_TEXTS", 9)
    assert label_features.text_features(texts, None, 2).number_type == torch.float32
