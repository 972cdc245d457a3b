"""Labels of texts: what is planted is found, and nothing breaks."""

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict

from python_ml.encoding.encoders import encode
from python_ml.labels.texts import score_labels
from tests.build import rows_of

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("ASSAY_TEST_DATA", ROOT.parent / "shared" / "data"))
PRICERUNNER = DATA / "pricerunner" / "products.parquet"

WORDS = {
    "Home > Kitchen > Pans": ["skillet", "wok", "saucepan", "griddle", "casserole"],
    "Home > Kitchen > Knives": ["cleaver", "paring", "santoku", "boning", "blade"],
    "Home > Garden > Tools": ["rake", "spade", "shears", "hoe", "trowel"],
    "Sport > Ball > Tennis": ["racket", "strings", "forehand", "grip", "baseline"],
}
OF_ALL = ["new", "steel", "pro", "set", "black", "classic", "small", "gift"]
PATHS = list(WORDS)
PER_ROW = (
    "error_probability suggested_label suggestion_probability is_suspect "
    "classifier_disagreement neighbour_disagreement same_text_disagreement "
    "category_distance wrong_level nearest_rows nearest_similarity"
).split()
OF_REASON = [name for name in PER_ROW if name.endswith(("disagreement", "distance"))]


def score(texts, labels, **options):
    return score_labels(texts, labels, **{"encoder": "ngrams", **options})


def written(label, random, foreign):
    """Return a text of two words that only this label has, or one of them is not."""
    own = random.choice(WORDS[label], 2, replace=False)
    if random.random() < foreign:
        own[1] = random.choice(WORDS[random.choice(PATHS)])
    return " ".join(random.permutation([*own, *random.choice(OF_ALL, 3)]))


def planted(rows=240, rate=0.1, seed=0, names=None, foreign=0.0):
    """Return texts, labels of which some were changed, the right ones, and which."""
    random = np.random.default_rng(seed)
    true = random.integers(len(PATHS), size=rows)
    texts = [
        f"{written(PATHS[kind], random, foreign)} {row}"
        for row, kind in enumerate(true)
    ]
    wrong = np.zeros(rows, bool)
    wrong[random.choice(rows, round(rate * rows), replace=False)] = True
    shift = random.integers(1, len(PATHS), size=rows)
    given_label = np.where(wrong, (true + shift) % len(PATHS), true)
    names = names or PATHS
    return (
        texts,
        [names[kind] for kind in given_label],
        [names[kind] for kind in true],
        wrong,
    )


def check_validity(scores, labels):
    """What holds of any answer."""
    rows = len(labels)
    for name in PER_ROW:
        assert len(getattr(scores, name)) == rows, name
    types = {
        "error_probability": "f8",
        "suggestion_probability": "f8",
        "is_suspect": "?",
    }
    types |= {"suggested_label": "O", "wrong_level": "i8", "nearest_rows": "i8"}
    types |= dict.fromkeys([*OF_REASON, "nearest_similarity"], "f4")
    for name, kind in types.items():
        assert getattr(scores, name).dtype == np.dtype(kind), name
    error, suspect = scores.error_probability, scores.is_suspect
    is_judged = ~np.isnan(error)
    for name in ("error_probability", "suggestion_probability", *OF_REASON):
        values = getattr(scores, name)
        np.testing.assert_array_equal(np.isnan(values), ~is_judged, err_msg=name)
        assert ((values >= 0) & (values <= 1))[is_judged].all(), name
    assert (scores.suggestion_probability <= error)[is_judged].all()
    np.testing.assert_array_equal(
        suspect[is_judged], error[is_judged] >= scores.threshold
    )
    assert not suspect[~is_judged].any()
    for row, (given_label, label) in enumerate(
        zip(labels, scores.suggested_label, strict=True)
    ):
        if is_judged[row]:
            assert label is not None and str(label) != str(given_label)
        else:
            assert label is None
    levels = [str(label).count(" > ") + 1 for label in labels]
    assert ((scores.wrong_level > 0) == suspect).all()
    assert (scores.wrong_level <= np.add(levels, 1)).all()
    near = scores.nearest_rows
    assert near.shape == scores.nearest_similarity.shape == (rows, 3)
    assert ((near >= -1) & (near < rows)).all()
    assert (near != np.arange(rows)[:, None]).all()
    assert is_judged[near[near >= 0]].all() and (near[~is_judged] == -1).all()
    np.testing.assert_array_equal(near < 0, np.isnan(scores.nearest_similarity))
    if is_judged.any():
        assert 0 <= scores.error_rate_low <= scores.error_rate
        assert scores.error_rate <= scores.error_rate_high <= 1
        assert 0 < scores.threshold <= 1
        assert all(
            "hard to tell apart" in part or "distinct" in part
            for part in filter(None, scores.note.split("; "))
        )
        if scores.rate_basis == "model":
            assert scores.error_rate == pytest.approx(np.nanmean(error))
    else:
        assert scores.note
        limits = (scores.error_rate_low, scores.error_rate, scores.error_rate_high)
        assert np.isnan(limits).all()
        assert np.isnan(scores.threshold)


