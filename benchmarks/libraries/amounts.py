"""Numbers and measurements: ours, price-parser, Babel's parser and quantulum3."""

import random
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from pathlib import Path

from babel import numbers, units

from libraries import ours
from libraries.measure import SEED, Case, Tool, library
from libraries.no_values import no_measurements, no_numbers

LOCALES = "en_US en_IN de_DE de_CH fr_FR it_IT pl_PL sv_SE pt_BR ja_JP".split()
CURRENCIES = "USD INR EUR CHF EUR EUR PLN SEK BRL JPY".split()
NUMBERS, MEASUREMENTS = 500, 240
# What the CLDR calls a unit, the vocabulary's term and what quantulum3 calls it.
UNITS = {
    "mass-gram": ("g", "gram"), "mass-kilogram": ("kg", "kilogram"),
    "mass-pound": ("lb", "pound-mass"), "mass-ounce": ("oz", "ounce"),
    "length-millimeter": ("mm", "millimetre"),
    "length-centimeter": ("cm", "centimetre"), "length-meter": ("m", "metre"),
    "length-inch": ("in", "inch"), "length-foot": ("ft", "foot"),
    "volume-milliliter": ("ml", "millilitre"), "volume-liter": ("l", "litre"),
    "power-watt": ("W", "watt"), "electric-volt": ("V", "volt"),
    "digital-gigabyte": ("GB", "gigabyte"), "frequency-hertz": ("Hz", "hertz"),
    "duration-hour": ("h", "hour"), "duration-minute": ("min", "minute"),
    "temperature-celsius": ("°C", "degree Celsius"),
}  # fmt: skip
TERM_OF_NAME = {name: term for term, name in UNITS.values()} | {
    "degree celsius": "°C", "fluid ounce": "fl-oz", "milliampere-hour": "mAh",
    "megapixel": "MP", "gigahertz": "GHz", "kilowatt": "kW", "milligram": "mg",
    "ampere": "A", "megahertz": "MHz", "terabyte": "TB", "megabyte": "MB",
    "percentage": "%",
}  # fmt: skip
LISTED = "en_US de_DE fr_FR es_ES pl_PL ru_RU".split()  # Languages that `Units` reads.
OTHERS = "sv_SE tr_TR cs_CZ da_DK fi_FI hu_HU".split()
# Several terms of the vocabulary are one unit.
SAME = {"inch": "in", "inches": "in", "lbs": "lb", "L": "l", "pieces": "pcs"}
# Units at the end of real titles, by their letters; None: not in the vocabulary.
OF_SHOPS = {
    "oz": "oz", "ozs": "oz", "lb": "lb", "lbs": "lb", "ml": "ml", "in": "in",
    "l": "l", "ft": "ft", "cm": "cm", "mm": "mm", "g": "g", "gm": "g", "mg": "mg",
    "kg": "kg", "w": "W", "v": "V", "gb": "GB", "tb": "TB", "mah": "mAh",
    "ghz": "GHz", "hz": "Hz", "mp": "MP", "pc": "pcs", "ct": None, "pk": None,
    "qt": None, "gal": None, "stem": None, "loads": None, "rpm": None, "doz": None,
    "yd": None, "pt": None,
}  # fmt: skip


def _number(draw: random.Random, decimals: Sequence[int]) -> Decimal:
    places = draw.choice(decimals)
    amount = round(10 ** draw.uniform(-0.5, 6), places)
    return Decimal(str(amount)).quantize(Decimal(1).scaleb(-places))


def number_cases(folder: Path) -> list[Case]:
    """Return numbers as ten locales write them, and texts that are no number."""
    draw = random.Random(SEED + 4)
    found = []
    for place in range(NUMBERS):
        choice = draw.randrange(len(LOCALES))
        locale, currency = LOCALES[choice], CURRENCIES[choice]
        kind = ("plain", "sign", "three letters", "name", "accounting")[place % 5]
        cents = (0,) if currency == "JPY" else (2,)
        amount = _number(draw, (0, 1, 2, 3) if kind == "plain" else cents)
        if draw.random() < 0.08 or kind == "accounting" and draw.random() < 0.3:
            amount = -amount
        if kind == "plain":
            text = numbers.format_decimal(amount, locale=locale)
        elif kind == "three letters":
            text = numbers.format_currency(amount, currency, "#,##0.00 ¤¤", locale)
        elif kind == "name":
            text = numbers.format_currency(
                amount, currency, locale=locale, format_type="name"
            )
        else:
            type = "accounting" if kind == "accounting" else "standard"
            text = numbers.format_currency(
                amount, currency, locale=locale, format_type=type
            )
        found.append(Case(text, amount, kind, f"{locale} {kind}"))
    found += _as_shops_write(draw)
    return [*_distinct(found), *no_numbers(folder)]


