"""Lists of recommendations: what is shown, why, and to whom."""

import numpy as np
import pyarrow as pa
import pytest

from python_ml.effect.lists import LISTS, ListSettings, diverse, recommend
from python_ml.effect.models.content import TextVectors
from python_ml.effect.settings import RecommenderSettings
from tests.python_ml.effect.shops import events, shop

SETTINGS = RecommenderSettings(ease_penalty=20, device="cpu")


def titles(count=60, category=lambda number: f"c{number % 5}"):
    return pa.table(
        {
            "product_id": [str(number) for number in range(count)],
            "title": [f"title {number}" for number in range(count)],
            "category": [category(number) for number in range(count)],
        }
    )


def made(table, users=None, texts=None, **lists):
    parts = recommend(
        table,
        titles(),
        users,
        texts=texts,
        lists=ListSettings(**lists),
        settings=SETTINGS,
    )
    return pa.concat_tables(parts).to_pylist()


def test_everyone_gets_a_list_of_one_length():
    table = shop(users=80)
    rows = made(table, pa.array(["new", "0", None, "new"]), model="ease", top=7)
    by_user = {}
    for row in rows:
        by_user.setdefault(row["user_id"], []).append(row)
    assert set(by_user) == {*table["user_id"].to_pylist(), "new"}
    for listed in by_user.values():
        assert [row["rank"] for row in listed] == list(range(1, 8))
        assert len({row["product_id"] for row in listed}) == 7
        scores = [row["score"] for row in listed]
        assert scores == sorted(scores, reverse=True)
    assert {row["reason"] for row in by_user["new"]} == {"popular"}
    buyers = table.group_by(["product_id"]).aggregate([("user_id", "count_distinct")])
    most = max(buyers["user_id_count_distinct"].to_pylist())
    assert by_user["new"][0]["reason_in_words"] == f"taken by {most} users"


def test_what_is_new_is_nothing_that_the_user_has():
    table = shop(users=80)
    had = set(
        zip(table["user_id"].to_pylist(), table["product_id"].to_pylist(), strict=True)
    )
    rows = made(table, model="item_knn", target="new")
    assert rows
    assert not had & {(row["user_id"], row["product_id"]) for row in rows}
    for row in rows:
        if row["reason"] == "alike":
            assert 1 <= len(row["because_of"]) <= 2
            assert all((row["user_id"], one) in had for one in row["because_of"])
            named = " and ".join(f"title {one}" for one in row["because_of"])
            assert row["reason_in_words"] == f"because of {named}"
    assert sum(row["reason"] == "alike" for row in rows) > len(rows) / 2


def test_reasons_are_true():
    # a has 0 three times and 5 once; 1 goes with 0; 10 is of category c0, as 0 and 5.
    table = events(
        ["a"] * 4 + list("bbccdef"),
        [0, 0, 0, 5, 0, 1, 0, 1, 10, 3, 3],
        range(11),
    )
    shown = [row for row in made(table, model="own_counts") if row["user_id"] == "a"]
    wanted = {
        "0": ("repeat", "taken 3 times before"),
        "5": ("repeat", "taken once before"),
        "1": ("alike", "because of title 0"),
        "10": ("category", "in c0, which the user takes most of"),
        "3": ("popular", "taken by 2 users"),
    }
    assert wanted == {
        row["product_id"]: (row["reason"], row["reason_in_words"]) for row in shown
    }


def test_diversity_is_maximal_marginal_relevance():
    scores = np.array([1.0, 0.9, 0.8, 0.0])
    alike = np.eye(4)
    alike[0, 1] = alike[1, 0] = 1
    assert diverse(scores, alike, 4, 0.0).tolist() == [0, 1, 2, 3]
    # The second is like the first: .45 - .5 against .4 - 0.
    assert diverse(scores, alike, 3, 0.5).tolist() == [0, 2, 3]
    assert diverse(np.ones(3), np.eye(3), 2, 1.0).tolist() == [0, 1]


def test_diverse_lists_mix_categories():
    table = shop(users=80)
    means = []
    for diversity in (0.0, 0.7):
        rows = made(table, model="ease", diversity=diversity)
        by_user = {}
        for row in rows:
            categories = by_user.setdefault(row["user_id"], set())
            categories.add(int(row["product_id"]) % 5)
        means.append(np.mean([len(found) for found in by_user.values()]))
    assert means[1] > means[0] + 0.5


def test_texts_are_needed_where_they_are_used():
    table = shop(users=80)
    with pytest.raises(ValueError, match=r"content cannot be used: no embeddings"):
        made(table, model="content")
    texts = TextVectors([str(n) for n in range(60)], np.eye(60, dtype=np.float32))
    rows = made(table, texts=texts, model="content", top=3)
    # Nothing reads like anything else: what the user has comes first.
    assert {row["reason"] for row in rows} == {"repeat"}


def test_the_hybrid_is_tuned_and_shown():
    rows = made(shop(users=80), model="hybrid", target="new", top=3)
    assert len(rows) == 240


def test_fewer_products_than_asked_for_are_all():
    table = events("aab", "xyx", [1, 2, 3])
    assert len(made(table, model="popularity")) == 4
    # a has all there is.
    rows = made(table, model="popularity", target="new")
    assert [(row["user_id"], row["product_id"]) for row in rows] == [("b", "y")]


def test_products_without_words_are_called_by_their_id():
    table = events("aabb", ["p", "q", "p", "r"], [1, 2, 3, 4])
    rows = made(table, model="item_knn", target="new")
    assert rows[0]["reason_in_words"] == "because of p"


def test_nothing_to_learn_from_is_an_error():
    with pytest.raises(ValueError, match="no events"):
        made(events([], [], []))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"model": "best"}, "none of popularity"),
        ({"target": "repeat"}, "neither all nor new"),
        ({"top": 0}, "at least 1"),
        ({"diversity": 1.5}, "from 0 to 1"),
        ({"diversity": float("nan")}, "from 0 to 1"),
    ],
)
def test_lists_that_cannot_be_meant_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        ListSettings(**wrong)


def test_blocks_of_users_are_the_same(monkeypatch):
    table = shop(users=80)
    whole = made(table, model="ease", diversity=0.3)
    monkeypatch.setattr("python_ml.effect.lists._CELLS", 600)
    assert made(table, model="ease", diversity=0.3) == whole
    assert list(whole[0]) == LISTS.names
