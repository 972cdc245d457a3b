"""How the truth of the simulated shop says that records can be repaired."""

import pandas as pd
import pytest

from python_ml.sample.repairability import repair_of
from python_ml.sample.simulate import simulate

MISSING = ("missing", "blank", "placeholder")
LOST = {"call us", "on request", "about ten", "XX", "local", "[object Object]"}


@pytest.mark.parametrize(
    ("feed", "column", "defect", "known", "unknown"),
    [
        ("products", "title", "mojibake", "value", None),
        ("products", "brand", "missing", "value", None),
        ("users", "phone", "bad_pattern", "value", None),
        ("events", "event_type", "bad_value", "value", None),
        ("events", "user_id", "missing", "value", None),
        ("products", "price", "out_of_range", "value", None),
        ("products", "created_at", "out_of_order", "value", None),
        ("products", "price", "disagreement", "value", None),
        ("relevance_labels", "label", "disagreement", "value", None),
        ("products", "title", "disagreement", "value", "value"),
        ("products", "brand", "disagreement", "value", "value"),
        ("products", "category", "wrong_category", "value", "value"),
        ("reviews", "label", "wrong_label", "value", "value"),
        ("products", None, "repeat", "remove", "remove"),
        ("events", None, "repeat_content", "remove", "remove"),
        ("events", "occurred_at", "future", "remove", "remove"),
        ("events", "quantity", "out_of_range", "value", None),
        ("events", "price", "out_of_range", "value", None),
        ("events", "user_id", "orphan", "remove", "remove"),
        ("reviews", "product_id", "orphan", "remove", "remove"),
        ("events", "query_id", "orphan", "empty", "empty"),
        ("reviews", "user_id", "orphan", "empty", "empty"),
        ("products", "updated_at", "stale", None, None),
        ("users", "updated_at", "late", None, None),
        ("events", "occurred_at", "gap_day", None, None),
        ("events", "product_id", "uncovered", None, None),
        ("users", "user_id", "no_profile", None, None),
    ],
)
def test_how_each_defect_is_repaired(feed, column, defect, known, unknown):
    assert repair_of(feed, column, defect, is_known=True) == known
    assert repair_of(feed, column, defect, is_known=False) == unknown


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Products, events and truth as text, with many purchases and gaps."""
    folder = tmp_path_factory.mktemp("shop")
    simulate(folder, format="csv", products=400, events=20_000, seed=5)
    tables = (
        pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in ("products", "events", "truth")
    )
    return tuple(tables)


def facts_about(truth, feed, *defects):
    found = truth[(truth.feed == feed) & truth.defect.isin(defects)]
    assert len(found)
    return found.assign(row_number=found.row_number.astype(int))


def test_what_a_product_lacks_stands_in_its_other_row(shop):
    products, _, truth = shop
    facts = facts_about(truth, "products", *MISSING, "bad_currency", "bad_json")
    repairs = set()
    for fact in facts[~facts.column_name.isin(["brand", "product_id"])].itertuples():
        row = products.loc[fact.row_number]
        others = products[products.product_id == row.product_id]
        others = others.drop(index=fact.row_number)[fact.column_name]
        is_told = fact.defect.startswith("bad") and fact.found_value not in LOST
        is_cut = fact.defect == "bad_json" and len(fact.found_value) * 2 <= len(
            fact.true_value
        )
        is_known = (others == fact.true_value).any() or (is_told and not is_cut)
        assert fact.repair == ("value" if is_known else ""), fact
        repairs.add(fact.repair)
    assert repairs == {"value", ""}


def test_the_id_of_a_product_is_told_by_its_other_row(shop):
    products, _, truth = shop
    facts = facts_about(truth, "products", *MISSING)
    facts = facts[facts.column_name == "product_id"]
    assert set(facts.true_value) <= set(products.product_id)
    assert set(facts.repair) == {"value"}


def test_a_missing_brand_is_named_in_the_title(shop):
    products, _, truth = shop
    facts = facts_about(truth, "products", *MISSING)
    facts = facts[facts.column_name == "brand"]
    titles = products.title[facts.row_number]
    assert all(map(str.startswith, titles, facts.true_value))
    assert set(facts.repair) == {"value"}


def test_prices_that_disagree_are_told_by_a_purchase(shop):
    _, events, truth = shop
    facts = facts_about(truth, "products", "disagreement")
    facts = facts[facts.column_name == "price"]
    paid = set(zip(events.product_id, events.price, strict=True))
    product_id = facts.record_key.str.split("|").str[0]
    is_paid = [pair in paid for pair in zip(product_id, facts.true_value, strict=True)]
    assert (facts.repair.eq("value") == is_paid).all()
    assert set(facts.repair) == {"value", ""}


def test_texts_are_repaired_unless_a_character_is_gone(shop):
    _, _, truth = shop
    facts = facts_about(truth, "reviews", "mojibake")
    is_lost = facts.found_value.str.contains("\ufffd")
    assert (facts.repair.eq("") == is_lost).all()
    assert is_lost.any() and not is_lost.all()
    rest = facts_about(truth, "reviews", "markup", "doubled_space", "control_character")
    assert set(rest.repair) == {"value"}


def test_only_products_are_told_by_other_rows(shop):
    _, _, truth = shop
    for feed in ("users", "events", "queries", "relevance_labels", "reviews"):
        assert set(facts_about(truth, feed, *MISSING).repair) == {""}
