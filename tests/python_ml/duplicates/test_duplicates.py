"""Near-duplicate products: what is planted is found, and nothing depends on order."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_ml.duplicates.agreement import Agreement
from python_ml.duplicates.blocking import candidate_pairs
from python_ml.duplicates.clusters import complete_clusters, merge_clusters
from python_ml.duplicates.find import find_duplicates
from python_ml.duplicates.pairs import match_logits
from python_ml.duplicates.records import Items
from python_ml.duplicates.sources import fit_source_evidence

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("ASSAY_TEST_DATA", ROOT.parent / "shared" / "data"))
PRICERUNNER = DATA / "pricerunner"
BRANDS = ("Northwind", "Larkfield", "Amberly", "Fernhill", "Redthorn")
THINGS = ("desk lamp", "office monitor", "chef knife", "hair dryer", "yoga mat")
WORDS = ("black", "new", "genuine", "boxed", "with cable", "free delivery")


def planted(products: int, seed: int) -> tuple[list, list, np.ndarray]:
    """Return offers of products by up to four shops, the shops, and the products."""
    random = np.random.default_rng(seed)
    texts, sources, truth = [], [], []
    for product in range(products):
        brand, thing = random.choice(BRANDS), random.choice(THINGS)
        code = f"{brand[:2].upper()}{random.integers(10_000, 99_999)}"
        for shop in random.choice(4, random.integers(1, 5), replace=False):
            more = random.choice(WORDS, 2, replace=False)
            texts.append(f"{brand} {thing} {code} {' '.join(more)}")
            sources.append(f"shop {shop}")
            truth.append(product)
    return texts, sources, np.array(truth)


def pairwise(found, truth) -> tuple[float, float]:
    """Return precision and recall of the pairs within clusters."""
    found, truth = np.asarray(found), np.asarray(truth)
    one, other = np.triu_indices(len(found), 1)
    joined, right = found[one] == found[other], truth[one] == truth[other]
    both = (joined & right).sum()
    return both / max(1, joined.sum()), both / max(1, right.sum())


@pytest.fixture(scope="module")
def shop():
    texts, sources, truth = planted(150, seed=1)
    return find_duplicates(texts, sources=sources), texts, sources, truth


def test_planted_duplicates_are_found(shop):
    found, _, _, truth = shop
    precision, recall = pairwise(found.proposed_cluster, truth)
    assert precision > 0.95
    assert recall > 0.95
    precision, recall = pairwise(found.cluster, truth)
    assert precision == 1
    assert recall > 0  # Only few offers say the same word by word.


def test_probabilities_and_confidences_say_how_often_they_are_right(shop):
    found, _, _, truth = shop
    is_right = truth[found.left] == truth[found.right]
    assert is_right[found.probability > 0.8].mean() > 0.9
    assert found.probability.mean() == pytest.approx(is_right.mean(), abs=0.1)
    for confidence in (found.confidence, found.proposed_confidence):
        assert ((confidence >= 0) & (confidence <= 1)).all()
    assert found.precision >= 0.99
    assert found.proposed_precision <= found.precision


def test_pairs_are_of_rows_in_order_each_once(shop):
    found, texts, _, _ = shop
    assert (found.left < found.right).all()
    assert found.right.max() < len(texts)
    pairs = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert len(pairs) == len(found.left)
    assert ((found.probability > 0) & (found.probability <= 1)).all()


def test_automatic_clusters_lie_within_proposed_ones(shop):
    found, _, _, _ = shop
    both = set(
        zip(found.cluster.tolist(), found.proposed_cluster.tolist(), strict=True)
    )
    assert len(both) == len(set(found.cluster.tolist()))
    assert len(set(found.proposed_cluster.tolist())) <= len(both)


def test_what_is_not_joined_automatically_stays_proposed(shop):
    _, texts, sources, _ = shop
    found = find_duplicates(texts, sources=sources, threshold=1.0)
    assert found.is_proposed.all()
    assert len(set(found.cluster.tolist())) == len(texts)
    assert np.isnan(found.precision)


def test_a_lower_threshold_joins_more(shop):
    found, texts, sources, _ = shop
    lower = find_duplicates(texts, sources=sources, threshold=0.5)
    assert len(set(lower.cluster.tolist())) <= len(set(found.cluster.tolist()))


def test_what_contradicts_is_not_joined():
    texts = [
        "Apple iPhone 8 64GB silver",
        "apple iphone 8 256gb silver",
        "Apple iPhone 8 64GB gold",
        "Bosch WAT28371GB washing machine 9kg",
        "Bosch WAT28370GB washing machine 9kg",
        "Bosch WAT28371GB 9 kg 1400 rpm",
        "三星 Galaxy S9 手机 黑色 64GB",
        "三星 Galaxy S9 手机 白色 64GB",
        "三星 Galaxy S9 智能手机 64GB 黑色",
    ]
    found = find_duplicates(texts).proposed_cluster.tolist()
    assert found[3] == found[5]
    assert found[6] == found[8]
    assert len(set(found)) == 7


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_the_order_of_the_rows_makes_no_difference(data):
    texts, sources, _ = planted(15, seed=data.draw(st.integers(0, 5)))
    texts += [None, texts[0], "  ", texts[1].upper()]
    sources += ["shop 0", "shop 0", None, "shop 9"]
    order = data.draw(st.permutations(range(len(texts))))
    found = find_duplicates(texts, sources=sources)
    moved = find_duplicates(
        [texts[row] for row in order], sources=[sources[row] for row in order]
    )
    for name in ("cluster", "proposed_cluster"):
        before, after = getattr(found, name)[order], getattr(moved, name)
        pairs = set(zip(before.tolist(), after.tolist(), strict=True))
        assert len(pairs) == len(set(before.tolist())) == len(set(after.tolist()))
    assert np.array_equal(found.confidence[order], moved.confidence, equal_nan=True)
    assert sorted(found.probability) == pytest.approx(sorted(moved.probability))


@pytest.mark.parametrize("texts", [[], [None], [None, "  "], ["one product"]])
def test_few_rows_are_alone(texts):
    found = find_duplicates(texts)
    assert found.cluster.tolist() == list(range(len(texts)))
    assert found.proposed_cluster.tolist() == list(range(len(texts)))
    assert len(found.left) == 0
    missing = [text is None or not text.strip() for text in texts]
    assert np.isnan(found.confidence).tolist() == missing


def test_rows_of_one_text_are_one_product_if_no_source_repeats_it():
    texts = ["Blue  china mug", "blue china mug", None, "BLUE china MUG", None]
    found = find_duplicates(texts, sources=["x", "y", "x", "z", "y"])
    assert found.cluster.tolist() == [0, 0, 1, 0, 2]
    texts = [text for text in texts if text]
    found = find_duplicates(texts, sources=["x", "y", "z"])
    assert found.cluster.tolist() == [0, 0, 0]
    assert list(zip(found.left, found.right, strict=True)) == [(0, 1), (0, 2)]
    more = ["Amberly AM12345 lamp", "Larkfield LF77110 vase"]
    for sources in ("xxyxx", [None, "x", "y", "x", "x"], [None] * 5):
        found = find_duplicates(texts + more, sources=list(sources))
        assert found.cluster.tolist() == list(range(5))


def test_each_pair_that_is_joined_meets_the_threshold(shop):
    found, _, _, _ = shop
    is_inside = found.cluster[found.left] == found.cluster[found.right]
    assert is_inside.any()
    assert (found.probability[is_inside] >= 0.99).all()
    _, number, size = np.unique(found.cluster, return_inverse=True, return_counts=True)
    assert (found.confidence[size[number] > 1] >= 0.99).all()


def test_items_are_joined_only_if_every_two_are_a_sure_pair():
    left, right = np.array([0, 0, 1, 3, 4, 6]), np.array([1, 2, 2, 4, 5, 7])
    sure = np.array([True, True, True, True, True, False])
    found = complete_clusters(9, left, right, sure).tolist()
    assert found == [0, 0, 0, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Orbit Tab 8 128GB black", "orbit tab 8 black, 128 GB", True),
        ("Orbit Tab 8 Plus", "Orbit Tab 8+", True),
        ("Orbit™ kid's bottle 1,5 l", "orbit kids bottle 1.5L", True),
        ("Lamp KX-4410 black", "Lampe KX4410 schwarz", False),
        ("Lamp KX-4410 black", "Lamp KX4410 schwarz", True),
        ("Orbit Tab 8", "Orbit Tab 8+", False),
        ("Trouser W32 L34", "Trouser W34 L32", False),
        ("Mug red and white", "Mug white and red", False),
        ("Key ring letter E", "Key ring letter Y", False),
        ("Cable 1.5 m", "Cable 15 m", False),
        ("Charger with cable", "Charger without cable", False),
        ("Tea towel", "Tea towel x2", False),
        ("Tea towel 2 pack", "Tea towel pack of 2", True),
        ("Tee navy M", "Tee blue M", False),
        ("Book 1st edition", "Book 2nd edition", False),
        ("Coat 100% wool", "Coat 100 wool", False),
        ("Lumen bulb\nLumen\n5", "Bulb\nLumen\n5.2", True),
        ("Lumen bulb\nLumen\n5", "Lumen bulb\nLumen\n6", False),
        ("Bulb\nLumen\n5", "Bulb\nOther\n5", False),
        ("Bulb\nLumen\n5", "Bulb\n\n5", False),
        ("Bulb\nLumen Ltd\n5", "Lumen bulb\nlumen\n", True),
        ("123456", "123456", False),
    ],
)
def test_two_texts_agree_if_they_say_the_same(one, other, is_same):
    texts = Items.of_rows([one, other], np.array([None, None], object)).texts
    places = np.array([0]), np.array([len(texts) - 1])
    assert Agreement(texts).compare(*places).tolist() == [is_same]
    assert Agreement(texts).compare(*places[::-1]).tolist() == [is_same]


def test_rows_of_one_vague_text_are_not_one_product():
    texts, _, _ = planted(300, seed=6)
    texts = [text.split(" ", 1)[1] for text in texts]
    vague = find_duplicates(texts + ["desk lamp black"] * 8)
    assert len(set(vague.cluster[-8:].tolist())) == 8


def test_sources_that_list_a_product_once_keep_their_rows_apart():
    texts, sources, _ = planted(300, seed=2)
    # One shop lists every product under one vague text.
    texts += ["washing machine"] * 12 + ["washing machine"]
    sources += ["shop 0"] * 12 + ["shop 1"]
    found = find_duplicates(texts, sources=sources)
    assert found.source_evidence.same_of_matches < 0.1
    assert found.source_evidence.exclusiveness > 0.7
    assert len(set(found.proposed_cluster[-13:].tolist())) == 13
    assert len(set(find_duplicates(texts).cluster[-13:].tolist())) == 13


def test_sources_that_repeat_products_are_no_evidence():
    texts, _, truth = planted(300, seed=3)
    random = np.random.default_rng(0)
    sources = [f"shop {number}" for number in random.integers(0, 3, len(texts))]
    found = find_duplicates(texts, sources=sources)
    assert found.source_evidence.exclusiveness < 0.5
    assert pairwise(found.proposed_cluster, truth)[1] > 0.9


def test_the_price_counts_as_a_number_and_not_as_words():
    texts = ["Amberly lamp\n19.99", "amberly lamp black\n20.49", "Amberly lamp\n140"]
    one, other, third = match_logits(
        texts, np.array([0, 0, 1]), np.array([1, 2, 2])
    ).tolist()
    assert one > third
    assert other < match_logits(
        [texts[0], "Amberly lamp\n19.50"], np.array([0]), np.array([1])
    )
    assert one != other


def test_the_order_of_a_pair_makes_no_difference():
    texts, _, _ = planted(40, seed=4)
    random = np.random.default_rng(0)
    left, right = random.integers(0, len(texts), (2, 200))
    assert match_logits(texts, left, right) == pytest.approx(
        match_logits(texts, right, left)
    )


def test_candidates_are_bounded_and_hold_the_planted_pairs():
    texts, _, truth = planted(400, seed=5)
    left, right = candidate_pairs(texts)
    assert (left < right).all()
    assert len(left) <= 30 * len(texts)
    one, other = np.triu_indices(len(texts), 1)
    same = truth[one] == truth[other]
    wanted = set(zip(one[same].tolist(), other[same].tolist(), strict=True))
    chosen = set(zip(left.tolist(), right.tolist(), strict=True))
    assert len(wanted & chosen) / len(wanted) > 0.99


def test_embeddings_bring_together_texts_without_a_common_word():
    texts = ["sofa", "couch", "lamp"]
    embeddings = np.array([[1, 0], [0.99, 0.141], [0, 1]], np.float32)
    left, right = candidate_pairs(texts, embeddings)
    assert (0, 1) in zip(left, right, strict=True)
    assert len(candidate_pairs(texts)[0]) == 0


def test_one_false_pair_joins_no_two_clusters():
    groups = [range(5), range(5, 10)]
    pairs = [(a, b, 0.95) for group in groups for a in group for b in group if a < b]
    left, right, probability = map(np.array, zip(*pairs, (4, 5, 0.99), strict=True))
    merges = merge_clusters(
        np.ones(10, np.int64), left, right, probability, least=1 / 3
    )
    assert (np.diff(merges.mean) <= 1e-12).all()
    cluster = merges.clusters(10, len(merges.mean))
    # The false pair comes first, and takes one item with it at most.
    sizes = np.unique(cluster, return_counts=True)[1]
    assert sizes.max() <= 6


def test_merges_are_undone_by_stopping_earlier():
    left, right = np.array([0, 1, 2]), np.array([1, 2, 3])
    merges = merge_clusters(
        np.ones(4, np.int64), left, right, np.array([0.9, 0.8, 0.85]), least=0.3
    )
    assert merges.clusters(4, 0).tolist() == [0, 1, 2, 3]
    assert merges.clusters(4, 1).tolist().count(merges.clusters(4, 1)[0]) == 2


def test_shares_of_sources_calibrate_probabilities():
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, 60_000)
    # The logits are too timid by 1.
    is_match = random.random(len(logits)) < 1 / (1 + np.exp(-(logits + 1)))
    is_same = random.random(len(logits)) < np.where(is_match, 0.01, 0.3)
    found = fit_source_evidence(logits, is_same)
    assert found.same_of_others == pytest.approx(0.3, abs=0.03)
    assert found.same_of_matches == pytest.approx(0.01, abs=0.01)
    assert found.shift == pytest.approx(1, abs=0.3)
    probability = found.probabilities(logits, is_same)
    for low in (0.2, 0.5, 0.8):
        rows = (probability > low) & (probability < low + 0.1)
        assert is_match[rows].mean() == pytest.approx(
            probability[rows].mean(), abs=0.06
        )


def test_sources_without_a_difference_change_nothing():
    random = np.random.default_rng(1)
    logits = random.normal(0, 3, 20_000)
    found = fit_source_evidence(logits, random.random(20_000) < 0.3)
    before = 1 / (1 + np.exp(-logits))
    after = found.probabilities(logits, np.zeros(20_000, bool))
    assert np.abs(after - before).max() < 0.1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sources": ["x"]}, "2 texts but 1 sources"),
        ({"embeddings": np.zeros((3, 2))}, "2 texts but 3 embeddings"),
        ({"threshold": 1.5}, "threshold is 1.5"),
        ({"encoder": "absent-encoder"}, "absent-encoder"),
    ],
)
def test_wrong_arguments_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        find_duplicates(["a mug", "a cup"], **options)


@pytest.mark.skipif(not PRICERUNNER.is_dir(), reason="PriceRunner's offers are absent")
def test_offers_of_many_merchants_are_put_together():
    import pandas as pd

    table = pd.read_parquet(PRICERUNNER / "products.parquet").merge(
        pd.read_parquet(PRICERUNNER / "truth_same_product.parquet"), on="product_id"
    )
    table = table[table["category"] == "Microwaves"]
    found = find_duplicates(table["title"], sources=table["source_system"])
    precision, recall = pairwise(found.proposed_cluster, table["cluster_id"])
    assert 2 * precision * recall / (precision + recall) > 0.55
    assert found.source_evidence.exclusiveness > 0.9
    assert pairwise(found.cluster, table["cluster_id"])[0] > 0.85


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.none(),
                st.text(max_size=30),
                st.sampled_from(["a mug 5 cm\n3.5", "A mug 5cm\n", "x ٣ gb 12² 1.2.3"]),
            ),
            st.sampled_from([None, "x", "y", 3, float("nan")]),
        ),
        max_size=12,
    )
)
def test_any_rows_are_taken(rows):
    texts, sources = [row[0] for row in rows], [row[1] for row in rows]
    found = find_duplicates(texts, sources=sources)
    for cluster in (found.cluster, found.proposed_cluster):
        assert len(cluster) == len(rows)
        assert set(cluster.tolist()) == set(range(len(set(cluster.tolist()))))
    assert np.isfinite(found.probability).all()
    missing = [text is None or not text.strip() for text in texts]
    assert np.isnan(found.confidence).tolist() == missing


@pytest.mark.parametrize("sources", [["shop"], [None], ["shop", None]])
def test_titles_that_a_source_repeats_in_other_words_are_kinds(sources):
    # A shop of clothes lists one name for many articles, each in its own spelling.
    words = ["Kestrel", "Nordlys", "Pinewood", "Halden", "Orbit", "Rive", "Lumen"]
    texts = []
    for number in range(42):
        name = f"{words[number % 7]} Men Harbour{number} Sandal"
        texts += [f"{name} Blue", f"{name.replace('Sandal', 'Blue Sandals')}"]
    texts += [f"Trailhead Boot Model {number} Leather" for number in range(40)]
    of_rows = [sources[row % len(sources)] for row in range(len(texts))]
    found = find_duplicates(texts, sources=of_rows)
    assert len(set(found.cluster)) == len(texts)
    # Nor is a listing of another source told from them.
    more = [*texts, texts[0]]
    found = find_duplicates(more, sources=[*of_rows, "erp"])
    assert found.cluster[-1] not in found.cluster[:-1]
