"""Kinds of damage: how much is hit, and that more hits the same and more."""

import numpy as np
import pyarrow as pa
import pytest

from python_ml.calibration.damage import (
    EVENT_KINDS,
    TEXT_KINDS,
    damage_events,
    damage_texts,
    twinned,
)
from python_ml.effect.interactions import read_versions
from tests.python_ml.effect.shops import shop


@pytest.fixture(scope="module")
def clean():
    versions, vocabulary = read_versions({"repaired": shop(users=400)})
    return versions["repaired"], len(vocabulary.products), vocabulary


def rows(events):
    """How often each event is there."""
    found, counts = np.unique(events.sorted_rows(), axis=0, return_counts=True)
    return dict(zip(map(tuple, found), counts.tolist(), strict=True))


def apart(left, right):
    """How many events of the one are not in the other."""
    there = rows(right)
    return sum(max(count - there.get(row, 0), 0) for row, count in rows(left).items())


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_a_rate_is_a_share_of_events_products_or_days(clean, kind):
    events, products, _ = clean
    found = damage_events(events, {kind: 0.2}, 0, products)
    count = len(events.user)
    lost, added = apart(events, found) / count, apart(found, events) / count
    expected = {
        "missing": (0.2, 0),
        "lost_items": (0.2, 0),
        "lost_days": (0.2, 0),
        "late": (0.2, 0),
        "extra_clicks": (0, 0.2),
        "repeats": (0, 0.2),
        "bursts": (0, 0.2),
        "split_ids": (0.1, 0.1),
    }.get(kind, (0.2, 0.2))
    # Another user or product is now and then the same; days and bursts are few.
    wide = 0.1 if kind in ("lost_days", "bursts") else 0.04
    assert lost == pytest.approx(expected[0], abs=wide)
    assert added == pytest.approx(expected[1], abs=wide)
    if kind == "bursts":
        most = max(rows(found).values())
        assert most >= 51


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_less_damage_is_part_of_more(clean, kind):
    events, products, _ = clean
    little, much = (
        damage_events(events, {kind: rate}, 3, products) for rate in (0.05, 0.2)
    )
    # What both have changed, they changed alike.
    changed = apart(events, little) + apart(little, events)
    further = apart(little, much) + apart(much, little)
    everything = apart(events, much) + apart(much, events)
    assert 0 < changed < everything
    # Of a product or event hit twice the second coin falls alike, too.
    assert further == pytest.approx(everything - changed, abs=0.01 * len(events.user))


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_a_seed_says_it_all(clean, kind):
    events, products, _ = clean
    one, same, other = (
        rows(damage_events(events, {kind: 0.1}, seed, products)) for seed in (1, 1, 2)
    )
    assert one == same
    assert (one == other) == (kind == "late")
    assert rows(damage_events(events, {kind: 0.0}, 1, products)) == rows(events)


def test_a_mix_hits_what_each_kind_hits(clean):
    events, products, _ = clean
    alone = damage_events(events, {"missing": 0.1}, 5, products)
    mixed = damage_events(events, {"missing": 0.1, "repeats": 0.1}, 5, products)
    assert apart(alone, mixed) == 0
    copies = damage_events(events, {"repeats": 0.1}, 5, products)
    # Copies of what is left.
    assert apart(mixed, copies) == 0


def test_products_are_drawn_evenly_along_popularity(clean):
    events, products, _ = clean
    for seed in range(5):
        found = damage_events(events, {"lost_items": 0.2}, seed, products)
        assert len(np.unique(found.product)) == pytest.approx(48, abs=3)
        count = np.bincount(events.product, minlength=products)
        order = np.argsort(-count, kind="stable")
        left = np.isin(np.arange(products), found.product)[order]
        # Of each twenty of like popularity a fifth, give or take one.
        for start in range(0, products, 20):
            assert 3 <= (~left[start : start + 20]).sum() <= 5


def test_a_second_id_is_of_the_same_item(clean):
    events, products, vocabulary = clean
    both = twinned(vocabulary)
    found = damage_events(events, {"split_ids": 0.2}, 0, products)
    assert (found.product >= products).any()
    assert (both.item_of[found.product] == both.item_of[events.product]).all()
    assert len(set(both.products.to_pylist())) == 2 * products


def test_nothing_is_damaged_where_nothing_is(clean):
    events, products, _ = clean
    none = events.where(np.zeros(len(events.user), bool))
    for kind in EVENT_KINDS:
        assert len(damage_events(none, {kind: 0.5}, 0, products).user) == 0


def texts():
    count = 400
    products = pa.table(
        {
            "product_id": [f"p{number // 2}" for number in range(count)],
            "title": [f"title {number}" for number in range(count)],
        }
    )
    queries = pa.table(
        {
            "query_id": [f"q{number}" for number in range(count)],
            "query_text": [f"query {number}" for number in range(count - 2)]
            + [None, "aa"],
        }
    )
    return products, queries


@pytest.mark.parametrize("kind", TEXT_KINDS)
def test_texts_are_damaged_at_a_rate(kind):
    products, queries = texts()
    before = {"title": products["title"], "query_text": queries["query_text"]}
    hit = {}
    for rate in (0.1, 0.3):
        found = damage_texts(products, queries, {kind: rate}, 0)
        column, table = (
            ("title", found[0])
            if "title" in kind
            else (
                "query_text",
                found[1],
            )
        )
        after = table[column].to_pylist()
        pairs = list(zip(before[column].to_pylist(), after, strict=True))
        hit[rate] = {at for at, (old, new) in enumerate(pairs) if old != new}
        assert len(hit[rate]) / 400 == pytest.approx(rate, abs=0.06)
        assert set(found[0].column_names) == {"product_id", "title"}
        if kind == "misspelt_query":
            for at in hit[rate]:
                old, new = pairs[at]
                assert sorted(old) == sorted(new)
        if kind in ("no_title", "no_query"):
            assert all(pairs[at][1] is None for at in hit[rate])
        if "title" in kind:  # All listings of a product alike.
            assert {at ^ 1 for at in hit[rate]} == hit[rate]
    assert hit[0.1] < hit[0.3]
