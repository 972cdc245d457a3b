"""Planting: in which rows of a feed each defect goes."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from python_ml.sample.columns import stamps
from python_ml.sample.corruption import corrupted
from python_ml.sample.defects import planned_count
from python_ml.sample.feed import Feed
from python_ml.sample.schema import DAY, TEXT
from python_ml.sample.shop import choose

# The feeds are simulated with these: there is nothing left to plant.
_SIMULATED = {"uncovered", "gap_day", "no_profile", "duplicate"}
# First what needs whole groups of clean rows, last what rests on the other rows.
_TURNS = {"wrong_category": 0, "disagreement": 0, "spelling_variant": 2}
_TURNS |= {"repeat": 3, "repeat_content": 3}
# Columns in which the rows of a group must agree.
_AGREED = {"products": ("title", "brand", "price"), "relevance_labels": ("label",)}
_MISSING = {"missing", "blank", "placeholder"}


def plant(
    feed: Feed, rates: Mapping[tuple[str, str, str], float], rng: Generator
) -> None:
    """Plant defects in rows that have none, and settle the feed.

    Args:
        feed: The clean feed; changed.
        rates: By (feed, column, defect), as from `rates_by_defect`.
        rng: The random stream.
    """
    asked = [
        (column, defect, rate)
        for (name, column, defect), rate in rates.items()
        if name == feed.name and rate and defect not in _SIMULATED
    ]
    for column, defect, rate in sorted(asked, key=lambda one: _TURNS.get(one[1], 1)):
        if defect == "late":
            if rate > 1:
                newest = stamps(feed.times[column].max(keepdims=True))
                feed.note(column, defect, pa.nulls(1, TEXT), newest)
        elif defect in ("repeat", "repeat_content"):
            count = planned_count(rate, feed.size)
            rows = choose(rng, np.flatnonzero(feed.is_free), count)
            before = np.minimum(rows + rng.integers(1, 50, len(rows)), feed.size)
            feed.copy(rows, before, has_new_id=defect == "repeat_content")
        elif defect in ("wrong_category", "disagreement"):
            _plant_in_groups(feed, column, defect, rate, rng)
        else:
            _plant_in_values(feed, column, defect, rate, rng)
    feed.settle()


def _plant_in_groups(
    feed: Feed, column: str, defect: str, rate: float, rng: Generator
) -> None:
    """Plant a defect of all rows of a group: one or all of them get a bad value."""
    is_open = feed.open_rows(column, defect)
    members = np.bincount(feed.group)
    is_fit = members >= (2 if defect == "disagreement" else 1)
    is_ready = is_fit & (np.bincount(feed.group, is_open) == members)
    count = planned_count(rate, is_fit.sum())
    groups = choose(rng, np.flatnonzero(is_ready), count)
    rows = changed = np.flatnonzero(np.isin(feed.group, groups))
    if defect == "disagreement":
        mixed = rng.permutation(rows)
        one_each = np.unique(feed.group[mixed], return_index=True)[1]
        changed = np.sort(mixed[one_each])
    bad = corrupted(feed, column, defect, changed, rng)
    if bad is not None:
        feed.mark(rows, column, defect)
        feed.change(changed, column, bad[0])


def _plant_in_values(
    feed: Feed, column: str, defect: str, rate: float, rng: Generator
) -> None:
    """Plant a defect of single values of a column."""
    is_open = feed.open_rows(column, defect)
    if column in _AGREED.get(feed.name, ()) and defect not in _MISSING:
        # Elsewhere the bad value would disagree with another row, too.
        is_open &= (np.bincount(feed.group) == 1)[feed.group]
    rows = np.flatnonzero(is_open)
    if defect == "spelling_variant":
        rows = _outnumbered(feed, column, rows, rng)
    elif defect == "mojibake":
        rows = rows[~_is_ascii(feed, column, rows)]
    values = feed.filled[column].sum() if column in feed.filled else feed.size
    rows = choose(rng, rows, planned_count(rate, values))
    bad = corrupted(feed, column, defect, rows, rng)
    if bad is None:
        return
    texts, is_told = bad
    feed.mark(rows, column, defect, is_told)
    feed.change(rows, column, texts)
    if defect == "future":
        later = feed.times["ingested_at"][rows] + 365 * DAY
        feed.change(rows, "ingested_at", stamps(later))
    if (feed.name, column, defect) == ("events", "user_id", "orphan"):
        feed.note(column, "no_profile", texts, feed="users")


def _outnumbered(
    feed: Feed, column: str, rows: np.ndarray, rng: Generator
) -> np.ndarray:
    """Of the rows those that can be misspelled with their usual spelling still ahead.

    Of c rows with a value that is at most c / 2 - 1; values without letters never.
    """
    rows = rng.permutation(rows)
    values = feed.found(column, np.arange(feed.size)).dictionary_encode()
    words = values.dictionary
    has_letters = pc.and_(
        pc.not_equal(pc.utf8_upper(words), words),
        pc.not_equal(pc.utf8_lower(words), words),
    )
    codes = values.indices.fill_null(len(words)).to_numpy()
    counts = np.bincount(codes, minlength=len(words) + 1)
    most = np.where(has_letters, counts[:-1] // 2 - 1, 0)
    order = np.argsort(codes[rows], kind="stable")
    ordered = codes[rows][order]
    rank = np.arange(len(rows)) - np.searchsorted(ordered, ordered)
    return rows[order][rank < most[ordered]]


def _is_ascii(feed: Feed, column: str, rows: np.ndarray) -> np.ndarray:
    """Mask of the rows whose text is the same in every encoding."""
    pieces = np.array_split(rows, max(1, len(rows) // 500_000))
    texts = (feed.clean_text(column, piece) for piece in pieces)
    return pa.chunked_array([pc.string_is_ascii(some) for some in texts]).to_numpy()
