"""Damage in the simulated shop follows from the clean value, and most can be undone.

How it is undone is written here once more, so that a value said to be told from its bad
text is told by code that has not seen the ways of damage.
"""

import difflib
import html
import re
from datetime import UTC, datetime

import duckdb
import numpy as np
import pytest

from python_ml.sample import text as sample_text
from python_ml.sample.damage import damaged, ways_of_damage, with_currency
from tests.build import ROOT

TITLES = ["Foxglen board game", "华月红茶，清新"]
# Clean values of each form, all there are where they are few.
CLEAN = {
    ("products", "currency", "bad_currency"): list(sample_text.CURRENCIES),
    ("products", "attributes", "bad_json"): [
        '{"colour": "black", "size": "L"}',
        '{"variety": "玫瑰", "size": "1.5 l"}',
    ],
    ("products", "price", "bad_number"): ["8.79", "1234.50", "0.50", "40.00"],
    ("events", "price", "bad_number"): ["8.79", "1234.50", "0.50", "40.00"],
    ("events", "quantity", "bad_number"): ["1", "2", "9"],
    ("reviews", "rating", "bad_number"): list("12345"),
    ("users", "birth_year", "bad_number"): ["1985", "1940", "2000"],
    ("recommendations", "position", "bad_number"): list("12345"),
    ("users", "gender", "bad_value"): list(sample_text.GENDERS),
    ("events", "event_type", "bad_value"): list(sample_text.EVENT_TYPES),
    ("relevance_labels", "label", "bad_value"): list(sample_text.LABELS),
    ("reviews", "label", "bad_value"): ["good", "bad"],
    ("recommendations", "clicked", "bad_value"): ["true", "false"],
    ("queries", "locale", "bad_pattern"): ["en", "en-GB", "zh", "zh-CN"],
    ("users", "phone", "bad_pattern"): [
        f"{prefix}{digits}"
        for prefix in sample_text.PHONE_PREFIXES
        for digits in ("00000000", "12345678")
    ],
    ("users", "email", "bad_pattern"): [
        f"{name}@{domain}"
        for name in ("anna.1", "jun.20")
        for domain in sample_text.MAIL_DOMAINS
    ],
    ("events", "occurred_at", "bad_timestamp"): [
        "2026-01-02 03:04:05",
        "2026-06-30 21:00:00",
        "2024-02-29 00:00:00",
    ],
    ("products", "title", "control_character"): [
        "Foxglen board game",
        "华月红茶，清新",
    ],
    ("products", "title", "doubled_space"): TITLES,
    ("products", "title", "markup"): TITLES,
    ("products", "title", "mojibake"): [
        *("I’m fed up with this tea.", "华月红茶，清新，50 g"),
        *sample_text.CHINESE_NOUNS,
        *sample_text.CHINESE_OPTIONS,
    ],
}
VOCABULARIES = (ROOT / "seeds/vocabularies.csv").read_text(encoding="utf-8")
ISO_4217 = re.findall("^currency,(.*)$", VOCABULARIES, re.MULTILINE)
CURRENCIES = {"€": "EUR", "$": "USD", "¥": "CNY", "EURO": "EUR", "RMB": "CNY"}
CURRENCIES |= {"US$": "USD", "eur": "EUR", "usd": "USD", "cny": "CNY"}


