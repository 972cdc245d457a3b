"""What a repair may not change, in a build: decimals, tags that are none, spellings.

One shop whose feeds hold a case of each kind, as German shops and hands write them.
"""

import csv

import numpy as np
import pandas as pd
import pytest

from tests.build import MODELS_ONLY, Project

CODES = [*map(str, range(3, 60, 4))]
MEANT = ["2.5", "12.99", "10-20", "36/38", "AB-1.5", "1.299.00", "-7", "(12)", "1,299"]
TITLES = {
    "If a<b and c>d mug": None,
    "R&D; Tools set": None,
    "I <3 Paris mug": None,
    "Book of vector<int> and map<k>": None,
    "Salt &amp; Pepper": "Salt & Pepper",
    "<b>Bold</b> claim": "Bold claim",
    '<p class="lead">Soft wool</p>': "Soft wool",
}
# As written in a column of decimal commas, and what it means.
PRICES = {"12,99 EUR": 12.99, "1.299,00": 1299, "89,90": 89.9, "2.499": 2499} | {
    f"{euros},95": euros + 0.95 for euros in range(10, 40)
}
BRANDS = ["European Respiratory Journal"] + 2 * ["European respiratory journal"]
BRANDS += 12 * ["Acme Tools"] + ["ACME Tools"]
RULE = """
version: 2
models:
  - name: stock
    columns:
      - name: item
      - name: pieces
        data_tests:
          - in_format:
              name: stock_pieces_are_digits
              arguments: {pattern: "^[0-9]+$"}
      - name: weight
        data_tests:
          - in_format: {name: stock_weight_in_range, arguments: {min: 0}}
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    folder = tmp_path_factory.mktemp("meaning")
    project = Project(folder)
    texts = [*TITLES, *[f"Wool blanket {number}" for number in range(40)]]
    rows = zip(texts, [*PRICES] * 2, BRANDS * 3, strict=False)
    with (folder / "shop.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["sku", "name", "preis", "marke"])
        for number, row in enumerate(list(rows)[: len(PRICES)]):
            writer.writerow([f"p{number}", *row])
    # A table of text, whose rules judge what staging has not cast.
    values = ", ".join(
        f"('i{number}', '{pieces}', '{weight}')"
        for number, (pieces, weight) in enumerate(
            zip([*MEANT, *CODES], ["1,50", "2.750"] + ["0,75"] * 30, strict=False)
        )
    )
    project.write(
        "models/stock.sql",
        f"select * from (values {values}) as stock(item, pieces, weight)",
    )
    project.write("models/stock.yml", RULE)
    project.write("models/rules/int_stock_issues.sql", "{{ issues(ref('stock')) }}")
    project.write("models/repaired/repaired_stock.sql", "{{ repaired(ref('stock')) }}")
    columns = {
        "product_id": "sku",
        "title": "name",
        "price": "preis",
        "brand": "marke",
    }
    project.build(
        {
            "as_of": "2026-11-25",
            "feeds": {"products": {"file": "shop.csv", "columns": columns}},
            "watched": ["stock"],
            "repaired": ["stock"],
        },
        env=MODELS_ONLY,
        repairs=True,
    )
    return project


def repairs(build, feed, column):
    found = build.query(
        "select found_value, proposed_value, status, confidence from fct_repairs"
        f" where feed = '{feed}' and column_name = '{column}'"
    )
    return {row.found_value: row for row in found.itertuples()}


def test_digits_keep_what_stands_between_them(build):
    failing = build.query(
        "select found_value from fct_quality_issues"
        " where rule_name = 'stock_pieces_are_digits'"
    )
    assert sorted(failing.found_value) == sorted(MEANT)
    found = repairs(build, "stock", "pieces")
    assert all(row.status != "applied" for row in found.values())


def test_comparison_signs_are_no_tags(build):
    failing = build.query(
        "select found_value from fct_quality_issues"
        " where rule_name = 'product_title_is_clean'"
    )
    wrong = {title: clean for title, clean in TITLES.items() if clean}
    assert set(failing.found_value) == set(wrong)
    found = repairs(build, "products", "title")
    assert {title: row.proposed_value for title, row in found.items()} == wrong


def test_a_price_is_read_as_its_column_writes_it(build):
    failing = build.query(
        "select found_value from fct_quality_issues"
        " where rule_name = 'product_price_in_range'"
    )
    assert set(failing.found_value) == set(PRICES)
    found = repairs(build, "products", "price")
    for written, meant in PRICES.items():
        assert float(found[written].proposed_value) == meant
    prices = build.query(
        "select price from assay_repaired.repaired_products where price is not null"
    )
    assert not (prices.price == 2.499).any()


def test_a_text_is_a_number_as_its_column_writes_it(build):
    found = repairs(build, "stock", "weight")
    assert float(found["2.750"].proposed_value) == 2750
    assert float(found["0,75"].proposed_value) == 0.75


def test_a_lead_that_chance_gives_is_proposed(build):
    found = repairs(build, "products", "brand")
    journal = found["European Respiratory Journal"]
    assert journal.status == "proposed" and journal.confidence < 0.8
    assert found["ACME Tools"].status == "applied"
    assert found["ACME Tools"].proposed_value == "Acme Tools"


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Titles that are kinds of things: categories go with them, currencies do not."""
    random = np.random.default_rng(11)
    words = ["Love", "Night", "Blue", "Rain", "Fire"]
    forms = ["Song", "Theme", "Ballad", "Remix"]
    kinds = [f"{word} {form} {n}" for word in words for form in forms for n in range(5)]
    titles = random.choice(kinds, 900)
    currencies = random.choice(
        ["EUR", "CAD", "$", "Euro"], 900, p=[0.92, 0.02, 0.04, 0.02]
    )
    frame = pd.DataFrame(
        {
            "product_id": [f"s{row}" for row in range(900)],
            "source_system": random.choice(["label", "store"], 900),
            "title": titles,
            "category": [title.split()[0] for title in titles],
            "currency": currencies,
            "price": 1.0,
        }
    )
    frame.loc[::90, "category"] = None
    frame.loc[5::80, "currency"] = None
    project = Project(tmp_path_factory.mktemp("songs"))
    frame.to_parquet(project.folder / "products.parquet")
    feeds = {"as_of": "2026-07-01", "feeds": {"products": {}}}
    project.build(feeds, env=MODELS_ONLY, repairs=True)
    applied = project.query("from fct_repairs where status = 'applied'")
    applied["title"] = titles[applied.record_key.str.extract(r"s(\d+)")[0].astype(int)]
    return applied


def test_what_is_usual_among_look_alikes_is_no_evidence(songs):
    currencies = songs[songs.column_name == "currency"]
    # Only what the value itself says.
    assert set(currencies.found_value.dropna()) <= {"Euro"}
    assert not currencies.found_value.isna().any()
    assert set(currencies.proposed_value) <= {"EUR"}


def test_what_look_alikes_share_is_evidence(songs):
    filled = songs[songs.column_name == "category"]
    assert len(filled) == 10
    assert (filled.proposed_value == filled.title.str.split().str[0]).all()
