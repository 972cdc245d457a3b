"""What is wrong with the input is said in a sentence, and the last good marts stay."""

import csv
import gzip
import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.build import MODELS_ONLY, ROOT, Project

FEEDS = {
    "products": "product_id source_system title price updated_at",
    "users": "user_id email registered_at",
    "events": "event_id user_id product_id event_type occurred_at",
    "queries": "query_id query_text issued_at",
    "relevance_labels": "query_id product_id label annotator",
    "reviews": "review_id product_id user_id rating review_text",
    "recommendations": "impression_id user_id product_id position",
}
VARS = {"feeds": dict.fromkeys(FEEDS), "as_of": "2026-07-01"}
# So few rows are nothing to learn from, and nothing in them can be repaired.
EMPTY_MARTS = {"fct_suspect_labels", "fct_audit_sample"}
EMPTY_MARTS |= {"fct_repair_decisions", "fct_repairs", "fct_training_runs"}
# Twelve days of one row each, all alike.
EMPTY_MARTS |= {"fct_quality_incidents", "fct_alerts", "fct_quality_statistics"}
# Of too few users and queries.
UNMEASURED_MARTS = {"fct_recommender_effect", "fct_search_effect"}
SETTINGS = (
    "file, table, ref, source, columns, values, units, cycle, where, filled_down_by,"
    " grades, header, encoding, delimiter, file_name"
)
METHODS = (
    "missing, format, label, disagreement, repeat, near_duplicate, orphan, impossible,"
    " default"
)


def feed(name: str, rows: int = 12) -> pd.DataFrame:
    values = {}
    for column in FEEDS[name].split():
        if column.endswith("_at"):
            values[column] = [f"2026-06-{1 + i % 30:02} 10:00:00" for i in range(rows)]
        elif column in ["price", "rating", "position"]:
            values[column] = [1 + i % 5 for i in range(rows)]
        else:
            values[column] = [f"{column} {i}" for i in range(rows)]
    return pd.DataFrame(values)


def csv_lines(name: str, rows: int = 12) -> list[str]:
    text = feed(name, rows).to_csv(index=False, lineterminator="\n")
    return text.splitlines(keepends=True)


