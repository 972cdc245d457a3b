"""What `python -m python_ml map` proposes for the files of a folder."""

import gzip
import json

import pandas as pd
import pytest
import yaml

from python_ml.__main__ import main
from python_ml.command_line.feed_columns import (
    COLUMN_NAMES,
    DISTINCTIVE,
    TIMES,
    VOCABULARIES,
)
from python_ml.command_line.feed_mapping import propose_mapping
from python_ml.sample.simulate import FEEDS, simulate
from tests.build import ROOT

EXPORT = """Handle;Title;Vendor;Variant SKU;Variant Price
hemd;Hemd, weiß;Möller;H-S;49,00
hemd;;;H-M;49,00
hut;Hut;;HUT-1;9,00
hut;;;HUT-2;9,00
"""
PEOPLE = [
    ["jane@example.org", "+49 170 1234567", "w"],
    ["joe@example.org", "0170-7654321", "m"],
]


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_feeds_of_many_kinds(tmp_path):
    clicks = (
        "u1_p1::1::1780315200000\nu2_p1::4::1780315200500\nu2_p7::4::1780315201000\n"
    )
    review = {"asin": "p1", "user": "u1", "overall": 5, "reviewText": "a good one"}
    review |= {"unixReviewTime": 1780315200, "good": "pos", "images": [{"a": 1}]}
    write(
        tmp_path,
        {
            "logs/clicks_2026-06-01.csv": clicks,
            "logs/clicks_2026-06-02.csv": clicks,
            "export.csv": EXPORT.encode("latin-1"),
            "judgements.csv.gz": gzip.compress(
                b"query,docid,relevance\nhat,p1,1\nhat,p2,2.67\ncap,p1,4\n"
            ),
            "reviews.jsonl": json.dumps(review) + "\n",
            "notes.txt": "not a table",
            "broken.parquet": "not a table either",
        },
    )
    customers = pd.DataFrame({"UserID": ["u1"], "sex": ["F"], "mail": ["a@b.org"]})
    customers.to_parquet(tmp_path / "customers.parquet")
    # The better of two times is the one that casts.
    shown = pd.DataFrame(
        {"date": ["20260601"], "item": ["p1"], "user": ["u1"], "rank": [1], "clk": [0]}
    )
    shown.assign(ts=1780315200).to_csv(tmp_path / "slates.tsv", sep="\t", index=False)
    proposed = propose_mapping(tmp_path)
    mapping = yaml.safe_load(proposed)
    assert mapping["folder"] == str(tmp_path)
    assert mapping["feeds"] == {
        "products": {
            "file": "export.csv",
            "encoding": "latin-1",
            "columns": {
                "product_id": "Variant SKU",
                "brand": "Vendor",
                "price": "Variant Price",
            },
            "filled_down_by": "Handle",
        },
        "users": {
            "file": "customers.parquet",
            "columns": {"user_id": "UserID", "email": "mail", "gender": "sex"},
            "values": {"gender": {"F": "female"}},
        },
        "events": {
            "file": "logs/clicks_*.csv",
            "delimiter": "::",
            "header": False,
            "columns": {
                "event_type": "column_2",
                "user_id": {"sql": "split_part(\"column_1\", '_', 1)"},
                "product_id": {"sql": "split_part(\"column_1\", '_', 2)"},
                "event_id": ["column_1", "column_3"],
                "occurred_at": "column_3",
            },
            "units": {"occurred_at": "milliseconds"},
        },
        "relevance_labels": {
            "file": "judgements.csv.gz",
            "columns": {
                "query_id": "query",
                "product_id": "docid",
                "label": "relevance",
            },
            "grades": [1, 4],
        },
        "reviews": {
            "file": "reviews.jsonl",
            "columns": {
                "product_id": "asin",
                "user_id": "user",
                "rating": "overall",
                "review_text": "reviewText",
                "label": "good",
                "reviewed_at": "unixReviewTime",
                "review_id": ["user", "asin", "unixReviewTime"],
            },
            "units": {"reviewed_at": "seconds"},
            "values": {"label": {"pos": "good"}},
        },
        "recommendations": {
            "file": "slates.tsv",
            "columns": {
                "user_id": "user",
                "product_id": "item",
                "position": "rank",
                "shown_at": "ts",
                "clicked": "clk",
                "impression_id": ["user", "item", "rank", "ts"],
            },
            "units": {"shown_at": "seconds"},
        },
    }
    assert "map these values of event_type (to view, click," in proposed
    assert "nested: images" in proposed
    assert "broken.parquet: it cannot be read" in proposed
    assert "notes.txt" not in proposed


