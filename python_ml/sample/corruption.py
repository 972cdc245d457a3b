"""Corruption: which bad value stands in place of a clean one."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from python_ml.sample import text
from python_ml.sample.columns import as_text, id_texts, stamps
from python_ml.sample.damage import damaged, ways_of_damage, with_currency
from python_ml.sample.feed import Feed
from python_ml.sample.schema import DAY, HOUR, NOW, TEXT

# The column with the time at which a thing began.
_BEGUN = {"products": "created_at", "users": "registered_at"}

# What is written in place of a value, by defect and, where it depends on it, column,
# if it does not follow from the clean value.
_BAD_VALUES = {
    "blank": ["   ", "\u00a0", "\u3000", " \u00a0 "],
    "placeholder": text.PLACEHOLDERS,
    "out_of_range price": ["0.00", "-1.00", "-19.90"],
    "out_of_range quantity": ["0", "-1", "-3"],
    "out_of_range rating": ["7", "0", "-1", "50"],
    "out_of_range birth_year": ["1850", "2090", "19", "3"],
    "out_of_range position": ["0", "-1", "-5"],
}


def corrupted(
    feed: Feed, column: str, defect: str, rows: np.ndarray, rng: Generator
) -> tuple[pa.Array, np.ndarray] | None:
    """Return the bad texts to find in rows of a feed, one per row.

    Args:
        feed: The feed, for its clean values.
        column: One of its columns.
        defect: A defect of values, as in DEFAULT_DEFECTS.
        rows: Clean rows, in order.
        rng: The random stream.

    Returns:
        Texts (rows,), null for a missing value, and a mask (rows,) of those from which
        the clean value can be told; None where the column has no other value to put.
    """
    ways = ways_of_damage(feed.name, column, defect)
    if ways is None:
        texts = _replaced(feed, column, defect, rows, rng)
        is_told = np.full(len(rows), defect == "spelling_variant")
        return None if texts is None else (texts, is_told)
    clean = feed.clean_text(column, rows).to_pylist()
    texts, is_told = damaged(clean, *ways, rng)
    if (feed.name, column, defect) == ("products", "price", "bad_number"):
        currencies = feed.clean_text("currency", rows).to_pylist()
        texts = map(with_currency, texts, currencies)
    return pa.array(texts, TEXT), is_told


def _replaced(
    feed: Feed, column: str, defect: str, rows: np.ndarray, rng: Generator
) -> pa.Array | None:
    """Other values in place of the clean ones."""
    clean = feed.clean_text(column, rows)
    match defect:
        case "missing":
            return pa.nulls(len(rows), TEXT)
        case "orphan":  # a number that no shop is large enough to have
            return id_texts(column[0].upper(), 9_000_001 + np.arange(len(rows)))
        case "spelling_variant":
            is_upper = rng.random(len(rows)) < 0.5
            return text.either(is_upper, pc.utf8_upper(clean), pc.utf8_lower(clean))
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


def _between(first: np.ndarray, last: int, rng: Generator) -> np.ndarray:
    """A time from the first one on, one per row."""
    return first + (rng.random(len(first)) * (last - first)).astype(np.int64)


def _another(
    feed: Feed, column: str, rows: np.ndarray, rng: Generator
) -> pa.Array | None:
    """Another value of the column for each row, the same for all rows of a group."""
    values = pc.unique(feed.clean_text(column, np.arange(feed.size))).sort()
    if len(values) < 2:
        return None
    groups, member = np.unique(feed.group[rows], return_inverse=True)
    step = rng.integers(1, len(values), len(groups))[member]
    code = pc.index_in(feed.clean_text(column, rows), values).to_numpy()
    return values.take(pa.array((code + step) % len(values)))