def marts(database: Path) -> dict:
    """All rows of all marts."""
    with duckdb.connect(database, read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema ="
            " 'assay_marts' and not contains(table_name, '__dbt_') order by table_name"
        ).fetchall()
        return {
            name: connection.execute(
                f"select * from assay_marts.{name} order by all"
            ).fetchall()
            for (name,) in names
        }


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A build that went well."""
    project = Project(tmp_path_factory.mktemp("good"))
    for name in FEEDS:
        feed(name).to_parquet(project.folder / f"{name}.parquet")
    project.build(VARS, MODELS_ONLY, repairs=True, watching=True)
    project.marts = marts(project.database)
    assert {name for name, rows in project.marts.items() if not rows} == EMPTY_MARTS
    return project


@pytest.fixture
def project(good, tmp_path):
    """A project without feeds, in whose database the good build stands."""
    project = Project(tmp_path)
    shutil.copy(good.database, project.database)
    return project


def settings(project):
    for name in ["users", "events", "queries"]:
        feed(name).to_parquet(project.folder / f"{name}.parquet")
    feeds = {
        "product": None,
        "products": "products.parquet",
        "users": {"fiel": "users.csv", "file": "users.csv", "table": "users"},
        "events": {"columns": ["event_id"], "cycle": "daily"},
        "queries": {"columns": {"query_text": None, "locale": {"a": "b"}}},
        "reviews": {"ref": ["shop", "raw", "reviews"]},
        "recommendations": {"source": "raw"},
    }
    no_name = (
        "which is no column name, nor a list of them, nor {sql: <expression>} or"
        " {constant: <value>}"
    )
    vars = {"repair_thresholds": "high", "source_priority": ["erp", "shop"]}
    vars |= {"not_measured": "maybe", "lang": "fr", "quality_weights": "learned"}
    return {"feeds": feeds, "as_of": "yesterday", **vars}, [
        "Var repair_thresholds is high: write one `<method>: <confidence>` a line;"
        f" methods are {METHODS}.",
        "Var source_priority is ['erp', 'shop']: write one `<table>: [<source system>,"
        " ...]` a line.",
        f"Var feeds names product, which is no feed; there are {', '.join(FEEDS)}.",
        f"Feed products: write its settings ({SETTINGS}) one level below its name.",
        f"Feed users: fiel is no setting; there are {SETTINGS}.",
        "Feed users: file and table are given, but it has one place; leave one of"
        " them.",
        f"Feed users: table {project.database.stem}.assay.users does not exist.",
        "Feed events: `columns` is ['event_id']; write one"
        " `<column of the feed>: <column found>` a line.",
        "Feed events: cycle daily is no span such as `1 day` or `12 hours`.",
        f"Feed queries: column query_text is mapped to None, {no_name}.",
        f"Feed queries: column locale is mapped to {{'a': 'b'}}, {no_name}.",
        "Feed reviews: ref is ['shop', 'raw', 'reviews']: write the name of a model, or"
        " [<package>, <model>].",
        "Feed recommendations: source is raw: write <source>.<table>.",
        "Var as_of is yesterday, which is no time such as 2026-07-01 or"
        " 2026-07-01 12:00:00.",
        "Var not_measured is maybe: it must be `pass`, `fail_supplied` or `fail`.",
        "Var quality_weights is learned: it must be `hand` or `calibrated`.",
        "Var lang is fr: the report is written in `en` or `zh`.",
    ]


def settings_of_mapping(project):
    """Those that are wrong whatever the file holds."""
    for name in FEEDS:
        feed(name).to_parquet(project.folder / f"{name}.parquet")
    feeds = {
        "products": {
            "columns": {
                "title": {"sql": " "},
                "brand": {"sql": "1", "constant": "2"},
                "price": {"constant": None},
                "currency": {"constant": ["EUR"]},
                "category": [],
            },
            "values": ["title"],
            "units": "ms",
            "filled_down_by": 1,
        },
        "users": {
            "values": {"gender": "f", "city": {}, "email": {"a": ["b"]}, "phone": {}},
            "units": {"registered_at": "fortnights", "updated_at": None},
            "grades": [1, 4],
        },
        "events": {"header": True, "encoding": "utf-8", "delimiter": ","},
        "queries": {
            "file": "queries.csv",
            "header": ["query_id", "QUERY_ID"],
            "encoding": 8,
            "delimiter": "",
            "file_name": ["file"],
        },
        "relevance_labels": {"grades": [4, 1], "where": ["a"]},
        "reviews": {"table": "reviews", "file_name": "file", "header": False},
        "recommendations": {"header": 1, "delimiter": '"', "grades": "1-4"},
    }
    no_name = (
        "which is no column name, nor a list of them, nor {sql: <expression>} or"
        " {constant: <value>}."
    )
    header = "write false where no line names the columns, or their names as a list,"
    delimiter = "write one to four characters, without quotes and line ends."
    csv_only = "is for CSV files, and its file ends in .parquet; leave it out."
    products, users = "Feed products: ", "Feed users: "
    one = "write one `<value found>: <value meant>` a line."
    units = "there are seconds, milliseconds, microseconds, nanoseconds."
    grades = "write the lowest and the highest, such as [1, 4]."
    return {"feeds": feeds}, [
        f"{products}column title is mapped to {{'sql': ' '}}, {no_name}",
        f"{products}column brand is mapped to {{'sql': '1', 'constant': '2'}},"
        f" {no_name}",
        f"{products}column price is mapped to {{'constant': None}}, {no_name}",
        f"{products}column currency is mapped to {{'constant': ['EUR']}}, {no_name}",
        f"{products}column category is mapped to [], {no_name}",
        f"{products}`values` is ['title']; write one `<column of the feed>: {{<value"
        " found>: <value meant>}` a line.",
        f"{products}`units` is ms; write one `<column of the feed>: <unit>` a line.",
        f"{products}filled_down_by is 1, which is no column found, nor a list of them.",
        f"{users}the values of gender are f; {one}",
        f"{users}the values of city are {{}}; {one}",
        f"{users}the values of phone are {{}}; {one}",
        f"{users}the values of email map a to ['b']; each must be one value.",
        f"{users}the unit of registered_at is fortnights; {units}",
        f"{users}the unit of updated_at is None; {units}",
        f"{users}grades are for relevance_labels only; leave them out.",
        f"Feed events: header {csv_only}",
        f"Feed events: encoding {csv_only}",
        f"Feed events: delimiter {csv_only}",
        f"Feed queries: header is ['query_id', 'QUERY_ID']: {header} each once.",
        "Feed queries: encoding is 8: write its name, such as utf-8, utf-16 or"
        " latin-1.",
        f"Feed queries: delimiter is an empty text: {delimiter}",
        "Feed queries: file_name is ['file']: write the name of the column that the"
        " names of the files stand in.",
        "Feed queries: file queries.csv does not exist.",
        f"Feed relevance_labels: grades is [4, 1]: {grades}",
        "Feed relevance_labels: where is ['a'], which is no condition in SQL.",
        "Feed reviews: file_name is for files, and it is a table; leave it out.",
        "Feed reviews: header is for files, and it is a table; leave it out.",
        f"Feed reviews: table {project.database.stem}.assay.reviews does not exist.",
        f"Feed recommendations: header is 1: {header} each once.",
        f"Feed recommendations: header {csv_only}",
        f'Feed recommendations: delimiter is ": {delimiter}',
        f"Feed recommendations: delimiter {csv_only}",
        f"Feed recommendations: grades is 1-4: {grades}",
        "Feed recommendations: grades are for relevance_labels only; leave them out.",
    ]


def mapping_that_does_not_fit(project):
    """What is seen when the file is looked at."""
    for name in ["products", "users", "relevance_labels", "recommendations"]:
        feed(name).to_parquet(project.folder / f"{name}.parquet")
    times = feed("events").astype({"occurred_at": "datetime64[us]"})
    times.to_parquet(project.folder / "events.parquet")
    (project.folder / "queries.csv").write_text("q1,hats\nq2,caps\n")
    (project.folder / "reviews.csv").write_bytes("review_id\nr\x80\n".encode("latin-1"))
    feeds = {
        "products": {
            "columns": {
                "product_id": {"sql": "max(product_id)"},
                "title": {"sql": "lower(no_such_column)"},
                "brand": {"sql": "cast(title as integer)"},
                "category": {"sql": "title) from (select 1"},
                "price": {"constant": "free"},
            },
            "filled_down_by": "handle",
        },
        "users": {"values": {"colour": {"a": "b"}, "gender": {1: "female"}}},
        "events": {
            "units": {"occurred_at": "ms", "event_type": "ms", "ingested_at": "ms"}
        },
        "queries": {"file": "queries.csv", "header": ["query_id"]},
        "relevance_labels": {"file_name": "label"},
        "reviews": {"file": "reviews.csv", "encoding": "klingon"},
        "recommendations": {
            "columns": {"shown_at": {"constant": "noon"}},
        },
    }
    products = "Feed products: "
    found = {name: f"found are {', '.join(FEEDS[name].split())}." for name in FEEDS}
    events = "Feed events, file events.parquet: units names "
    users = "Feed users, file users.parquet: values names "
    return {"feeds": feeds}, [
        f"{products}filled_down_by handle is not there; {found['products']}",
        f"{users}colour, but the feed has no such column; it has user_id, email, phone,"
        " gender, birth_year, city, registered_at, updated_at.",
        f"{users}gender, which is not there; map it under `columns`; {found['users']}",
        f"{events}occurred_at, but occurred_at is a TIMESTAMP already; leave it out.",
        f"{events}event_type, which is no time but a varchar; leave it out.",
        f"{events}ingested_at, which is not there; map it under `columns`;"
        f" {found['events']}",
        "Feed queries: header names 1 columns, and the first line of file queries.csv"
        " has 2.",
        "Feed relevance_labels: file_name label is a column of its file already; choose"
        " another name.",
        "Feed reviews: file reviews.csv cannot be read: it is damaged, or not klingon"
        " (known are utf-8, utf-16, latin-1; others need the extension encodings of"
        " DuckDB).",
        "Feed recommendations, file recommendations.parquet: the constant noon of"
        " shown_at is no timestamp.",
    ]


def expressions(project):
    for name in ["products", "users"]:
        feed(name).to_parquet(project.folder / f"{name}.parquet")
    columns = {
        "product_id": "max(product_id)",
        "title": "lower(no_such_column)",
        "brand": "cast(title as integer)",
        "category": "title) from (select 1",
        "description": "title /* open",
        "source_system": "upper(source_system)",
    }
    columns = {name: {"sql": sql} for name, sql in columns.items()}
    found = f"found are {', '.join(FEEDS['products'].split())}."
    (project.folder / "queries.csv").write_text("Query_ID,query_text\nq1,hats\n")
    queries = {"file": "queries.csv", "header": ["query_id", "query_text"]}
    feeds = {"products": {"columns": columns}, "users": None, "queries": queries}
    return {"feeds": feeds}, [
        "Feed queries: the first line of file queries.csv names the columns; leave"
        " header out.",
        *[
            f"Feed products, file products.parquet: the expression of {name} cannot be"
            f" evaluated in every row: {given['sql']}; {found}"
            for name, given in columns.items()
            if name != "source_system"
        ],
    ]


def no_mapping_and_bad_weights(project):
    rows = """
        feed,feed_weight,completeness,accuracy,consistency,timeliness
        products,0.5,0.25,0.25,0.25,0.26
        users,0.1,-0.25,0.5,0.5,0.25
        events,0.1,,0.5,0.25,0.25
        queries,0.1,0.25,0.25,0.25,0.25
        queries,0.1,0.25,0.25,0.25,0.25
        reviews,,0.25,0.25,0.25,0.25
        recommendations,0.2,nan,0.25,0.25,0.25
    """
    project.write("seeds/quality_weights.csv", re.sub("\n +", "\n", rows).strip())
    seed = "Seed quality_weights"
    return {"feeds": []}, [
        "Var feeds is []: it must be `sample`, or one entry for each feed that is"
        " supplied ({} for none).",
        f"{seed}, feed products: the weights of the four dimensions must sum to 1, not"
        " 1.01.",
        f"{seed}, feed users: a weight is negative.",
        f"{seed}, feed events: a weight is missing or no number.",
        f"{seed}, feed queries: it stands in 2 rows.",
        f"{seed}, feed reviews: a weight is missing or no number.",
        f"{seed}, feed recommendations: a weight is missing or no number.",
        f"{seed}: the column feed_weight must sum to 1, not 1.1.",
    ]


def calibrated(project, rows: str) -> dict:
    """Vars with which a good feed is weighed by rows of the seed."""
    feed("products").to_parquet(project.folder / "products.parquet")
    head = "feed,dimension,component,rule_name,weight\n"
    project.write("seeds/quality_weights_calibrated.csv", head + rows)
    return {"feeds": {"products": None}, "quality_weights": "calibrated"}


def calibrated_weights(project):
    rows = """
        products,,,,0.5
        products,accuracy,,,0.5
        events,completeness,repeat,,2
        events,completeness,repeat,,3
        events,completeness,repeats,,1
        events,punctuality,,,1
        events,accuracy,relation,event_user_is_known,1
        events,accuracy,relation,event_user_present,1
        users,,missing,,1
        users,completeness,,user_email_present,1
        orders,,,,0.1
        ,accuracy,,,1
        reviews,accuracy,label,,much
        reviews,accuracy,class,,-1
    """
    seed = "Seed quality_weights_calibrated"
    return calibrated(project, re.sub("\n +", "\n", rows).strip()), [
        f"{seed}, accuracy: it names no feed.",
        f"{seed}, events, accuracy, relation, event_user_is_known: there is no rule of"
        " that name.",
        f"{seed}, events, accuracy, relation, event_user_present: the rule is one of"
        " events, missing.",
        f"{seed}, events, completeness, repeat: it stands in 2 rows.",
        f"{seed}, events, completeness, repeats: repeats is no component of"
        " completeness.",
        f"{seed}, events, punctuality: punctuality is no dimension; there are"
        " completeness, accuracy, consistency, timeliness.",
        f"{seed}, orders: there is no feed or watched table of that name.",
        f"{seed}, reviews, accuracy, class: weight must be a number of at least 0, not"
        " -1.",
        f"{seed}, reviews, accuracy, label: weight must be a number of at least 0, not"
        " much.",
        f"{seed}, users, completeness, user_email_present: it names no component.",
    ]


def sums_of_calibrated_weights(project):
    rows = "products,,,,0.5\nproducts,accuracy,,,0.5\nevents,timeliness,,,0.25\n"
    seed = "Seed quality_weights_calibrated"
    return calibrated(project, rows), [
        f"{seed}: the weights of the feeds must sum to 1, not 1.2.",
        f"{seed}, products: the weights of the four dimensions must sum to 1, not"
        " 1.25.",
    ]


def no_calibrated_weights(project):
    return calibrated(project, ""), [
        "Var quality_weights is calibrated, but the seed quality_weights_calibrated has"
        " no row.",
    ]


def rules(project):
    feed("products").to_parquet(project.folder / "products.parquet")
    customers = {"name": "of_a_customer", "arguments": {"to": "ref('customers')"}}
    tests = {
        "id": [{"not_missing": {"name": "one_name"}}, {"refers_to": customers}],
        "customer_id": [{"not_missing": {"name": "one_name"}}],
    }
    columns = [{"name": name, "data_tests": tests[name]} for name in tests]
    models = {"models": [{"name": "orders", "columns": columns}]}
    project.write("models/orders.yml", json.dumps(models))
    project.write("models/orders.sql", "select 1 as id, 2 as customer_id")
    project.write("models/customers.sql", "select 2 as id")
    folder = "models/rules"
    for name in ["orders", "customers"]:
        issues = f"{{{{ issues(ref('{name}')) }}}}"
        project.write(f"{folder}/int_{name}_issues.sql", issues)
    return {"feeds": {"products": None}, "watched": ["orders"]}, [
        "Two rules are named one_name, in models/orders.yml; give one of them another"
        " `name`.",
        f"Rule of_a_customer reads 'customers', which {folder}/int_orders_issues.sql"
        " does not name; add ref('customers') to what it gives to issues().",
        f"Issue model {folder}/int_customers_issues.sql must be named"
        " int_<table>_issues, with <table> listed in the var `watched`; watched are"
        f" {', '.join(FEEDS)}, orders.",
    ]


def learned_rules(project):
    feed("products").to_parquet(project.folder / "products.parquet")
    rows = """
        rule_name,record_key,label,is_wrong,right_label,sampling_weight,audited_by,audited_at
        review_label_right,1,good,true,bad,,,
        review_label_is_right,,good,true,bad,2,,
        review_label_is_right,2,good,perhaps,bad,2,,
        review_label_is_right,3,good,,bad,2,,
        review_label_is_right,4,good,true,bad,0.5,,
        review_label_is_right,5,good,true,bad,many,,
        review_label_is_right,6,good,true,bad,2,,
        review_label_is_right,6,good,false,bad,2,,
        product_category_is_right,p1|erp,Shoes,false,,2,,
        product_category_is_right,p2|erp,Shoes,true,Hats,,,
    """
    project.write("seeds/label_audits.csv", re.sub("\n +", "\n", rows).strip())
    seed, right = "Seed label_audits, ", "review_label_is_right"
    of_weights = "sampling_weight must be there in all rows of a rule, or in none."
    vars = {"encoder": ["minilm"], "device": "gpu", "audit_size": "many"}
    vars |= {"incremental": "always", "training_folder": ["runs"]}
    return {"feeds": {"products": None}, **vars}, [
        "Var encoder is ['minilm']: it must be `auto`, `none`, the name of an encoder,"
        " or the folder of a model.",
        "Var device is gpu: it must be `auto`, `cpu` or `cuda`.",
        "Var audit_size is many: it must be a number of rows.",
        "Var incremental is always: it must be `true` or `false`.",
        "Var training_folder is ['runs']: it must be the folder below which training"
        " runs lie, or null for none.",
        f"{seed}review_label_right, 1: there is no rule of that name.",
        f"{seed}{right}: it has no record_key.",
        f"{seed}{right}, 2: is_wrong must be true or false, not perhaps.",
        f"{seed}{right}, 3: is_wrong must be true or false, not empty.",
        f"{seed}{right}, 4: sampling_weight must be a number of at least 1, not 0.5.",
        f"{seed}{right}, 5: sampling_weight must be a number of at least 1, not many.",
        f"{seed}{right}, 6: it stands in 2 rows.",
        f"{seed}product_category_is_right, p1|erp: {of_weights}",
        f"{seed}product_category_is_right, p2|erp: {of_weights}",
    ]


def repairs(project):
    feed("products").to_parquet(project.folder / "products.parquet")
    thresholds = {"missing": "high", "format": 2, "label": True, "gaps": 0.9}
    priority = {"products": "erp", "users": [], "orders": ["erp"], "events": [1]}
    list_of = (
        "it must be a list of source systems, the first of which is right where they"
        " disagree."
    )
    vars = {"repair_thresholds": thresholds, "source_priority": priority}
    confidence = "it must be a confidence from 0 to 1."
    return {"feeds": {"products": None}, **vars}, [
        f"Var repair_thresholds, missing is high: {confidence}",
        f"Var repair_thresholds, format is 2: {confidence}",
        f"Var repair_thresholds, label is True: {confidence}",
        "Var repair_thresholds names gaps, which is no method of repair; there are"
        f" {METHODS}.",
        f"Var source_priority, products is erp: {list_of}",
        f"Var source_priority, users is []: {list_of}",
        f"Var source_priority, events is [1]: {list_of}",
        "Var source_priority names orders, which is not watched; watched are"
        f" {', '.join(FEEDS)}.",
    ]


def sources(project):
    path = project.folder / "queries.parquet"
    feed("queries").to_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    feed("relevance_labels").to_parquet(project.folder / "labels_1.parquet")
    (project.folder / "labels_2.parquet").write_text("query_id,product_id")
    feeds = {
        "products": None,
        "users": {"file": "nowhere/users.csv"},
        "events": {"file": "events_*.json"},
        "queries": None,
        "relevance_labels": {"file": "labels_*.parquet"},
        "reviews": {"table": "shop.reviews"},
        "recommendations": {"table": "server.shop.public.recommendations"},
    }
    damaged = (
        "cannot be read as parquet: it is truncated, damaged or of another format."
    )
    return {"feeds": feeds}, [
        "Feed products: file products.parquet does not exist.",
        "Feed users: file nowhere/users.csv does not exist.",
        "Feed events: file events_*.json does not exist.",
        f"Feed queries: file queries.parquet {damaged}",
        f"Feed relevance_labels: file labels_2.parquet {damaged}",
        f"Feed reviews: table {project.database.stem}.shop.reviews does not exist.",
        "Feed recommendations: table server.shop.public.recommendations must be named"
        " database.schema.table (write a list where a name holds a dot).",
    ]


def columns_and_rows(project):
    for name in ["products", "events", "relevance_labels"]:
        feed(name).to_parquet(project.folder / f"{name}.parquet")
    feed("users").head(0).to_parquet(project.folder / "users.parquet")
    queries = feed("queries").drop(columns="query_id")
    queries.to_parquet(project.folder / "queries.parquet")
    (project.folder / "reviews.json").write_text('[{"review_id": 1}, {"review_id"')
    feeds = {
        "products": {"columns": {"title": "name", "colour": "title"}},
        "users": None,
        "events": {"where": "event_type = 'nothing'"},
        "queries": None,
        "relevance_labels": {"where": "no_such_column = 1"},
        "reviews": {"file": "reviews.json"},
        "recommendations": {"file": "recommendations.xlsx"},
    }
    return {"feeds": feeds}, [
        "Feed products, file products.parquet: column name, mapped to title, is not"
        " there; found are product_id, source_system, title, price, updated_at.",
        "Feed products, file products.parquet: colour is mapped, but the feed has no"
        " such column; it has product_id, source_system, title, description, category,"
        " brand, price, currency, attributes, created_at, updated_at.",
        "Feed users, file users.parquet: there is no row in it; leave the feed out of"
        " `feeds` when it is not supplied.",
        "Feed events, file events.parquet: no row in it meets `where`: event_type ="
        " 'nothing'.",
        "Feed queries, file queries.parquet: the key column query_id is not there; map"
        " it under `columns`; found are query_text, issued_at.",
        "Feed relevance_labels, file relevance_labels.parquet: `where` cannot be"
        " evaluated: no_such_column = 1.",
        "Feed reviews: file reviews.json cannot be read as json: it is truncated,"
        " damaged or of another format.",
        "Feed recommendations: file recommendations.xlsx ends in none of .parquet,"
        " .csv, .tsv, .json, .jsonl.",
    ]


def csv_files(project):
    mixed = csv_lines("events")
    mixed[6] = mixed[6].replace("\n", "\r\n")
    contents = {
        "products.csv": b"",
        "users.csv": "用户,邮箱\n1,2\n".encode("gbk"),
        "events.csv": "".join(mixed).encode(),
        "queries.csv.gz": gzip.compress("".join(csv_lines("queries")).encode())[:-20],
        "relevance_labels.csv": csv_lines("relevance_labels", 0)[0].encode(),
        "reviews.csv": b"review_id,product_id\nr1\nr2\n",
        "recommendations.csv": "impression_id,user_id\n1,2\n".encode("utf-16"),
    }
    for name, content in contents.items():
        (project.folder / name).write_bytes(content)
    feeds = {name.split(".")[0]: {"file": name} for name in contents}
    header = "must name the columns; it is empty or not UTF-8."
    return {"feeds": feeds}, [
        f"Feed products: the first line of file products.csv {header}",
        f"Feed users: the first line of file users.csv {header}",
        "Feed events, file events.csv: it cannot be read; it is damaged, or its lines"
        " do not all end in the same way.",
        "Feed queries: file queries.csv.gz cannot be read: it is damaged.",
        "Feed relevance_labels, file relevance_labels.csv: there is no row in it; leave"
        " the feed out of `feeds` when it is not supplied.",
        "Feed reviews, file reviews.csv, line 2: expected 2 columns, found 1.",
        "Feed reviews, file reviews.csv, line 3: expected 2 columns, found 1.",
        f"Feed recommendations: the first line of file recommendations.csv {header}",
    ]


def csv_rows(project):
    far = 30_000  # DuckDB judges a file by its first 20480 rows.
    bad_lines = {
        "products": (3, "p,shop,a title,1,2026-06-01,too,many\n"),
        "users": (far, "u1\n"),
        "events": (far, 'e1,u1,"p1,view,2026-06-01\n'),
        "queries": (far, "q1,\xe9t\xe9,2026-06-01\n"),
        "relevance_labels": (3, 'q1,"p1" p2,good,me\n'),
        "reviews": (far, f"r1,p1,u1,5,{'long ' * 4_000_000}\n"),
    }
    for name, (number, line) in bad_lines.items():
        lines = csv_lines(name, number + 10)
        lines.insert(number - 1, line)
        content = "".join(lines).encode("latin-1")
        (project.folder / f"{name}.csv").write_bytes(content)
    # DuckDB, left to itself, loses rows where it reads many files.
    for part in range(12):
        lines = csv_lines("recommendations")
        lines.insert(4, 'i1,"u1,p1,1\n' if part == 5 else "")
        file = project.folder / f"recommendations_{part:02}.csv"
        file.write_text("".join(lines))
    feeds = {name: {"file": f"{name}.csv"} for name in FEEDS}
    feeds["recommendations"]["file"] = "recommendations_*.csv"
    product_id = "a quote in column product_id is not closed, or text follows it."
    return {"feeds": feeds}, [
        "Feed products, file products.csv, line 3: expected 5 columns, found 7.",
        f"Feed users, file users.csv, line {far}: expected 3 columns, found 1.",
        f"Feed events, file events.csv, line {far}: {product_id}",
        f"Feed queries, file queries.csv, line {far}: column query_text is not UTF-8.",
        f"Feed relevance_labels, file relevance_labels.csv, line 3: {product_id}",
        f"Feed reviews, file reviews.csv, line {far}: it is longer than 16 MB.",
        "Feed recommendations, file recommendations_05.csv, line 5: a quote in column"
        " user_id is not closed, or text follows it.",
    ]


CASES = [settings, settings_of_mapping, mapping_that_does_not_fit, expressions]
CASES += [no_mapping_and_bad_weights, rules, learned_rules, repairs, sources]
CASES += [columns_and_rows, csv_files, csv_rows, calibrated_weights]
CASES += [sums_of_calibrated_weights, no_calibrated_weights]


def said(output: str) -> list[str]:
    """The sentences under the heads of the errors that our macros raise."""
    errors = re.findall(r"Compilation Error in model .*\n((?: +\S.*\n)+)", output)
    return [line.strip() for error in errors for line in error.splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_each_problem_is_one_sentence(case, project, good):
    vars, sentences = case(project)
    result = project.build({**VARS, **vars}, MODELS_ONLY, check=False)
    output = result.output.replace(f"{project.folder}/", "")
    assert sorted(said(output)) == sorted(sentences), output
    assert result.returncode != 0
    assert marts(project.database) == good.marts


def test_a_file_damaged_further_down(project, good):
    """The reason is DuckDB's; the end of the run names the feed and the file."""
    texts = [f"text {i**3}" for i in range(20_000)]
    for feed_name, compression in [("product", "snappy"), ("review", "none")]:
        path = project.folder / f"{feed_name}s.parquet"
        table = pa.table({f"{feed_name}_id": texts, "title": texts})
        pq.write_table(table, path, compression=compression, use_dictionary=False)
        content = bytearray(path.read_bytes())
        start = len(content) // 4
        content[start : start + 300] = b"\xff" * 300
        path.write_bytes(content)
    lines = [f'{{"event_id": "e{i}"}}\n' for i in range(30_000)]
    lines[25_000] = '{"event_id" "e"}\n'
    (project.folder / "events.jsonl").write_text("".join(lines))
    feeds = {"products": None, "reviews": None, "events": {"file": "events.jsonl"}}
    result = project.build({**VARS, "feeds": feeds}, MODELS_ONLY, check=False)
    output = result.output.replace(f"{project.folder}/", "")
    for file in ["products.parquet", "reviews.parquet", "events.jsonl"]:
        name = file.split(".")[0]
        assert f"Feed {name}, file {file}: it cannot be read: " in output
    assert 'Failed to read file "products.parquet": Snappy decompression' in output
    assert 'Malformed JSON in file "events.jsonl", at byte' in output
    assert result.returncode != 0
    assert marts(project.database) == good.marts


