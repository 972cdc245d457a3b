"""Corruption: which bad value stands in place of a clean one."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from python_ml import sample_text as text
from python_ml.sample_columns import as_text, id_texts, stamps
from python_ml.sample_feed import Feed
from python_ml.sample_schema import DAY, HOUR, NOW, TEXT

# The column with the time at which a thing began.
_BEGUN = {"products": "created_at", "users": "registered_at"}

# What is written in place of a value, by defect and, where it depends on it, column.
# Nothing here is a placeholder or differs from a right value by letter case alone,
# but for the currency, whose codes are upper case.
_BAD_VALUES = {
    "blank": ["   ", "\u00a0", "\u3000", " \u00a0 "],
    "placeholder": text.PLACEHOLDERS,
    "bad_currency": ["EURO", "usd", "US$", "RMB"],
    "bad_json": [
        '{"colour": "black"',
        "colour=black",
        "{'size': 'L'}",
        "{colour: red}",
    ],
    "bad_number": ["12,5O", "call us", "1.2.3", "€ 19", "about ten"],
    "bad_value gender": ["X1", "man", "woman", "2"],
    "bad_value event_type": ["veiw", "buy", "add to cart", "click_2"],
    "bad_value label": ["exactly", "godo", "relevant?", "label_3"],
    "bad_value clicked": ["maybe", "clicked", "seen", "-1x"],
    "bad_pattern locale": ["english", "EN_us", "zh_CN", "e"],
    "bad_pattern phone": ["12345", "+0049151000000", "0049 151 234567", "ask Anna"],
    "out_of_range price": ["0.00", "-1.00", "-19.90"],
    "out_of_range quantity": ["0", "-1", "-3"],
    "out_of_range rating": ["7", "0", "-1", "50"],
    "out_of_range birth_year": ["1850", "2090", "19", "3"],
    "out_of_range position": ["0", "-1", "-5"],
}


def corrupted(
    feed: Feed, column: str, defect: str, rows: np.ndarray, rng: Generator
) -> pa.Array | None:
    """Return the bad texts to find in rows of a feed, one per row.

    Args:
        feed: The feed, for its clean values.
        column: One of its columns.
        defect: A defect of values, as in DEFAULT_DEFECTS.
        rows: Clean rows, in order.
        rng: The random stream.

    Returns:
        Texts (rows,), null for a missing value; None where the column has no other
        value to put.
    """
    clean = feed.clean_text(column, rows)

    def one_of(*ways):
        return pc.choose(pa.array(rng.integers(0, len(ways), len(rows))), *ways)

    match defect:
        case "missing":
            return pa.nulls(len(rows), TEXT)
        case "orphan":  # a number that no shop is large enough to have
            return id_texts(column[0].upper(), 9_000_001 + np.arange(len(rows)))
        case "control_character" | "mojibake" | "markup" | "doubled_space":
            return one_of(*_unclean(clean, defect))
        case "spelling_variant":
            return one_of(pc.utf8_upper(clean), pc.utf8_lower(clean))
        case "bad_pattern" if column == "email":
            return one_of(
                *(pc.replace_substring(clean, "@", at) for at in (" at ", "", "@@")),
                pc.replace_substring_regex(clean, r"\.[a-z]+$", ""),
            )
        case "bad_timestamp":  # the time of day keeps two events of a session apart
            return one_of(
                pc.utf8_replace_slice(clean, 5, 7, "13"),
                pc.utf8_replace_slice(clean, 8, 10, "45"),
                pc.utf8_replace_slice(clean, 0, 10, "yesterday"),
            )
        case "future":
            return stamps(feed.times[column][rows] + 365 * DAY)
        case "out_of_order" if column == "ingested_at":
            early = rng.integers(60, HOUR, len(rows))
            return stamps(feed.times["occurred_at"][rows] - early)
        case "out_of_order":  # begun after the last change, though not in the future
            updated = feed.times["updated_at"][rows]
            return stamps(_between(updated + 1, NOW, rng))
        case "stale":
            begun = feed.times[_BEGUN[feed.name]][rows]
            return stamps(_between(begun, NOW - 366 * DAY, rng))
        case "disagreement" if column == "title":
            return text.joined(clean, ", new edition")
        case "disagreement" if column == "price":
            return as_text(pc.add(pc.multiply(clean.cast(pa.float64()), 1.1), 0.5))
        case "disagreement" | "wrong_category" | "wrong_label":
            return _another(feed, column, rows, rng)
    words = _BAD_VALUES.get(f"{defect} {column}") or _BAD_VALUES[defect]
    return text.pick(words, rng.integers(0, len(words), len(rows)))


def _between(first: np.ndarray, last: int, rng) -> np.ndarray:
    """A time from the first one on, one per row."""
    return first + (rng.random(len(first)) * (last - first)).astype(np.int64)


def _another(feed: Feed, column: str, rows, rng) -> pa.Array | None:
    """Another value of the column for each row, the same for all rows of a group."""
    values = pc.unique(feed.clean_text(column, np.arange(feed.size))).sort()
    if len(values) < 2:
        return None
    groups, member = np.unique(feed.group[rows], return_inverse=True)
    step = rng.integers(1, len(values), len(groups))[member]
    code = pc.index_in(feed.clean_text(column, rows), values).to_numpy()
    return values.take(pa.array((code + step) % len(values)))


def _unclean(texts: pa.Array, defect: str) -> list[pa.Array]:
    """Several ways in which clean texts can be damaged by a defect of text hygiene."""
    joined = text.joined
    match defect:
        case "control_character":
            start = pc.utf8_slice_codeunits(texts, 0, 3)
            end = pc.utf8_slice_codeunits(texts, 3)
            return [joined(start, control, end) for control in "\x07\x0b\x1b\x7f"]
        case "mojibake":
            before = [joined(broken, texts) for broken in ("Ã©", "\ufffd")]
            return before + [joined(texts, broken) for broken in (" â€™", "ï¿½")]
        case "markup":
            return [
                joined("<b>", texts, "</b>"),
                joined(texts, "<br>"),
                joined(texts, " &amp; more"),
                joined("&nbsp;", texts),
            ]
    doubled = pc.replace_substring(texts, " ", "  ", max_replacements=1)
    # Most Chinese texts have no space to double: one at the end will do.
    is_changed = pc.not_equal(doubled, texts)
    doubled = pc.if_else(is_changed, doubled, joined(texts, " "))
    return [doubled, doubled, joined(" ", texts), joined(texts, " ")]