def _as_shops_write(draw: random.Random) -> list[Case]:
    """Return prices in forms that no locale of the CLDR writes."""
    forms = (
        "{a},- +;{a},- € +;CHF {a}.– +;{a}:- +;Rs. {a}/- +;{a} kr. +;{a} Dollars +",
        "€{a},{c};{a}.{c}EUR;USD{a}.{c};US$ {a}.{c};${a}.{c} USD;Rs. {a}.{c};",
        "Fr. {a}.{c};{a}€{c};{a},{c}*;{a},{c} € *;EUR  {a},{c} ;+{a}.{c};{a},{c} Euro",
        "{a}.{c}0000;Preis: {a},{c} €;£{a}.{c} inc. VAT;{a},{c} €/Stück;{a}.{c}- -",
        "{a},{c} zł brutto;0{a}.{c};{a}.{c} u$s;{w};{a} ,{c}",
    )
    found = []
    for form in filter(None, ";".join(forms).split(";")):
        is_negative = form.endswith(" -")
        written = form.removesuffix(" -").removesuffix(" +")
        for _ in range(4):
            whole, cents = draw.randrange(2, 999), draw.randrange(10, 99)
            wide = f"{whole}.{cents}".translate(
                {48 + digit: 0xFF10 + digit for digit in range(10)}
            )
            text = written.format(a=whole, c=cents, w=wide)
            has_cents = "{c}" in form or "{w}" in form
            amount = Decimal(f"{whole}.{cents}") if has_cents else Decimal(whole)
            amount = -amount if is_negative else amount
            found.append(Case(text, amount, "as shops write", f"shop {form}"))
    return found


def _distinct(cases: list[Case]) -> list[Case]:
    return list({case.text: case for case in cases}.values())


def number_tools(cases: list[Case]) -> list[Tool]:
    """Return who reads numbers."""
    rule = {"form": "number"}
    locales = {case.text: case.column.split()[0] for case in cases}
    return [
        Tool("ours", partial(ours.one_at_a_time, **rule), meant=_decimals),
        Tool("ours, column", partial(ours.all_at_once, **rule), True, _decimals),
        Tool("price-parser", _price_parser),
        Tool("price-parser, nothing else in the text, signs", _price_parser_strict),
        Tool(
            "Babel and its currencies, told the locale",
            partial(_babel, told=locales),
        ),
        Tool("the same, all ten locales agree", _babel),
        Tool("quantulum3, one quantity", _quantulum_number),
    ]


def _decimals(texts: list[str | None]) -> list[Decimal | None]:
    return [None if text is None else _decimal(text) for text in texts]


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None


def _price_parser(texts: Sequence[str]) -> list[tuple[Decimal | None, float]]:
    price = library("price_parser", "price-parser").Price
    return [(price.fromstring(text).amount, 1.0) for text in texts]


def _price_parser_strict(texts: Sequence[str]) -> list[tuple[Decimal | None, float]]:
    """Read only where nothing but number, currency and sign is there, with the sign."""
    price = library("price_parser", "price-parser").Price
    found = []
    for text in texts:
        read = price.fromstring(text)
        rest = text.replace(read.amount_text or "", "", 1)
        rest = rest.replace(read.currency or "", "", 1)
        amount = None if re.search(r"[^\W_]", rest) else read.amount
        if amount and (re.search("[-−]", rest) or rest.startswith("(")):
            amount = -abs(amount)
        found.append((amount, 1.0))
    return found


@cache
def _currency_words() -> re.Pattern:
    """Return what the ten locales call a currency, longest first."""
    names = set("$ £ €".split())
    for locale in LOCALES:
        for code in numbers.list_currencies(locale):
            names |= {code, numbers.get_currency_symbol(code, locale)}
            names |= {
                numbers.get_currency_name(code, count, locale) for count in (1, 2, 5)
            }
            names.add(numbers.get_currency_name(code, 1.5, locale))
    longest = sorted(filter(None, names), key=len, reverse=True)
    either = "|".join(map(re.escape, longest))
    return re.compile(rf"(?<![^\W\d_])(?:{either})(?![^\W\d_])")


def _babel(
    texts: Sequence[str], told: dict[str, str] | None = None
) -> list[tuple[Decimal | None, float]]:
    """Read what is left without the names of currencies, strictly."""
    found = []
    for text in texts:
        bare = " ".join(_currency_words().sub("", text, count=1).split())
        if bare.startswith("("):
            bare = "-" + bare.strip("()")
        bare = re.sub(r"^([-+−])\s", r"\1", bare).replace(" ", "\xa0")
        if re.search(r"[^\d.,'’+−\xa0-]", bare) or re.search(r"\d[+−-]", bare):
            bare = ""
        own = (told or {}).get(text)
        read = {
            _babel_one(bare, locale)
            for locale in ([own] if own in LOCALES else LOCALES)
        }
        read.discard(None)
        found.append((read.pop() if len(read) == 1 else None, 1.0))
    return found


