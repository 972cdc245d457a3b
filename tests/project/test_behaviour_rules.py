"""The rules of events that see machines, mixed-up sessions and lost days.

They are applied to every shop unasked: what is right of a small shop, a closed one or
one that grows must not fail, and what is planted must move them by as much as that.
"""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import yaml

from tests.build import MODELS_ONLY, ROOT, Project

AS_OF = pd.Timestamp("2026-06-29")  # a Monday
RULES = [
    "event_session_has_one_user",
    "events_are_not_of_one_user",
    "events_are_not_of_one_product",
    "events_cover_days",
    "event_pace_is_of_people",
]
LISTED_ONCE = "product_is_listed_once"
SEED = 16


def shop(days=70, users=150, rows=lambda day: 60, seed=SEED):
    """Events of sessions of four, with as many a day as `rows` says."""
    rng = np.random.default_rng(seed)
    tables, sessions = [], 0
    for back in range(days, 0, -1):
        day = AS_OF - timedelta(days=back)
        size = 4 * (int(rows(day)) // 4)
        visits = size // 4
        user = np.repeat(rng.integers(users, size=visits), 4)
        begin = np.repeat(rng.integers(28_800, 79_200, size=visits), 4)
        second = begin + np.tile([0, 37, 75, 121], visits)
        tables.append(
            pd.DataFrame(
                {
                    "user_id": [f"u{number}" for number in user],
                    "session_id": np.repeat(np.arange(visits), 4) + sessions,
                    "product_id": [f"p{n}" for n in rng.integers(300, size=size)],
                    "event_type": "view",
                    "occurred_at": day + pd.to_timedelta(second, unit="s"),
                }
            )
        )
        sessions += visits
    return pd.concat(tables, ignore_index=True)


def with_wrong_users(events, rate):
    rng = np.random.default_rng(SEED)
    others = pd.Series([f"u{number}" for number in rng.integers(150, size=len(events))])
    is_wrong = rng.random(len(events)) < rate
    return events.assign(user_id=events.user_id.mask(is_wrong, others))


def with_a_machine(events, rows):
    """A user who looks at a page every half second."""
    begin = AS_OF - timedelta(days=9) + timedelta(hours=3, seconds=7)
    machine = events.sample(rows, random_state=SEED, replace=True).assign(
        user_id="machine",
        session_id=-1,
        occurred_at=begin + pd.to_timedelta(np.arange(rows) / 2, unit="s"),
    )
    return pd.concat([events, machine], ignore_index=True)


def without_days(events, rate, days):
    """The days that far back hold a share of their events alone."""
    rng = np.random.default_rng(SEED)
    back = (AS_OF - events.occurred_at.dt.normalize()).dt.days
    return events[~back.isin(days) | (rng.random(len(events)) >= rate)]


def growing(day):
    return 4 * 1.08 ** (70 - (AS_OF - day).days)


EVENTS = shop()
SOUND = {
    "usual": EVENTS,
    "one_day": shop(days=1),
    "one_event": EVENTS.tail(1),
    "three_users": shop(users=3, rows=lambda day: 8),
    "three_users_one_day": shop(days=1, users=3, rows=lambda day: 8),
    "closed_on_sundays": shop(rows=lambda day: 0 if day.day_of_week == 6 else 60),
    "weekend_dip": shop(rows=lambda day: 8 if day.day_of_week > 4 else 240),
    "launch": shop(rows=growing),
    "launch_with_a_burst": shop(days=24, rows=lambda day: 800 if day.day == 5 else 48),
    "sale": shop(rows=lambda day: 600 if 10 <= day.day < 14 else 60),
    "full_hours_only": shop().assign(
        occurred_at=lambda rows: rows.occurred_at.dt.floor("D")
    ),
    "bulk_orders": pd.concat(
        [
            EVENTS,
            EVENTS.head(900).assign(
                user_id="u1",
                session_id=-7,
                event_type="purchase",
                occurred_at=AS_OF - timedelta(days=3, seconds=-40_007),
            ),
        ]
    ),
    "no_sessions": EVENTS.assign(session_id=None),
}
# What was planted: the rule that sees it, and the rate that it must come to.
PLANTED = {
    "wrong_users_5": (with_wrong_users(EVENTS, 0.05), RULES[0], 0.05),
    "wrong_users_20": (with_wrong_users(EVENTS, 0.2), RULES[0], 0.2),
    "machine_5": (with_a_machine(EVENTS, len(EVENTS) // 19), RULES[4], 0.05),
    "machine_20": (with_a_machine(EVENTS, len(EVENTS) // 4), RULES[4], 0.2),
    "machine_40": (with_a_machine(EVENTS, len(EVENTS) * 2 // 3), RULES[1], 0.5),
    "one_product": (
        EVENTS.assign(
            product_id=EVENTS.product_id.where(EVENTS.index % 5 > 1, "p0"),
        ),
        RULES[2],
        0.5,
    ),
    "few_events_on_5_days": (
        without_days(EVENTS, 0.95, [15, 24, 30, 37, 41]),
        RULES[3],
        5 / 70,
    ),
    "no_events_on_5_days": (
        without_days(EVENTS, 2, [15, 24, 30, 37, 41]),
        RULES[3],
        5 / 70,
    ),
    "few_events_yesterday": (without_days(EVENTS, 0.95, [1]), RULES[3], 1 / 70),
    "last_4_days_lost": (without_days(EVENTS, 2, [1, 2, 3, 4]), RULES[3], 4 / 70),
}


def catalogue(size=200, kinds=None):
    """Products that their titles tell apart, or of a few kinds with many products."""
    names = [
        f"{number} wool hat" if kinds is None else f"{number % kinds} hat"
        for number in range(size)
    ]
    return pd.DataFrame({"product_id": [f"p{n}" for n in range(size)], "title": names})


def with_split_ids(products, rate):
    """Some are listed again under another id, in other words' order and case."""
    again = products.sample(frac=rate, random_state=SEED)
    words = again.title.str.split().str[::-1].str.join(" - ").str.upper()
    again = again.assign(product_id=again.product_id + "-b", title=words)
    return pd.concat([products, again], ignore_index=True)


CATALOGUES = {
    "catalogue": (catalogue(), 0),
    "one_product_only": (catalogue(1), 0),
    "two_sources": (pd.concat([catalogue(), catalogue()]), 0),
    "kinds": (catalogue(kinds=20), None),
    "split_5": (with_split_ids(catalogue(), 0.05), 0.05 / 1.05),
    "split_20": (with_split_ids(catalogue(), 0.2), 0.2 / 1.2),
    "split_80": (with_split_ids(catalogue(), 0.8), 0.8 / 1.8),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Verdicts by shop and rule; each shop is a table with the rules of events."""
    project = Project(tmp_path_factory.mktemp("behaviour"))
    columns_of = {
        feed: yaml.safe_load(
            (ROOT / f"models/staging/stg_{feed}.yml").read_text(encoding="utf-8")
        )["models"][0]["columns"]
        for feed in ["events", "products"]
    }
    shops = SOUND | {name: events for name, (events, _, _) in PLANTED.items()}
    shops |= {name: products for name, (products, _) in CATALOGUES.items()}
    tables = []
    for name, rows in shops.items():
        feed, key = ("products", "row_id") if name in CATALOGUES else ("events", "id")
        rows = rows.assign(**{key: range(len(rows))})
        if feed == "products":  # The other texts by which products are told apart.
            texts = ["brand", "category", "description", "attributes"]
            rows = rows.assign(price=9.5, **dict.fromkeys(texts, "soft"))
        rows.to_parquet(project.folder / f"{name}.parquet")
        project.write(
            f"models/{name}.sql",
            "{{ config(materialized='table') }}\n"
            f"select * from '{project.folder / name}.parquet'",
        )
        project.write(
            f"models/rules/int_{name}_issues.sql", f"{{{{ issues(ref('{name}')) }}}}"
        )
        columns = []
        for column in columns_of[feed]:
            tests = [
                {kind: {**test, "name": f"{test['name']}__{name}"}}
                for entry in column.get("data_tests", [])
                for kind, test in entry.items()
                if test["name"] in [*RULES, LISTED_ONCE]
            ]
            columns.append({"name": column["name"], "data_tests": tests})
        meta = {"key": key}
        tables.append({"name": name, "config": {"meta": meta}, "columns": columns})
    project.write("models/shops.yml", yaml.safe_dump({"models": tables}))
    project.build(
        {"feeds": {}, "watched": list(shops), "as_of": str(AS_OF)}, MODELS_ONLY
    )
    rules = project.query("from fct_quality_rules")
    rules[["rule", "shop"]] = rules.rule_name.str.split("__", expand=True)
    return rules.set_index(["shop", "rule"])


@pytest.mark.parametrize("name", SOUND)
def test_what_is_right_of_a_shop_does_not_fail(found, name):
    rules = found.loc[name]
    assert len(rules) == len(RULES)
    failing = rules[rules.failing_rows.fillna(0) > 0]
    assert failing.empty, failing[["failing_rows", "rows_checked"]]
    assert (rules.verdict != "error").all()


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_moves_its_rule_and_no_other(found, name):
    rules = found.loc[name]
    _, rule, rate = PLANTED[name]
    assert rules.failure_rate[rule] == pytest.approx(rate, rel=0.12)
    others = rules.drop([rule, RULES[4]] if "machine" in name else rule)
    assert (others.failure_rate.fillna(0) < 0.005).all(), others.failure_rate


def test_what_the_rules_say_of_the_usual_shop(found):
    rules = found.loc["usual"]
    assert rules.verdict.to_dict() == dict.fromkeys(RULES, "passed")
    assert rules.rows_checked.to_dict() == {
        RULES[0]: len(EVENTS),
        RULES[1]: 1,
        RULES[2]: 1,
        RULES[3]: 70,
        # But for those on a full hour.
        RULES[4]: (EVENTS.occurred_at.dt.floor("h") != EVENTS.occurred_at).sum(),
    }
    few = found.loc["three_users"]
    assert few.verdict["events_are_not_of_one_user"] == "not measured"
    assert found.loc["full_hours_only"].verdict[RULES[4]] == "not measured"
    assert found.loc["no_sessions"].verdict[RULES[0]] == "not measured"


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_product_that_is_listed_twice_is_found(found, name):
    _, rate = CATALOGUES[name]
    rule = found.loc[name, LISTED_ONCE]
    if rate is None:
        assert rule.verdict == "not measured"
    else:
        assert rule.failure_rate == pytest.approx(rate, abs=0.002)