def assert_same(first, second):
    for name in PER_ROW:
        np.testing.assert_array_equal(
            getattr(first, name), getattr(second, name), err_msg=name
        )
    for name in ("error_rate", "error_rate_low", "error_rate_high", "threshold"):
        assert getattr(first, name) == getattr(second, name), name


@pytest.fixture(scope="module")
def found():
    texts, labels, right, wrong = planted()
    return score(texts, labels), texts, labels, right, wrong


def test_planted_flips_are_found(found):
    scores, _, labels, _, wrong = found
    check_validity(scores, labels)
    assert average_precision_score(wrong, scores.error_probability) > 0.97
    hits = (scores.is_suspect & wrong).sum()
    assert hits / wrong.sum() > 0.9
    assert hits / scores.is_suspect.sum() > 0.9


def test_the_suggestion_is_the_right_label(found):
    scores, _, _, right, wrong = found
    is_right = scores.suggested_label == np.array(right, object)
    assert is_right[wrong].mean() > 0.9
    assert not is_right[~wrong].any()
    assert scores.suggestion_probability[wrong].mean() > 0.7


def test_the_rate_is_that_which_was_planted(found):
    scores, _, _, _, wrong = found
    assert scores.rate_basis == "model" and scores.encoder == "ngrams"
    assert scores.error_rate == pytest.approx(wrong.mean(), abs=0.03)
    assert scores.error_rate_low <= wrong.mean() <= scores.error_rate_high
    assert scores.error_rate_high - scores.error_rate_low < 0.2


@pytest.mark.parametrize("seed", [0, 1])
def test_probabilities_mean_what_they_say_where_texts_are_ambiguous(seed):
    texts, labels, right, wrong = planted(rows=800, rate=0.15, seed=seed, foreign=0.6)
    scores = score(texts, labels)
    check_validity(scores, labels)
    error = scores.error_probability
    brier = ((error - wrong) ** 2).mean()
    print(f"AP {average_precision_score(wrong, error):.3f}, Brier {brier:.4f}")
    assert average_precision_score(wrong, error) > 0.8
    assert brier < 0.6 * wrong.mean() * (1 - wrong.mean())
    assert scores.error_rate == pytest.approx(wrong.mean(), abs=0.05)
    assert scores.error_rate_low <= wrong.mean() <= scores.error_rate_high
    for low, high in ((0, 0.2), (0.2, 0.8), (0.8, 1.01)):
        part = (error >= low) & (error < high)
        print(low, part.sum(), error[part].mean(), wrong[part].mean())
        assert part.sum() >= 10
        assert error[part].mean() == pytest.approx(wrong[part].mean(), abs=0.2)
    hits = scores.suggested_label == np.array(right, object)
    assert scores.suggestion_probability.sum() == pytest.approx(hits.sum(), rel=0.35)


