"""A shop's own files are mapped by settings alone: no SQL has to be written before."""

import json

import duckdb
import pandas as pd
import pytest

from tests.build import MODELS_ONLY, Project

SECONDS = 1_780_315_200  # 2026-06-01 12:00:00
CLICKS = {
    "clicks_2026-06-01.csv": [
        "u1_p1::1::1780315200000",
        "u1_p1::1::1780315200000",
        "u2_p1::4::1780315200500",
    ],
    "clicks_2026-06-02.csv": ["u3_p2:: 1.0 ::1780401600000", "u3_p9::7::later"],
}
EXPORT = """Handle;Title;Vendor;SKU;Price;Barcode
hemd;Hemd, weiß;Möller;H-S;49,00;
hemd;;;H-M;49,00;4006381333931
hemd;;;;;
hut;Hut;;HUT;1.299;
schal;Schal;Öztürk;S-1;9,90;
schal;;;S-2;;
;;;X-1;5,00;
"""
VARS = {
    "as_of": "2026-07-01",
    "feeds": {
        "events": {
            "file": "clicks_*.csv",
            "header": ["pair", "code", "at"],
            "delimiter": "::",
            "file_name": "day file",
            "columns": {
                "event_id": ["pair", "code", "at"],
                "user_id": {"sql": "split_part(pair, '_', 1) -- before the dash"},
                "product_id": {"sql": "split_part(pair, '_', 2)"},
                "event_type": "code",
                "quantity": {"constant": 1},
                "occurred_at": "at",
                "ingested_at": {
                    "sql": "cast(regexp_extract(\"day file\", '[0-9-]{10}') as date)"
                },
                "source_system": {"constant": "the shop's"},
            },
            "values": {"event_type": {1: "view", 4: "purchase"}},
            "units": {"occurred_at": "milliseconds"},
        },
        "products": {
            "file": "export.csv",
            "encoding": "Latin-1",
            "columns": {
                "product_id": "SKU",
                "title": "Title",
                "brand": "Vendor",
                "price": "Price",
                "currency": {"constant": "EUR"},
            },
            "filled_down_by": "Handle",
        },
        "users": {
            "table": "main.people",
            "filled_down_by": ["HOME"],
            "where": "user_id != 'u0'",
            "columns": {
                "birth_year": {"sql": "age_in_2026 * -1 + 2026"},
                "registered_at": "joined",
                "updated_at": "changed",
                "gender": "sex",
            },
            "values": {"gender": {1: "female", 2: "male", 9: None}},
            "units": {"registered_at": "s", "updated_at": "nanosecond"},
        },
        "queries": {
            "file": "queries.csv",
            "encoding": "utf8",
            "header": False,
            "columns": {"query_id": "column_1", "query_text": "column_2"},
        },
        "relevance_labels": {
            "file": "labels/*.parquet",
            "file_name": "part",
            "columns": {"label": "relevance", "annotator": "part"},
            "grades": [1, 4],
        },
        "reviews": {
            "file": "reviews.jsonl",
            "file_name": "user_id",
            "columns": {
                "label": "good",
                "rating": {"sql": "cast(stars as integer) / 1"},
                "reviewed_at": "time",
            },
            "values": {"label": {True: "good", False: "bad"}},
            "units": {"reviewed_at": "us"},
        },
        "recommendations": {
            "file": "shown.tsv",
            "encoding": "utf-16",
            "columns": {"impression_id": "id", "clicked": "c", "position": "p"},
            "values": {"clicked": {"Y": True, "N": False}, "position": {"top": 1}},
        },
    },
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("mapping"))
    folder = project.folder
    for name, lines in CLICKS.items():
        project.write(name, "\n".join(lines) + "\n")
    (folder / "export.csv").write_bytes(EXPORT.encode("latin-1"))
    with duckdb.connect(project.database) as connection:
        connection.execute(
            f"""
            create table people as from (values
                ('u0', 'h1', 'Oslo', 7, null, null, null),
                ('u1', 'h1', null, 30, 1.0, {SECONDS}, {SECONDS} * 10::hugeint ** 9),
                ('u2', 'h1', ' ', null, 2, {SECONDS}.25, {SECONDS}000001000),
                ('u3', 'h2', null, 40, 9, null, null)
            ) as people (user_id, home, city, age_in_2026, sex, joined, changed)
            """
        )
    (folder / "queries.csv").write_bytes(
        "q1,“Hut” 5 €\nq1,“Hut” 5 €\n".encode("utf-8-sig")
    )
    grades = ["1", "2.33", "4", "5", "exact", None]
    labels = {"query_id": [f"q{i}" for i in range(6)], "product_id": "p1"}
    labels = pd.DataFrame(labels | {"relevance": grades})
    (folder / "labels").mkdir()
    labels[:3].to_parquet(folder / "labels" / "a.parquet")
    labels[3:].to_parquet(folder / "labels" / "b.parquet")
    reviews = [
        {"review_id": "r1", "good": True, "stars": 4, "time": SECONDS * 10**6},
        {"review_id": "r2", "good": False, "stars": 2, "time": -(10**18)},
        {"review_id": "r3", "good": None, "stars": None, "time": "yesterday"},
    ]
    project.write("reviews.jsonl", "\n".join(map(json.dumps, reviews)))
    shown = "id\tc\tp\ni1\tY\ttop\ni2\tN\t2\ni3\tmaybe\tlow\n"
    (folder / "shown.tsv").write_bytes(shown.encode("utf-16"))
    project.build(VARS, env=MODELS_ONLY)
    return project


