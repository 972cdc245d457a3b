"""The simulated shop: clean but for what is planted, and the truth says just that.

The rules are written once more here, in pandas, so that sample and rules are not
checked by the code that they share.
"""

import json
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_ml.sample import text as sample_text
from python_ml.sample.columns import as_text
from python_ml.sample.schema import TRUTH
from python_ml.sample.simulate import (
    AS_OF,
    DEFAULT_DEFECTS,
    FEEDS,
    load_defects,
    simulate,
)
from python_ml.sample.writing import TYPED

NOW = pd.Timestamp(AS_OF)
KEYS = {
    "products": ["product_id", "source_system"],
    "users": ["user_id"],
    "events": ["event_id"],
    "queries": ["query_id"],
    "relevance_labels": ["query_id", "product_id", "annotator"],
    "reviews": ["review_id"],
    "recommendations": ["impression_id"],
}
FAMILIES = {
    "missing": "missing blank placeholder",
    "repeat": "repeat",
    "repeat_content": "repeat_content",
    "hygiene": "control_character mojibake markup doubled_space",
    "spelling": "spelling_variant",
    "form": "bad_number out_of_range bad_value bad_pattern bad_timestamp bad_currency"
    " bad_json",
    "agreement": "disagreement",
    "order": "out_of_order",
    "future": "future",
    "reference": "orphan",
    "stale": "stale",
    "uncovered": "uncovered",
    "gap_day": "gap_day",
    "no_profile": "no_profile",
    "late": "late",
}
FAMILY = {defect: name for name, list_ in FAMILIES.items() for defect in list_.split()}
LEARNED = ("wrong_category", "wrong_label", "duplicate")
PLACEHOLDERS = set(
    "n/a na null none nil nan unknown undefined - -- ? tbd 无 未知 空 暂无 不详".split()
)
REQUIRED = {
    "products": "product_id title description category brand price",
    "users": "user_id email city",
    "events": "event_id user_id product_id occurred_at",
    "queries": "query_id query_text",
    "relevance_labels": "query_id product_id label",
    "reviews": "review_id product_id review_text",
    "recommendations": "impression_id user_id product_id",
}
TEXTS = [
    ("products", "title"),
    ("products", "description"),
    ("queries", "query_text"),
    ("reviews", "review_text"),
]
UNCLEAN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ufffd]|<[^>]+>|&#?\w+;|\s\s|^\s|\s$", re.ASCII
)
CODES = {
    ("products", "currency"): "EUR|USD|CNY",
    ("users", "email"): r"[^@\s]+@[^@\s]+\.[a-z]{2,}",
    ("users", "phone"): r"\+[1-9][0-9]{7,14}",
    ("users", "gender"): "female|male|other",
    ("events", "event_type"): "view|click|add_to_cart|purchase|favorite",
    ("queries", "locale"): "[a-z]{2}(-[A-Z]{2})?",
    ("relevance_labels", "label"): "exact|substitute|complement|irrelevant",
    ("reviews", "label"): "good|bad",
    ("recommendations", "clicked"): "true|false",
}
NUMBERS = {
    ("products", "price"): (0.005, 1e6),
    ("users", "birth_year"): (1900, 2026),
    ("events", "quantity"): (1, np.inf),
    ("events", "price"): (0.005, np.inf),
    ("reviews", "rating"): (1, 5),
    ("recommendations", "position"): (1, np.inf),
}
TIMES = {
    "products": ["created_at", "updated_at"],
    "users": ["registered_at", "updated_at"],
    "events": ["occurred_at", "ingested_at"],
    "queries": ["issued_at"],
    "relevance_labels": ["labeled_at"],
    "reviews": ["reviewed_at"],
    "recommendations": ["shown_at"],
}
CYCLES = {
    "products": ("updated_at", 7),
    "users": ("updated_at", 7),
    "events": ("occurred_at", 1),
    "queries": ("issued_at", 1),
    "relevance_labels": ("labeled_at", 30),
    "reviews": ("reviewed_at", 7),
    "recommendations": ("shown_at", 1),
}
AGREED = [
    ("products", ["product_id"], ["title", "brand", "price"]),
    ("relevance_labels", ["query_id", "product_id"], ["label"]),
]
ORDERS = [
    ("products", "created_at", "updated_at"),
    ("users", "registered_at", "updated_at"),
    ("events", "occurred_at", "ingested_at"),
]
PARENTS = {
    "product_id": ("products", "events relevance_labels reviews recommendations"),
    "user_id": ("users", "events reviews recommendations"),
    "query_id": ("queries", "events relevance_labels"),
}
TYPED_OR_QUERY = ("quantity", "price", "query_id")  # null in most events
NOTHING = {
    feed: {column: dict.fromkeys(defects, 0) for column, defects in columns.items()}
    for feed, columns in DEFAULT_DEFECTS.items()
}


