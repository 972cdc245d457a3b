"""Versions of products and queries, judged by the same labels."""

import datetime

import numpy as np
import pyarrow as pa
import pytest

from python_ml import SearchSettings, SearchVersion, TextVectors, evaluate_search
from python_ml.effect.fusion import FOLDS, folds_by_time, tuned_weights
from python_ml.effect.ranking_metrics import METRICS
from python_ml.effect.results import SEARCH_SCHEMA
from python_ml.effect.settings import SYSTEMS
from tests.python_ml.effect.shops import one, replaced, rows_of

COLOURS = "red blue green black white grey brown pink".split()
THINGS = "mug lamp chair shirt phone table".split()
SETTINGS = SearchSettings(draws=200, systems=("lexical", "dense", "fusion"))
BEGIN = datetime.datetime(2026, 1, 1)


def shop(queries=120):
    """Eight colours of six things, two of each; queries name both."""
    names = [(c, t) for c in COLOURS for t in THINGS for _ in range(2)]
    products = pa.table(
        {
            "product_id": [f"p{number:03}" for number in range(len(names))],
            "title": [f"{colour} {thing}" for colour, thing in names],
            "description": [f"for every day, {thing}" for _, thing in names],
        }
    )
    rng = np.random.default_rng(0)
    asked = [names[at] for at in rng.integers(0, len(names), queries)]
    table = pa.table(
        {
            "query_id": [f"q{number:03}" for number in range(queries)],
            "query_text": [f"{colour} {thing}" for colour, thing in asked],
            "locale": ["en" if number % 4 else "zh" for number in range(queries)],
            "issued_at": pa.array(
                [BEGIN + datetime.timedelta(hours=n) for n in range(queries)],
                pa.timestamp("us"),
            ),
        }
    )
    labels = [
        (query, product, 1.0 if name == wanted else 0.1)
        for query, wanted in zip(table["query_id"].to_pylist(), asked, strict=True)
        for product, name in zip(products["product_id"].to_pylist(), names, strict=True)
        if name[1] == wanted[1]
    ]
    names_of = ("query_id", "product_id", "gain")
    return (
        products,
        table,
        pa.table(
            dict(zip(names_of, map(list, zip(*labels, strict=True)), strict=True))
        ),
    )


@pytest.fixture(scope="module")
def clean():
    return shop()


def without_titles(products, share=0.3):
    rng = np.random.default_rng(1)
    titles = [
        None if rng.random() < share else title
        for title in products["title"].to_pylist()
    ]
    return replaced(products, "title", titles)


def test_missing_titles_cost_recall_and_ndcg(clean):
    products, queries, labels = clean
    effect = evaluate_search(
        {
            "found": SearchVersion(without_titles(products), queries),
            "repaired": SearchVersion(products, queries),
        },
        labels,
        settings=SETTINGS,
    )
    assert effect.table.schema == SEARCH_SCHEMA
    row = one(
        effect, version="repaired", system="lexical", scope="all", metric="ndcg_at_10"
    )
    assert row["value"] > 0.95 > row["value_found"]
    assert row["difference_low"] > 0
    assert row["queries"] == 120
    assert {row["note"] for row in rows_of(effect, system="dense")} == {
        "not measured: no embeddings of products and queries"
    }
    for row in rows_of(effect, system="dense"):
        assert row["value"] is row["queries"] is row["judged_at_10_share"] is None
    # 90 queries are en, 30 zh: too few.
    assert {row["scope"] for row in effect.table.to_pylist()} == {"all", "locale en"}


def test_one_label_set_for_all(clean):
    """The labels of ids that a version lacks still count: it does not find them."""
    products, queries, labels = clean
    half = products.filter(pa.array([n % 2 == 0 for n in range(len(products))]))
    effect = evaluate_search(
        {
            "found": SearchVersion(half, queries),
            "repaired": SearchVersion(products, queries),
        },
        labels,
        settings=SETTINGS,
    )
    for version, recall in (("found", 0.5), ("repaired", 1.0)):
        row = one(
            effect,
            version=version,
            system="lexical",
            scope="all",
            metric="recall_at_100",
        )
        assert row["value"] == pytest.approx(recall)
        assert row["queries"] == 120


def test_a_product_under_two_ids_takes_two_places(clean):
    products, queries, labels = clean
    copies = replaced(
        products,
        "product_id",
        [f"{one}-b" for one in products["product_id"].to_pylist()],
    )
    crosswalk = pa.table(
        {"product_id": copies["product_id"], "item_id": products["product_id"]}
    )
    effect = evaluate_search(
        {
            "found": SearchVersion(pa.concat_tables([products, copies]), queries),
            "repaired": SearchVersion(products, queries),
        },
        labels,
        crosswalk=crosswalk,
        settings=SETTINGS,
    )
    found, repaired = (
        one(effect, version=v, system="lexical", scope="all", metric="ndcg_at_10")
        for v in ("found", "repaired")
    )
    assert found["slots_wasted_rate"] > 0.3
    assert repaired["slots_wasted_rate"] == 0
    assert found["value"] < repaired["value"]
    # All that shares the thing is judged.
    assert repaired["judged_at_10_share"] > 0.9


