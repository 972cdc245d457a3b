"""Versions of the same events, judged by the same."""

import datetime

import numpy as np
import pyarrow as pa
import pytest

from python_ml import RecommenderSettings, TextVectors, evaluate_recommenders
from python_ml.effect.ranking_metrics import METRICS
from python_ml.effect.results import RECOMMENDER_SCHEMA
from python_ml.effect.settings import MODELS
from python_ml.effect.split import TARGETS
from tests.python_ml.effect.shops import BEGIN, events, one, replaced, rows_of, shop

CUT = BEGIN + datetime.timedelta(days=80)
SETTINGS = RecommenderSettings(cut=CUT, ease_penalty=20, draws=300, device="cpu")


@pytest.fixture(scope="module")
def clean():
    return shop()


def kept(table, is_kept):
    return table.filter(pa.array(is_kept))


def test_what_is_lost_costs(clean):
    rng = np.random.default_rng(1)
    found = kept(clean, rng.random(len(clean)) < 0.4)
    effect = evaluate_recommenders(
        {"found": found, "repaired": clean}, settings=SETTINGS
    )
    assert effect.table.schema == RECOMMENDER_SCHEMA
    assert len(effect.table) == 2 * len(SETTINGS.models) * 3 * len(METRICS)
    row = one(
        effect,
        version="repaired",
        model="own_counts",
        target="all",
        metric="ndcg_at_100",
    )
    assert row["difference"] == pytest.approx(row["value"] - row["value_found"])
    assert row["difference_low"] > 0
    assert row["p_value"] <= row["p_adjusted"] < 0.05
    assert 0 < row["smallest_difference"] < row["difference"]
    for row in effect.table.to_pylist():
        assert 0 < row["value"] <= 1
        assert row["value_low"] <= row["value"] <= row["value_high"]
        assert row["users"] > 100
        is_found = row["version"] == "found"
        assert (row["difference"] is None) == is_found == (row["p_value"] is None)


def test_the_order_of_rows_changes_nothing(clean):
    rng = np.random.default_rng(2)
    some = kept(clean, rng.random(len(clean)) < 0.7)
    shuffled = some.take(pa.array(rng.permutation(len(some))))
    first, second = (
        evaluate_recommenders({"found": table, "repaired": clean}, settings=SETTINGS)
        for table in (some, shuffled)
    )
    for name in METRICS:
        before = first.by_user[name].to_numpy()
        assert np.allclose(before, second.by_user[name].to_numpy(), atol=1e-9)


def test_versions_that_hold_the_same_are_computed_once(clean):
    shuffled = clean.take(pa.array(np.random.default_rng(3).permutation(len(clean))))
    later = pa.array([moment >= CUT for moment in clean["occurred_at"].to_pylist()])
    # What is after the cut is no matter of training.
    without_test = clean.filter(pa.compute.invert(later))
    effect = evaluate_recommenders(
        {"found": shuffled, "repaired": clean, "without_x": without_test},
        settings=SETTINGS,
    )
    assert {version for version, _ in effect.seconds} == {"found"}
    for version in ("repaired", "without_x"):
        for row in rows_of(effect, version=version):
            assert (row["difference"], row["p_value"]) == (0, 1)
            assert row["smallest_difference"] == 0
            assert "same interactions as found" in row["note"]


def test_all_versions_are_judged_by_the_same_users(clean):
    """A version that lost half of the users, and all it had of them, keeps them."""
    users = np.array([int(user) for user in clean["user_id"].to_pylist()])
    found = kept(clean, users % 2 == 0)
    effect = evaluate_recommenders(
        {"found": found, "repaired": clean}, settings=SETTINGS
    )
    counts = {
        (row["target"], row["users"]) for row in rows_of(effect, metric="ndcg_at_10")
    }
    assert len(counts) == 3
    by_user = effect.by_user.filter(
        (pa.compute.field("version") == "found")
        & (pa.compute.field("target") == "new")
        & (pa.compute.field("user_id") == "1")
    ).to_pylist()
    # Nothing is known of them: every model shows what is popular.
    assert len(by_user) == len(SETTINGS.models)
    assert len({row["ndcg_at_100"] for row in by_user}) == 1


def test_one_exclude_list_for_all():
    """What a version forgot that a user has is a wasted slot, and no more."""
    user = [*range(220)] * 2
    product = ["p"] * 220 + ["q"] * 220
    before = [1.0] * 440
    table = events(user + [*range(220)], product + ["r"] * 220, before + [90.0] * 220)
    others = events(["x", "y"], ["r", "r"], [1, 2])  # r is known, and not popular
    clean = pa.concat_tables([table, others])
    is_kept = np.ones(len(clean), bool)
    is_kept[220:330] = False  # half of the q's are not known
    settings = RecommenderSettings(cut=CUT, models=("popularity",), draws=100)
    effect = evaluate_recommenders(
        {"found": kept(clean, is_kept), "repaired": clean}, settings=settings
    )
    found = one(
        effect, version="found", model="popularity", target="new", metric="ndcg_at_10"
    )
    # Of p, q and r, r alone is left to show, in both versions.
    assert (found["value"], found["slots_wasted_rate"]) == (1, pytest.approx(110 / 330))
    repaired = one(effect, version="repaired", target="new", metric="ndcg_at_10")
    assert (repaired["value"], repaired["slots_wasted_rate"]) == (1, 0)
    assert repaired["difference"] == 0


