"""No canonical form that is applied says something else: a table of values by kind.

`canonical_cases.csv` holds what was found and what it means, blank where the value
alone does not say it in the form that is asked for: then nothing may be applied.
"""

import csv
from pathlib import Path

import pytest

from python_ml.canonical.meaning import is_meaning_kept
from tests.python_ml.canonical.test_canonical import AUTOMATIC, RULES, forms_of

CODES = [f"40123451{number:05d}" for number in range(100, 400, 3)]
PRICES = [f"{euros}.99" for euros in range(3, 60)]
CASES = RULES | {
    "digits": {"pattern": "^[0-9]+$", "examples": [*map(str, range(1, 200, 7))]},
    "ean": {"pattern": "^[0-9]{8,14}$", "examples": CODES},
    "code": {"pattern": "^[A-Z]+-?[0-9-]+$", "examples": ["AB-15", "AB-20", "X-5"]},
    "capacity": {"pattern": "^[0-9]+ (kB|MB|GB|KB)$", "examples": ["500 MB", "2 GB"]},
    "size": {"allowed": ["36", "38", "40", "42", "3638", "3840"]},
    "names": {"allowed": ["iphone 12", "galaxy s24", "vitamin b", "vitamin a"]},
    "grade": {"allowed": ["A", "B", "C"]},
    "stock": {"allowed": ["available", "in stock", "verfügbar", "disponible"]},
    "person": {"allowed": ["men", "male", "herren", "uomini"]},
    "colour": {"allowed": ["black", "white", "green", "brown", "red", "blue", "grey"]},
    "country": {"allowed": ["NA", "US", "DE", "IT"]},
    "count": {
        "type": "bigint",
        "minimum": 0,
        "examples": ["1", "2", "3", "5", "7"] * 4,
    },
    "rating": {"type": "double", "minimum": 1, "maximum": 5},
    "price": RULES["price"] | {"examples": PRICES},
    "time": RULES["timestamp"],
    "measure": RULES["measurement"],
    "text": RULES["clean_text"],
}

with (Path(__file__).parent / "canonical_cases.csv").open(encoding="utf-8") as lines:
    TABLE = list(csv.DictReader(lines))


def test_the_table_is_wide():
    assert len(TABLE) >= 300
    assert len({row["kind"] for row in TABLE}) >= 30
    assert len({row["language"] for row in TABLE}) >= 5


def is_same(left: str, right: str) -> bool:
    """Whether two forms are one value: `5.0` is 5."""
    try:
        return float(left) == float(right)
    except ValueError:
        return left == right


@pytest.mark.parametrize("is_alone", [True, False])
@pytest.mark.parametrize("kind", sorted({row["kind"] for row in TABLE}))
def test_what_is_applied_says_the_same(kind, is_alone):
    """Each value of a kind is judged alone, and as one of the rows of a column."""
    rows = [row for row in TABLE if row["kind"] == kind]
    wrong = []
    for rule in sorted({row["rule"] for row in rows}):
        of_rule = [row for row in rows if row["rule"] == rule]
        columns = [[row] for row in of_rule] if is_alone else [of_rule]
        for column in columns:
            found = forms_of([row["found"] for row in column], **CASES[rule])
            for row, proposed, confidence in zip(
                column, found.proposed, found.confidence, strict=True
            ):
                if confidence < AUTOMATIC or proposed == row["found"]:
                    continue
                if not row["meant"] or not is_same(proposed, row["meant"]):
                    wrong.append((rule, row["found"], proposed, float(confidence)))
    assert not wrong


def test_what_says_the_same_is_applied():
    """So that the table above is not passed by doing nothing."""
    meant = [row for row in TABLE if row["meant"]]
    right = 0
    for row in meant:
        found = forms_of([row["found"]], **CASES[row["rule"]])
        is_sure = found.confidence[0] >= AUTOMATIC and found.proposed[0] is not None
        right += is_sure and is_same(found.proposed[0], row["meant"])
    assert right >= 0.9 * len(meant) > 30


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2.5", "25"),
        ("10-20", "1020"),
        ("36 38", "3638"),
        ("-5", "5"),
        ("(12)", "12"),
        ("A+", "A"),
        ("5 %", "5"),
        ("<5", "5"),
        ("5 mW", "5 MW"),
        ("2½", "2"),
        ("iphone 13", "iphone 12"),
    ],
)
def test_meaning_is_lost_with(before, after):
    assert not is_meaning_kept(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("AB_12", "AB-12"),
        ("10–20", "10-20"),
        ("１２", "12"),
        ("Black!", "black"),
        ("+5", "5"),
        ("'7'", "7"),
    ],
)
def test_meaning_is_kept_with(before, after):
    assert is_meaning_kept(before, after)


def test_the_column_shows_that_separators_group_digits():
    layout = ["4012345-123456", "4012345-123463", "4012345-123470"]
    found = forms_of(layout, **CASES["ean"])
    assert found.proposed == [text.replace("-", "") for text in layout]
    assert (found.confidence >= AUTOMATIC).all()
    assert forms_of(layout[:1], **CASES["ean"]).confidence[0] < AUTOMATIC


def test_a_number_that_casts_follows_its_column():
    commas = ["12,99", "1.299,00", "24,95", "1.299", "0,99", "9,90", "7,45", "3,20"]
    found = forms_of([*commas, "2,5", "8,15", "4,75"], **RULES["price"])
    assert float(found.proposed[3]) == 1299
    assert found.confidence[3] > 0.9
    alone = forms_of(["1.299"], **RULES["price"])
    assert alone.proposed == ["1.299"]
