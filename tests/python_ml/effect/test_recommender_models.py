"""Recommenders beside their formulas, a few lines of numpy in float64."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse

from python_ml.effect.interactions import read_versions
from python_ml.effect.models.content import TextVectors, alike_in_text
from python_ml.effect.models.ease import coefficients, ease, most_items
from python_ml.effect.models.hybrid import best_weights, blend
from python_ml.effect.models.neighbours import (
    item_neighbours,
    own_counts,
    popularity,
    similarities,
)
from python_ml.effect.split import pose
from python_ml.effect.training import learned_from
from tests.python_ml.effect.shops import BEGIN, events, shop

DAY = (BEGIN - BEGIN.replace(year=1970)).days


def trained(table, cut=1e9, half_life=60.0):
    versions, vocabulary = read_versions({"found": table})
    problem = pose(versions["found"], vocabulary, cut)
    return learned_from(
        versions["found"], vocabulary, problem, half_life, cut
    ), vocabulary


@pytest.fixture(scope="module")
def bought():
    training, _ = trained(shop(users=150))
    return training


def everyone(training):
    return np.arange(training.taken.shape[0])


def test_ease_is_that_of_the_paper(bought):
    dense = bought.taken.toarray().astype(np.float64)
    gram = dense.T @ dense + 20 * np.eye(dense.shape[1])
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    wanted = dense @ weights
    found = ease(bought, penalty=20)(everyone(bought))
    assert np.abs(found - wanted).max() / np.abs(wanted).max() < 1e-5


def test_ease_by_pytorch_is_the_same(bought):
    pytest.importorskip("torch")
    from python_ml.effect.models.ease import _inverted_by

    gram = (bought.taken.T @ bought.taken).toarray()
    gram[np.diag_indices(len(gram))] += 20
    wanted = np.linalg.inv(gram.astype(np.float64))
    found = _inverted_by("cpu", gram)
    assert np.abs(found - wanted).max() / np.abs(wanted).max() < 1e-5


def test_ease_of_some_items_has_the_others_behind_them(bought):
    order = np.argsort(-bought.buyers, kind="stable")
    inside, behind = order[:20], order[20:]
    found = ease(bought, 20, items=20)(everyone(bought))
    assert (found[:, inside].min(1) > found[:, behind].max(1)).all()
    by_neighbours = item_neighbours(bought)(everyone(bought))[:, behind]
    for row, other in zip(found[:, behind], by_neighbours, strict=True):
        assert np.corrcoef(row, other)[0, 1] > 0.999
    alone = ease(
        type(bought)(
            *(part[:, np.sort(inside)] for part in (bought.counts,) * 2),
            bought.taken[:, np.sort(inside)],
            bought.products[np.sort(inside)],
            bought.candidate[np.sort(inside)],
        ),
        20,
    )(everyone(bought))
    assert np.allclose(found[:, np.sort(inside)], alone, atol=1e-5)


def test_the_memory_of_ease_bounds_its_items():
    assert most_items(3 * 4 * 1000**2 / 2**30) == 1000


def test_a_penalty_that_is_too_small_is_an_error():
    gram = np.ones((3, 3), np.float32)
    with pytest.raises(ValueError, match="penalty"):
        coefficients(gram, 0.0)


def test_item_neighbours_are_those_of_the_formula(bought):
    dense = bought.taken.toarray().astype(np.float64)
    together = dense.T @ dense
    count = dense.sum(0)
    similar = together / (np.sqrt(np.outer(count, count)) + 10)
    np.fill_diagonal(similar, 0)
    for item in range(len(count)):
        order = np.lexsort((np.arange(len(count)), -similar[:, item]))
        similar[order[7:], item] = 0
    found = item_neighbours(bought, 7, 10.0)(everyone(bought))
    wanted = dense @ similar
    # Of equals at the seventh place either may be taken.
    differing = (np.abs(found - wanted) > 1e-5 * np.abs(wanted).max()).any(0)
    assert differing.mean() < 0.05


def test_item_neighbours_in_blocks_are_the_same(bought, monkeypatch):
    whole = similarities(bought.taken, 5, 10.0)
    monkeypatch.setattr("python_ml.effect.models.neighbours._BLOCK", 7)
    assert abs(whole - similarities(bought.taken, 5, 10.0)).max() == 0


def test_own_counts_come_before_popularity():
    table = events("aaabbbbc", "xxyzzzyz", [1, 2, 3, 1, 2, 3, 4, 5])
    training, vocabulary = trained(table)
    scores = own_counts(training)(everyone(training))
    names = vocabulary.products.to_pylist()
    ranked = [[names[at] for at in np.argsort(-row)] for row in scores]
    # a: x twice, y once, then z; c: z, then y (two users) before x (one).
    assert ranked == [["x", "y", "z"], ["z", "y", "x"], ["z", "y", "x"]]


def test_what_is_recent_counts_more():
    table = events("aaa", "xxy", [1, 2, 90])
    training, _ = trained(table, cut=DAY + 100, half_life=30)
    assert (own_counts(training)(np.array([0])).argmax(1) == 0).all()
    recent = own_counts(training, is_recent=True)(np.array([0]))
    assert recent.argmax() == 1
    weights = training.recent.toarray()[0]
    assert weights == pytest.approx(
        [0.5 ** (99 / 30) + 0.5 ** (98 / 30), 0.5 ** (1 / 3)]
    )


def test_popularity_counts_users_not_events():
    training, _ = trained(events("aaaabc", "xxxxyy", range(6)))
    assert popularity(training)(np.array([0]))[0].tolist() == [1, 2]


def test_content_finds_what_reads_alike():
    training, vocabulary = trained(events("aab", "xyz", [1, 2, 3]))
    texts = TextVectors(["x", "y", "q"], np.eye(3, dtype=np.float32))
    scores = alike_in_text(training, vocabulary, texts)(np.array([0, 1]))
    assert scores[0] == pytest.approx([0.5**0.5, 0.5**0.5, -1])
    # z has no text: nothing is like it, and it comes last.
    assert scores[1].tolist() == [0, 0, -1]


@pytest.mark.parametrize(
    ("ids", "vectors", "message"),
    [
        (["a"], np.ones((2, 3)), "one vector each"),
        (["a"], np.ones(3), "one vector each"),
        (["a"], np.array([[np.nan, 1]]), "finite"),
    ],
)
def test_vectors_that_are_none_are_refused(ids, vectors, message):
    with pytest.raises(ValueError, match=message):
        TextVectors(ids, vectors)


def test_vectors_of_an_id_given_twice_are_averaged():
    texts = TextVectors(["a", "a", None], np.array([[1.0, 0], [0, 1], [1, 1]]))
    found = texts.of(pa.array(["b", "a"]))
    assert found[0].tolist() == [0, 0]
    assert found[1] == pytest.approx([0.5**0.5, 0.5**0.5])


def test_the_best_weights_of_a_blend_are_found():
    def quality(weights):
        return -((weights["a"] - 0.25) ** 2) - (weights["b"] - 0.5) ** 2

    assert best_weights(["a", "b", "c"], quality) == {"a": 0.25, "b": 0.5, "c": 0.25}
    first = best_weights(["a", "b"], lambda weights: 0.0)
    assert sum(first.values()) == 1


def test_a_blend_weighs_standardized_scores():
    scorers = {
        "a": lambda users: np.array([[0.0, 1, 2]], np.float32),
        "b": lambda users: np.array([[500.0, 0, 0]], np.float32),
        "same": lambda users: np.ones((1, 3), np.float32),
    }
    found = blend(scorers, {"a": 0.5, "b": 0.25, "same": 0.25})(np.array([0]))
    a = np.array([-1, 0, 1]) * 1.5**0.5
    b = np.array([2, -1, -1]) / 2**0.5
    assert found[0] == pytest.approx(0.5 * a + 0.25 * b, abs=1e-6)


def test_als_starts_alike_in_every_version():
    pytest.importorskip("implicit", reason="the extra `effect` is not installed")
    from python_ml.effect.models.als import factorized

    training, vocabulary = trained(shop(users=150))
    one, again, other = (
        factorized(training, vocabulary, start)(everyone(training))
        for start in (0, 0, 1)
    )
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    taken = training.taken.toarray() > 0
    assert one[taken].mean() > one[~taken].mean() + 0.2


def test_no_products_have_no_neighbours():
    empty = sparse.csr_matrix((4, 0), dtype=np.float32)
    assert similarities(empty, 5, 10.0).shape == (0, 0)
    assert coefficients(np.zeros((0, 0), np.float32), 1.0).shape == (0, 0)