def read(folder, name):
    return pd.read_csv(
        folder / f"{name}.csv", dtype=str, keep_default_na=False, na_values=[""]
    ).astype(object)


def simulated(folder, **options):
    """The feeds as text, None for null, and the truth."""
    simulate(folder, format="csv", **options)
    feeds = {name: read(folder, name) for name in [*FEEDS, "truth"]}
    for name, feed in feeds.items():
        feeds[name] = feed.where(feed.notna(), None)
    truth = feeds.pop("truth")
    truth["row_number"] = pd.to_numeric(truth["row_number"])
    return feeds, truth


def is_missing(values):
    trimmed = values.fillna("").str.strip().str.lower()
    return trimmed.eq("") | trimmed.isin(PLACEHOLDERS)


def times(values):
    return pd.to_datetime(values, format="%Y-%m-%d %H:%M:%S", errors="coerce")


def normal(values):
    return values.str.lower().str.split().str.join(" ")


def violations(feeds):
    """All failures of the rules: {(feed, family, column, row number or key)}."""
    found = set()

    def fail(feed, family, column, rows):
        if isinstance(rows, pd.Series):
            rows = np.flatnonzero(rows)
        found.update((feed, family, column, row) for row in rows)

    for feed, table in feeds.items():
        missing = {column: is_missing(table[column]) for column in table}
        for column in REQUIRED[feed].split():
            fail(feed, "missing", column, missing[column])
        key = KEYS[feed]
        has_key = ~pd.concat([missing[column] for column in key], axis=1).any(axis=1)
        is_copy = has_key & table.duplicated(key)
        fail(feed, "repeat", None, is_copy)
        content = {
            "events": "user_id product_id session_id event_type occurred_at".split(),
            "reviews": ["review_text"],
        }.get(feed)
        if content:
            compared = table[content].assign(**{content[0]: normal(table[content[0]])})
            lacks = pd.concat([missing[column] for column in content], axis=1)
            compared = compared[~lacks.any(axis=1) & ~is_copy]
            rows = compared.index[compared.duplicated()]
            fail(feed, "repeat_content", None, rows)
        for column in TIMES[feed]:
            bad = times(table[column]).isna() & ~missing[column]
            fail(feed, "form", column, bad)
            if column == "updated_at":
                old = times(table[column]) < NOW - pd.Timedelta(days=365)
                fail(feed, "stale", column, old)
        column, days = CYCLES[feed]
        sources = table.get("source_system", pd.Series("", index=table.index))
        on_time = times(table[column]).where(lambda time: time <= NOW)
        age = NOW - on_time.groupby(sources).max()
        if (age > pd.Timedelta(days=days)).any():
            fail(feed, "late", column, [None])

    for feed, column in TEXTS:
        values = feeds[feed][column].where(~is_missing(feeds[feed][column]), "")
        fail(feed, "hygiene", column, values.map(is_unclean))
    for feed, column in [
        ("products", "brand"),
        ("products", "category"),
        ("users", "city"),
    ]:
        values = feeds[feed][column]
        counts = values.value_counts()
        usual = counts.groupby(counts.index.str.lower()).idxmax()
        differs = values.notna() & (values != values.str.lower().map(usual))
        fail(feed, "spelling", column, differs & ~is_missing(values))
    for (feed, column), pattern in CODES.items():
        values = feeds[feed][column]
        good = values.fillna("").str.fullmatch(pattern).astype(bool)
        fail(feed, "form", column, ~good & ~is_missing(values))
    for (feed, column), (low, high) in NUMBERS.items():
        values = feeds[feed][column]
        good = pd.to_numeric(values, errors="coerce").between(low, high)
        fail(feed, "form", column, ~good & ~is_missing(values))
    fail(
        "products", "form", "attributes", ~feeds["products"]["attributes"].map(is_json)
    )

    for feed, key, columns in AGREED:
        table = feeds[feed]
        lacks = pd.concat([is_missing(table[column]) for column in key], axis=1)
        for column in columns:
            values = normal(table[column]).where(~is_missing(table[column]))
            if column == "price":
                values = pd.to_numeric(values, errors="coerce").round(2)
            values = values[~lacks.any(axis=1)]
            keys = [table[part] for part in key]
            fail(feed, "agreement", column, differing(values, keys))
    for feed, first, second in ORDERS:
        table = feeds[feed]
        changed = second if feed == "events" else first
        fail(feed, "order", changed, times(table[first]) > times(table[second]))
    occurred = times(feeds["events"]["occurred_at"])
    fail("events", "future", "occurred_at", occurred > NOW)

    for column, (parent, children) in PARENTS.items():
        known = set(feeds[parent][column].dropna())
        for feed in children.split():
            values = feeds[feed][column]
            fail(feed, "reference", column, ~values.isin(known) & ~is_missing(values))

    def ids(feed, column):
        return set(feeds[feed].loc[~is_missing(feeds[feed][column]), column])

    uncovered = ids("products", "product_id") - ids("events", "product_id")
    fail("events", "uncovered", "product_id", uncovered)
    fail(
        "users",
        "no_profile",
        "user_id",
        ids("events", "user_id") - ids("users", "user_id"),
    )
    days = occurred[occurred < NOW].dt.normalize()
    expected = pd.date_range(days.min(), NOW - pd.Timedelta(days=1))
    gaps = expected.difference(pd.DatetimeIndex(days)).strftime("%Y-%m-%d")
    fail("events", "gap_day", "occurred_at", gaps)
    return found


