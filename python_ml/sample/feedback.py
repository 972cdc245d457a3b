"""The clean feeds of what users ask and say: queries, labels, reviews, slates."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from python_ml.sample import text
from python_ml.sample.behaviour import Log
from python_ml.sample.columns import coded, ids, numbers, ready
from python_ml.sample.feed import Feed
from python_ml.sample.schema import DAY, DAYS, NOW
from python_ml.sample.shop import Shop, choose, draw


@dataclass
class Queries:
    """What the queries ask for: one element per query."""

    product: np.ndarray
    has_brand: np.ndarray
    has_option: np.ndarray


def queries_feed(
    rng: Generator, shop: Shop, log: Log, spare: int
) -> tuple[Queries, Feed]:
    """Make one row per search of the log, and spare ones that no event refers to."""
    product = np.append(log.search_product, rng.integers(0, len(shop.leaf), spare))
    asked_at = np.append(log.search_at, NOW - rng.integers(DAY, DAYS * DAY, spare))
    size = len(product)
    asked = Queries(product, rng.random(size) < 0.5, rng.random(size) < 0.4)
    has_size = rng.random(size) < 0.15
    is_chinese = (rng.random(size) < 0.85) == shop.is_chinese[product]
    words = shop.words(product, is_chinese)
    query_text = text.joined(
        text.either(asked.has_brand, words["brand"], None),
        text.either(asked.has_option, words["option"], None),
        words["noun"],
        text.either(has_size, words["size"], None),
        separator=" ",
    )
    locale = 2 * is_chinese + (rng.random(size) < 0.4)
    clean = {
        "query_id": ids("Q", np.arange(1, size + 1)),
        "query_text": ready(query_text),
        "locale": coded(("en", "en-GB", "zh", "zh-CN"), locale),
    }
    only = {"query_id": np.arange(size) >= len(log.search_at)}
    return asked, Feed("queries", clean, {"issued_at": asked_at}, only=only)


def relevance_labels_feed(
    rng: Generator, shop: Shop, asked: Queries, queries: int, newest: int
) -> Feed:
    """Make one row per annotator of a judged pair of query and product.

    A quarter of the pairs have two annotators, who agree.

    Args:
        rng: The random stream.
        shop: The products.
        asked: The queries.
        queries: How many of them, from the first on, are judged.
        newest: The time of the last label, in seconds since 1970.
    """
    query, product = _judged_pairs(rng, shop, asked, queries)
    label = _relevance(shop, asked, query, product)
    first = rng.integers(0, 12, len(query))
    second = np.flatnonzero(rng.random(len(query)) < 0.25)
    other = (first[second] + rng.integers(1, 12, len(second))) % 12
    pair = np.append(np.arange(len(query)), second)
    annotator = np.append(first, other)
    order = rng.permutation(len(pair))
    pair, annotator = pair[order], annotator[order]
    clean = {
        "query_id": ids("Q", query[pair] + 1),
        "product_id": ids("P", shop.number[product[pair]]),
        "label": coded(text.LABELS, label[pair]),
        "annotator": ids("A", annotator + 1, 2),
    }
    times = {"labeled_at": _spread(rng, len(pair), newest)}
    return Feed("relevance_labels", clean, times, group=pair)


def _judged_pairs(
    rng: Generator, shop: Shop, asked: Queries, queries: int
) -> tuple[np.ndarray, np.ndarray]:
    """Query and product of each pair: up to eight for five queries, none twice.

    What is judged is what the query is after, a product of its leaf, one of a leaf
    beside it, or any product.
    """
    products = len(shop.leaf)
    query = np.arange(8 * queries // 5) % queries
    target = asked.product[query]
    way = draw(rng, np.array([0.25, 0.3, 0.2, 0.25]), len(query))
    leaf = shop.leaf[target]
    leaf = np.where(way == 1, leaf, _leaves_beside()[leaf])
    low, high = shop.shelf[leaf], shop.shelf[leaf + 1]
    near = low + rng.integers(0, 2**30, len(leaf)) % np.maximum(high - low, 1)
    near = np.minimum(near, products - 1)
    far = rng.integers(0, products, len(query))
    product = np.select([way == 0, way < 3], [target, near], far)
    return np.divmod(np.unique(query * products + product), products)


def _relevance(
    shop: Shop, asked: Queries, query: np.ndarray, product: np.ndarray
) -> np.ndarray:
    """Code of the label of each pair."""
    target, parent = asked.product[query], _parents()
    is_same_leaf = shop.leaf[product] == shop.leaf[target]
    is_beside = parent[shop.leaf[product]] == parent[shop.leaf[target]]
    is_match = (
        (~asked.has_brand[query] | (shop.brand[product] == shop.brand[target]))
        & (~asked.has_option[query] | (shop.option[product] == shop.option[target]))
        & (shop.noun[product] == shop.noun[target])
    )
    return np.select([is_same_leaf & is_match, is_same_leaf, is_beside], [0, 1, 2], 3)


def _parents() -> np.ndarray:
    """Code of the category above each leaf."""
    paths = [leaf["path"].rpartition(" > ")[0] for leaf in text.LEAVES]
    return np.unique(paths, return_inverse=True)[1]


def _leaves_beside() -> np.ndarray:
    """Another leaf of the same category for each leaf: the next one, in a ring."""
    parents = _parents()
    beside = np.empty(len(parents), int)
    for parent in np.unique(parents):
        leaves = np.flatnonzero(parents == parent)
        beside[leaves] = np.roll(leaves, -1)
    return beside


def _spread(rng: Generator, size: int, newest: int) -> np.ndarray:
    """Times in order, over the days of the sample up to the newest."""
    times = np.sort(newest - rng.integers(0, DAYS * DAY, size))
    times[-1] = newest
    return times


def reviews_feed(
    rng: Generator, shop: Shop, log: Log, is_gone: np.ndarray, newest: int
) -> Feed:
    """Make one row per review, some days after an event.

    Args:
        rng: The random stream.
        shop: The products.
        log: The events; about one in 20 leads to a review.
        is_gone: Mask (users,) of those without a profile.
        newest: The time of the last review, in seconds since 1970.
    """
    size = min(max(1, len(log.user) // 20), 400_000)
    event = choose(rng, np.arange(len(log.user)), size)
    occurred = log.occurred[event]
    wait = np.clip(newest - occurred, 0, 20 * DAY)
    at = np.minimum(occurred + (rng.random(size) * wait).astype(np.int64), newest)
    at[-1] = newest
    order = np.argsort(at, kind="stable")
    user, product, at = log.user[event][order], log.product[event][order], at[order]
    pleasure = 2.7 + 0.7 * shop.liking(user, product) + rng.normal(0, 1.1, size)
    rating = np.clip(np.round(pleasure), 1, 5).astype(np.int64)
    is_mixed = rating == 3
    is_good = np.where(is_mixed, rng.random(size) < 0.5, rating > 3)
    is_chinese = (rng.random(size) < 0.85) == shop.is_chinese[product]
    words = shop.words(product, is_chinese)
    review_text = text.review_texts(
        *(rng, is_good, is_mixed, is_chinese, words["brand"], words["noun"])
    )
    clean = {
        "review_id": ids("R", np.arange(1, size + 1)),
        "product_id": ids("P", shop.number[product]),
        "user_id": ids("U", user + 1),
        "rating": numbers(rating),
        "review_text": ready(review_text),
        "label": coded(("bad", "good"), is_good.astype(np.int8)),
    }
    only = {"label wrong_label": ~is_mixed}
    feed = Feed("reviews", clean, {"reviewed_at": at}, only=only)
    feed.mark(np.flatnonzero(is_gone[user]), "user_id", "orphan")
    return feed


def recommendations_feed(
    rng: Generator, shop: Shop, slates: int, is_gone: np.ndarray, newest: int
) -> Feed:
    """Make five rows per slate of recommendations, one for each product shown.

    Args:
        rng: The random stream.
        shop: The products, and the users to whom they are shown.
        slates: How many slates there are.
        is_gone: Mask (users,) of those without a profile.
        newest: The time of the last slate, in seconds since 1970.
    """
    user = np.repeat(draw(rng, shop.activity, slates), 5)
    at = np.repeat(_spread(rng, slates, newest), 5)
    product = shop.draw_products(rng, user, shop.draw_leaves(rng, user, at))
    slate = product.reshape(-1, 5)
    for place in range(1, 5):  # a product seldom stands in a slate twice
        is_double = (slate[:, :place] == slate[:, [place]]).any(axis=1)
        slate[is_double, place] = rng.integers(0, len(shop.leaf), is_double.sum())
    position = np.tile(np.arange(1, 6), slates)
    odds = np.exp(shop.liking(user, product) - 2.5 - 0.3 * position)
    is_clicked = rng.random(len(user)) < odds / (1 + odds)
    clean = {
        "impression_id": ids("I", np.arange(1, len(user) + 1), 8),
        "user_id": ids("U", user + 1),
        "product_id": ids("P", shop.number[product]),
        "position": numbers(position),
        "clicked": coded(("false", "true"), is_clicked.astype(np.int8)),
    }
    feed = Feed("recommendations", clean, {"shown_at": at})
    feed.mark(np.flatnonzero(is_gone[user]), "user_id", "orphan")
    return feed
