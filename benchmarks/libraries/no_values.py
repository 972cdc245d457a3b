"""Texts that say no full date, no single number or no measurement."""

import random
from datetime import date, time
from pathlib import Path

from libraries.measure import SEED, Case


def no_dates(folder: Path) -> list[Case]:
    """Return 120 texts that are no full date, and 200 titles and codes of shops."""
    from babel.dates import format_date, format_time

    draw = random.Random(SEED + 1)
    texts = []
    for locale in "en_US de_DE fr_FR es_ES it_IT pl_PL ja_JP cs_CZ".split():
        day = date(draw.randrange(1995, 2035), draw.randrange(1, 13), 1)
        clock = time(draw.randrange(24), 30)
        texts += [
            ("month and year", format_date(day, "MMMM yyyy", locale)),
            ("day and month", format_date(day.replace(day=17), "d MMMM", locale)),
            ("time of day", format_time(clock, "short", locale=locale)),
        ]
    texts += [("time of day", one) for one in ("14:30", "14:30:05", "2 pm", "9h15")]
    texts += [
        ("impossible", one)
        for one in (
            "31.02.2026 30.02.2024 2026-02-30 2025-02-29 31/04/2026 2026-13-13"
            " 2026-06-31 00.00.0000 0000-00-00 32.01.2026 2026/00/10 20260231"
            " 31.11.2020 45/45/2026 2026-06-45T10:00:00"
        ).split()
    ]
    texts += [
        ("impossible", one)
        for one in (
            "30 February 2026", "31 juin 2026", "31 November 2025", "29. Februar 2023",
            "2026-06-15 25:00", "2026-06-15 12:75:00",
        )
    ]  # fmt: skip
    version, size = draw.randrange, draw.randrange
    for _ in range(8):
        texts += [
            ("version", f"{version(1, 12)}.{version(30)}.{version(30)}"),
            ("version", f"v{version(1, 12)}.{version(30)}.{version(100)}"),
            ("size", f"{size(1, 60)}x{size(1, 60)}x{size(1, 60)}"),
            ("size", f"{size(28, 48)}/{size(28, 36)}"),
            ("phone number", f"+49 {size(30, 999)} {size(10**5, 10**8)}"),
            ("phone number", f"0{size(30, 999)}-{size(1000, 9999)}-{size(100, 999)}"),
        ]
    texts += [
        ("part of a date", one)
        for one in (
            "2026", "Q2 2026", "2026-W26", "06/2026", "2026-06", "12.06.", "Juni",
            "FY2025/26", "spring 2026", "Mon", "week 26", "end of June 2026",
        )
    ]  # fmt: skip
    texts += [
        ("relative", one)
        for one in ("yesterday", "in 2 days", "vor 3 Tagen", "heute", "now", "il y a 2")
    ]
    texts += [
        ("range", one)
        for one in (
            "01.06.2026 - 15.06.2026", "1-15 June 2026", "2024-01-01/2024-12-31",
            "10/06/2026 to 12/06/2026", "Mai bis Juni 2026", "2019-2024",
        )
    ]  # fmt: skip
    texts += [
        ("code", one)
        for one in (
            "4012345678901", "0012345678905", "192.168.10.12", "10.0.0.1", "12-34-56",
            "ISBN 978-3-16-148410-0", "A-2026-0117", "20260000", "1/2", "3.5",
            "12,50", "85123A", "DE-10115", "90210", "1,299.00", "99-99-9999",
        )
    ]  # fmt: skip
    cases = [Case(text, None, kind, f"no date: {kind}") for kind, text in texts]
    return list(dict.fromkeys(cases + titles_and_codes(folder, 200)))


def titles_and_codes(folder: Path, count: int) -> list[Case]:
    """Return titles with digits and codes of products, as shops have them."""
    import pandas as pd

    titles = pd.read_parquet(folder / "pricerunner" / "products.parquet")["title"]
    titles = titles[titles.str.contains(r"\d")]
    shop = pd.read_parquet(folder / "online_retail" / "products.parquet")
    codes = shop["product_id"].drop_duplicates()
    codes = codes[~codes.str.isdigit()]
    found = [
        *titles.sample(count // 2, random_state=SEED),
        *codes.sample(count // 2, random_state=SEED),
    ]
    return [Case(text, None, "titles and codes", "titles and codes") for text in found]


def no_numbers(folder: Path) -> list[Case]:
    """Return texts that are not one number."""
    draw = random.Random(SEED + 2)
    texts = []
    for _ in range(10):
        low, high = draw.randrange(1, 50), draw.randrange(50, 900)
        cents = draw.randrange(10, 99)
        texts += [
            ("range", f"{low}-{high}"),
            ("range", f"{low},{cents} € - {high},{cents} €"),
            ("range", f"from ${low}.{cents}"),
            ("two prices", f"statt {high},{cents} € nur {low},{cents} €"),
            ("two prices", f"${high}.{cents} ${low}.{cents}"),
            ("two prices", f"{low} x {high},{cents} €"),
            ("two prices", f"{high},{cents} € / 100 g"),
            ("size", f"{low} x {high} x {cents}"),
            ("size", f"W{low} L{cents}"),
            ("date or time", f"{low % 28 + 1}.{low % 12 + 1}.2026"),
            ("date or time", f"{low % 24}:{cents % 60:02d}"),
            ("phone number", f"+49 {high} {draw.randrange(10**6, 10**7)}"),
            ("version", f"{low}.{cents}.{high}"),
            ("version", f"v{low}.{cents % 10}"),
            ("code", f"{chr(65 + low % 26)}{high}"),
            ("code", f"{high}{chr(65 + cents % 26)}{low}"),
            ("code", f"{high}-{cents}-{low}"),
        ]
    texts += [
        ("words", one)
        for one in (
            "n/a", "free", "sold out", "auf Anfrage", "ab 10 €", "call us", "-", "€",
            "two", "approx. 12", "> 100", "< 5", "10+", "1st", "1 of 3 left", "TBA",
            "12 or 13", "ab Lager: 3", "No. of pcs: 4", "gratuit",
        )
    ]  # fmt: skip
    cases = [Case(text, None, kind, f"no number: {kind}") for kind, text in texts]
    return list(dict.fromkeys(cases + titles_and_codes(folder, 200)))


def no_measurements(folder: Path) -> list[Case]:
    """Return texts that are not one number with one unit."""
    draw = random.Random(SEED + 3)
    texts = []
    for _ in range(12):
        one, two = draw.randrange(2, 40), draw.randrange(2, 90)
        texts += [
            ("several", f"{one} x {two} cm"),
            ("several", f"{one}-{two} kg"),
            ("several", f"{one} kg {two} g"),
            ("several", f"{one} cm / {two} in"),
            ("no unit", f"{two}"),
            ("no unit", f"size {one}"),
            ("no unit", f"{one} colours"),
            ("no unit", f"{two} sheets"),
            ("no unit", f"{one}K"),
            ("code", f"M{one}"),
            ("code", f"{two}L-{one}"),
            ("no number", f"per {draw.choice(('kg', 'cm', 'litre', 'piece'))}"),
        ]
    cases = [Case(text, None, kind, f"no measurement: {kind}") for kind, text in texts]
    return list(dict.fromkeys(cases + titles_and_codes(folder, 200)))