def is_unclean(value):
    """Whether a text is damaged, or is UTF-8 once it is written as Windows-1252."""
    if UNCLEAN.search(value):
        return True
    try:
        return value.encode("cp1252").decode("utf-8") != value
    except UnicodeError:
        return False


def is_json(value):
    try:
        return isinstance(json.loads(value), dict)
    except ValueError:
        return False


def differing(values, keys):
    """Rows of a group that holds two different values, nulls left out."""
    keys = [key[values.index] for key in keys]
    several = values.groupby(keys).transform("nunique") > 1
    return values.index[several & values.notna()]


def expected(truth):
    """The deterministic part of the truth, in the form of `violations`."""
    rows = truth[~truth["defect"].isin(LEARNED)]
    places = rows["row_number"].where(rows["row_number"].notna(), rows["record_key"])
    found = zip(
        rows["feed"],
        rows["defect"].map(FAMILY),
        rows["column_name"],
        places,
        strict=True,
    )
    return set(found)


def assert_truth_is_all(feeds, truth):
    found, told = violations(feeds), expected(truth)
    assert sorted(found - told, key=str) == []
    assert sorted(told - found, key=str) == []
    assert not truth.duplicated(["feed", "row_number"])[
        truth["row_number"].notna()
    ].any()


@pytest.fixture(scope="module")
def default(tmp_path_factory):
    return simulated(tmp_path_factory.mktemp("default"))


@pytest.mark.parametrize(
    ("products", "events", "seed"),
    [
        (40, 200, 1),
        (300, 2500, 2),
        (1000, 1200, 3),
        (2000, 40_000, 4),
        (1, 1, 5),
        (3, 9, 6),
    ],
)
def test_the_rules_find_the_truth_and_nothing_else(tmp_path, products, events, seed):
    assert_truth_is_all(
        *simulated(tmp_path, products=products, events=events, seed=seed)
    )


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    products=st.integers(1, 120),
    events=st.integers(1, 900),
    rate=st.none() | st.floats(0, 1),
)
def test_any_shop_is_clean_but_for_its_truth(
    tmp_path_factory, seed, products, events, rate
):
    defects = (
        None
        if rate is None
        else {
            feed: {
                column: {defect: rate for defect in kinds if defect != "late"}
                for column, kinds in columns.items()
            }
            for feed, columns in DEFAULT_DEFECTS.items()
        }
    )
    folder = tmp_path_factory.mktemp("any")
    options = {"products": products, "events": events, "seed": seed}
    assert_truth_is_all(*simulated(folder, **options, defects=defects))


