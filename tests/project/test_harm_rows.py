"""Rows that a rule says cannot be, and what a repair is said to change, in two builds.

The rows are written here so that what is right is plain: what may be removed unasked is
what is proven of the very row; all else is proposed, by its cause. Before and after are
measured by one yardstick, and of rows that disagree the odd one is named.
"""

import pandas as pd
import pytest

from tests.build import MODELS_ONLY, Project

AS_OF = pd.Timestamp("2026-07-01")
PRODUCTS = [f"p{number:02}" for number in range(40)]
BRANDS = {
    # Three of four say so; two that differ; three that all differ; all say the same.
    "p10": ["Oakline", "Oakline", "Elmwood", "oakline "],
    "p11": ["Oakline", "Elmwood", None, None],
    "p12": ["Oakline", "Elmwood", "Ashgrove", None],
    "p13": ["Nordic", "Nordic", "Nordic", "Nordic"],
}
SYSTEMS = ["erp", "shop", "app", "fair"]
VARS = {
    "as_of": str(AS_OF),
    "feeds": {"products": None, "users": None, "events": None},
}


def products() -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "product_id": product,
            "source_system": system,
            "title": f"Chair number {product}",
            "brand": BRANDS.get(product, ["Nordic"] * 4)[SYSTEMS.index(system)],
            "created_at": "2026-01-01 00:00:00",
        }
        for product in PRODUCTS
        for system in SYSTEMS
    )
    rows.loc[rows.product_id.isin(["p01", "p02"]), "created_at"] = "2026-03-01 00:00:00"
    rows["updated_at"] = "2026-06-01 00:00:00"
    rows.loc[rows.product_id == "p30", "updated_at"] = "2027-06-01 00:00:00"
    return rows


def purchases() -> list[dict]:
    """1,200 sound purchases, 30 of each product, from March on."""
    return [
        {
            "user_id": f"u{number % 50}",
            "product_id": PRODUCTS[number % len(PRODUCTS)],
            "event_type": "purchase",
            "quantity": 1 + number % 7,
            "price": 5.0 + number % 11,
            "occurred_at": pd.Timestamp("2026-03-02") + pd.Timedelta(hours=2 * number),
        }
        for number in range(1200)
    ]


def odd_events() -> dict[str, list[dict]]:
    """Rows that a rule finds fault with, by their kind."""
    usual = {
        "user_id": "u1",
        "product_id": "p05",
        "event_type": "purchase",
        "quantity": 1,
        "price": 9.0,
        "occurred_at": "2026-05-05 05:05:05",
    }
    early = "2026-02-0{} 00:00:00"
    return {
        "gift": [
            {**usual, "price": 0, "occurred_at": f"2026-05-06 05:{minute:02}:00"}
            for minute in range(60)
        ],
        "return": [{**usual, "quantity": -2}],
        "to come": [
            {**usual, "occurred_at": "2027-05-05 05:05:05"},
            {**usual, "occurred_at": "2026-08-05 05:05:05"},
        ],
        "later today": [{**usual, "occurred_at": "2026-07-01 03:00:00"}],
        "annulled": [{**usual, "user_id": "u7", "quantity": 31}],
        "annuls": [
            {
                **usual,
                "user_id": "u7",
                "quantity": -31,
                "event_type": "cancel",
                "occurred_at": "2026-05-07 05:05:05",
            }
        ],
        # Sixty sound rows of p01 bear its creation out, of p02 thirty of 33 do.
        "early": [{**usual, "product_id": "p01", "occurred_at": early.format(1)}],
        "often early": [
            {**usual, "product_id": "p02", "occurred_at": early.format(day)}
            for day in range(1, 4)
        ],
        "gap": [
            {
                **usual,
                "product_id": f"x{product}",
                "occurred_at": f"2026-05-08 0{hour}:00:00",
            }
            for product in range(5)
            for hour in range(4)
        ],
        # The users have no gaps; the products have, and one more may be of them.
        "stray": [{**usual, "user_id": "v1"}],
        "gap or stray": [{**usual, "product_id": "x9"}],
    }