def test_rows_of_one_product_are_one_text(clean):
    """What one source system does not say, another does."""
    products, queries, labels = clean
    empty = replaced(products, "title", [None] * len(products))
    both = pa.concat_tables([empty, products])
    effect = evaluate_search(
        {
            "found": SearchVersion(both, queries),
            "repaired": SearchVersion(products, queries),
        },
        labels,
        settings=SETTINGS,
    )
    for row in rows_of(effect, version="repaired", system="lexical"):
        assert row["difference"] == 0


def test_chinese_queries_find_products():
    titles = ["红色马克杯", "蓝色马克杯", "红色台灯", "蓝色台灯"] * 5
    asked = ["红色杯", "蓝色台灯", "马克杯红色"] * 20
    right = {"红色杯": [0, 4, 8], "蓝色台灯": [3, 7, 11], "马克杯红色": [0, 4]}
    products = pa.table({"product_id": [str(n) for n in range(20)], "title": titles})
    queries = pa.table({"query_id": [str(n) for n in range(60)], "query_text": asked})
    pairs = [(str(n), str(p)) for n, text in enumerate(asked) for p in right[text]]
    labels = pa.table(
        {
            "query_id": [query for query, _ in pairs],
            "product_id": [product for _, product in pairs],
            "gain": [1.0] * len(pairs),
        }
    )
    version = SearchVersion(products, queries)
    effect = evaluate_search(
        {"found": version, "repaired": version}, labels, settings=SETTINGS
    )
    row = one(
        effect, version="found", system="lexical", scope="all", metric="recall_at_10"
    )
    assert row["value"] == 1


def vectors(clean, noise=0.3):
    products, queries, _ = clean
    rng = np.random.default_rng(2)
    words = {word: rng.normal(size=16) for word in COLOURS + THINGS}

    def of(ids, texts):
        summed = np.array([sum(words[word] for word in text.split()) for text in texts])
        made = (summed + rng.normal(0, noise, summed.shape)).astype(np.float32)
        return TextVectors(ids, made)

    return (
        of(products["product_id"].to_pylist(), products["title"].to_pylist()),
        of(queries["query_id"].to_pylist(), queries["query_text"].to_pylist()),
    )


def test_vectors_fusion_and_reranker(clean):
    products, queries, labels = clean
    of_products, of_queries = vectors(clean)
    damaged = without_titles(products)
    effect = evaluate_search(
        {
            "found": SearchVersion(damaged, queries, of_products, of_queries),
            "repaired": SearchVersion(products, queries, of_products, of_queries),
        },
        labels,
        settings=SearchSettings(systems=SYSTEMS, draws=100),
    )
    value = {
        (version, system): one(
            effect, version=version, system=system, scope="all", metric="ndcg_at_100"
        )["value"]
        for version in ("found", "repaired")
        for system in SYSTEMS
    }
    assert value["repaired", "fusion"] >= max(
        value["repaired", "lexical"], value["repaired", "dense"]
    )
    # Labels teach to look at vectors where titles are missing.
    assert value["found", "reranked"] > value["found", "lexical"] + 0.02
    assert set(effect.weights) == {f"period {number}" for number in range(1, FOLDS + 1)}
    assert all(0 <= weight <= 1 for weight in effect.weights.values())
    dense = one(effect, version="repaired", system="dense", scope="all", metric="mrr")
    assert (dense["difference"], dense["p_value"]) == (0, 1)


def test_a_side_that_knows_nothing_gets_no_weight(clean):
    products, queries, labels = clean
    rng = np.random.default_rng(3)
    noise = TextVectors(
        products["product_id"].to_pylist(),
        rng.normal(size=(len(products), 8)).astype(np.float32),
    )
    asked = TextVectors(
        queries["query_id"].to_pylist(),
        rng.normal(size=(len(queries), 8)).astype(np.float32),
    )
    version = SearchVersion(products, queries, noise, asked)
    effect = evaluate_search(
        {"found": version, "repaired": version}, labels, settings=SETTINGS
    )
    assert min(effect.weights.values()) >= 0.6
    values = {
        system: one(
            effect, version="found", system=system, scope="all", metric="ndcg_at_10"
        )["value"]
        for system in ("lexical", "dense", "fusion")
    }
    assert values["dense"] < 0.5
    assert values["fusion"] > values["lexical"] - 0.01