@pytest.mark.parametrize("defects", [{}, NOTHING])
def test_without_defects_nothing_is_wrong(tmp_path, defects):
    feeds, truth = simulated(tmp_path, defects=defects, seed=7)
    assert len(truth) == 0
    assert violations(feeds) == set()


def test_each_default_defect_is_planted(default):
    _, truth = default
    planted = set(
        zip(
            truth["feed"],
            truth["column_name"].fillna("row"),
            truth["defect"],
            strict=True,
        )
    )
    asked = {
        (feed, column, defect)
        for feed, columns in DEFAULT_DEFECTS.items()
        for column, kinds in columns.items()
        for defect, rate in kinds.items()
        if rate
    }
    assert asked <= {
        (feed, "row" if "repeat" in defect else column, defect)
        for feed, column, defect in planted
    }


def test_rates_are_as_asked(tmp_path):
    feeds, truth = simulated(tmp_path, products=3000, events=20_000, seed=8)
    planted = truth.groupby(["feed", truth["column_name"].fillna("row"), "defect"])
    planted = planted.size()
    copies = truth[truth["defect"].str.startswith("repeat")].groupby("feed").size()
    sizes = {feed: len(table) - copies[feed] for feed, table in feeds.items()}
    filled = {
        column: feeds["events"][column].notna().sum() for column in TYPED_OR_QUERY
    }
    assert planted["events", "product_id", "uncovered"] == 60
    assert planted["events", "occurred_at", "gap_day"] == 2
    assert planted["users", "updated_at", "late"] == 1
    # Users without a profile: those removed, and one for each planted id of events.
    removed = round(0.01 * 500)
    orphans = round(0.004 * 20_000)
    assert planted["users", "user_id", "no_profile"] == removed + orphans
    for feed, columns in DEFAULT_DEFECTS.items():
        for column, kinds in columns.items():
            for defect, rate in kinds.items():
                if not rate or defect in ("uncovered", "gap_day", "no_profile", "late"):
                    continue
                if defect == "orphan" and column == "user_id":
                    continue  # those of the removed profiles are among them
                count = planted[feed, column, defect]
                size, slack = sizes[feed], 1
                if feed == "events" and column in filled:
                    size, slack = filled[column], 3
                if defect in ("disagreement", "wrong_category"):
                    keys = feeds[feed][
                        KEYS[feed][:1] if feed == "products" else KEYS[feed][:2]
                    ]
                    members = keys.value_counts()
                    many = defect == "disagreement"
                    size = 2 * (members == 2).sum() if many else sizes[feed]
                    slack = 0.1 * rate * size + 2
                asked = max(1, round(rate * size))
                assert count == pytest.approx(asked, abs=slack), (feed, column, defect)


def test_the_truth_quotes_the_feeds(default):
    feeds, truth = default
    rows = truth[truth["row_number"].notna()]
    for feed, table in feeds.items():
        told = rows[rows["feed"] == feed]
        found = table.iloc[told["row_number"].astype(int)].reset_index(drop=True)
        told = told.reset_index(drop=True)
        keys = [
            found[column].mask(is_missing(found[column]), "") for column in KEYS[feed]
        ]
        assert (
            pd.concat(keys, axis=1).agg("|".join, axis=1)
            == told["record_key"].fillna("")
        ).all()
        for column, facts in told.groupby("column_name"):
            values = found.loc[facts.index, column].fillna("")
            assert (values == facts["found_value"].fillna("")).all()
        unknown = told["defect"].isin(["repeat", "repeat_content", "stale", "orphan"])
        assert told.loc[~unknown, "true_value"].notna().all()
        is_wrong = ~unknown & (told["defect"] != "disagreement")
        assert (told["found_value"] != told["true_value"])[is_wrong].all()
    deterministic = ~truth["defect"].isin(LEARNED)
    assert (truth["is_deterministic"].eq("true") == deterministic).all()