def events() -> pd.DataFrame:
    rows = purchases()
    # As often again, of the product that one row comes before.
    rows += [
        {**rows[1], "occurred_at": pd.Timestamp("2026-03-02") + pd.Timedelta(days=day)}
        for day in range(60)
    ]
    ids = [f"e{number}" for number in range(len(rows))]
    for kind, odd in odd_events().items():
        rows += odd
        ids += [f"{kind} {number}" for number in range(len(odd))]
    found = pd.DataFrame(rows).assign(event_id=ids, session_id=ids)
    return found.assign(occurred_at=found.occurred_at.astype(str))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("rows"))
    products().to_parquet(project.folder / "products.parquet")
    events().to_parquet(project.folder / "events.parquet")
    users = pd.DataFrame({"user_id": [f"u{number}" for number in range(50)]})
    users.to_parquet(project.folder / "users.parquet")
    # A rule of a user: a product that was changed in a time to come is a product still.
    rules = "models/staging/stg_products.yml"
    text = (project.folder / rules).read_text(encoding="utf-8")
    aged = "          - valid_for:\n              name: product_is_current\n"
    added = (
        "          - in_order:\n              name: product_changed_by_now\n"
        "              arguments: {before: as_of}\n"
    )
    assert text.count(aged) == 1
    project.write(rules, text.replace(aged, added + aged))
    project.build(VARS, MODELS_ONLY, repairs=True)
    return project


@pytest.fixture(scope="module")
def removals(project):
    """What is done with events, by the kind of the row."""
    found = project.query(
        "from fct_repairs where feed = 'events' and action <> 'change'"
    )
    return found.assign(kind=found.record_key.str.replace(r" \d+$", "", regex=True))


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("gift", {"proposed"}),
        ("return", {"proposed"}),
        ("to come", {"applied"}),
        ("later today", {"proposed"}),
        ("annulled", {"applied"}),
        ("annuls", {"proposed"}),
        ("early", {"applied"}),
        ("often early", {"proposed"}),
        ("gap", {"proposed"}),
        ("stray", {"applied"}),
        ("gap or stray", {"proposed"}),
    ],
)
def test_a_row_is_removed_only_where_it_is_proven_that_it_cannot_be(
    removals, kind, status
):
    found = removals[removals.kind == kind]
    assert set(found.status) == status
    assert found.record_key.nunique() == len(odd_events()[kind])


def test_no_other_event_is_touched(removals):
    assert set(removals.kind) <= set(odd_events())


def test_a_product_that_was_changed_in_a_time_to_come_stays(project):
    found = project.query(
        "from fct_repairs where feed = 'products' and action = 'quarantine'"
    )
    assert set(found.rule_name) == {
        "product_changed_by_now",
        "product_updated_is_not_in_the_future",
    }
    assert found.record_key.nunique() == len(SYSTEMS)
    assert set(found.status) == {"proposed"}


def test_a_rule_alone_is_named_as_the_only_evidence(removals):
    gift = removals[removals.kind == "gift"].iloc[0]
    assert gift.reason == (
        "a rule alone says that it cannot be: it must hold that price is at least 0.01;"
        " rows that fail it: 60"
    )
    assert gift.confidence <= 0.5


def test_proposals_of_one_cause_are_one_line(removals):
    causes = removals.groupby("kind").cause.unique().map(list)
    assert causes["gap"] == [
        "product_id x0 and 4 others: the other table may lack them"
    ]
    assert causes["stray"] == [
        "user_id v1: in no other row, and the other table lacks it"
    ]
    assert causes["gift"] == ["it does not hold that price is at least 0.01"]
    assert removals.cause_id.notna().all()
    assert removals.groupby("cause_id").cause.nunique().eq(1).all()


def test_show_prints_proposals_by_cause(project):
    from python_ml.command_line.show import index_table

    lines = index_table(project.database).splitlines()
    (start,) = (i for i, line in enumerate(lines) if line.startswith("Proposals"))
    largest = [line.split() for line in lines[start + 1 : start + 3]]
    assert [line[0] for line in largest] == ["60", "20"]
    assert "price is at least 0.01" in lines[start + 1]
    assert "the other table may lack them" in lines[start + 2]


def test_a_decision_names_a_cause(project, removals):
    """The gifts are all kept, but for one; the gap is decided about twice."""
    cause = removals.drop_duplicates("kind").set_index("kind").cause_id
    decisions = pd.DataFrame(
        [
            ("events", None, cause["gift"], "reject", "followed"),
            ("events", "gift 3", None, "accept", "followed"),
            ("events", None, cause["return"], "accept", "followed"),
            ("events", None, cause["gap"], "accept", "contradictory"),
            ("events", None, cause["gap"], "reject", "contradictory"),
            ("events", None, "orphan:0", "accept", "nothing has that cause"),
            ("users", None, cause["gap"], "accept", "nothing has that cause"),
            ("products", None, "near_duplicate:0", "accept", "nothing has that cause"),
            ("events", None, cause["stray"], "use", "a cause is accepted or rejected"),
            (
                "events",
                "gap 0",
                cause["gap"],
                "accept",
                "a record or a cause, not both",
            ),
        ],
        columns=["feed", "record_key", "cause_id", "decision", "state"],
    )
    seed = decisions.drop(columns="state").assign(
        occurrence=None, column_name=None, reason=None, decided_by=None, decided_at=None
    )
    seed["value"] = ["x" if one == "use" else None for one in seed.decision]
    seed.to_csv(project.folder / "seeds/repair_decisions.csv", index=False)
    project.build(
        VARS, MODELS_ONLY, select="repair_decisions int_repair_decisions+", repairs=True
    )
    found = project.query("select * from fct_repair_decisions")
    key = ["feed", "record_key", "cause_id", "decision", "state"]
    wanted = decisions[key].fillna("").sort_values(key).values.tolist()
    assert found[key].fillna("").sort_values(key).values.tolist() == wanted
    status = project.query(
        "select record_key, status from fct_repairs where action = 'quarantine'"
    ).set_index("record_key")["status"]
    assert status["gift 3"] == "applied"
    assert (status[[f"gift {n}" for n in range(60) if n != 3]] == "rejected").all()
    assert status["return 0"] == "applied"
    assert (status[[f"gap {number}" for number in range(20)]] == "proposed").all()


