"""A simulated shop: seven raw feeds with planted defects, and the truth about them.

What is not planted breaks no rule, and a row carries at most one planted defect, so the
rules can be tested for finding every defect and nothing else.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from python_ml.sample.behaviour import events_feed, simulate_log
from python_ml.sample.defects import (
    DEFAULT_DEFECTS,
    load_defects,
    planned_count,
    rates_by_defect,
)
from python_ml.sample.feed import Feed
from python_ml.sample.feedback import (
    queries_feed,
    recommendations_feed,
    relevance_labels_feed,
    reviews_feed,
)
from python_ml.sample.master_data import products_feed, users_feed
from python_ml.sample.planting import plant
from python_ml.sample.repairability import with_purchases
from python_ml.sample.schema import AS_OF, CYCLES, FEEDS, HOUR, KEYS, NOW, TRUTH
from python_ml.sample.shop import choose, open_shop
from python_ml.sample.truth import truth_of
from python_ml.sample.writing import write_feed, write_tables

__all__ = ["AS_OF", "DEFAULT_DEFECTS", "FEEDS", "KEYS", "load_defects", "simulate"]


def simulate(
    out: Path,
    *,
    products: int = 300,
    events: int = 2500,
    seed: int = 0,
    defects: Mapping | None = None,
    format: str = "parquet",
    prefix: str = "",
    progress: bool = False,
) -> None:
    """Simulate a shop; write `<prefix><feed>.<format>` of each feed, and of `truth`.

    The same arguments give the same files. `truth` has one row per planted defect:

    * `feed`, `row_number` (from 0) and `record_key` say where it is; the number is null
      for a defect of no row, such as a day without events.
    * `column_name` (null for a whole record) and `defect` say what is wrong.
    * `found_value` and `true_value` are what stands there and what should; null where
      there is nothing to be found, or nothing to be known.
    * `repair` says how the record can be made right with what is in the feeds: by the
      true `value`, by `remove`, by `empty`; null where it cannot (`repairability`).
    * `is_deterministic` is false where no rule can be sure, but one can learn.

    Args:
        out: Folder to write to; made if there is none.
        products: Products of the clean shop, 1 to 5,000,000.
        events: Events of the clean shop, 1 or more; the other feeds follow from them.
        seed: Seed of all that is random, 0 or more.
        defects: All that is planted, {feed: {column: {defect: rate}}}; None means
            DEFAULT_DEFECTS. A rate above 0 plants at least one defect, and fewer than
            asked only where clean rows run out.
        format: "parquet" or "csv".
        prefix: What the names of the files begin with.
        progress: Whether to show a bar per feed on stderr.

    Raises:
        ValueError: If an argument is outside its range.
    """
    if format not in ("parquet", "csv"):
        raise ValueError(f"format is 'parquet' or 'csv', not {format!r}.")
    if not 1 <= products <= 5_000_000 or events < 1:
        raise ValueError("A shop has 1 to 5,000,000 products and 1 event or more.")
    rates = rates_by_defect(DEFAULT_DEFECTS if defects is None else defects)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    truth = []
    for number, feed in enumerate(_clean_feeds(products, events, seed, rates)):
        plant(feed, rates, np.random.default_rng([seed, number]))
        write_feed(feed, out / f"{prefix}{feed.name}.{format}", progress)
        truth.append(truth_of(feed))
        if feed.name == "events":  # the products came first
            truth[0] = with_purchases(truth[0], feed)
    write_tables(truth, TRUTH, out / f"{prefix}truth.{format}")


def _clean_feeds(products: int, events: int, seed: int, rates: dict) -> Iterator[Feed]:
    """Yield the feeds one by one, each from a random stream of its own."""

    def newest(feed: str) -> int:
        column, days = CYCLES[feed]
        lag = round(rates[feed, column, "late"] * days * 24)
        return NOW - max(3, lag) * HOUR

    def spare(feed: str, column: str, size: int) -> int:
        """Rows that nothing refers to, and that may so lose their id."""
        kinds = ("missing", "blank", "placeholder")
        return sum(planned_count(rates[feed, column, kind], size) for kind in kinds)

    streams = (np.random.default_rng([seed, 1, number]) for number in range(9))
    users = min(max(50, events // 40), 500_000)
    hidden = planned_count(rates["events", "product_id", "uncovered"], products)
    hidden = min(hidden, products - 1)
    twice = planned_count(rates["products", "row", "duplicate"], products)
    shop = open_shop(next(streams), products, users, hidden, twice)
    gap_rate = rates["events", "occurred_at", "gap_day"]
    log = simulate_log(next(streams), shop, events, gap_rate)
    active = np.unique(log.user)
    count = planned_count(rates["users", "user_id", "no_profile"], users)
    gone = choose(next(streams), active, min(count, len(active) - 1))
    is_gone = np.isin(np.arange(users), gone)

    yield products_feed(next(streams), shop, newest("products"))
    extra = spare("users", "user_id", users)
    yield users_feed(next(streams), is_gone, extra, newest("users"))
    yield events_feed(shop, log, is_gone)
    searches = len(log.search_at)
    extra = spare("queries", "query_id", searches)
    asked, feed = queries_feed(next(streams), shop, log, extra)
    yield feed
    judged, when = min(searches, 20_000), newest("relevance_labels")
    yield relevance_labels_feed(next(streams), shop, asked, judged, when)
    yield reviews_feed(next(streams), shop, log, is_gone, newest("reviews"))
    slates, when = min(max(1, events // 25), 400_000), newest("recommendations")
    yield recommendations_feed(next(streams), shop, slates, is_gone, when)