def test_folds_are_periods_and_keep_texts_together():
    texts = [f"t{number % 50}" for number in range(100)]
    issued = np.arange(100.0)
    fold = folds_by_time(texts, issued)
    assert (fold[:50] == np.arange(50) // 10).all()
    assert (fold[50:] == fold[:50]).all()
    unknown = folds_by_time(["b", "a"], np.full(2, np.nan))
    assert unknown.tolist() == [2, 0]


def test_a_weight_is_that_of_the_other_folds():
    fold = np.array([0, 0, 1, 1])

    def quality(weight):
        # The queries of fold 0 want words, those of fold 1 vectors.
        return np.array([weight, weight, 1 - weight, 1 - weight])

    assert tuned_weights(fold, quality).tolist() == [0, 0, 1, 1]


def nothing(products, queries, labels, **settings):
    version = SearchVersion(products, queries)
    effect = evaluate_search(
        {"found": version, "repaired": version},
        labels,
        settings=SearchSettings(**{"systems": SYSTEMS, "draws": 50, **settings}),
    )
    for row in effect.table.to_pylist():
        assert row["note"]
        numbers = [value for value in row.values() if isinstance(value, float)]
        assert not np.isnan(numbers).any()
        assert (row["value"] is None) == row["note"].startswith("not measured")
    return effect


def test_from_nothing_comes_nothing(clean):
    products, queries, labels = clean
    few = labels.filter(pa.compute.is_in(labels["query_id"], pa.array(["q001"])))
    for wanted, note in (
        ((products, queries, labels.slice(0, 0)), "0 judged queries"),
        ((products, queries, few), "1 judged query"),
        ((products, queries.slice(0, 0), labels), "0 judged queries"),
        ((products.slice(0, 0), queries, labels), "no products"),
    ):
        effect = nothing(*wanted)
        notes = {row["note"] for row in effect.table.to_pylist()}
        assert len(notes) == 1
        assert note in notes.pop()
        assert len(effect.table) == 2 * len(SYSTEMS) * len(METRICS)


def test_where_no_text_is_there_nothing_is_found_and_that_is_measured(clean):
    products, queries, labels = clean
    blank = pa.table({"product_id": products["product_id"]})
    effect = nothing(blank, queries, labels)
    row = one(
        effect, version="found", system="lexical", scope="all", metric="recall_at_100"
    )
    assert row["value"] == pytest.approx(0, abs=1e-12)
    # Nothing is shown, so no share of it is judged.
    assert row["judged_at_10_share"] is row["slots_wasted_rate"] is None


def test_queries_that_nothing_answers_are_left_out_and_counted(clean):
    products, queries, labels = clean
    gains = [
        0.1 if query == "q000" else gain
        for query, gain in zip(
            labels["query_id"].to_pylist(), labels["gain"].to_pylist(), strict=True
        )
    ]
    effect = nothing(products, queries, replaced(labels, "gain", gains))
    row = one(effect, version="found", system="lexical", scope="all", metric="mrr")
    assert (row["queries"], row["queries_excluded"]) == (119, 1)


def test_too_many_queries_are_drawn(clean):
    effect = nothing(*clean, maximum_queries=70)
    row = one(effect, version="found", system="lexical", scope="all", metric="mrr")
    assert (row["queries"], row["queries_excluded"]) == (70, 50)


def test_blocks_of_queries_are_the_same(clean, monkeypatch):
    whole = nothing(*clean)
    monkeypatch.setattr("python_ml.effect.systems._CELLS", 300)
    assert nothing(*clean).table.equals(whole.table)


def test_what_cannot_be_meant_is_refused(clean):
    products, queries, labels = clean
    version = SearchVersion(products, queries)
    versions = {"found": version, "repaired": version}
    with pytest.raises(ValueError, match="no version repaired"):
        evaluate_search({"found": version}, labels)
    with pytest.raises(ValueError, match="labels have no column gain"):
        evaluate_search(versions, labels.drop(["gain"]))
    with pytest.raises(ValueError, match=r"gain of a label is 3.0"):
        wrong = replaced(labels, "gain", [3.0] * len(labels))
        evaluate_search(versions, wrong)
    with pytest.raises(ValueError, match="labels are a list"):
        evaluate_search(versions, [])
    with pytest.raises(ValueError, match="name some of lexical"):
        SearchSettings(systems=("bm25",))
    text = queries.set_column(3, "issued_at", pa.array(["May"] * len(queries)))
    with pytest.raises(ValueError, match="give timestamps"):
        evaluate_search({**versions, "repaired": SearchVersion(products, text)}, labels)
