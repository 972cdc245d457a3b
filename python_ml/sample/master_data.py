"""The clean feeds of master data: products and users."""

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from python_ml.sample import text
from python_ml.sample.columns import as_text, coded, id_texts, ids, numbers, ready
from python_ml.sample.feed import Feed
from python_ml.sample.schema import DAY, HOUR, NOW, TEXT
from python_ml.sample.shop import Shop, draw, zipf


def products_feed(rng: Generator, shop: Shop, newest: int) -> Feed:
    """Make one row per product and source system; most products are in both.

    A product that is listed twice is so in the shop: the second time with another id,
    and with a title whose parts stand in another order.

    `newest` is the time of the last change (seconds since 1970) in either system.
    """
    size = len(shop.leaf)
    home = rng.random(size)
    in_erp, in_shop = home < 0.8, (home < 0.6) | (home >= 0.8)
    is_again = shop.original != np.arange(size)
    in_shop[is_again] = in_shop[shop.original[is_again]] = True
    in_erp[is_again] = False
    product = np.concatenate([np.flatnonzero(in_erp), np.flatnonzero(in_shop)])
    is_shop = np.arange(len(product)) >= in_erp.sum()
    order = np.lexsort([is_shop, shop.number[product]])
    product, is_shop = product[order], is_shop[order]

    begun = NOW - rng.integers(185 * DAY, 1500 * DAY, size)
    begun = np.minimum(begun, newest - HOUR)[product]
    updated = _updates(rng, begun, newest)
    for source in (False, True):
        updated[np.flatnonzero(is_shop == source)[:1]] = newest

    words = shop.words(np.arange(size), shop.is_chinese)
    closers = rng.integers(0, 6, size)
    language = shop.is_chinese
    attributes = text.joined(
        *('{"', text.pick(text.OPTION_KINDS, shop.option // 10), '": "'),
        *(words["option"], '", "size": "', words["size"], '"}'),
    )
    of_products = {
        "title": text.either(
            is_again,
            text.titles(**_reordered(words), chinese=language),
            text.titles(**words, chinese=language),
        ),
        "description": text.descriptions(**words, chinese=language, closers=closers),
        "brand": words["brand"],
        "price": as_text(pa.array(shop.cents / 100)),
        "attributes": attributes,
    }
    clean = {name: ready(texts.take(product)) for name, texts in of_products.items()}
    clean |= {
        "product_id": ids("P", shop.number[shop.original[product]]),
        "source_system": coded(("erp", "shop"), is_shop.astype(np.int8)),
        "category": coded([leaf["path"] for leaf in text.LEAVES], shop.leaf[product]),
        "currency": coded(list(text.CURRENCIES), shop.currency[product]),
    }
    feed = Feed(
        "products",
        clean,
        times={"created_at": begun, "updated_at": updated},
        only={
            # The id of a product lives on in the other source system.
            "product_id": ~is_shop & in_shop[product],
            "updated_at stale": _can_be_stale(begun),
            # The other row says when the product began: its events are not too early.
            "created_at out_of_order": ~is_shop & in_shop[product],
        },
        group=product,
    )
    rows = np.flatnonzero(is_again[product])
    feed.mark(rows, "product_id", "duplicate")
    feed.change(rows, "product_id", id_texts("P", shop.number[product[rows]]))
    return feed


def _reordered(words: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """The words of products with size and option in each other's place."""
    return words | {"option": words["size"], "size": words["option"]}


def users_feed(rng: Generator, is_gone: np.ndarray, spare: int, newest: int) -> Feed:
    """Make one row per user with a profile.

    Args:
        rng: The random stream.
        is_gone: Mask (users,) of those who did something, but have no profile.
        spare: How many users to add who did nothing yet, so that no event misses them.
        newest: The time of the last change, in seconds since 1970.
    """
    user = np.flatnonzero(~np.append(is_gone, np.zeros(spare, bool)))
    size = len(user)
    begun = NOW - rng.integers(200 * DAY, 2000 * DAY, size)
    begun = np.minimum(begun, newest - HOUR)
    updated = _updates(rng, begun, newest)
    updated[0] = newest
    name = text.pick(text.GIVEN_NAMES, rng.integers(0, len(text.GIVEN_NAMES), size))
    domain = text.pick(text.MAIL_DOMAINS, rng.integers(0, len(text.MAIL_DOMAINS), size))
    number = pa.array(user + 1).cast(TEXT)
    prefixes = rng.integers(0, len(text.PHONE_PREFIXES), size)
    prefix = text.pick(text.PHONE_PREFIXES, prefixes)
    digits = id_texts("", rng.integers(0, 10**8, size), 8)
    clean = {
        "user_id": ids("U", user + 1),
        "email": ready(text.joined(name, ".", number, "@", domain)),
        "phone": ready(text.joined(prefix, digits)),
        "gender": coded(text.GENDERS, draw(rng, np.array([0.52, 0.44, 0.04]), size)),
        "birth_year": numbers(rng.integers(1940, 2009, size)),
        "city": coded(text.CITIES, draw(rng, zipf(len(text.CITIES)), size)),
    }
    feed = Feed(
        "users",
        clean,
        times={"registered_at": begun, "updated_at": updated},
        only={
            "user_id": user >= len(is_gone),
            "updated_at stale": _can_be_stale(begun),
        },
    )
    feed.note("user_id", "no_profile", id_texts("U", np.flatnonzero(is_gone) + 1))
    return feed


def _updates(rng: Generator, begun: np.ndarray, newest: int) -> np.ndarray:
    """Times of last change: in the last 300 days, not before the thing began."""
    earliest = np.maximum(begun, NOW - 300 * DAY)
    return earliest + (rng.random(len(begun)) * (newest - earliest)).astype(np.int64)


def _can_be_stale(begun: np.ndarray) -> np.ndarray:
    """Mask of what is old enough to have been left alone for more than a year."""
    return begun < NOW - 380 * DAY
