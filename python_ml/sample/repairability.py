"""Repair: how a record with a planted defect can be made right with what is found.

The truth says it in the column `repair`, for what repairs data to be measured against:

* `value`: by the true value. It can be told from the found one (see `damage`),
  or, of a product, the row of the other source system holds it, or its title names the
  brand, or a purchase was made at the price.
* `remove`: by leaving the record out: it repeats another one, refers to nothing, or
  tells what has not happened yet.
* `empty`: by leaving the value out: it refers to nothing, and is not required.
* null: not at all. What would be needed is not in the data. A price or quantity out of
  the range that a rule declares is of these: that the event cannot have been, only a
  person can say.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_ml.sample.feed import Feed
from python_ml.sample.schema import KEYS, TEXT

_REPEATS = {"repeat", "repeat_content", "duplicate"}
# Values missing here are none missed: events without a search, reviews of guests.
_OPTIONAL = {("events", "query_id"), ("reviews", "user_id")}
# In these no single value is wrong, or the right one was never written down.
_BEYOND_REPAIR = {"stale", "late", "gap_day", "uncovered", "no_profile"}
_LEARNED = {"wrong_category", "wrong_label"}  # the text says what is right


def repair_of(
    feed: str, column: str | None, defect: str, *, is_known: bool
) -> str | None:
    """Decide how a record with a defect can be made right.

    Args:
        feed: One of FEEDS.
        column: The column with the defect; None for a defect of whole records.
        defect: The defect, as in DEFAULT_DEFECTS.
        is_known: Whether the data tell the true value: the found value alone, or what
            stands elsewhere.

    Returns:
        "value", "remove", "empty", or None, as the module describes them.
    """
    if defect in _BEYOND_REPAIR:
        return None
    if defect in _REPEATS or defect == "future":
        return "remove"
    if defect == "orphan":
        return "empty" if (feed, column) in _OPTIONAL else "remove"
    if defect in _LEARNED:
        return "value"
    if defect == "disagreement" and feed == "products" and column != "price":
        return "value"  # brand and title name each other
    return "value" if is_known else None


def repairs(
    feed: Feed, rows: np.ndarray, column: str, defect: str, is_told: np.ndarray
) -> pa.Array:
    """Decide how rows with a defect can be made right, once all is planted.

    Args:
        feed: The feed.
        rows: Its rows (rows,) with the defect.
        column: The column with the defect.
        defect: The defect, as in DEFAULT_DEFECTS.
        is_told: Mask (rows,) of those whose found value alone tells the true one.

    Returns:
        Texts (rows,), as of `repair_of`. Prices that disagree are left to
        `with_purchases`.
    """
    is_known = is_told
    # Where two rows disagree, that one of them is right does not say which.
    if feed.name == "products" and defect != "disagreement":
        is_known = is_told | _is_elsewhere(feed, rows, column)
    known, unknown = (
        pa.scalar(repair_of(feed.name, column, defect, is_known=one), TEXT)
        for one in (True, False)
    )
    return pc.if_else(pa.array(is_known), known, unknown)


def with_purchases(truth: pa.Table, events: Feed) -> pa.Table:
    """Say that prices which disagree can be repaired, if one was paid in a purchase.

    Args:
        truth: The truth about the products.
        events: The feed of events, settled.

    Returns:
        The truth with `repair` set to "value" for these.
    """
    rows = np.flatnonzero(events.filled["price"])
    paid = [events.found(name, rows) for name in ("product_id", "price")]
    product_id = pc.list_element(pc.split_pattern(truth["record_key"], "|"), 0)
    stated = pc.binary_join_element_wise(product_id, truth["true_value"], "|")
    is_known = pc.and_(
        pc.is_in(stated, pc.binary_join_element_wise(*paid, "|")),
        pc.and_(
            pc.equal(truth["column_name"], "price"),
            pc.equal(truth["defect"], "disagreement"),
        ),
    )
    known = repair_of("products", "price", "disagreement", is_known=True)
    repair = pc.if_else(is_known.fill_null(False), known, truth["repair"])
    place = truth.schema.get_field_index("repair")
    return truth.set_column(place, truth.schema.field(place), repair)


def _is_elsewhere(feed: Feed, rows: np.ndarray, column: str) -> np.ndarray:
    """Mask of the rows of products whose true value stands elsewhere, undamaged.

    It stands in the row of the other source system, which must be known by its id to be
    of the same product, or, for a brand, in the title.
    """
    other = _other_rows(feed.group)[rows]
    has_other = other >= 0
    mine, other = rows[has_other], other[has_other]
    is_same = np.ones(len(mine), bool)
    for name in {column, KEYS[feed.name][0]}:
        equal = pc.equal(feed.found(name, other), feed.clean_text(name, mine))
        is_same &= equal.fill_null(False).to_numpy(zero_copy_only=False)
    is_elsewhere = np.zeros(len(rows), bool)
    is_elsewhere[has_other] = is_same
    if column == "brand":
        brands = feed.clean_text("brand", rows).to_pylist()
        titles = feed.found("title", rows).to_pylist()
        is_named = [
            brand in (title or "") for brand, title in zip(brands, titles, strict=True)
        ]
        is_elsewhere |= np.array(is_named, bool)
    return is_elsewhere


def _other_rows(group: np.ndarray) -> np.ndarray:
    """The other row of the same group for each row; -1 where it is the only one."""
    order = np.argsort(group, kind="stable")
    is_pair = group[order[1:]] == group[order[:-1]]
    first, second = order[:-1][is_pair], order[1:][is_pair]
    other = np.full(len(group), -1)
    other[first], other[second] = second, first
    return other