def test_the_day_of_an_event_is_in_the_name_of_its_file(tmp_path):
    rows = "user_id,item_id,behavior\nu1,p1,pv\nu1,p2,zz\n"
    write(tmp_path, {f"log_202606{day}.csv": rows for day in ("01", "02", "03")})
    proposed = propose_mapping(tmp_path)
    day = "strptime(regexp_extract(file, '[0-9]{8}'), '%Y%m%d')"
    assert yaml.safe_load(proposed)["feeds"]["events"] == {
        "file": "log_*.csv",
        "file_name": "file",
        "columns": {
            "product_id": "item_id",
            "event_type": "behavior",
            "event_id": ["user_id", "item_id"],
            "occurred_at": {"sql": day},
        },
        "values": {"event_type": {"pv": "view"}},
    }
    assert "impression): zz" in proposed


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("name", ["customers.csv", "events.csv", "reviews.tsv"])
def test_no_address_and_no_number_is_printed(tmp_path, capsys, name, named):
    rows = [["email", "phone", "event_type"]] * named + PEOPLE
    # A vocabulary that is none: what people are called by.
    rows += [[phone, email, email] for email, phone, _ in PEOPLE]
    sign = "\t" if name.endswith("tsv") else ","
    write(tmp_path, {name: "".join(sign.join(row) + "\n" for row in rows)})
    assert main(["map", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    for person in PEOPLE:
        assert person[0] not in printed and person[1] not in printed
    assert "@" not in printed


def test_a_shop_of_the_contract_needs_no_mapping(tmp_path):
    simulate(tmp_path, products=60, events=600, seed=3)
    proposed = yaml.safe_load(propose_mapping(tmp_path))
    assert set(proposed["feeds"]) == set(FEEDS)
    for feed, settings in proposed["feeds"].items():
        assert not settings, (feed, settings)  # Nor is what is damaged mapped away.


def test_what_is_no_folder_and_what_holds_no_feed(tmp_path, capsys):
    assert main(["map", str(tmp_path / "nowhere")]) == 1
    assert main(["map", str(tmp_path)]) == 1
    write(tmp_path, {"weather.csv": "station,degrees\nx,1\n"})
    assert main(["map", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert "There is no folder" in printed.err
    assert "no readable file" in printed.err
    assert yaml.safe_load(printed.out)["feeds"] == {}


def test_the_names_are_those_of_the_contract():
    contract, allowed = {}, {}
    for feed in FEEDS:
        text = (ROOT / f"models/staging/stg_{feed}.yml").read_text(encoding="utf-8")
        for column in yaml.safe_load(text)["models"][0]["columns"]:
            contract.setdefault(feed, {})[column["name"]] = column["data_type"]
            for test in column.get("data_tests", []):
                values = test.get("in_format", {}).get("arguments", {}).get("values")
                if values:
                    allowed[feed, column["name"]] = set(values)
    for feed, columns in COLUMN_NAMES.items():
        assert list(columns) == [name for name in contract[feed] if name in columns]
        assert set(columns) == set(contract[feed])
        assert set(DISTINCTIVE[feed]) <= set(columns)
        times = {name for name in columns if contract[feed][name] == "timestamp"}
        assert times == TIMES & set(columns)
    assert {key: set(terms) for key, terms in VOCABULARIES.items()} == allowed