def spoiled(place):
    """Clean values with their bad texts and whether they can be told, many of each."""
    clean = CLEAN[place] * (2000 // len(CLEAN[place]))
    texts, is_told = damaged(clean, *ways_of_damage(*place), np.random.default_rng(3))
    if place == ("products", "price", "bad_number"):
        texts = [with_currency(text, "USD") for text in texts]
    return clean, texts, is_told


def has_form(place, value):
    """Whether the rules find nothing wrong with a value."""
    feed, column, defect = place
    with duckdb.connect() as connection:

        def says(sql):
            return connection.execute(f"select {sql}", [value]).fetchone()[0]

        if defect == "bad_number":
            return says("try_cast(trim($1) as double)") is not None
        if defect == "bad_timestamp":
            return says("try_cast(trim($1) as timestamptz)") is not None
        if defect == "bad_json":
            return says("json_valid($1)")
        if column == "clicked":
            return says("try_cast(trim($1) as boolean)") is not None
    patterns = {
        "locale": r"[a-z]{2}(-[A-Z]{2})?",
        "phone": r"\+[1-9][0-9]{7,14}",
        "email": r"[^@\s]+@[^@\s]+\.[a-z]{2,}",
        "currency": "|".join(ISO_4217),
        "title": r"[^\x00-\x1f\x7f-\x9f\ufffd<>&ãäåæçèéïâ]*",
    }
    if column in patterns:
        is_plain = value == value.strip() and "  " not in value
        return is_plain and re.fullmatch(patterns[column], value) is not None
    return value in CLEAN[place]


def undone(place, bad):
    """The clean value that a bad text tells; None where it tells none."""
    feed, column, defect = place
    match defect:
        case "bad_currency":
            return CURRENCIES.get(bad)
        case "bad_json":
            pairs = re.findall(r"['\"]?(\w+)['\"]?[:=] ?['\"]?([^'\";,}]+)", bad)
            if len(pairs) == 2:
                pairs = (f'"{name}": "{said}"' for name, said in pairs)
                return "{" + ", ".join(pairs) + "}"
        case "bad_number":
            number = re.sub("[^0-9.,★]", "", bad.removesuffix("/5").replace("O", "0"))
            if number.endswith("★"):
                return str(len(number))
            if "," in number:
                number = number.replace(".", "").replace(",", ".")
            return number.removeprefix(".") or None
        case "bad_value":
            bare = re.sub("[ -]", "_", bad.lower())
            return (difflib.get_close_matches(bare, CLEAN[place], 1, 0.6) or [None])[0]
        case "bad_timestamp":
            if bad.isdigit():
                moment = datetime.fromtimestamp(int(bad), UTC)
                return f"{moment:%Y-%m-%d %H:%M:%S}"
            for form in ("%d.%m.%Y", "%d %b %Y", "%m/%d/%Y"):
                try:
                    return str(datetime.strptime(bad, f"{form} %H:%M:%S"))
                except ValueError:
                    continue
        case "control_character":
            return re.sub(r"[\x00-\x1f\x7f]", "", bad)
        case "doubled_space":
            return " ".join(bad.split())
        case "markup":
            return html.unescape(re.sub("<[^>]+>", "", bad)).strip()
        case "mojibake":
            raw = b"".join(
                bytes([ord(character)])
                if ord(character) < 256
                else character.encode("cp1252", "replace")
                for character in bad
            )
            return raw.decode("utf-8", "replace")
    match column:
        case "locale":
            language, _, region = bad.partition(".")[0].replace("_", "-").partition("-")
            parts = [language.lower(), region.upper()]
            return "-".join(filter(None, parts)) if len(language) == 2 else None
        case "phone":
            digits = re.sub("[^0-9]", "", bad).removeprefix("00")
            return f"+{digits}" if len(digits) > 9 and "E" not in bad else None
        case "email":
            for domain in sample_text.MAIL_DOMAINS:
                if bad.endswith(domain):
                    return re.sub("(@| at )*$", "", bad[: -len(domain)]) + f"@{domain}"
    return None


CASES = pytest.mark.parametrize("place", CLEAN, ids=".".join)


@CASES
def test_no_bad_value_has_the_form_of_its_column(place):
    clean, texts, _ = spoiled(place)
    assert all(has_form(place, value) for value in set(clean))
    assert [text for text in set(texts) if has_form(place, text)] == []


@CASES
def test_what_is_said_to_be_told_is_told_and_nothing_else(place):
    clean, texts, is_told = spoiled(place)
    wrong = {
        (value, bad)
        for value, bad, told in zip(clean, texts, is_told, strict=True)
        if (undone(place, bad) == value) != told
    }
    assert wrong == set()


@CASES
def test_a_third_is_lost_where_something_can_be_lost(place):
    _, _, is_told = spoiled(place)
    _, lost = ways_of_damage(*place)
    share = 1 / 3 if lost else 0
    assert np.mean(~is_told) == pytest.approx(share, abs=0.04)


def test_other_defects_have_no_ways():
    assert ways_of_damage("products", "title", "missing") is None


@pytest.mark.parametrize(
    ("text", "currency", "written"),
    [
        ("¤ 8.79", "EUR", "€ 8.79"),
        ("8.79 ¤¤", "CNY", "8.79 CNY"),
        ("top", "USD", "top"),
    ],
)
def test_currencies_are_put_where_a_price_has_a_place(text, currency, written):
    assert with_currency(text, currency) == written