def test_an_item_under_two_ids_counts_once_and_takes_two_places(clean):
    rng = np.random.default_rng(4)
    names = clean["product_id"].to_pylist()
    second = rng.random(len(names)) < 0.5
    split = [
        f"{name}-again" if is_second and int(name) < 30 else name
        for name, is_second in zip(names, second, strict=True)
    ]
    crosswalk = pa.table(
        {
            "product_id": [f"{name}-again" for name in range(30)],
            "item_id": [str(name) for name in range(30)],
        }
    )
    effect = evaluate_recommenders(
        {"found": replaced(clean, "product_id", split), "repaired": clean},
        crosswalk=crosswalk,
        settings=SETTINGS,
    )
    for model in ("own_counts", "item_knn", "ease"):
        found, repaired = (
            one(effect, version=v, model=model, target="all", metric="ndcg_at_100")
            for v in ("found", "repaired")
        )
        assert found["slots_wasted_rate"] > 0.02
        assert repaired["slots_wasted_rate"] == 0
        assert found["value"] < repaired["value"]
        assert found["users"] == repaired["users"]
    # Merged, it is the same.
    merged = evaluate_recommenders(
        {"found": replaced(clean, "product_id", split), "repaired": clean},
        reference="repaired",
        baseline="repaired",
        crosswalk=crosswalk,
        settings=SETTINGS,
    )
    lost = one(
        merged, version="found", model="ease", target="all", metric="ndcg_at_100"
    )
    assert lost["difference"] < 0


def test_the_first_place_of_two_counts():
    """Written out: the second id of the best product takes the second place."""
    table = events(
        [*range(210)] * 3 + [*range(210)],
        ["p"] * 210 + ["q"] * 210 + ["o"] * 210 + ["q"] * 210,
        [1.0] * 630 + [90.0] * 210,
    )
    found = ["p"] * 140 + ["p2"] * 70 + ["q"] * 60 + [None] * 150 + ["o"] * 20
    found += [None] * 190 + ["q"] * 210
    settings = RecommenderSettings(cut=CUT, models=("popularity",), draws=100)
    effect = evaluate_recommenders(
        {"found": replaced(table, "product_id", found), "repaired": table},
        crosswalk=pa.table({"product_id": ["p2"], "item_id": ["p"]}),
        settings=settings,
    )
    row = one(effect, version="found", target="all", metric="mrr")
    # p, p2, q, o: q stands third, where p2 takes a place for nothing.
    assert row["value"] == pytest.approx(1 / 3)
    assert row["slots_wasted_rate"] == pytest.approx(1 / 4)


def test_times_are_repaired_first(clean):
    """An event whose time is wrong stays on its side of the cut."""
    times = clean["occurred_at"].to_pylist()
    moved = [moment + datetime.timedelta(days=500) for moment in times]
    wrong = replaced(clean, "occurred_at", moved)
    settings = RecommenderSettings(cut=CUT, models=("own_counts",), draws=100)
    told = evaluate_recommenders(
        {
            "found": wrong.append_column("cut_at", clean["occurred_at"]),
            "repaired": clean,
        },
        settings=settings,
    )
    untold = evaluate_recommenders(
        {"found": wrong, "repaired": clean}, settings=settings
    )
    wanted = {"version": "repaired", "target": "all", "metric": "ndcg_at_10"}
    assert one(told, **wanted)["difference"] == 0
    assert one(untold, **wanted)["difference"] > 0.05


def test_only_targets_are_predicted(clean):
    rng = np.random.default_rng(5)
    is_target = pa.array(rng.random(len(clean)) < 0.3)
    some = clean.append_column("is_target", is_target)
    settings = RecommenderSettings(cut=CUT, models=("own_counts",), minimum_users=50)
    versions = {"found": clean, "repaired": some}
    effect = evaluate_recommenders(versions, settings=settings)
    days = np.array(clean["occurred_at"].to_numpy())
    is_after = days >= np.datetime64(CUT)
    wanted = is_after & is_target.to_numpy(zero_copy_only=False)
    users = len(set(np.array(clean["user_id"].to_pylist())[wanted]))
    row = one(effect, version="repaired", target="all", metric="mrr")
    assert row["users"] + row["users_excluded"] == users