def test_a_listed_table_that_does_not_exist(project, good):
    result = project.build({"watched": ["orders"]}, check=False)
    assert (
        " depends on a node named 'int_orders_issues' in package or project 'assay'"
        " which was not found" in result.output
    )
    assert result.returncode != 0
    assert marts(project.database) == good.marts


def test_a_rule_that_is_there_twice(project, good):
    columns = [{"name": "id", "data_tests": ["not_missing", "not_missing"]}]
    models = {"models": [{"name": "orders", "columns": columns}]}
    project.write("models/orders.yml", json.dumps(models))
    project.write("models/orders.sql", "select 1 as id")
    result = project.build(check=False)
    assert (
        'dbt found two data_tests with the name "not_missing_orders_id" defined on'
        ' column "id" in "models.orders".' in result.output
    )
    assert result.returncode != 0
    assert marts(project.database) == good.marts


def test_what_was_renamed_is_named(project, good):
    path = "models/staging/stg_products.yml"
    text = (project.folder / path).read_text(encoding="utf-8")
    for new, old in {
        "extract_from: [title]": "told_by: [title]",
        "match_on:": "told_apart_by:",
        "entity_keys:": "same_thing:",
        "lookup:": "also_in:",
        "survivorship: max": "survives: latest",
        "survivorship: min": "survivorship: earliest",
    }.items():
        assert new in text
        text = text.replace(new, old)
    project.write(path, text)
    result = project.build(check=False)
    values = "most_frequent, most_recent, min, max"
    for sentence in [
        "stg_products: same_thing under `meta` is called entity_keys since 0.4.",
        "stg_products: told_apart_by under `meta` is called match_on since 0.4.",
        "stg_products.brand: told_by under `meta` is called extract_from since 0.4.",
        "stg_products.price: also_in under `meta` is called lookup since 0.4.",
        "stg_products.updated_at: survives under `meta` is called survivorship since",
        f"stg_products.created_at: survivorship is earliest; it must be {values}"
        " (earliest is called min since 0.4).",
    ]:
        assert sentence in result.output
    assert result.returncode != 0
    assert marts(project.database) == good.marts