def test_wrong_labels_and_categories_are_plausible(default):
    feeds, truth = default
    products = feeds["products"].rename_axis("row_number")
    wrong = truth[truth["defect"] == "wrong_category"].set_index("row_number")
    ids = products["product_id"].loc[wrong.index]
    rows = products[products["product_id"].isin(ids)]
    assert len(rows) == len(wrong)
    assert (rows.groupby("product_id")["category"].nunique() == 1).all()

    flipped = truth[(truth["defect"] == "wrong_label") & (truth["feed"] == "reviews")]
    rows = feeds["reviews"].iloc[flipped["row_number"].astype(int)]
    assert (rows["rating"].astype(int).gt(3) == rows["label"].eq("bad")).all()
    rest = feeds["reviews"].drop(rows.index)
    rest = rest[rest["rating"].isin(list("1245")) & rest["label"].isin(["good", "bad"])]
    assert (rest["rating"].astype(int).gt(3) == rest["label"].eq("good")).all()

    judged = feeds["relevance_labels"].groupby(["query_id", "product_id"])["annotator"]
    wrong = truth[(truth["defect"] == "wrong_label")]
    wrong = wrong[wrong["feed"] == "relevance_labels"]["row_number"].astype(int)
    assert (judged.transform("nunique").iloc[wrong] == 1).all()


def test_duplicates_are_the_same_product_in_other_words(tmp_path):
    defects = {"products": {"row": {"duplicate": 0.1}}}
    feeds, truth = simulated(tmp_path, products=200, defects=defects)
    assert_truth_is_all(feeds, truth)
    assert set(truth["defect"]) == {"duplicate"}
    assert set(truth["repair"]) == {"remove"}
    assert 10 < len(truth) <= 20
    products = feeds["products"]
    again = products.iloc[truth["row_number"].astype(int)].reset_index(drop=True)
    assert again["product_id"].equals(truth["found_value"])
    listed = products[products["source_system"] == "shop"].set_index("product_id")
    first = listed.loc[truth["true_value"]].reset_index()
    same = ["source_system", "brand", "category", "price", "currency", "attributes"]
    assert again[same].equals(first[same])
    assert (again["title"] != first["title"]).all()
    words = [titles.str.split("[ ，,]+") for titles in (again["title"], first["title"])]
    assert words[0].map(sorted).equals(words[1].map(sorted))


def test_there_is_something_to_learn(tmp_path):
    feeds, _ = simulated(tmp_path, products=400, events=30_000, seed=9, defects={})
    products = feeds["products"].drop_duplicates("product_id").set_index("product_id")
    events = feeds["events"]
    counts = events["product_id"].value_counts()
    assert counts.iloc[:40].sum() > 0.25 * len(events)  # a few sell a lot
    # Half of a user's events tell the categories of the other half better than those
    # of all users do.
    seen = events.assign(category=events["product_id"].map(products["category"]))
    is_past = np.arange(len(seen)) < len(seen) / 2
    past, rest = seen[is_past], seen[~is_past]
    favourite = past.groupby("user_id")["category"].agg(lambda c: c.mode().iloc[0])
    guessed = (rest["user_id"].map(favourite) == rest["category"]).mean()
    assert guessed > 1.5 * (rest["category"] == past["category"].mode().iloc[0]).mean()
    # Shares of the text: Chinese titles, searches behind events, agreeing annotators.
    is_chinese = feeds["products"]["title"].str.contains("[\u4e00-\u9fff]")
    assert 0.2 < is_chinese.mean() < 0.45
    assert 0.25 < events["query_id"].notna().mean() < 0.35
    labels = feeds["relevance_labels"]["label"].value_counts(normalize=True)
    assert set(labels.index) == set(sample_text.LABELS)
    assert labels.min() > 0.05


def test_the_same_arguments_give_the_same_files(tmp_path):
    threads = pa.cpu_count()
    try:
        for folder, count in [("a", 1), ("b", 2)]:
            pa.set_cpu_count(count)
            simulate(tmp_path / folder, format="csv", prefix="sample_", seed=3)
            simulate(tmp_path / folder, seed=3)
    finally:
        pa.set_cpu_count(threads)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(
        name
        for feed in [*FEEDS, "truth"]
        for name in (f"sample_{feed}.csv", f"{feed}.parquet")
    )
    for name in names:
        first, second = tmp_path / "a" / name, tmp_path / "b" / name
        assert first.read_bytes() == second.read_bytes(), name
    simulate(tmp_path / "c", format="csv", prefix="sample_", seed=4)
    other = (tmp_path / "c" / "sample_events.csv").read_bytes()
    assert other != (tmp_path / "a" / "sample_events.csv").read_bytes()