def test_the_hybrid_is_not_worse_than_the_best_of_its_models(clean):
    models = ("recent_own_counts", "item_knn", "ease", "content", "hybrid")
    texts = TextVectors([str(n) for n in range(60)], np.eye(60, 5, dtype=np.float32))
    settings = RecommenderSettings(
        cut=CUT, models=models, ease_penalty=20, draws=100, device="cpu"
    )
    effect = evaluate_recommenders(
        {"found": clean, "repaired": clean}, texts=texts, settings=settings
    )
    assert set(effect.weights) == set(TARGETS)
    for target in TARGETS:
        assert sum(effect.weights[target].values()) == pytest.approx(1)
        values = {
            model: one(
                effect,
                version="found",
                model=model,
                target=target,
                metric="ndcg_at_100",
            )["value"]
            for model in models
        }
        best = max(values[model] for model in models[:-1])
        assert values["hybrid"] > best - 0.02


def nothing(table, texts=None, **options):
    settings = RecommenderSettings(
        **{"cut": CUT, "models": MODELS, "draws": 50, **options}
    )
    effect = evaluate_recommenders(
        {"found": table, "repaired": table}, texts=texts, settings=settings
    )
    for row in effect.table.to_pylist():
        assert row["note"]
        numbers = [value for value in row.values() if isinstance(value, float)]
        assert not np.isnan(numbers).any()
        if row["note"].startswith("not measured"):
            assert row["value"] is row["users"] is row["p_value"] is None
            assert row["slots_wasted_rate"] is None
        else:
            assert row["value"] is not None
    return effect


@pytest.mark.parametrize(
    ("table", "note"),
    [
        (events([], [], []), "no events with a user, a product and a time"),
        (events(["a"], [None], [1]), "no events with a user, a product and a time"),
        (events(["a", "b"], ["x", "y"], [1, 2]), "no events after the cut"),
        (events(["a", "b"], ["x", "y"], [85, 90]), "no events before the cut"),
        (events(["a"] * 3, ["x", "y", "x"], [1, 2, 90]), "1 test user"),
        (events("abab", "xyyx", [1, 2, 90, 91]), "2 test users"),
    ],
)
def test_from_nothing_comes_nothing(table, note):
    effect = nothing(table)
    assert len(effect.table) == 2 * len(MODELS) * 3 * len(METRICS)
    assert {row["note"] for row in effect.table.to_pylist()} == {
        f"not measured: {note}"
    }
    assert len(effect.by_user) == 0


def test_where_everything_was_bought_before_nothing_is_new():
    user = [*range(210)] * 2
    table = events(user, ["x"] * 420, [1] * 210 + [90] * 210)
    effect = nothing(table, models=("popularity", "own_counts"))
    for row in effect.table.to_pylist():
        if row["target"] == "new":
            assert row["note"] == (
                "not measured: fewer than 2 users have anything to find"
            )
        else:
            assert row["value"] == 1


def test_where_all_are_tied_the_value_is_that_of_chance():
    user = np.repeat(np.arange(240), 2)
    product = np.tile(np.arange(12), 40)
    first = events(user, product, np.ones(480))
    second = events(np.arange(240), (np.arange(240) + 5) % 12, np.full(240, 90.0))
    effect = nothing(pa.concat_tables([first, second]), models=("popularity",))
    discounts = 1 / np.log2(np.arange(10) + 2)
    row = one(effect, version="found", target="all", metric="ndcg_at_10")
    assert row["value"] == pytest.approx(discounts.sum() / 12)


def test_what_is_not_there_is_not_measured(clean):
    effect = nothing(clean, models=("content", "als", "popularity"))
    notes = {row["model"]: row["note"] for row in effect.table.to_pylist()}
    assert notes["content"] == "not measured: no embeddings of the products' texts"
    try:
        import implicit  # noqa: F401
    except ImportError:
        assert "assay-quality[effect]" in notes["als"]
    else:
        assert "mean of 3 starts" in notes["als"]


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        ({}, "no version repaired"),
        ({"repaired": shop(5)}, "no version found"),
        ({"found": [1], "repaired": shop(5)}, "list, not an Arrow table"),
        (
            {"found": shop(5).drop(["user_id"]), "repaired": shop(5)},
            "found has no column user_id",
        ),
        (
            {
                "found": pa.table(
                    {"user_id": ["a"], "product_id": ["b"], "occurred_at": ["May"]}
                ),
                "repaired": shop(5),
            },
            "string: give timestamps",
        ),
    ],
)
def test_what_are_no_versions_is_refused(versions, message):
    with pytest.raises(ValueError, match=message):
        evaluate_recommenders(versions)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"models": ("eas",)}, "name some of popularity"),
        ({"models": "ease"}, "name some of popularity"),
        ({"half_life": 0}, "half_life is 0"),
        ({"ease_penalty": -1.0}, "ease_penalty is -1"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        RecommenderSettings(**wrong)
