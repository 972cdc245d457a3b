"""The most similar rows: against comparing all pairs in numpy."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_ml.common import nearest
from python_ml.common.nearest import nearest_rows


def points(rows, dimensions=16, seed=0, groups=0):
    """Return rows of length 1, near to the middles of groups if there are any."""
    random = np.random.default_rng(seed)
    found = random.normal(size=(rows, dimensions))
    if groups:
        middles = random.normal(size=(groups, dimensions))
        found = middles[random.integers(groups, size=rows)] + 0.3 * found
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found.astype(np.float32)


def brute_force(vectors, count):
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    index = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
    return index, np.take_along_axis(cosines, index, 1)


def recall(found, expected):
    pairs = zip(found.tolist(), expected.tolist(), strict=True)
    return np.mean([len(set(a) & set(b)) / len(b) for a, b in pairs])


def check_validity(vectors, index, similarity, count):
    """What holds of any answer."""
    rows = len(vectors)
    assert index.shape == similarity.shape == (rows, count)
    assert index.dtype == np.int64 and similarity.dtype == np.float32
    assert ((index >= -1) & (index < rows)).all()
    assert (index != np.arange(rows)[:, None]).all()
    np.testing.assert_array_equal(index < 0, np.isnan(similarity))
    for row in range(rows):
        there = index[row][index[row] >= 0]
        assert len(set(there)) == len(there)
        assert (index[row][: len(there)] == there).all(), "gaps are at the end"
        cosines = similarity[row][: len(there)]
        assert (np.diff(cosines) <= 1e-6).all()
        np.testing.assert_allclose(cosines, vectors[there] @ vectors[row], atol=1e-5)


@pytest.mark.parametrize(
    "rows,count", [(300, 1), (300, 10), (1500, 3), (1024, 2), (1025, 2)]
)
def test_all_pairs_are_compared(rows, count):
    vectors = points(rows)
    index, similarity = nearest_rows(vectors, count)
    expected, cosines = brute_force(vectors, count)
    check_validity(vectors, index, similarity, count)
    np.testing.assert_allclose(similarity, cosines, atol=1e-6)
    assert recall(index, expected) > 0.9999


@pytest.mark.parametrize("rows", [0, 1, 2, 5, 10])
def test_there_may_be_fewer_rows_than_asked_for(rows):
    vectors = points(rows)
    index, similarity = nearest_rows(vectors, 10)
    check_validity(vectors, index, similarity, 10)
    assert ((index >= 0).sum(1) == max(rows - 1, 0)).all()


def test_the_same_vectors_are_near_to_each_other_but_not_to_themselves():
    vectors = np.repeat(points(10), 4, axis=0)
    index, similarity = nearest_rows(vectors, 3)
    assert (index // 4 == np.arange(40)[:, None] // 4).all()
    np.testing.assert_allclose(similarity, 1, atol=1e-5)
    check_validity(vectors, index, similarity, 3)


def test_opposite_and_empty_rows_are_still_rows():
    vectors = np.zeros((4, 3), np.float32)
    vectors[0, 0], vectors[1, 0] = 1, -1
    index, similarity = nearest_rows(vectors, 3)
    check_validity(vectors, index, similarity, 3)
    assert (index >= 0).all()
    assert index[0, 2] == 1 and similarity[0, 2] == -1


@pytest.mark.parametrize("seed", [0, 1])
def test_cells_find_nearly_all_neighbours(monkeypatch, seed):
    monkeypatch.setattr(nearest, "_EXACT", 500)
    vectors = points(3000, groups=100, seed=seed)
    index, similarity = nearest_rows(vectors, 5, seed=seed)
    expected, cosines = brute_force(vectors, 5)
    check_validity(vectors, index, similarity, 5)
    assert recall(index, expected) > 0.9
    assert recall(index[:, :1], expected[:, :1]) > 0.93
    assert np.nanmean(cosines - similarity) < 0.01
    # Only a part of the rows was compared.
    assert not np.array_equal(index, expected)


def test_cells_are_the_same_again(monkeypatch):
    monkeypatch.setattr(nearest, "_EXACT", 50)
    vectors = points(400, groups=20)
    first, second = (nearest_rows(vectors, 3, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])


def test_cells_of_rows_that_are_all_the_same(monkeypatch):
    monkeypatch.setattr(nearest, "_EXACT", 50)
    vectors = np.repeat(points(1), 200, axis=0)
    index, similarity = nearest_rows(vectors, 3)
    check_validity(vectors, index, similarity, 3)
    assert (index >= 0).all()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    rows=st.integers(0, 60),
    dimensions=st.integers(1, 5),
    count=st.integers(1, 12),
    limit=st.sampled_from([3, 1000]),
    seed=st.integers(0, 99),
    is_rounded=st.booleans(),
)
def test_any_answer_is_valid(rows, dimensions, count, limit, seed, is_rounded):
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(rows, dimensions))
    if is_rounded:  # Many rows are the same, or have length 0.
        vectors = vectors.round()
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = (vectors / np.where(length > 0, length, 1)).astype(np.float32)
    before = nearest._EXACT
    nearest._EXACT = limit
    try:
        index, similarity = nearest_rows(vectors, count, seed=seed)
    finally:
        nearest._EXACT = before
    check_validity(vectors, index, similarity, count)
    if rows <= limit:
        assert ((index >= 0).sum(1) == min(count, max(rows - 1, 0))).all()


def test_read_only_vectors_are_read_quietly():
    vectors = points(20)
    vectors.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        index, _ = nearest_rows(vectors, 2)
    assert (index >= 0).all()