def test_a_renamed_rule_says_its_new_name(project, good):
    path = "models/staging/stg_events.yml"
    text = (project.folder / path).read_text(encoding="utf-8")
    project.write(path, text.replace("- not_cancelled:", "- not_annulled:"))
    result = project.build(check=False)
    assert "The rule not_annulled is called not_cancelled since 0.4" in result.output
    assert result.returncode != 0
    assert marts(project.database) == good.marts


HOSTILE = [
    "it's",
    'a "quote"',
    "'); drop table products; --",
    "{{ 1/0 }}",
    "{% raw %}",
    "{# no comment",
    "two\nlines",
    "a\r\nb",
    "a\ttab",
    "\x00nul\x00",
    "😀👩‍👩‍👧",
    "\u202eright to left\u202c שלום",
    "null",
    "\\",
    "%s",
    "select",
    "数  " * 250_000,
]
TAKEN = ["record_number", "ROWID", "price_as_found", "Title"]
HOSTILE_COLUMNS = [*HOSTILE[:12], "order", "GROUP", "1", "title_as_found", *TAKEN]


def test_hostile_values_and_names_stay_what_they_are(tmp_path):
    folder = tmp_path / """it's "数据"; drop table {{ nothing }}"""
    folder.mkdir()
    project = Project(tmp_path)
    keys = [f"k{i}" for i in range(len(HOSTILE))]
    products = pd.DataFrame(dict.fromkeys(HOSTILE_COLUMNS, HOSTILE))
    products = products.assign(product_id=keys, category=HOSTILE, source_system=HOSTILE)
    products.to_parquet(folder / "{% raw %} products.parquet")
    events = pd.DataFrame({"EVENT_ID": keys, "user_id": HOSTILE, "{{ 1/0 }}": HOSTILE})
    events.to_csv(folder / "events 数据.CSV", index=False, quoting=csv.QUOTE_ALL)
    users = pd.DataFrame({"user_id": keys, "email": HOSTILE, "'); drop": HOSTILE})
    users.to_json(folder / "users';.jsonl", orient="records", lines=True)
    with duckdb.connect(project.database) as connection:
        connection.register("found", products)
        connection.execute('create schema "select"')
        connection.execute('create table "select"."the order; --" as from found')
    feeds = {
        "products": {
            "file": "{% raw %} products.parquet",
            "columns": {"title": HOSTILE[3], "description": HOSTILE[2]},
            "where": "title_as_found <> '{{ 1/0 }} nothing' -- but all",
        },
        "events": {"file": "events 数据.CSV", "columns": {"session_id": HOSTILE[3]}},
        "users": {"file": "users';.jsonl", "columns": {"city": "'); drop"}},
        "queries": {
            "table": "select.the order; --",
            "columns": {"query_id": "PRODUCT_ID", "query_text": HOSTILE[4]},
        },
    }
    environment = {"ASSAY_FOLDER": str(folder)}
    project.build({**VARS, "feeds": feeds}, environment | MODELS_ONLY, repairs=True)

    def values(column, table, key, found="staging.stg"):
        column = column.replace('"', '""')
        sql = f'select "{column}" from assay_{found}_{table}'
        return project.query(f"{sql} order by {key}[2:]::int").iloc[:, 0].tolist()

    for column in ["title", "description", "category", "source_system"]:
        assert values(column, "products", "product_id") == HOSTILE
    for column in set(HOSTILE_COLUMNS) - {HOSTILE[3], HOSTILE[2]}:
        name = column + ("_in_source" if column in TAKEN else "")
        assert values(name, "products", "product_id") == HOSTILE, column
    for column in ["user_id", "session_id"]:
        assert values(column, "events", "event_id") == HOSTILE
    for column in ["email", "city"]:
        assert values(column, "users", "user_id") == HOSTILE
    for column in ["query_text", "rowid_in_source", "title"]:
        assert values(column, "queries", "query_id") == HOSTILE
    measures = project.query("from fct_quality_measures where feed = 'products'")
    for slice_type in ["category", "source_system"]:
        found = measures[measures.slice_type == slice_type].slice_value
        assert set(found) == set(HOSTILE)
    repairs = project.query("from fct_repairs where status = 'applied'")
    assert not repairs.action.isin(["drop", "quarantine"]).any()
    changed = set(repairs.column_name[repairs.feed == "products"])
    for column in {*HOSTILE_COLUMNS, "source_system"} - {HOSTILE[3], HOSTILE[2]}:
        name = column + ("_in_source" if column in TAKEN else "")
        if name not in changed:
            repaired = values(name, "products", "product_id", "repaired.repaired")
            assert repaired == HOSTILE, column
    issues = project.query("from fct_quality_issues where rule_name like '%is_clean'")
    assert {HOSTILE[9], HOSTILE[-1][:1000]} <= set(issues.found_value)
    assert issues.found_value.str.len().max() == 1000


