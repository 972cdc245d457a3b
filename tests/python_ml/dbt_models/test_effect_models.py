"""What the dbt models of what repairs are worth call."""

import numpy as np
import pyarrow as pa
import pytest

from python_ml.dbt_models import effect as models
from python_ml.dbt_models.effect import recommender_effect, search_effect
from python_ml.effect.results import RECOMMENDER_SCHEMA, SEARCH_SCHEMA
from tests.python_ml.effect.shops import events, shop

CROSSWALK = pa.table(
    {"product_id": ["7", "8"], "integrated_product_id": ["7", "7"]},
    pa.schema([("product_id", pa.string()), ("integrated_product_id", pa.string())]),
)


def typed(table, kinds):
    """As int_recommender_events has them."""
    table = table.append_column("cut_at", table["occurred_at"])
    return table.append_column("event_type", pa.array(kinds, pa.string()))


def notes(table):
    return {row["note"] for row in table.to_pylist()}


def test_purchases_are_predicted_where_there_are_enough():
    table = shop(users=300)
    rng = np.random.default_rng(0)
    for share, what in ((0.5, "purchases: "), (0.01, "purchases and what else")):
        kinds = np.where(rng.random(len(table)) < share, "purchase", "view")
        of = typed(table, kinds)
        found = recommender_effect(lambda version, of=of: of, CROSSWALK, device="cpu")
        assert found.schema == RECOMMENDER_SCHEMA
        assert all(note.startswith(what) for note in notes(found))
        assert set(found["version"].to_pylist()) == {"found", "repaired"}
        # Found 7 and 8 are one product; both versions hold the same here.
        assert set(found["difference"].to_pylist()) == {None, 0}


@pytest.mark.parametrize(
    ("table", "effort", "note"),
    [
        (shop(users=40), "auto", "not measured: 40 test users"),
        (shop(users=300), "off", "not measured: turned off (var effect)"),
        (shop(users=300), "False", "not measured: turned off (var effect)"),
        (
            events([None], ["a"], [1]),
            "auto",
            "not measured: no events with a user, a product and a time",
        ),
        (
            events([], [], []),
            "auto",
            "not measured: no events with a user, a product and a time",
        ),
    ],
)
def test_what_is_not_measured_says_why(table, effort, note):
    of = typed(table, [None] * len(table))
    found = recommender_effect(lambda version: of, CROSSWALK, effort=effort)
    assert notes(found) == {note}
    assert set(found["value"].to_pylist()) == {None}
    assert found.schema == RECOMMENDER_SCHEMA


def test_columns_without_any_value_are_no_error():
    """Of an engine that knows no type of them."""
    nothing = {name: pa.nulls(3) for name in ("user_id", "product_id", "event_type")}
    nothing |= {name: pa.nulls(3) for name in ("occurred_at", "cut_at")}
    found = recommender_effect(lambda version: pa.table(nothing), CROSSWALK)
    assert len(notes(found)) == 1


ENCODERS = pa.table(
    {
        "rule_name": ["a", "b", "c"],
        "encoder": ["ngrams", None, "ngrams"],
        "loader": ["ngrams"] * 3,
        "precision": ["float32"] * 3,
        "device": ["cpu"] * 3,
    }
)
EMBEDDINGS = pa.schema(
    [("text_hash", pa.string()), ("embedding", pa.list_(pa.float32()))]
)


def search_tables(queries=60):
    words = [f"{colour} {thing}" for colour in "abcdefgh" for thing in "stuvwxyz"]
    products = pa.table(
        {
            "version": ["found"] * 64 + ["repaired"] * 64,
            "product_id": [f"p{number % 64}" for number in range(128)],
            "title": words[:40] + [None] * 24 + words,
            "description": pa.nulls(128, pa.string()),
            "text_hash": words[:40] + [None] * 24 + words,
        }
    )
    asked = [words[number % 64] for number in range(queries)]
    table = pa.table(
        {
            "version": ["found"] * queries + ["repaired"] * queries,
            "query_id": [f"q{number % queries}" for number in range(2 * queries)],
            "query_text": asked * 2,
            "locale": pa.nulls(2 * queries),
            "issued_at": pa.nulls(2 * queries),
            "text_hash": asked * 2,
        }
    )
    labels = pa.table(
        {
            "query_id": [f"q{number}" for number in range(queries)],
            "product_id": [f"p{number % 64}" for number in range(queries)],
            "gain": [1.0] * queries,
        }
    )
    texts = pa.table({"text_hash": words, "labeled_text": words})
    return products, table, labels, texts


def measured(known=None, effort="auto", encoders=ENCODERS, queries=60):
    products, asked, labels, _ = search_tables(queries)
    return search_effect(
        products,
        asked,
        labels,
        CROSSWALK,
        encoders,
        lambda encoder: EMBEDDINGS.empty_table() if known is None else known,
        effort=effort,
    )


def test_texts_are_embedded_that_are_not_yet():
    found = measured()
    assert found.schema == SEARCH_SCHEMA
    values = {
        (row["version"], row["system"]): row["value"]
        for row in found.to_pylist()
        if row["metric"] == "recall_at_100"
    }
    # 24 titles are missing in what was found, of which 20 are asked for.
    assert values["found", "lexical"] < values["repaired", "lexical"]
    assert values["repaired", "dense"] > values["found", "dense"]
    assert values["repaired", "fusion"] > 0.95


def test_embeddings_that_are_there_are_not_made_again(monkeypatch):
    vectors = np.eye(64, dtype=np.float32).tolist()
    *_, texts = search_tables()
    known = pa.table([texts["text_hash"], vectors], schema=EMBEDDINGS)
    monkeypatch.setattr(
        "python_ml.dbt_models.encoders.embed_texts", lambda texts: 1 / 0
    )
    found = measured(known)
    values = {
        row["value"]
        for row in found.to_pylist()
        if (row["system"], row["version"]) == ("dense", "repaired")
        and row["metric"] == "ndcg_at_10"
    }
    assert values == {1}


def test_too_many_texts_are_embedded_when_asked_for(monkeypatch):
    monkeypatch.setattr(models, "_NEW_TEXTS", 10)
    found = [row for row in measured().to_pylist() if row["system"] == "dense"]
    assert {row["note"] for row in found} == {
        "not measured: 64 texts have no embedding yet; with the var effect: full they"
        " are made"
    }
    full = measured(effort="full")
    assert all(value is not None for value in full["value"].to_pylist())
    assert "reranked" in full["system"].to_pylist()


def test_without_an_encoder_words_alone_are_measured():
    none = ENCODERS.set_column(1, "encoder", pa.nulls(3, pa.string()))
    for row in measured(encoders=none).to_pylist():
        assert (row["value"] is None) == (row["system"] != "lexical")


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ({"queries": 3}, "3 judged queries with a product that answers"),
        ({"effort": "off"}, "turned off (var effect)"),
    ],
)
def test_search_that_is_not_measured_says_why(options, note):
    found = measured(**options)
    assert notes(found) == {f"not measured: {note}"}
    assert set(found["value"].to_pylist()) == {None}