@pytest.mark.parametrize("defects", [None, {}])
def test_parquet_and_csv_hold_the_same(tmp_path, defects):
    feeds, truth = simulated(tmp_path, defects=defects)
    simulate(tmp_path, defects=defects)
    for feed, table in feeds.items():
        stored = pq.read_table(tmp_path / f"{feed}.parquet")
        assert stored.column_names == FEEDS[feed] == list(table)
        texts = pd.DataFrame(
            {
                name: as_text(column.combine_chunks()).to_pylist()
                for name, column in zip(
                    stored.column_names, stored.columns, strict=True
                )
            },
            dtype=object,
        )
        assert texts.equals(table)
        types = dict(zip(stored.column_names, stored.schema.types, strict=True))
        typed = {name: type for name, type in types.items() if type != pa.string()}
        times_are_text = defects is None  # since bad timestamps are planted
        assert typed == (
            {}
            if feed != "events"
            else {"quantity": pa.int64(), "price": pa.float64()}
            if times_are_text
            else TYPED
        )
    stored = pq.read_table(tmp_path / "truth.parquet")
    assert stored.schema == TRUTH
    assert stored.num_rows == len(truth)


def test_csv_is_plain(tmp_path):
    simulate(tmp_path, format="csv")
    for feed in [*FEEDS, "truth"]:
        content = (tmp_path / f"{feed}.csv").read_bytes()
        assert b"\r" not in content
        content.decode("utf-8")


@pytest.mark.parametrize("cycles", [0.5, 1.5, 3, 40])
def test_late_feeds(tmp_path, cycles):
    columns = {feed: column for feed, (column, _) in CYCLES.items()}
    defects = {
        feed: {column: {"late": cycles}}
        for feed, column in columns.items()
        if "late" in DEFAULT_DEFECTS[feed].get(column, {})
    }
    feeds, truth = simulated(tmp_path, defects=defects)
    assert set(truth["feed"]) == (set(defects) if cycles > 1 else set())
    assert_truth_is_all(feeds, truth)


def test_files_of_defects_are_read(tmp_path):
    path = tmp_path / "defects.yml"
    path.write_text("products:\n  title: {missing: 0.5}\n")
    assert load_defects(path) == {"products": {"title": {"missing": 0.5}}}
    path.write_text(json.dumps(DEFAULT_DEFECTS))
    assert load_defects(path) == DEFAULT_DEFECTS
    path.write_text("")
    assert load_defects(path) == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("product: {}", r"'product' is not among the feeds \(products, users, "),
        ("users: {title: {}}", "'title' is not among the columns of users"),
        (
            "users: {email: {stale: 0.1}}",
            "'stale' is not among the defects of users.em",
        ),
        (
            "users: {email: {missing: 1.5}}",
            "users.email.missing is 1.5, but must be a n",
        ),
        (
            "users: {email: {missing: -0.1}}",
            "is -0.1, but must be a number from 0 to 1",
        ),
        ("users: {email: {missing: .nan}}", "is nan, but must be"),
        ("users: {email: {missing: many}}", "is 'many', but must be"),
        ("users: {email: {missing: true}}", "is True, but must be"),
        ("users: {updated_at: {late: -1}}", "is -1, but must be a number from 0 to 40"),
        ("users: [email]", "the columns of users must be given as a mapping"),
        (
            "users: {email: 0.1}",
            "the defects of users.email must be given as a mapping",
        ),
        ("{", "not readable as YAML or JSON"),
    ],
)
def test_bad_files_of_defects_are_refused_in_one_sentence(tmp_path, content, message):
    path = tmp_path / "defects.yml"
    path.write_text(content)
    with pytest.raises(ValueError, match=message) as error:
        load_defects(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_bad_arguments_are_refused(tmp_path):
    for options in [{"format": "json"}, {"products": 0}, {"events": 0}]:
        with pytest.raises(ValueError):
            simulate(tmp_path, **options)
    with pytest.raises(ValueError, match="'shelves' is not among the feeds"):
        simulate(tmp_path, defects={"shelves": {}})