def test_an_empty_term_of_a_vocabulary_lets_nothing_pass(tmp_path):
    """Three products without titles, one of 1970, and seeds with a line too many."""
    project = Project(tmp_path)
    found = {"product_id": ["p1", "p2", "p3"], "currency": ["EUR", "XXQ", "it's"]}
    found["updated_at"] = ["1970-01-01", "2026-06-30", "2026-06-30"]
    pd.DataFrame(found).to_parquet(tmp_path / "products.parquet")
    seed = (ROOT / "seeds/vocabularies.csv").read_text(encoding="utf-8")
    project.write("seeds/vocabularies.csv", f"{seed}currency,\n")
    seed = (ROOT / "seeds/placeholders.csv").read_text(encoding="utf-8")
    project.write("seeds/placeholders.csv", f'{seed}""\n')
    vars = {"feeds": {"products": None}, "as_of": "2026-07-01"}
    project.build(vars, MODELS_ONLY, repairs=True)
    values = project.query("""
        select found_value from fct_quality_issues
        where rule_name = 'product_currency_is_iso_4217' order by all
    """)
    assert values.found_value.tolist() == ["XXQ", "it's"]
    assert project.query("from fct_repairs where status = 'applied'").empty


def test_csv_files_are_read_as_they_are_written(tmp_path):
    project = Project(tmp_path)
    frames = {name: feed(name).astype(str) for name in FEEDS}
    # DuckDB, left to itself, knows no quotes where the first rows have none.
    frames["products"] = feed("products", 30_000).astype(str)
    frames["products"].loc[29_000, "title"] = 'one, "two",\nthree'
    dialects = {
        "products.csv": {},
        "users.tsv": {"sep": "\t"},
        "events.csv.gz": {"sep": ";"},
        "queries.csv": {"sep": "|", "encoding": "utf-8-sig"},
        "relevance_labels.csv": {"lineterminator": "\r\n"},
        "reviews.csv": {"quoting": csv.QUOTE_ALL},
    }
    feeds = {name.split(".")[0]: {"file": name} for name in dialects}
    for name, dialect in dialects.items():
        frames[name.split(".")[0]].to_csv(tmp_path / name, index=False, **dialect)
    feeds["recommendations"] = {"file": "recommendations_*.csv"}
    shown = frames["recommendations"]
    shown.loc[6:, "user_id"] = None
    shown[:6].to_csv(tmp_path / "recommendations_1.csv", index=False)
    other = shown.loc[6:, ["position", "product_id", "impression_id"]]
    other = other.rename(columns=str.upper)
    other.to_csv(tmp_path / "recommendations_2.csv", index=False)
    project.build({"feeds": feeds}, MODELS_ONLY, select="+path:models/staging")
    for name, frame in frames.items():
        texts = frame.drop(columns=["price", "rating", "position"], errors="ignore")
        columns = ", ".join(f"{column}::varchar" for column in texts)
        with duckdb.connect(project.database) as connection:
            rows = connection.execute(
                f"select {columns} from assay_staging.stg_{name} order by 1"
            ).fetchall()
        texts = texts.astype(object).where(texts.notna(), None)
        assert rows == sorted(texts.itertuples(index=False, name=None)), name