def test_of_rows_that_disagree_the_odd_one_is_named(project):
    found = project.query("""
        select split_part(record_key, '|', 1) as product, found_value as brand,
            error_probability
        from fct_quality_issues where rule_name = 'product_brand_agrees' order by all
    """)
    assert set(found["product"]) == {"p10", "p11", "p12"}
    probability = found.set_index(["product", "brand"]).error_probability
    assert (probability["p10"][["Oakline", "oakline "]] < 0.05).all()
    assert probability["p10"]["Elmwood"] > 0.95
    assert probability["p11"].tolist() == pytest.approx([0.5, 0.5])
    assert probability["p12"].tolist() == pytest.approx([2 / 3] * 3)

    (rule,) = project.query(
        "from fct_quality_rules where rule_name = 'product_brand_agrees'"
    ).itertuples()
    assert rule.failing_rows == len(found)
    assert rule.failure_rate == pytest.approx(
        found.error_probability.sum() / rule.rows_checked
    )
    # One of the four of p10, one of the two of p11, and two of the three of p12.
    assert found.error_probability.sum() == pytest.approx(4, abs=0.1)


def test_a_row_that_is_not_the_odd_one_is_not_unclean(project):
    (index,) = project.query(
        "from fct_quality_index where scope_type = 'feed' and feed = 'products'"
    ).itertuples()
    hit = project.query("""
        select distinct record_key from fct_quality_issues
        where feed = 'products' and record_key is not null and error_probability >= 0.5
    """)
    assert index.clean_row_share == pytest.approx(1 - len(hit) / index.rows_checked)


@pytest.fixture(scope="module")
def epochs(tmp_path_factory):
    """Times in seconds, of days with gaps, which nothing could read before."""
    project = Project(tmp_path_factory.mktemp("epochs"))
    times = [
        1_777_000_000 + 3600 * 24 * (day * 3) + 60 * event
        for day in range(20)
        for event in range(10)
    ]
    rows = pd.DataFrame(
        {
            "event_id": [f"e{number}" for number in range(len(times))],
            "user_id": [f"u{number % 20}" for number in range(len(times))],
            "event_type": "view",
            "occurred_at": [str(time) for time in times],
        }
    )
    rows.to_parquet(project.folder / "events.parquet")
    vars = {"as_of": str(AS_OF), "feeds": {"events": None}}
    project.build(vars, MODELS_ONLY, repairs=True)
    return project


def test_what_became_measurable_stands_apart(epochs):
    effect = epochs.query(
        "from fct_repair_effect where scope_type = 'feed' and feed = 'events'"
    )
    effect = effect.set_index("dimension")
    index = effect.loc["all"]
    assert index.rows_changed == 200
    assert index.score_after > index.score_before
    assert index.full_score_after < index.score_after
    assert "Became measurable" in index.note and "events_cover_days" in index.note
    # A table without times that can be read was not updated: that was measured before.
    assert effect.rules_added["timeliness"] == 0
    assert effect.score_before["timeliness"] == 0 < effect.score_after["timeliness"]
    assert effect.rules_added["all"] == effect.rules_added.drop("all").sum()
    for dimension in ["completeness", "consistency"]:
        assert effect.score_after[dimension] >= effect.score_before[dimension]
    (found,) = epochs.query(
        "from fct_quality_index where scope_type = 'feed' and feed = 'events'"
    ).itertuples()
    assert index.full_score_before == pytest.approx(found.quality_index)


def test_show_says_what_repaired_is_compared_with(epochs):
    from python_ml.command_line.show import index_table

    table = index_table(epochs.database)
    effect = epochs.query(
        "from fct_repair_effect where feed = 'events' and scope_type = 'feed'"
        " and dimension = 'all'"
    ).iloc[0]
    assert f"{effect.full_score_after:.3f}" in table
    assert "became measurable" in table
