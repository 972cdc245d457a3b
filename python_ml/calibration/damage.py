"""Kinds of damage, drawn by common random numbers.

The random number of an event depends on the seed and the kind only: what is damaged at
a rate of 5 % is part of what is damaged at 20 %, and a mix of kinds damages the same as
each kind alone. Products are drawn evenly along popularity: whether a best-seller is
hit would else decide everything.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields, replace

import numpy as np
import pyarrow as pa

from python_ml.effect.interactions import Interactions, Vocabulary

_BLOCK = 20  # Products of like popularity, of which a share is drawn.
_BURST = 50  # Copies of one event.


def twinned(vocabulary: Vocabulary) -> Vocabulary:
    """Return a vocabulary in which each product has a second id, for the same item.

    The number of the second id of product p is p + the number of products.
    """
    second = [f"{name}\x1f2" for name in vocabulary.products.to_pylist()]
    return Vocabulary(
        vocabulary.users,
        pa.concat_arrays([vocabulary.products, pa.array(second, pa.string())]),
        vocabulary.items,
        np.concatenate([vocabulary.item_of, vocabulary.item_of]),
    )


def damage_events(
    events: Interactions,
    rates: Mapping[str, float],
    seed: int,
    products: int,
) -> Interactions:
    """Damage what recommenders learn from.

    Args:
        events: Before the cut; their order must be the same in all calls.
        rates: In [0, 1] by the kinds of `EVENT_KINDS`; applied in the order of these.
        seed: Of the random numbers.
        products: How many the vocabulary had before it was `twinned`.
    """
    rows = (events, np.arange(len(events.user)))
    for kind, change in EVENT_KINDS.items():
        if rates.get(kind, 0) > 0:
            rows = change(rows, _Draw(seed, kind, events, products), rates[kind])
    return rows[0]


class _Draw:
    """The random numbers of one kind: of events as they were before all damage."""

    def __init__(
        self, seed: int, kind: str, events: Interactions, products: int
    ) -> None:
        self.rng = np.random.default_rng([seed, zlib.crc32(kind.encode())])
        self.events = events
        self.products = products
        self.uniform = self.rng.random(len(events.user))
        self.other = self.rng.integers(0, max(len(events.user), 1), len(events.user))

    def some_products(self, rate: float) -> np.ndarray:
        """Return a share of the products, evenly along popularity: bool [products]."""
        count = np.bincount(self.events.product, minlength=self.products)
        order = np.lexsort((np.arange(self.products), -count[: self.products]))
        order = order[count[order] > 0]
        chosen = np.zeros(self.products, bool)
        for start in range(0, len(order), _BLOCK):
            block = order[start : start + _BLOCK]
            # Of a block the first, at random; a part of one by chance.
            wanted = rate * len(block) + self.rng.random()
            mixed = self.rng.permutation(len(block))
            chosen[block[mixed[: int(wanted)]]] = True
        return chosen


_Rows = tuple[Interactions, np.ndarray]
"""Events, and the number of each among those before all damage."""


def _missing(rows: _Rows, draw: _Draw, rate: float) -> _Rows:
    return _where(rows, draw.uniform[rows[1]] >= rate)


def _wrong_user(rows: _Rows, draw: _Draw, rate: float) -> _Rows:
    events, number = rows
    is_wrong = draw.uniform[number] < rate
    other = draw.events.user[draw.other[number]]
    return replace(events, user=np.where(is_wrong, other, events.user)), number


def _wrong_item(rows: _Rows, draw: _Draw, rate: float) -> _Rows:
    events, number = rows
    is_wrong = draw.uniform[number] < rate
    other = draw.events.product[draw.other[number]]
    return replace(events, product=np.where(is_wrong, other, events.product)), number


def _extra_clicks(rows: _Rows, draw: _Draw, rate: float) -> _Rows:
    events, number = rows
    is_more = draw.uniform[number] < rate
    more = events.where(is_more)
    product = draw.events.product[draw.other[number[is_more]]]
    return _with((events, number), replace(more, product=product), number[is_more])


def _repeats(rows: _Rows, draw: _Draw, rate: float) -> _Rows:
    events, number = rows
    again = np.flatnonzero(draw.uniform[number] < rate)
    return _with(rows, events.where(again), number[again])


def _bursts(rows: _Rows, draw: _Draw, rate: float) -> _Rows:
    events, number = rows
    again = np.flatnonzero(draw.uniform[number] < rate / _BURST).repeat(_BURST)
    return _with(rows, events.where(again), number[again])


def _wrong_time(rows: _Rows, draw: _Draw, rate: float) -> _Rows:
    events, number = rows
    is_wrong = draw.uniform[number] < rate
    day = np.where(is_wrong, draw.events.day[draw.other[number]], events.day)
    return replace(events, day=day), number


def _split_ids(rows: _Rows, draw: _Draw, rate: float) -> _Rows:
    events, number = rows
    is_split = draw.some_products(rate)[events.product % draw.products]
    is_second = is_split & (draw.uniform[number] < 0.5)
    is_second &= events.product < draw.products
    product = np.where(is_second, events.product + draw.products, events.product)
    return replace(events, product=product), number


def _lost_items(rows: _Rows, draw: _Draw, rate: float) -> _Rows:
    is_lost = draw.some_products(rate)[rows[0].product % draw.products]
    return _where(rows, ~is_lost)


def _lost_days(rows: _Rows, draw: _Draw, rate: float) -> _Rows:
    day = np.floor(draw.events.cut_day).astype(np.int64)
    if not len(day):
        return rows
    of_day = draw.rng.random(int(np.ptp(day)) + 1)
    return _where(rows, of_day[day[rows[1]] - day.min()] >= rate)


def _late(rows: _Rows, draw: _Draw, rate: float) -> _Rows:
    day = draw.events.cut_day
    if not len(day):
        return rows
    until = day.max() - rate * np.ptp(day)
    return _where(rows, day[rows[1]] <= until)


def _where(rows: _Rows, is_kept: np.ndarray) -> _Rows:
    return rows[0].where(is_kept), rows[1][is_kept]


def _with(rows: _Rows, more: Interactions, number: np.ndarray) -> _Rows:
    events = rows[0]
    parts = {
        field.name: np.concatenate(
            [getattr(events, field.name), getattr(more, field.name)]
        )
        for field in fields(Interactions)
    }
    return Interactions(**parts), np.concatenate([rows[1], number])


EVENT_KINDS: dict[str, Callable[[_Rows, _Draw, float], _Rows]] = {
    "wrong_user": _wrong_user,
    "wrong_item": _wrong_item,
    "wrong_time": _wrong_time,
    "split_ids": _split_ids,
    "missing": _missing,
    "lost_items": _lost_items,
    "lost_days": _lost_days,
    "late": _late,
    "extra_clicks": _extra_clicks,
    "repeats": _repeats,
    "bursts": _bursts,
}
"""What is done to events: someone else's or another product's event, a time of another
event, a product's events halved between two ids; events lost at random, all of some
products, of some days, of the last part of the time; events added at random, exact
copies of one event each, or 50 copies of few."""


def damage_texts(
    products: pa.Table, queries: pa.Table, rates: Mapping[str, float], seed: int
) -> tuple[pa.Table, pa.Table]:
    """Damage what search reads.

    Args:
        products: product_id and title.
        queries: query_id and query_text.
        rates: In [0, 1] by the kinds of `TEXT_KINDS`.
        seed: Of the random numbers, one for each id.
    """
    titles = products["title"].to_pylist()
    ids = products["product_id"].to_pylist()
    names = sorted({one for one in ids if one is not None})
    of_product = {one: place for place, one in enumerate(names)}
    place = [of_product.get(one, 0) for one in ids]
    first = dict(zip(reversed(place), reversed(titles), strict=True))
    if rates.get("swapped_title", 0) > 0:
        rng = _of_kind(seed, "swapped_title")
        uniform, other = rng.random(len(names)), rng.permutation(len(names))
        titles = [
            first[int(other[at])] if uniform[at] < rates["swapped_title"] else title
            for at, title in zip(place, titles, strict=True)
        ]
    if rates.get("no_title", 0) > 0:
        uniform = _of_kind(seed, "no_title").random(len(names))
        titles = [
            None if uniform[at] < rates["no_title"] else title
            for at, title in zip(place, titles, strict=True)
        ]
    texts = queries["query_text"].to_pylist()
    if rates.get("misspelt_query", 0) > 0:
        rng = _of_kind(seed, "misspelt_query")
        uniform, where = rng.random(len(texts)), rng.random(len(texts))
        texts = [
            _misspelt(text, at) if chance < rates["misspelt_query"] else text
            for text, at, chance in zip(texts, where, uniform, strict=True)
        ]
    if rates.get("no_query", 0) > 0:
        uniform = _of_kind(seed, "no_query").random(len(texts))
        texts = [
            None if chance < rates["no_query"] else text
            for text, chance in zip(texts, uniform, strict=True)
        ]
    return _replaced(products, "title", titles), _replaced(queries, "query_text", texts)


TEXT_KINDS = ("no_title", "swapped_title", "misspelt_query", "no_query")
"""What is done to texts: the title of a product is missing in all of its listings, or
another product's; two letters of a query change places, or its text is missing."""


def _of_kind(seed: int, kind: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(kind.encode())])


def _misspelt(text: str | None, where: float) -> str | None:
    """Let two letters beside each other, which differ, change places."""
    if text is None:
        return None
    places = [
        at
        for at in range(len(text) - 1)
        if text[at : at + 2].isalnum() and text[at] != text[at + 1]
    ]
    if not places:
        return text
    at = places[int(where * len(places))]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _replaced(table: pa.Table, column: str, values: list) -> pa.Table:
    place = table.column_names.index(column)
    return table.set_column(place, column, pa.array(values, pa.string()))