def staged(project, feed, columns):
    with duckdb.connect(project.database, read_only=True) as connection:
        return connection.execute(
            f"select {columns} from assay_staging.stg_{feed} order by all"
        ).fetchall()


def test_codes_pairs_epochs_and_names_of_daily_files_without_a_header(project):
    columns = (
        "event_id, user_id, product_id, event_type, quantity, source_system,"
        " cast(occurred_at as varchar), occurred_at_as_found,"
        ' cast(ingested_at as varchar), "day file"'
    )
    web = (1.0, "the shop's")
    first = ("2026-06-01 00:00:00", "clicks_2026-06-01.csv")
    second = ("2026-06-02 00:00:00", "clicks_2026-06-02.csv")
    noon = ("2026-06-01 12:00:00", None)
    u1 = ("u1_p1-1-1780315200000", "u1", "p1", "view", *web, *noon, *first)
    assert staged(project, "events", columns) == [
        u1,
        u1,
        ("u2_p1-4-1780315200500", "u2", "p1", "purchase", *web)
        + ("2026-06-01 12:00:00.5", None, *first),
        ("u3_p2- 1.0 -1780401600000", "u3", "p2", "view", *web)
        + ("2026-06-02 12:00:00", None, *second),
        # What is not in the map, and what is no epoch, is kept as found.
        ("u3_p9-7-later", "u3", "p9", "7", *web, None, "later", *second),
    ]


def test_facts_on_the_first_row_of_a_product_only(project):
    columns = 'product_id, title, brand, price, price_as_found, currency, "Barcode"'
    assert staged(project, "products", columns) == [
        ("H-M", "Hemd, weiß", "Möller", None, "49,00", "EUR", "4006381333931"),
        ("H-S", "Hemd, weiß", "Möller", None, "49,00", "EUR", None),
        ("HUT", "Hut", None, None, "1.299", "EUR", None),
        ("S-1", "Schal", "Öztürk", None, "9,90", "EUR", None),
        # Its price is its own: it stands on rows below the first of others.
        ("S-2", "Schal", "Öztürk", None, None, "EUR", None),
        # Without a handle nothing says what it is a part of.
        ("X-1", None, None, None, "5,00", "EUR", None),
        # A key is never filled: this row is an image of the shirt.
        (None, "Hemd, weiß", "Möller", None, None, "EUR", None),
    ]


def test_epochs_of_each_unit_and_codes_of_each_type(project):
    columns = (
        "user_id, gender, cast(registered_at as varchar), cast(updated_at as varchar),"
        " updated_at_as_found, city, birth_year, record_number"
    )
    noon = "2026-06-01 12:00:00"
    assert staged(project, "users", columns) == [
        # The row that is filtered out had the city of the household.
        ("u1", "female", noon, noon, None, "Oslo", 1996, 1),
        ("u2", "male", f"{noon}.25", f"{noon}.000001", None, "Oslo", None, 2),
        ("u3", None, None, None, None, None, 1986, 3),
    ]
    columns = (
        "review_id, user_id, label, rating, cast(reviewed_at as varchar),"
        " reviewed_at_as_found"
    )
    assert staged(project, "reviews", columns) == [
        ("r1", "reviews.jsonl", "good", 4.0, noon, None),
        ("r2", "reviews.jsonl", "bad", 2.0, "29720-04-05 (BC) 22:13:20", None),
        ("r3", "reviews.jsonl", None, None, None, "yesterday"),
    ]