def test_a_rate_is_held_for_unsure_where_texts_hardly_tell_labels(found):
    scores, texts, labels, *_ = found
    assert scores.note == ""
    random = np.random.default_rng(0)
    shuffled = np.arange(len(texts))
    moved = random.choice(len(texts), len(texts) * 3 // 5, replace=False)
    shuffled[moved] = random.permutation(moved)
    guessed = score([texts[row] for row in shuffled], labels)
    assert "hard to tell apart" in guessed.note
    wide, narrow = (
        one.error_rate_high - one.error_rate_low for one in (guessed, scores)
    )
    assert wide > 2 * narrow


@pytest.mark.parametrize("rate", [0.02, 0.25])
def test_other_rates_are_found_too(rate):
    texts, labels, _, wrong = planted(rate=rate, seed=5)
    scores = score(texts, labels)
    assert average_precision_score(wrong, scores.error_probability) > 0.9
    assert scores.error_rate_low <= wrong.mean() <= scores.error_rate_high


def test_reasons_speak_against_the_labels_that_are_wrong(found):
    scores, _, _, _, wrong = found
    for name in ("classifier_disagreement", "neighbour_disagreement"):
        values = getattr(scores, name)
        assert values[wrong].mean() > values[~wrong].mean() + 0.3, name
    distance = scores.category_distance
    assert distance[wrong].mean() > distance[~wrong].mean() + 0.02
    assert (scores.same_text_disagreement == 0).all()


def test_the_level_is_where_the_suggestion_leaves_the_path(found):
    scores, _, labels, _, wrong = found
    seen = set()
    for row in np.flatnonzero(scores.is_suspect & wrong):
        left = labels[row].split(" > ")
        right = scores.suggested_label[row].split(" > ")
        level = next(at for at in range(3) if left[at] != right[at]) + 1
        assert scores.wrong_level[row] == level
        seen.add(level)
    assert seen == {1, 2, 3}


def test_the_nearest_rows_are_the_most_similar_texts(found):
    scores, texts, _, _, _ = found
    vectors = encode(texts, encoder="ngrams")
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    best = -np.sort(-cosines, axis=1)[:, :3]
    np.testing.assert_allclose(scores.nearest_similarity, best, atol=1e-5)
    rows = np.arange(len(texts))[:, None]
    np.testing.assert_allclose(cosines[rows, scores.nearest_rows], best, atol=1e-5)


def test_a_seed_makes_it_the_same_again(found):
    scores, texts, labels, _, _ = found
    assert_same(score(texts, labels), scores)


def test_embeddings_may_be_given(found):
    scores, texts, labels, _, _ = found
    vectors = encode(texts, encoder="ngrams")
    vectors.flags.writeable = False
    assert_same(score(texts, labels, embeddings=vectors), scores)
    missing = [None, *texts[1:60], texts[5]]
    vectors = encode(missing, encoder="ngrams")
    some = labels[:61]
    assert_same(score(missing, some), score(missing, some, embeddings=vectors))


@pytest.mark.parametrize("encoder", ["given", "ngrams"])
@pytest.mark.parametrize("classes", [4, 12])
def test_embeddings_of_any_encoder_are_used_quietly(encoder, classes):
    texts, labels, _, _ = planted(rows=60)
    labels = [f"{label} {row % (classes // 4)}" for row, label in enumerate(labels)]
    vectors = np.random.default_rng(1).normal(size=(60, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = score(texts, labels, embeddings=vectors, encoder=encoder)
    check_validity(scores, labels)


def test_the_order_of_rows_hardly_matters(found):
    # Folds are drawn by position: probabilities are those of another seed.
    scores, texts, labels, _, wrong = found
    order = np.random.default_rng(2).permutation(len(texts))
    moved = score([texts[row] for row in order], [labels[row] for row in order])
    back = np.argsort(order)
    error = moved.error_probability[back]
    assert np.abs(error - scores.error_probability).mean() < 0.02
    assert (moved.is_suspect[back] == scores.is_suspect).mean() > 0.97
    assert moved.error_rate == pytest.approx(scores.error_rate, abs=0.02)
    assert average_precision_score(wrong, error) > 0.97


def test_clean_labels_are_left_alone():
    texts, labels, _, _ = planted(rate=0)
    scores = score(texts, labels)
    check_validity(scores, labels)
    assert scores.error_rate < 0.01
    assert scores.error_probability.max() < 0.5
    assert not scores.is_suspect.any() and scores.threshold == 1


@pytest.mark.parametrize(
    "names",
    [
        [10, 20, 30, 40],
        [1.5, 2.5, 3.5, 4.5],
        [("a", 1), ("a", 2), ("b", 1), ("b", 2)],
        [["a"], ["b"], ["c"], ["d"]],
        [np.int64(7), np.int64(8), np.int64(9), np.int64(10)],
    ],
)
def test_labels_keep_their_type(names):
    texts, labels, right, wrong = planted(rows=100, names=names)
    scores = score(texts, labels)
    check_validity(scores, labels)
    assert {type(label) for label in scores.suggested_label} == {type(names[0])}
    hits = [scores.suggested_label[row] == right[row] for row in np.flatnonzero(wrong)]
    assert np.mean(hits) > 0.7


def test_labels_may_be_true_or_false():
    texts, labels, _, _ = planted(rows=100)
    is_home = [label.startswith("Home > Kitchen") for label in labels]
    for form in (is_home, np.array(is_home), pd.Series(is_home)):
        scores = score(texts, form)
        check_validity(scores, is_home)
        assert all(type(label) is bool for label in scores.suggested_label)


def test_what_is_missing_is_not_judged():
    texts, labels, _, _ = planted(rows=60)
    texts[3], texts[4], texts[5], texts[6] = None, float("nan"), "", " \t\n"
    labels[8], labels[9], labels[5] = None, float("nan"), None
    scores = score(texts, labels)
    check_validity(scores, labels)
    missing = np.flatnonzero(np.isnan(scores.error_probability))
    assert missing.tolist() == [3, 4, 5, 6, 8, 9]
    # Rows that are missing change nothing for the others.
    kept = [row for row in range(60) if row not in missing]
    alone = score([texts[row] for row in kept], [labels[row] for row in kept])
    np.testing.assert_array_equal(
        alone.error_probability, scores.error_probability[kept]
    )
    near = np.where(alone.nearest_rows < 0, -1, np.array(kept)[alone.nearest_rows])
    np.testing.assert_array_equal(near, scores.nearest_rows[kept])


def test_columns_of_pandas_are_read():
    texts, labels, _, _ = planted(rows=60)
    texts[3], labels[8] = None, None
    expected = score(texts, labels)
    for kind in ("object", "string"):
        columns = pd.Series(texts, dtype=kind), pd.Series(labels, dtype=kind)
        assert_same(score(*columns), expected)
    assert_same(score(iter(texts), pd.Categorical(labels)), expected)


@pytest.mark.parametrize(
    "texts,labels,note",
    [
        ([], [], "0 rows have a label and a text; 10 are needed"),
        ([f"text {row}" for row in range(9)], ["a", "b", "c"] * 3, "9 rows have"),
        ([f"text {row}" for row in range(20)], ["a"] * 20, "all labels are a"),
        ([f"text {row}" for row in range(20)], [None] * 20, "0 rows have"),
        ([None, " "] * 10, ["a", "b"] * 10, "0 rows have"),
        (["text"] * 20, ["a", "b"] * 10, "all texts are the same"),
        (["text"] * 24, list("abcdefghijkl") * 2, "all texts are the same"),
    ],
)
def test_what_cannot_be_judged_is_said(texts, labels, note):
    scores = score(texts, labels)
    check_validity(scores, labels)
    assert note in scores.note
    assert np.isnan(scores.error_probability).all()


@pytest.mark.parametrize("texts", [[], [None, " "] * 10])
def test_no_texts_need_no_encoder(texts):
    scores = score(texts, ["a"] * len(texts), encoder="auto")
    assert "0 rows have a label and a text" in scores.note


def test_ten_rows_are_enough():
    texts, labels, _, _ = planted(rows=10)
    check_validity(score(texts, labels), labels)


@pytest.mark.parametrize("classes", [2, 10])
@pytest.mark.parametrize(
    "texts",
    [
        [chr(97 + row) for row in range(20)],
        ["one", "two"] * 10,
        ["x", "y"] * 10,
        ["!" * (1 + row) for row in range(20)],
        ["\u200b" * (1 + row) for row in range(20)],
    ],
    ids=["no_n-gram_shared", "two_texts", "two_letters", "signs", "invisible"],
)
def test_texts_that_say_next_to_nothing(texts, classes):
    labels = [f"label {row // 2 % classes}" for row in range(20)]
    check_validity(score(texts, labels), labels)


def test_repeated_texts_of_several_labels():
    texts, labels, _, _ = planted(rows=120, rate=0)
    texts = [*texts, *[texts[0]] * 5, *[texts[1]] * 2]
    other = next(label for label in PATHS if label != labels[0])
    labels = [*labels, *[labels[0]] * 4, other, *[labels[1]] * 2]
    scores = score(texts, labels)
    check_validity(scores, labels)
    odd = 124
    assert scores.same_text_disagreement[odd] == pytest.approx(5 / 6)
    assert scores.same_text_disagreement[0] == pytest.approx(1 / 6)
    assert scores.same_text_disagreement[[1, 125, 126]].tolist() == [0, 0, 0]
    assert scores.error_probability[odd] > 0.9
    assert scores.error_probability.argmax() == odd
    assert scores.suggested_label[odd] == labels[0]
    # Rows of the same text and label are judged alike, and name other texts.
    for rows in ([0, 120, 121, 122, 123], [1, 125, 126]):
        assert len(set(scores.error_probability[rows])) == 1
        assert not set(rows) & set(scores.nearest_rows[rows].ravel())


def test_a_class_of_one_row_is_no_error_for_that():
    texts, labels, _, _ = planted(rows=120, rate=0.05)
    texts.append("porcelain figurine of a shepherd")
    labels.append("Art")
    scores = score(texts, labels)
    check_validity(scores, labels)
    assert scores.error_probability[-1] == pytest.approx(scores.error_rate)
    assert not scores.is_suspect[-1]
    assert "fewer than 3 distinct texts: Art (1)" in scores.note
    assert "Art" not in set(scores.suggested_label[scores.is_suspect])


def test_hundreds_of_classes():
    random = np.random.default_rng(0)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    words = ["".join(random.choice(letters, 7)) for _ in range(180)]
    rows = 900
    true = np.arange(rows) % 180
    wrong = np.zeros(rows, bool)
    wrong[random.choice(rows, 45, replace=False)] = True
    given_label = np.where(wrong, (true + 7) % 180, true)
    texts = [
        f"{words[kind]} {random.choice(OF_ALL)} {row}" for row, kind in enumerate(true)
    ]
    labels = [f"Brand > {words[kind]}" for kind in given_label]
    scores = score(texts, labels)
    check_validity(scores, labels)
    assert average_precision_score(wrong, scores.error_probability) > 0.7
    suspects = scores.is_suspect & wrong
    assert (scores.wrong_level[suspects] == 2).all()


def test_lengths_must_agree():
    texts, labels, _, _ = planted(rows=20)
    with pytest.raises(ValueError) as caught:
        score(texts, labels[:3])
    assert str(caught.value) == "There are 20 texts but 3 labels."
    with pytest.raises(ValueError) as caught:
        score(texts, labels, embeddings=np.zeros((4, 2), np.float32))
    assert str(caught.value) == "There are 20 texts but 4 embeddings."


def test_numbers_are_no_texts():
    with pytest.raises(
        ValueError, match=r"texts\[1\] is 3, neither a text nor missing"
    ):
        score(["a", 3], ["b", "c"])


def test_an_unknown_encoder_is_refused():
    texts, labels, _, _ = planted(rows=20)
    with pytest.raises(ValueError):
        score(texts, labels, encoder="no such encoder")


def test_audits_move_the_rate(found):
    scores, texts, labels, _, wrong = found
    rows = np.random.default_rng(3).choice(len(texts), 80, replace=False)
    audited = score(texts, labels, audits={"row": rows, "is_wrong": wrong[rows]})
    check_validity(audited, labels)
    assert audited.rate_basis == "audits"
    assert audited.error_rate_low <= wrong.mean() <= audited.error_rate_high
    np.testing.assert_array_equal(audited.error_probability[rows], wrong[rows])
    others = np.delete(np.arange(len(texts)), rows)
    np.testing.assert_array_equal(
        audited.error_probability[others], scores.error_probability[others]
    )
    # People who find every second label wrong are believed.
    verdicts = np.arange(80) % 2 == 0
    audited = score(texts, labels, audits={"row": rows, "is_wrong": verdicts})
    assert audited.error_rate_low < 0.5 < audited.error_rate_high
    assert audited.error_rate_low > scores.error_rate_high


def test_an_audit_goes_before_the_model(found):
    scores, texts, labels, _, _ = found
    rows = np.arange(4)
    is_wrong = [True, True, False, False]
    audits = {"row": rows, "is_wrong": is_wrong}
    without = score(texts, labels, audits=audits)
    audits["right_label"] = ["another", None, "another", float("nan")]
    audited = score(texts, labels, audits=audits)
    check_validity(audited, labels)
    np.testing.assert_array_equal(audited.error_probability[rows], is_wrong)
    np.testing.assert_array_equal(audited.is_suspect[rows], is_wrong)
    assert audited.suggested_label[0] == "another"
    assert audited.suggestion_probability[0] == 1
    np.testing.assert_array_equal(
        audited.suggested_label[1:], scores.suggested_label[1:]
    )
    assert list(audited.suggestion_probability[2:4]) == [0, 0]
    assert list(audited.wrong_level[rows] > 0) == is_wrong
    for name in ("error_rate", "error_rate_low", "error_rate_high", "threshold"):
        assert getattr(audited, name) == getattr(without, name)
    others = slice(4, None)
    np.testing.assert_array_equal(
        audited.error_probability[others], scores.error_probability[others]
    )


def test_no_audits_leave_the_rate_to_the_model(found):
    scores, texts, labels, _, _ = found
    assert_same(score(texts, labels, audits={"row": [], "is_wrong": []}), scores)


@pytest.mark.parametrize(
    "audits",
    [
        {"row": [999], "is_wrong": [True]},
        {"row": [-1], "is_wrong": [True]},
        {"row": [0, 1], "is_wrong": [True]},
        {"row": [0], "is_wrong": [True], "weight": [0.0]},
        {"row": [0], "is_wrong": [True], "right_label": ["a", "b"]},
    ],
)
def test_wrong_audits_are_refused(audits):
    texts, labels, _, _ = planted(rows=20)
    with pytest.raises(ValueError):
        score(texts, labels, audits=audits)


any_text = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.lists(st.sampled_from(OF_ALL), min_size=1, max_size=3).map(" ".join),
)
any_label = st.one_of(
    st.none(), st.sampled_from([*PATHS, "", "Home", 1, 2.5, True, float("nan")])
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.tuples(any_text, any_label), max_size=40), st.integers(0, 3))
def test_any_answer_is_valid(rows, seed):
    texts, labels = [row[0] for row in rows], [row[1] for row in rows]
    scores = score(texts, labels, seed=seed)
    check_validity(scores, labels)
    for row, (text, label) in enumerate(rows):
        if text is None or not text.strip() or label is None or label != label:
            assert np.isnan(scores.error_probability[row])


def test_real_offers_are_told_better_than_by_confidence():
    """As many planted errors are found, and earlier, than by what confidence finds."""
    if not PRICERUNNER.is_file():
        pytest.skip("the data sets are not here: set ASSAY_TEST_DATA")

    rows = rows_of(
        "select title, category from read_parquet(?) where title is not null"
        " order by hash(product_id) limit 2000",
        [str(PRICERUNNER)],
    )
    texts = [row[0] for row in rows]
    _, true = np.unique([row[1] for row in rows], return_inverse=True)
    names = sorted({row[1] for row in rows})
    random = np.random.default_rng(0)
    wrong = random.random(len(rows)) < 0.1
    shift = random.integers(1, len(names), size=len(rows))
    labels = np.where(wrong, (true + shift) % len(names), true)
    vectors = encode(texts, encoder="ngrams")
    scores = score(texts, [names[label] for label in labels], embeddings=vectors)
    check_validity(scores, [names[label] for label in labels])
    model = LogisticRegression(max_iter=50)
    confidence = cross_val_predict(
        model, vectors, labels, cv=5, method="predict_proba"
    )[np.arange(len(labels)), labels]
    ours = average_precision_score(wrong, scores.error_probability)
    theirs = average_precision_score(wrong, 1 - confidence)
    print(f"average precision: {ours:.3f}, of confidence: {theirs:.3f}")
    assert ours > theirs
    assert ours > 0.9
    assert scores.error_rate == pytest.approx(wrong.mean(), abs=0.03)
    assert scores.error_rate_low <= wrong.mean() <= scores.error_rate_high
    is_right = scores.suggested_label[wrong] == np.array(names, object)[true[wrong]]
    assert is_right.mean() > 0.85


@pytest.mark.parametrize("texts", [2, 3, 8, 12, 20, 40, 60])
@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("rows", [60, 200, 1000])
def test_right_labels_of_few_distinct_texts_are_not_turned_round(texts, classes, rows):
    random = np.random.default_rng(texts)
    kinds = [["great", "awful", "fine", "odd"][text % classes] for text in range(texts)]
    said = [
        f"{kind} {random.choice(OF_ALL)} {random.choice(OF_ALL)} {text}"
        for text, kind in enumerate(kinds)
    ]
    drawn = random.integers(0, texts, rows)
    drawn[:texts] = np.arange(texts)[:rows]
    scores = score(
        [said[text] for text in drawn],
        [kinds[text] for text in drawn],
        encoder="ngrams",
    )
    assert not scores.is_suspect.any()
    if np.isnan(scores.error_rate):
        assert f"{texts} distinct texts" in scores.note
    else:
        assert texts >= 20 and scores.error_rate < 0.02


def test_nothing_sure_is_suggested_where_labels_overlap():
    # Two categories hold the same things, as seasons do; a third one is told apart.
    random = np.random.default_rng(3)
    labels = [["Autumn", "Winter", "Toys"][row % 3] for row in range(600)]
    texts = [
        f"{'puzzle game' if label == 'Toys' else 'heater fan'} {random.choice(OF_ALL)}"
        f" {random.choice(OF_ALL)} {row}"
        for row, label in enumerate(labels)
    ]
    scores = score(texts, labels, encoder="ngrams")
    assert scores.suggestion_probability.max() <= 0.5
    assert "hard to tell apart" in scores.note


def test_a_label_is_not_turned_as_a_whole():
    # Nine in ten texts of a small label read as the large one.
    random = np.random.default_rng(4)
    texts = [f"lamp {random.choice(OF_ALL)} {row}" for row in range(400)]
    labels = ["Lamps" if row >= 40 else "Lighting" for row in range(400)]
    scores = score(texts, labels, encoder="ngrams")
    small = np.array(labels) == "Lighting"
    assert not (scores.suggestion_probability[small] >= 0.95).any()


@pytest.mark.parametrize("seed", range(3))
def test_texts_that_say_nothing_of_the_labels_measure_nothing(seed):
    random = np.random.default_rng(seed)
    texts = [" ".join(random.choice(OF_ALL, 3)) + f" {row}" for row in range(60)]
    labels = random.permutation(["good", "bad"] * 30).tolist()
    scores = score(texts, labels, encoder="ngrams")
    assert np.isnan(scores.error_rate) and not scores.is_suspect.any()
    assert scores.note == "these texts say nothing of the labels: no better than chance"
