"""Damage: what careless systems and hands make of a single value.

A way of damage is a function from the clean text to the bad one. Some ways keep what
the value says, so that it can be told from the bad text alone, with what is known of
the column (its form, the values it may have). Others lose it.
"""

import re
from collections.abc import Callable

import numpy as np
from numpy.random import Generator

Way = Callable[[str], str]

_LOST_SHARE = 1 / 3  # of the values that can be damaged both ways

_CURRENCY_NAMES = {"EUR": "EURO", "USD": "US$", "CNY": "RMB"}
_CURRENCY_SIGNS = {"EUR": "€", "USD": "$", "CNY": "¥"}
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def damaged(
    clean: list[str], told: list[Way], lost: list[Way], rng: Generator
) -> tuple[list[str], np.ndarray]:
    """Damage each value in a way drawn for it.

    Args:
        clean: The values.
        told: Ways that keep what a value says; the first one changes every value and
            stands in for those that do not change a value at hand.
        lost: Ways that do not keep it, for a third of the values; may be empty.
        rng: The random stream.

    Returns:
        The bad texts, and a mask (values,) of those from which the clean value can be
        told.
    """
    is_told = rng.random(len(clean)) >= (_LOST_SHARE if lost else 0)
    number = rng.integers(0, 2**30, len(clean))
    texts = []
    for value, keeps, turn in zip(clean, is_told, number, strict=True):
        ways = told if keeps else lost
        bad = ways[turn % len(ways)](value)
        texts.append(ways[0](value) if bad == value else bad)
    return texts, is_told


def ways_of_damage(
    feed: str, column: str, defect: str
) -> tuple[list[Way], list[Way]] | None:
    """Return the ways that keep what a value says, and those that lose it.

    In texts for a price `¤` stands for the sign of its currency and `¤¤` for its code
    (as in Unicode's CLDR): see `with_currency`.

    Args:
        feed: One of FEEDS.
        column: Name of the column that is damaged.
        defect: What is to be wrong with it, as in DEFAULT_DEFECTS.

    Returns:
        Two lists of functions; None for a defect that has none here.
    """
    for name in (f"{defect} {feed}.{column}", f"{defect} {column}", defect):
        if name in _WAYS:
            return _WAYS[name]
    return None


def with_currency(price: str, currency: str) -> str:
    """Put the sign and the code of a currency where the text of a price has a place."""
    sign = _CURRENCY_SIGNS[currency]
    return price.replace("¤¤", currency).replace("¤", sign)


def _always(*words: str) -> list[Way]:
    """One way for each word, which takes the place of any value."""
    return [_instead(word) for word in words]


def _instead(word: str) -> Way:
    return lambda value: word


def _transposed(word: str) -> str:
    """Swap the first two letters after the initial that differ."""
    for i in range(1, len(word) - 1):
        if word[i] != word[i + 1]:
            return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    return word


def _shortened(word: str) -> str:
    return word[:-1]


def _doubled(word: str) -> str:
    """Type the second letter twice."""
    return word[:2] + word[1:]


def _with_letter(number: str) -> str:
    """Type the letter O in place of the zeros."""
    return number.replace("0", "O")


def _with_decimal_comma(price: str) -> str:
    """Write a price as much of Europe does: 1.234,50."""
    return f"{float(price):,.2f}".translate(str.maketrans(",.", ".,"))


def _with_groups(separator: str) -> Way:
    """Put a separator between the parts of a number such as +4915112345678."""
    groups = separator.join([r"\1", r"\2", r"\3", r"\4"])
    return lambda phone: re.sub(r"^(\+1|\+\d\d)(\d{3})(\d{4})(\d+)$", groups, phone)


def _with_parentheses(phone: str) -> str:
    return re.sub(r"^(\+1|\+\d\d)(\d{3})", r"\1 (\2) ", phone)


def _in_scientific_notation(phone: str) -> str:
    """Write a number as a spreadsheet does: its last digits are gone."""
    return f"{int(phone):.5E}"


def _misread(encoding: str) -> Way:
    """Read UTF-8 as another encoding.

    The five bytes that Windows-1252 does not define are control characters, as in the
    encoding standard of the web.
    """

    def read(value: str) -> str:
        raw = value.encode("utf-8")
        return "".join(
            bytes([byte]).decode(
                "latin-1" if byte in b"\x81\x8d\x8f\x90\x9d" else encoding
            )
            for byte in raw
        )

    return read


def _with_control(sign: str) -> Way:
    return lambda value: f"{value[:3]}{sign}{value[3:]}"