def _babel_one(text: str, locale: str) -> Decimal | None:
    try:
        return numbers.parse_decimal(text, locale=locale, strict=True)
    except (ValueError, numbers.NumberFormatError):
        return None


@cache
def _quantulum():
    return library("quantulum3.parser", "quantulum3")


def _quantities(text: str) -> list:
    try:
        return _quantulum().parse(text)
    except Exception:  # It raises of all kinds.
        return []


def _quantulum_number(texts: Sequence[str]) -> list[tuple[Decimal | None, float]]:
    found = []
    for text in texts:
        read = _quantities(text)
        answer = _decimal(str(read[0].value)) if len(read) == 1 else None
        found.append((answer, 1.0))
    return found


def same_number(answer, truth: Decimal) -> bool:
    """Whether two numbers are the same but for the noise of binary fractions."""
    return answer is not None and abs(Decimal(answer) - truth) < Decimal("0.00001")


def measurement_cases(folder: Path) -> list[Case]:
    """Return measurements as locales and shops write them, and others."""
    draw = random.Random(SEED + 5)
    found = []
    for place in range(MEASUREMENTS):
        is_listed = place % 2 == 0
        locale = draw.choice(LISTED if is_listed else OTHERS)
        unit = draw.choice(list(UNITS))
        amount = _number(draw, (0, 0, 1, 2))
        amount = (amount % 900).quantize(amount)
        length = draw.choice(("long", "short"))
        text = units.format_unit(amount, unit, length, locale=locale)
        if unit in text:
            continue  # The locale has no name of it.
        kind = f"six {'listed' if is_listed else 'other'} locales"
        found.append(Case(text, (amount, UNITS[unit][0]), kind, f"{locale} {length}"))
    return [
        *_distinct(found + _of_titles(folder)),
        *no_measurements(folder),
    ]


def _of_titles(folder: Path) -> list[Case]:
    """Return the measurements at the end of real titles, a hundred of each shop."""
    import pandas as pd

    found = []
    for shop in ("complete_journey", "pricerunner"):
        titles = pd.read_parquet(folder / shop / "products.parquet")["title"]
        ends = titles.dropna().str.extract(r"(?i)(?<!\S)((\d[\d.]*)\s?([a-z]+))$")
        ends = ends.dropna().drop_duplicates(0)
        ends = ends[ends[2].str.lower().isin(OF_SHOPS) & ~ends[1].str.endswith(".")]
        for text, number, unit in (
            ends.sample(120, random_state=SEED).to_numpy().tolist()
        ):
            if _decimal(number) is None:
                continue
            term = OF_SHOPS[unit.lower()]
            truth = term and (Decimal(number), term)
            kind = f"titles of {shop}" if term else "unit not in the vocabulary"
            found.append(Case(text, truth, kind, shop))
    return found


def measurement_tools() -> list[Tool]:
    """Return who reads measurements."""
    rule = {"form": "measurement", "vocabulary": ours.vocabulary("measurement")}
    return [
        Tool("ours", partial(ours.one_at_a_time, **rule), meant=_measured),
        Tool("ours, column", partial(ours.all_at_once, **rule), True, _measured),
        Tool("quantulum3, one quantity", _quantulum_measurement),
        Tool("the same, nothing else in the text", _quantulum_measurement_strict),
    ]


def _measured(texts: list[str | None]) -> list[tuple | None]:
    found: list[tuple | None] = []
    for text in texts:
        parts = text and re.fullmatch(r"\s*([\d.,]+)\s*(\S+)\s*", text)
        if not parts:
            found.append(None)
            continue
        number = _decimal(parts[1].replace(",", "."))
        found.append((number, SAME.get(parts[2], parts[2])))
    return found


def _quantulum_measurement(
    texts: Sequence[str], strict: bool = False
) -> list[tuple[tuple | None, float]]:
    found = []
    for text in texts:
        read = _quantities(text)
        answer = None
        if len(read) == 1:
            term = TERM_OF_NAME.get(read[0].unit.name)
            is_all = len(read[0].surface.strip()) == len(text.strip())
            if term and (is_all or not strict):
                answer = (_decimal(str(read[0].value)), term)
        found.append((answer, 1.0))
    return found


_quantulum_measurement_strict = partial(_quantulum_measurement, strict=True)


def same_measurement(answer, truth: tuple) -> bool:
    """Whether number and unit are the same."""
    return bool(answer) and same_number(answer[0], truth[0]) and answer[1] == truth[1]