def start_build(project):
    """A build that can be killed with all that it started."""
    shutil.rmtree(project.folder / "logs", ignore_errors=True)
    vars = json.dumps({"encoder": "none", **VARS})
    return project.start("build", "--vars", vars, **MODELS_ONLY)


def wait_for(project, text: str) -> None:
    """Until the log of dbt says so."""
    log = project.folder / "logs" / "dbt.log"
    for _ in range(6000):
        if log.exists() and text in log.read_text(encoding="utf-8", errors="replace"):
            return
        time.sleep(0.01)
    raise TimeoutError(text)


def kill(process, database: Path) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.join()
    for _ in range(100):
        try:
            return duckdb.connect(database, read_only=True).close()
        except duckdb.IOException:  # It is still being killed.
            time.sleep(0.1)
    raise TimeoutError(database)


def rounded(rows: list) -> list:
    """Rows without the last digits, which depend on the order of a sum."""
    return [
        tuple(round(value, 9) if isinstance(value, float) else value for value in row)
        for row in rows
    ]


@pytest.fixture(scope="module")
def changed(good, tmp_path_factory):
    """Two projects with the database of the good build and the same other data."""
    projects = [Project(tmp_path_factory.mktemp("changed")) for _ in range(2)]
    for project in projects:
        shutil.copy(good.database, project.database)
        for name in FEEDS:
            data = feed(name, rows=60)
            data.iloc[::3, -1] = None
            data.iloc[59] = data.iloc[58]
            data.to_parquet(project.folder / f"{name}.parquet")
    return projects