def _with_replacement_character(value: str) -> str:
    """Replace the middle one of the characters that are not ASCII by U+FFFD."""
    places = [i for i, character in enumerate(value) if not character.isascii()]
    middle = places[len(places) // 2]
    return f"{value[:middle]}\ufffd{value[middle + 1 :]}"


def _with_double_space(value: str) -> str:
    """Double the first space; most Chinese texts have none: one at the end will do."""
    doubled = value.replace(" ", "  ", 1)
    return value + " " if doubled == value else doubled


def _as_pairs(attributes: str) -> str:
    """Write a JSON object as in a cookie: colour=black; size=L."""
    pairs = re.findall(r'"(\w+)": "([^"]*)"', attributes)
    return "; ".join(f"{name}={value}" for name, value in pairs)


def _american_date(stamp: str) -> str:
    """Month first, unless the day could be taken for the month."""
    year, month, day = stamp[:10].split("-")
    return f"{month}/{day}/{year}{stamp[10:]}" if int(day) > 12 else stamp


def _german_date(stamp: str) -> str:
    year, month, day = stamp[:10].split("-")
    return f"{day}.{month}.{year}{stamp[10:]}"


def _written_date(stamp: str) -> str:
    year, month, day = stamp[:10].split("-")
    return f"{day} {_MONTHS[int(month) - 1]} {year}{stamp[10:]}"


def _unix_time(stamp: str) -> str:
    return str(np.datetime64(stamp, "s").astype(int))


_LOST_WORDS = _always("X1", "2", "test")
_WAYS: dict[str, tuple[list[Way], list[Way]]] = {
    "bad_currency": (
        [str.lower, _CURRENCY_NAMES.__getitem__, _CURRENCY_SIGNS.__getitem__],
        _always("XX", "local"),
    ),
    "bad_json": (
        [
            lambda value: value.replace('"', "'"),
            lambda value: value.removesuffix("}"),
            lambda value: re.sub(r'"(\w+)":', r"\1:", value),
            _as_pairs,
        ],
        [*_always("[object Object]"), lambda value: value[: len(value) // 2]],
    ),
    # An event does not say in which currency its price is.
    "bad_number events.price": (
        [_with_decimal_comma, lambda price: f"{price} each", _with_letter],
        _always("as agreed", "about ten"),
    ),
    "bad_number price": (
        [
            _with_decimal_comma,
            lambda price: f"¤ {price}",
            lambda price: f"{price} ¤¤",
            _with_letter,
        ],
        _always("call us", "on request", "about ten"),
    ),
    "bad_number quantity": (
        [lambda number: f"{number} pcs", lambda number: f"{number}x"],
        _always("a few", "about ten"),
    ),
    "bad_number rating": (
        [
            lambda number: f"{number}/5",
            lambda number: f"{number} stars",
            lambda number: "★" * int(number),
        ],
        _always("see text", "so so"),
    ),
    "bad_number birth_year": (
        [lambda year: f"born {year}", _with_letter, lambda year: f"{year}年"],
        _always("adult", "about forty"),
    ),
    "bad_number position": (
        [lambda number: f"#{number}", lambda number: f"no. {number}"],
        _always("top", "below"),
    ),
    "bad_value": (
        [
            _transposed,
            _shortened,
            _doubled,
            str.upper,
            str.capitalize,
            lambda word: word.replace("_", " "),
            lambda word: word.replace("_", "-"),
        ],
        _LOST_WORDS,
    ),
    # Letter case is nothing to a boolean.
    "bad_value clicked": ([_transposed, _shortened, _doubled], _LOST_WORDS),
    "bad_pattern locale": (
        [
            lambda locale: locale.replace("-", "_") + ".UTF-8",
            str.upper,
            lambda locale: locale.replace("-", "_"),
            lambda locale: locale[:2].upper() + locale[2:].lower(),
        ],
        _always("default", "x"),
    ),
    "bad_pattern phone": (
        [
            lambda phone: phone.replace("+", "00"),
            _with_groups(" "),
            _with_groups("-"),
            _with_parentheses,
            lambda phone: _with_groups(" ")(phone).replace("+", "00"),
        ],
        [*_always("12345", "ask Anna"), _in_scientific_notation],
    ),
    "bad_pattern email": (
        [
            lambda email: email.replace("@", " at "),
            lambda email: email.replace("@", ""),
            lambda email: email.replace("@", "@@"),
        ],
        [lambda email: re.sub(r"\.[a-z]+$", "", email)],
    ),
    # The time of day stays: it keeps two events of a session apart.
    "bad_timestamp": (
        [_german_date, _written_date, _american_date, _unix_time],
        [
            lambda stamp: f"{stamp[:5]}13{stamp[7:]}",
            lambda stamp: f"{stamp[:8]}45{stamp[10:]}",
            lambda stamp: f"yesterday{stamp[10:]}",
        ],
    ),
    "control_character": ([_with_control(sign) for sign in "\x07\x0b\x1b\x7f"], []),
    "mojibake": (
        [_misread("cp1252"), _misread("latin-1")],
        [_with_replacement_character],
    ),
    "markup": (
        [
            lambda value: f"<b>{value}</b>",
            lambda value: f"<p>{value}</p>",
            lambda value: f"{value}<br>",
            lambda value: f"&nbsp;{value}",
        ],
        [],
    ),
    "doubled_space": (
        [
            _with_double_space,
            _with_double_space,
            lambda value: f" {value}",
            lambda value: f"{value} ",
        ],
        [],
    ),
}