def test_encodings(project):
    assert staged(project, "queries", "query_id, query_text") == [
        ("q1", "“Hut” 5 €"),
        ("q1", "“Hut” 5 €"),
    ]
    columns = "impression_id, clicked, clicked_as_found, position, position_as_found"
    assert staged(project, "recommendations", columns) == [
        ("i1", True, None, 1, None),
        ("i2", False, None, 2, None),
        ("i3", None, "maybe", None, "low"),
    ]


def test_grades_are_labels_between_the_lowest_and_the_highest(project):
    failing = project.query(
        "from fct_quality_issues where rule_name = 'relevance_label_is_known'"
    )
    assert set(staged(project, "relevance_labels", "annotator")) == {
        ("labels/a.parquet",),
        ("labels/b.parquet",),
    }
    assert sorted(failing.found_value) == ["5", "exact"]
    (rule,) = project.query(
        "from dim_quality_rules where rule_name = 'relevance_label_is_known'"
    ).itertuples()
    assert rule.description == "label is at least 1 and is at most 4"


def test_where_a_column_comes_from_is_said(project):
    found = project.query(
        "select column_name, source_columns from assay_staging.stg_feeds"
        " where feed = 'events' and is_supplied"
    )
    found = dict(found.itertuples(index=False, name=None))
    assert found["event_type"] == "code"
    assert found["source_system"] == "constant the shop's"
    assert found["product_id"] == "sql split_part(pair, '_', 2)"
    assert "session_id" not in found


def test_tables_of_ones_own_without_a_feed(tmp_path):
    """`feeds: {}`: nothing of the shop is measured, nothing fails.

    One table is repaired; it refers to one that is neither watched nor repaired,
    and has columns that are named as repairs name what they find.
    """
    project = Project(tmp_path)
    with duckdb.connect(project.database) as connection:
        connection.execute(
            "create table visits as select unnest([1, 2, 2]) as id;"
            "create table customers as select 'ann' as named;"
            "create table orders as select i as id, "
            "  case when i = 7 then 'gone' else 'ann' end as named, "
            "  case when i = 3 then ' Red' else 'Red' end as format_value "
            "from range(60) as r (i)"
        )

    def column(name, **rules):
        tests = [{kind: rule} for kind, rule in rules.items()]
        return {"name": name, "data_tests": tests}

    customers = {"to": "source('shop', 'customers')"}
    clean = {"is": "clean_text"}
    tables = {
        "visits": [column("id", not_repeated={"name": "visit_once"})],
        "customers": [],
        "orders": [
            column("named", refers_to={"name": "customer", "arguments": customers}),
            column("format_value", in_format={"name": "clean", "arguments": clean}),
        ],
    }
    shop = {"name": "shop", "schema": "main"}
    shop["tables"] = [
        {
            "name": name,
            "config": {"meta": {"key": "id"} if columns else {}},
            "columns": columns,
        }
        for name, columns in tables.items()
    ]
    project.write("models/shop.yml", json.dumps({"sources": [shop]}))
    for name, read in {"visits": "", "orders": ", source('shop', 'customers')"}.items():
        project.write(
            f"models/rules/int_{name}_issues.sql",
            f"{{{{ issues(source('shop', '{name}'){read}) }}}}",
        )
    project.write(
        "models/repaired/repaired_orders.sql",
        "{{ repaired(source('shop', 'orders')) }}",
    )
    vars = {"feeds": {}, "watched": ["visits", "orders"], "repaired": ["orders"]}
    result = project.build(vars, repairs=True)
    warned = [line for line in result.output.splitlines() if " WARN " in line]
    assert len(warned) == 1 and "rules_within_limits" in warned[0], result.output
    assert "visit_once, visits: 33.33 %" in result.output
    rules = project.query("from fct_quality_rules").set_index("rule_name")
    failing = {"visit_once": 1, "customer": 1, "clean": 1}
    assert rules.failing_rows.to_dict() == failing
    assert set(project.query("from fct_quality_issues").feed) == {"visits", "orders"}
    repairs = project.query("from fct_repairs where feed = 'orders'")
    repairs = repairs.set_index("rule_name")
    assert repairs.action.to_dict() == {"customer": "empty", "clean": "change"}
    assert repairs.proposed_value["clean"] == "Red"
    effect = project.query(
        "from fct_repair_effect where scope_type = 'feed' and dimension = 'all'"
    ).set_index("feed")
    # What is not repaired has nothing to be compared with, and has lost nothing.
    assert effect.rules_compared["orders"] == 2
    assert effect.rules_lost.fillna(0).sum() == 0
    assert effect.score_after["orders"] > effect.score_before["orders"]