@pytest.fixture(scope="module")
def undisturbed(good, changed):
    """The marts of the changed data; while they were built, another build tried to."""
    project, other = changed
    process = start_build(project)
    wait_for(project, "OK loaded seed file")
    os.killpg(process.pid, signal.SIGSTOP)
    database = {"ASSAY_DATABASE": str(project.database)}
    second = other.build(VARS, MODELS_ONLY | database, check=False)
    os.killpg(process.pid, signal.SIGCONT)
    process.join()
    return process.exitcode, second, marts(project.database)


def test_a_second_build_at_the_same_time(good, changed, undisturbed):
    exitcode, second, found = undisturbed
    assert (
        "Encountered an error:\nIO Error: Could not set lock on file"
        f' "{changed[0].database}": Conflicting lock is held in' in second.output
    )
    assert second.returncode != 0
    assert exitcode == 0
    facts = {name for name in found if name.startswith("fct_")} - EMPTY_MARTS
    facts -= UNMEASURED_MARTS
    assert all(found[name] != good.marts[name] for name in facts)
    assert len(found["fct_repairs"]) == len(FEEDS)


def test_builds_that_were_killed(good, changed, undisturbed):
    project, wanted = changed[1], undisturbed[2]
    moments = ["stg_events", "int_products_issues", "fct_quality_index", "int_repairs"]
    for moment in moments:
        process = start_build(project)
        wait_for(project, f".{moment} .")
        kill(process, project.database)
        log = (project.folder / "logs" / "dbt.log").read_text(encoding="utf-8")
        found = marts(project.database)
        if "START sql table model assay_intermediate." in log:
            # A view of the tables of issues, which are replaced one by one.
            found.pop("fct_quality_issues")
        for name, rows in found.items():
            was_started = f"assay_marts.{name} ." in log
            assert rows == good.marts[name] or (
                was_started and rounded(rows) == rounded(wanted[name])
            ), f"{name}, killed at {moment}"
    project.build(VARS, MODELS_ONLY, repairs=True, watching=True)
    found = marts(project.database)
    assert found.keys() == wanted.keys()
    for name, rows in found.items():
        assert rounded(rows) == rounded(wanted[name]), name
