"""Labels of pairs: what is planted is found, and nothing breaks."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_ml.encoding.encoders import encode
from python_ml.labels.pairs import fit_pair_classifier, pair_features, score_pairs
from python_ml.matching.features import fit_token_weights

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("ASSAY_TEST_DATA", ROOT.parent / "shared" / "data"))
PRODUCTS = DATA / "matching" / "walmart_amazon.parquet"
BRANDS = ("Northwind", "Larkfield", "Amberly", "Fernhill", "Redthorn")
THINGS = ("desk lamp", "office monitor", "chef knife", "hair dryer", "yoga mat")


def planted(count: int, rate: float, seed: int) -> tuple[list, list, list, np.ndarray]:
    """Return pairs of products, and which labels (1 = the same) were flipped."""
    random = np.random.default_rng(seed)
    left, right, labels = [], [], []
    for _ in range(count):
        brand, thing = random.choice(BRANDS), random.choice(THINGS)
        code = f"{brand[:2].upper()}-{random.integers(1000, 9999)}"
        other = f"{brand[:2].upper()}-{random.integers(1000, 9999)}"
        is_same = random.random() < 0.4
        left.append(f"{brand} {thing} {code}")
        chosen = (code if is_same else other).replace(
            "-", random.choice(["", " ", "-"])
        )
        right.append(f"{thing.title()} {chosen} by {brand}")
        labels.append(int(is_same))
    wrong = np.zeros(count, bool)
    wrong[random.choice(count, round(rate * count), replace=False)] = True
    noisy = [
        1 - label if bad else label for label, bad in zip(labels, wrong, strict=True)
    ]
    return left, right, noisy, wrong


def score(left, right, labels, **options):
    embeddings = tuple(encode(side, encoder="ngrams") for side in (left, right))
    pairs = zip(left, right, strict=True)
    return score_pairs(pairs, labels, embeddings=embeddings, **options)


@pytest.fixture(scope="module")
def found():
    left, right, labels, wrong = planted(300, 0.1, seed=3)
    return score(left, right, labels), labels, wrong


def column(values, names, name):
    return values[:, names.index(name)]


def test_planted_flips_are_found(found):
    scores, labels, wrong = found
    hits = (scores.is_suspect & wrong).sum()
    assert hits / wrong.sum() > 0.9
    assert hits / scores.is_suspect.sum() > 0.9
    right = np.where(wrong, 1 - np.array(labels), labels)
    assert (scores.suggested_label == right)[wrong].mean() > 0.9


def test_the_rate_and_the_probabilities_are_calibrated(found):
    scores, _, wrong = found
    assert scores.error_rate == pytest.approx(wrong.mean(), abs=0.03)
    assert scores.error_rate_low <= wrong.mean() <= scores.error_rate_high
    sure = scores.error_probability > 0.8
    assert wrong[sure].mean() > 0.8


def test_every_reason_speaks_for_wrong_labels(found):
    scores, _, wrong = found
    for reason in (
        "classifier_disagreement",
        "neighbour_disagreement",
    ):
        values = getattr(scores, reason)
        assert values.dtype == np.float32
        assert ((values >= 0) & (values <= 1)).all()
        assert values[wrong].mean() > values[~wrong].mean() + 0.1, reason


def test_a_repeated_pair_with_two_labels_is_seen():
    left, right, labels, _ = planted(100, 0.0, seed=1)
    left += [left[0].upper(), left[0]]
    right += [right[0], f" {right[0]} "]
    labels += [1 - labels[0], labels[0]]
    scores = score(left, right, labels)
    found = scores.same_text_disagreement
    assert found[[0, 100, 101]] == pytest.approx([1 / 3, 2 / 3, 1 / 3])
    assert not found[1:100].any()
    assert scores.error_probability[100] > scores.error_probability[0]
    assert scores.suggested_label[100] == labels[0]


def test_nearest_rows_are_other_rows_in_order(found):
    scores, labels, _ = found
    rows = np.arange(len(labels))
    assert (scores.nearest_rows != rows[:, None]).all()
    assert (np.diff(scores.nearest_similarity, axis=1) <= 0).all()
    assert ((scores.nearest_rows >= 0) & (scores.nearest_rows < len(labels))).all()


def test_rows_that_cannot_be_judged_stay_unjudged():
    left, right, labels, _ = planted(60, 0.0, seed=5)
    left[3], right[4], labels[5], labels[6] = None, "  ", None, float("nan")
    left[7] = float("nan")
    scores = score(
        [text if isinstance(text, str) else None for text in left], right, labels
    )
    unjudged = np.isnan(scores.error_probability)
    assert np.flatnonzero(unjudged).tolist() == [3, 4, 5, 6, 7]
    assert not scores.is_suspect[unjudged].any()
    assert (scores.nearest_rows[unjudged] == -1).all()
    assert not np.isin(scores.nearest_rows, np.flatnonzero(unjudged)).any()
    assert all(scores.suggested_label[unjudged] == None)  # noqa: E711


@pytest.mark.parametrize("count", [0, 1, 9, 30])
def test_one_label_or_few_rows_are_not_judged(count):
    left, right, labels, _ = planted(count, 0.0, seed=2)
    scores = score_pairs(
        zip(left, right, strict=True), labels if count < 10 else ["same"] * count
    )
    assert len(scores.error_probability) == count
    assert np.isnan(scores.error_probability).all()
    assert scores.note


def test_twenty_distinct_pairs_are_judged_however_many_rows_there_are():
    left, right, labels, _ = planted(20, 0.0, seed=2)
    few = score(left[:19] * 9, right[:19] * 9, labels[:19] * 9)
    assert np.isnan(few.error_probability).all() and not few.is_suspect.any()
    assert few.note == "19 distinct texts are too few to learn from, 20 needed"
    scores = score(left, right, labels)
    assert np.isfinite(scores.error_probability).all()
    assert (
        0 <= scores.error_rate_low <= scores.error_rate <= scores.error_rate_high <= 1
    )


def test_distance_is_one_less_the_cosine_of_the_texts():
    left, right, labels, _ = planted(30, 0.0, seed=2)
    right[0] = left[0].lower()
    right[1] = "苹果汁"
    scores = score(left, right, labels)
    assert scores.category_distance[0] == pytest.approx(0, abs=1e-5)
    assert scores.category_distance[1] == pytest.approx(1, abs=0.15)


def relevance(count: int, seed: int):
    """Return queries, products and labels of relevance, of which a tenth is wrong."""
    random = np.random.default_rng(seed)
    kinds = {
        "exact": lambda b, t: f"{b} {t}",
        "substitute": lambda b, t: f"{random.choice(BRANDS)}x {t}",
        "complement": lambda b, t: f"{b} bag for the {t} and cable",
        "irrelevant": lambda b, t: "苹果汁 1 l",
    }
    names = list(kinds)
    left, right, labels = [], [], []
    for _ in range(count):
        brand, thing, kind = (random.choice(some) for some in (BRANDS, THINGS, names))
        left.append(f"{brand} {thing}")
        right.append(f"{kinds[kind](brand, thing)}, {random.integers(1, 99)} cm")
        labels.append(str(kind))
    wrong = random.random(count) < 0.1
    noisy = [
        names[(names.index(label) + random.integers(1, 4)) % 4] if bad else label
        for label, bad in zip(labels, wrong, strict=True)
    ]
    return left, right, noisy, labels, wrong


def test_wrong_relevance_is_found_and_named():
    left, right, noisy, labels, wrong = relevance(200, seed=4)
    scores = score(left, right, noisy)
    assert (scores.is_suspect & wrong).sum() / wrong.sum() > 0.8
    assert (scores.is_suspect & wrong).sum() / scores.is_suspect.sum() > 0.8
    assert (scores.suggested_label == labels)[wrong].mean() > 0.8


def test_a_label_that_is_there_once_breaks_nothing():
    left, right, labels, _ = planted(40, 0.0, seed=4)
    scores = score(left, right, ["relevant?", *labels[1:]])
    assert scores.error_probability[0] == pytest.approx(scores.error_rate)
    assert not scores.is_suspect[0]
    assert "relevant? (1)" in scores.note


def test_the_same_seed_gives_the_same_scores():
    left, right, labels, _ = planted(80, 0.1, seed=6)
    one, other = (score(left, right, labels, seed=5) for _ in range(2))
    assert (one.error_probability == other.error_probability).all()
    assert (one.nearest_rows == other.nearest_rows).all()


def test_audits_give_the_rate():
    left, right, labels, wrong = planted(100, 0.1, seed=7)
    audits = {"row": np.arange(100), "is_wrong": wrong}
    scores = score(left, right, labels, audits=audits)
    assert scores.rate_basis == "audits"
    assert scores.error_rate == pytest.approx(0.1)
    assert (scores.is_suspect == wrong).all()


def test_wrong_lengths_are_named():
    with pytest.raises(ValueError, match="1 pairs but 2 labels"):
        score_pairs([("a", "b")], [0, 1])
    with pytest.raises(ValueError, match="both sides"):
        score_pairs([("a", "b")], [0], embeddings=(np.zeros((1, 2)),))
    with pytest.raises(ValueError, match="1 pairs but 2 embeddings"):
        score_pairs([("a", "b")], [0], embeddings=(np.zeros((1, 2)), np.zeros((2, 2))))
    for pair in ("ab", ("a", "b", "c"), None, 5):
        with pytest.raises(ValueError, match="Pair 1 is not two texts"):
            score_pairs([("a", "b"), pair], [0, 1])


def test_a_classifier_knows_new_pairs():
    left, right, labels, _ = planted(300, 0.0, seed=8)
    classifier = fit_pair_classifier(left[:200], right[:200], labels[:200])
    predicted = classifier.probabilities(left[200:], right[200:])
    assert classifier.classes == (0, 1)
    assert predicted.sum(axis=1) == pytest.approx(1)
    assert (predicted.argmax(axis=1) == labels[200:]).mean() > 0.95
    with pytest.raises(ValueError, match="exactly where"):
        embeddings = np.zeros((100, 4))
        classifier.probabilities(
            left[200:],
            right[200:],
            left_embeddings=embeddings,
            right_embeddings=embeddings,
        )


def test_codes_agree_however_they_are_hyphenated():
    values, names = pair_features(
        ["Panasonic KX-TG1032S phone"] * 3,
        ["panasonic kxtg1032s phone", "panasonic kx tg1032s", "Panasonic KX-TG9343T"],
    )
    assert column(values, names, "code_within").tolist() == [9, 9, 0]
    assert column(values, names, "code_conflict").tolist() == [0, 0, 1]
    assert column(values, names, "code_prefix").tolist()[2] == 4


def test_numbers_with_another_unit_do_not_agree():
    values, names = pair_features(["screen 13 inch"] * 2, ["13inch screen", "13 cm"])
    shares = column(values, names, "measure_jaccard")
    assert shares.tolist() == [1, 0]


def test_lines_are_compared_one_by_one():
    left = ["lamp\nnorthwind\n20", "knife\n\n5"]
    right = ["lamp\nfernhill\n10", "knife\nfernhill\n5"]
    values, names = pair_features(left, right)
    assert column(values, names, "line_1_equal").tolist() == [1, 1]
    equal = column(values, names, "line_2_equal")
    assert equal[0] == 0
    assert np.isnan(equal[1])
    assert column(values, names, "line_3_distance") == pytest.approx([np.log(2), 0])


def test_a_pair_is_compared_with_its_rivals():
    left = ["blue lamp x1", "blue lamp x1", "knife"]
    right = ["blue lamp x1", "lamp", "fork"]
    values, names = pair_features(left, right)
    lead = column(values, names, "left_lead_word_cosine")
    assert lead[0] == pytest.approx(-lead[1])
    assert lead[0] > 0
    assert lead[2] == 1  # There is no rival.
    assert column(values, names, "left_partners").tolist() == [2, 2, 1]


def test_without_rivals_a_pair_is_looked_at_by_itself():
    left, right = ["blue lamp x1", "blue lamp x1"], ["blue lamp x1", "lamp"]
    weights = fit_token_weights(left + right)
    both, names = pair_features(left, right, weights=weights, rivals=False)
    one, _ = pair_features(left[:1], right[:1], weights=weights, rivals=False)
    assert not any("lead" in name or "partners" in name for name in names)
    np.testing.assert_array_equal(both[:1], one)


TEXTS = st.lists(
    st.one_of(
        st.none(), st.text(max_size=30), st.sampled_from(["a 1", "b\nc", "手机"])
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(TEXTS, st.randoms(use_true_random=False))
def test_features_of_any_texts_are_sound(texts, random):
    other = [random.choice(texts) for _ in texts]
    values, names = pair_features(texts, other)
    assert values.shape == (len(texts), len(names))
    assert len(set(names)) == len(names)
    assert not np.isinf(values).any()
    mirrored, _ = pair_features(other, texts)
    shares = [place for place, name in enumerate(names) if name.endswith("jaccard")]
    np.testing.assert_allclose(values[:, shares], mirrored[:, shares], atol=1e-5)
    same, _ = pair_features(texts, texts)
    known = same[:, shares]
    assert np.nanmin(known, initial=1) > 0.999


@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.permutations(range(30)))
def test_features_do_not_depend_on_the_order(order):
    left, right, _, _ = planted(30, 0.0, seed=9)
    left[1] = left[0]
    values, _ = pair_features(left, right)
    moved, _ = pair_features([left[i] for i in order], [right[i] for i in order])
    np.testing.assert_array_equal(values[list(order)], moved)


def test_flips_among_real_products_are_found():
    if not PRODUCTS.exists():
        pytest.skip(f"{PRODUCTS} is not there: real data is no part of a clone")
    import pandas as pd
    from sklearn.metrics import average_precision_score

    table = pd.read_parquet(PRODUCTS).query("split == 'train'").head(1200)
    fields = ("title", "category", "brand", "modelno", "price")
    left, right = (
        [
            "\n".join(row)
            for row in table[[f"{side}_{f}" for f in fields]].fillna("").values
        ]
        for side in "lr"
    )
    labels = table["label"].to_numpy()
    random = np.random.default_rng(0)
    wrong = np.zeros(len(labels), bool)
    wrong[random.choice(len(labels), 240, replace=False)] = True
    scores = score(left, right, np.where(wrong, 1 - labels, labels).tolist())
    assert average_precision_score(wrong, scores.error_probability) > 0.9
    assert (scores.is_suspect & wrong).sum() * 2 / (
        scores.is_suspect.sum() + wrong.sum()
    ) > 0.85
