"""What users do in the shop: sessions, searches, and the feed of events."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from python_ml.sample import text
from python_ml.sample.columns import coded, id_texts, ids, numbers, stamps
from python_ml.sample.defects import planned_count
from python_ml.sample.feed import Feed
from python_ml.sample.schema import DAY, DAYS, HOUR, NOW
from python_ml.sample.shop import Shop, draw


@dataclass
class Log:
    """The clean events as codes, in order of time, and the searches behind them.

    A field is an array with one element per event; those of `search_` have one per
    query. Times are seconds since 1970.
    """

    user: np.ndarray
    product: np.ndarray
    session: np.ndarray  # numbered from 1
    query: np.ndarray  # -1: not from a search
    kind: np.ndarray  # code of EVENT_TYPES
    quantity: np.ndarray  # 0: no purchase
    cents: np.ndarray
    occurred: np.ndarray
    lag: np.ndarray  # seconds until ingested
    is_app: np.ndarray
    is_anchor: np.ndarray  # the event that a product, day or source system rests on
    search_product: np.ndarray  # what the query is after
    search_at: np.ndarray


_PURCHASE = text.EVENT_TYPES.index("purchase")


def simulate_log(rng: Generator, shop: Shop, size: int, gap_rate: float) -> Log:
    """Let users come in sessions, look for something, and leave events.

    Args:
        rng: The random stream.
        shop: Where they come to.
        size: How many events there are, 1 or more.
        gap_rate: The share of days, in [0, 1], on which nobody comes.
    """
    starts = rng.random(size) < 0.25
    starts[::64] = True  # bounds a session, so that it ends on the day it began
    session = np.cumsum(starts, dtype=np.int32) - 1
    first = np.flatnonzero(starts)
    user, begin, is_app, is_pinned = _sessions(rng, shop, len(first), gap_rate)

    leaf = shop.draw_leaves(rng, user, begin)[session]
    wander = np.flatnonzero(rng.random(size) < 0.2)
    leaf[wander] = shop.leaf[draw(rng, shop.popularity, len(wander))]
    product = shop.draw_products(rng, user[session], leaf)
    is_anchor = _cover(rng, shop, product)
    is_anchor[first[is_pinned]] = True

    searches = min(max(1, size // 10), 1_000_000, len(first))
    searching = np.sort(rng.choice(len(first), searches, replace=False))
    searching[-1] = len(first) - 1  # the newest session: queries are up to date
    query = np.full(len(first), -1, np.int32)
    query[searching] = np.arange(searches)
    query = np.where(rng.random(size) < 0.75, query[session], -1)

    wait = rng.integers(5, 90, size)
    wait[first] = 0
    wait = np.cumsum(wait)
    occurred = begin[session] + wait - wait[first][session]
    kind = draw(rng, np.array([0.62, 0.2, 0.09, 0.05, 0.04]), size).astype(np.int8)
    bought = np.flatnonzero(kind == _PURCHASE)
    quantity, cents = np.zeros(size, np.int8), np.zeros(size, np.int32)
    quantity[bought] = np.minimum(rng.geometric(0.7, len(bought)), 9)
    reduced = rng.choice([1, 0.95, 0.9], len(bought), p=[0.8, 0.1, 0.1])
    cents[bought] = np.round(shop.cents[product[bought]] * reduced)

    order = np.argsort(occurred, kind="stable")
    return Log(
        user=user[session[order]],
        product=product[order],
        session=session[order] + 1,
        query=query[order],
        kind=kind[order],
        quantity=quantity[order],
        cents=cents[order],
        occurred=occurred[order],
        lag=rng.integers(1, 300, size, dtype=np.int16),
        is_app=is_app[session[order]],
        is_anchor=is_anchor[order],
        search_product=product[first[searching]],
        search_at=begin[searching] - rng.integers(5, 60, searches),
    )


def _sessions(
    rng: Generator, shop: Shop, size: int, gap_rate: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """User, begin (seconds), is_app and is_pinned of each session, in order of time.

    The pinned ones see to it that each day but the gaps has an event, and the last day
    one of either source system.
    """
    days = min(DAYS, max(1, size // 2))
    gaps = min(planned_count(gap_rate, days), max(0, days - 2))
    inner = np.arange(1, max(1, days - 1))
    open_days = np.setdiff1d(np.arange(days), rng.choice(inner, gaps, replace=False))
    busy = (1 + open_days / days) * np.where(open_days % 7 < 2, 1.4, 1)
    day = open_days[draw(rng, busy, size)]
    is_app = rng.random(size) < 0.6
    # One session for each open day, the last day first, then one more for the last
    # day: as a slice, since the smallest shops have no session left for it.
    extra = slice(len(open_days), len(open_days) + 1)
    day[: len(open_days)] = open_days[::-1]
    day[extra] = days - 1
    is_app[0], is_app[extra] = True, False
    within = rng.integers(HOUR, DAY - 2 * HOUR, size)
    begin = NOW + (day - days) * DAY + within
    user = draw(rng, shop.activity, size)
    order = np.argsort(begin, kind="stable")
    return user[order], begin[order], is_app[order], order <= len(open_days)


def _cover(rng: Generator, shop: Shop, product: np.ndarray) -> np.ndarray:
    """Give every product an event, as far as there are events; return which these are.

    Changes `product` (a code per event) where a product has several events.
    """
    size = len(product)
    first = np.full(len(shop.leaf), -1)
    first[product[::-1]] = np.arange(size)[::-1]
    is_anchor = np.zeros(size, bool)
    is_anchor[first[first >= 0]] = True
    lacking = np.flatnonzero((first < 0) & (shop.popularity > 0))
    spare = np.flatnonzero(~is_anchor)
    rows = rng.choice(spare, min(len(lacking), len(spare)), replace=False)
    product[rows] = rng.permutation(lacking)[: len(rows)]
    is_anchor[rows] = True
    return is_anchor


def events_feed(shop: Shop, log: Log, is_gone: np.ndarray) -> Feed:
    """Make the feed of events: one row per event of the log.

    `is_gone` (users,) says who has no profile: their events refer to nobody.
    """
    is_purchase = log.quantity > 0
    user_ids = id_texts("U", np.arange(1, len(shop.activity) + 1))
    query_ids = id_texts("Q", np.arange(1, len(log.search_at) + 1))
    clean = {
        "event_id": ids("E", np.arange(1, len(log.user) + 1), 9),
        "user_id": coded(user_ids, log.user),
        "product_id": coded(id_texts("P", shop.number), log.product),
        "session_id": ids("S", log.session, 8),
        "query_id": coded(query_ids, log.query),
        "event_type": coded(text.EVENT_TYPES, log.kind),
        "quantity": numbers(log.quantity, is_purchase),
        "price": lambda rows: pa.array(log.cents[rows] / 100, mask=~is_purchase[rows]),
        "source_system": coded(("web", "app"), log.is_app.astype(np.int8)),
    }
    feed = Feed(
        "events",
        clean,
        times={"occurred_at": log.occurred, "ingested_at": log.occurred + log.lag},
        only={"product_id": ~log.is_anchor, "occurred_at": ~log.is_anchor},
        filled={
            "query_id": log.query >= 0,
            "quantity": is_purchase,
            "price": is_purchase,
        },
    )
    feed.mark(np.flatnonzero(is_gone[log.user]), "user_id", "orphan")
    is_seen = np.bincount(log.product, minlength=len(shop.leaf)) > 0
    keys = id_texts("P", np.sort(shop.number[~is_seen]))
    feed.note("product_id", "uncovered", keys)
    days = np.unique(log.occurred // DAY)
    gaps = np.setdiff1d(np.arange(days[0], NOW // DAY), days) * DAY
    feed.note("occurred_at", "gap_day", pc.utf8_slice_codeunits(stamps(gaps), 0, 10))
    return feed
