"""The simulated shop: seven raw feeds with planted defects, and the truth about them.

Read in order: what may be planted, the shop, its feeds, planting, writing. What is
not planted breaks no rule, and a row carries at most one planted defect, so the rules
can be tested for finding every defect and nothing else. All times are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from python_ml import sample_text as text

AS_OF = "2026-07-01T00:00:00"
_NOW = int(np.datetime64(AS_OF, "s").astype(int))
_HOUR, _DAY = 3_600, 86_400
_DAYS = 180  # the events end at AS_OF and begin this many days before
_CHUNK = 500_000  # rows in memory as text at a time

FEEDS = {
    "products": (
        "product_id,source_system,title,description,category,brand,price,currency,"
        "attributes,created_at,updated_at"
    ).split(","),
    "users": (
        "user_id,email,phone,gender,birth_year,city,registered_at,updated_at"
    ).split(","),
    "events": (
        "event_id,user_id,product_id,session_id,query_id,event_type,quantity,price,"
        "occurred_at,ingested_at,source_system"
    ).split(","),
    "queries": "query_id,query_text,locale,issued_at".split(","),
    "relevance_labels": "query_id,product_id,label,annotator,labeled_at".split(","),
    "reviews": (
        "review_id,product_id,user_id,rating,review_text,label,reviewed_at"
    ).split(","),
    "recommendations": (
        "impression_id,user_id,product_id,position,shown_at,clicked"
    ).split(","),
}
KEYS = {
    "products": ("product_id", "source_system"),
    "users": ("user_id",),
    "events": ("event_id",),
    "queries": ("query_id",),
    "relevance_labels": ("query_id", "product_id", "annotator"),
    "reviews": ("review_id",),
    "recommendations": ("impression_id",),
}
TEXT = pa.string()
TRUTH = pa.schema(
    {
        "feed": TEXT,
        "row_number": pa.int64(),  # 0-based; null for a defect of no row
        "record_key": TEXT,
        "column_name": TEXT,
        "defect": TEXT,
        "found_value": TEXT,
        "true_value": TEXT,
        "is_deterministic": pa.bool_(),
    }
)
# Raw feeds are text. These columns are typed in Parquet, while no text is planted.
TYPED = {
    "quantity": pa.int64(),
    "price": pa.float64(),
    "occurred_at": pa.timestamp("us"),
    "ingested_at": pa.timestamp("us"),
}

# What can be planted: feed, column ("row" for whole rows), defect, and its rate as a
# share of the values there are. Other things are counted where they go wrong: products
# (uncovered, wrong_category), users (no_profile), days (gap_day), groups of rows that
# could disagree (disagreement). `late` is no share but how many update cycles ago the
# newest row is. What has a rate of 0 is planted on request only.
_DEFECTS = """
products.row                    repeat=0.01
products.product_id             missing=0.004 blank=0 placeholder=0
products.title                  missing=0.005 blank=0.003 placeholder=0.004
                                control_character=0.003 mojibake=0.006 markup=0.008
                                doubled_space=0.01 disagreement=0.02
products.description            missing=0.02 blank=0.004 placeholder=0.008
                                control_character=0.003 mojibake=0.005 markup=0.012
                                doubled_space=0.01
products.category               missing=0.008 blank=0.003 placeholder=0.005
                                spelling_variant=0.012 wrong_category=0.02
products.brand                  missing=0.015 blank=0.003 placeholder=0.008
                                spelling_variant=0.01 disagreement=0.015
products.price                  missing=0.006 blank=0.003 placeholder=0.004
                                bad_number=0.006 out_of_range=0.004 disagreement=0.03
products.currency               bad_currency=0.012
products.attributes             bad_json=0.008
products.created_at             bad_timestamp=0.004 out_of_order=0.006
products.updated_at             bad_timestamp=0.003 stale=0.04 late=0
users.row                       repeat=0.01
users.user_id                   missing=0.005 blank=0 placeholder=0 no_profile=0.01
users.email                     missing=0.02 blank=0.003 placeholder=0.008
                                bad_pattern=0.015
users.phone                     bad_pattern=0.03
users.gender                    bad_value=0.01
users.birth_year                bad_number=0.004 out_of_range=0.006
users.city                      missing=0.02 blank=0.003 placeholder=0.006
                                spelling_variant=0.015
users.registered_at             bad_timestamp=0.004 out_of_order=0.006
users.updated_at                bad_timestamp=0.003 stale=0.04 late=1.43
events.row                      repeat=0.012 repeat_content=0.006
events.event_id                 missing=0.003 blank=0 placeholder=0
events.user_id                  missing=0.01 blank=0.003 placeholder=0.004 orphan=0.004
events.product_id               missing=0.005 blank=0.003 placeholder=0.003 orphan=0.008
                                uncovered=0.02
events.query_id                 orphan=0.006
events.event_type               bad_value=0.004
events.quantity                 bad_number=0 out_of_range=0.012
events.price                    bad_number=0 out_of_range=0.008
events.occurred_at              missing=0.003 blank=0.003 placeholder=0.003
                                bad_timestamp=0.003 future=0.004 gap_day=0.011
events.ingested_at              bad_timestamp=0.003 out_of_order=0.006
queries.row                     repeat=0.008
queries.query_id                missing=0.004 blank=0 placeholder=0
queries.query_text              missing=0.006 blank=0.01 placeholder=0.004
                                control_character=0.003 mojibake=0.005 markup=0.003
                                doubled_space=0.02
queries.locale                  bad_pattern=0.01
queries.issued_at               bad_timestamp=0.003
relevance_labels.row            repeat=0.01
relevance_labels.query_id       missing=0.004 blank=0 placeholder=0 orphan=0.006
relevance_labels.product_id     missing=0.004 blank=0 placeholder=0 orphan=0.005
relevance_labels.label          missing=0.01 blank=0.003 placeholder=0.005
                                bad_value=0.006 disagreement=0.05 wrong_label=0.04
relevance_labels.labeled_at     bad_timestamp=0.004 late=0
reviews.row                     repeat=0.008 repeat_content=0.015
reviews.review_id               missing=0.004 blank=0 placeholder=0
reviews.product_id              missing=0.005 blank=0.003 placeholder=0.003 orphan=0.006
reviews.user_id                 orphan=0.005
reviews.rating                  bad_number=0.004 out_of_range=0.008
reviews.review_text             missing=0.02 blank=0.005 placeholder=0.01
                                control_character=0.004 mojibake=0.01 markup=0.015
                                doubled_space=0.02
reviews.label                   bad_value=0.005 wrong_label=0.05
reviews.reviewed_at             bad_timestamp=0.004 late=0
recommendations.row             repeat=0.006
recommendations.impression_id   missing=0.003 blank=0 placeholder=0
recommendations.user_id         missing=0.004 blank=0.003 placeholder=0.003 orphan=0.005
recommendations.product_id      missing=0.004 blank=0.003 placeholder=0.003 orphan=0.006
recommendations.position        bad_number=0.003 out_of_range=0.005
recommendations.shown_at        bad_timestamp=0.003 late=0
recommendations.clicked         bad_value=0.006
"""


def _default_defects() -> dict:
    """Read the table above: {feed: {column: {defect: rate}}}."""
    defects = {}
    for line in _DEFECTS.replace("\n ", " ").strip().splitlines():
        place, *rates = line.split()
        feed, column = place.split(".")
        pairs = (rate.split("=") for rate in rates)
        found = {defect: float(rate) for defect, rate in pairs}
        defects.setdefault(feed, {})[column] = found
    return defects


DEFAULT_DEFECTS = _default_defects()

MISSING = {"missing", "blank", "placeholder"}
LEARNED = {"wrong_category", "wrong_label"}  # no rule can be sure of these
CASTABLE = {"missing", "out_of_range", "future", "out_of_order"}  # not bad as a type
# Columns in which rows on the same thing must agree.
AGREED = {"products": ("title", "brand", "price"), "relevance_labels": ("label",)}
# The column that says how old a feed is, and the days within which it is renewed.
AGED_BY = {
    "products": ("updated_at", 7),
    "users": ("updated_at", 7),
    "events": ("occurred_at", 1),
    "queries": ("issued_at", 1),
    "relevance_labels": ("labeled_at", 30),
    "reviews": ("reviewed_at", 7),
    "recommendations": ("shown_at", 1),
}
EVENT_TYPES = ("view", "click", "add_to_cart", "purchase", "favorite")
LABELS = ("exact", "substitute", "complement", "irrelevant")
GENDERS = ("female", "male", "other")
CURRENCIES = {"EUR": 1.0, "USD": 1.1, "CNY": 7.8}  # units per EUR


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

    `products` and `events` count those of the clean shop; the other feeds follow from
    them. `defects` gives rates by feed, column and defect and is all that is planted;
    None means DEFAULT_DEFECTS. A rate above 0 plants at least one defect, and fewer
    than asked only where clean rows run out. The same arguments give the same files.
    """
    if format not in ("parquet", "csv"):
        raise ValueError(f"format is 'parquet' or 'csv', not {format!r}.")
    if not 1 <= products <= 5_000_000 or events < 1:
        raise ValueError("A shop has 1 to 5,000,000 products and 1 event or more.")
    rates = _checked(DEFAULT_DEFECTS if defects is None else defects, "defects")
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    truth = []
    for number, feed in enumerate(_feeds(products, events, seed, rates)):
        _plant(feed, rates.get(feed.name, {}), np.random.default_rng([seed, number]))
        _write(feed, out / f"{prefix}{feed.name}.{format}", progress)
        truth.append(feed.truth())
    _write_tables(truth, TRUTH, out / f"{prefix}truth.{format}")


def load_defects(path: Path) -> dict:
    """Read the rates to plant, {feed: {column: {defect: rate}}}, from YAML or JSON.

    A file says all that is planted: what it does not name is not planted.
    """
    import yaml

    try:
        defects = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise ValueError(f"{path}: not readable as YAML or JSON: {problem}.") from None
    return _checked({} if defects is None else defects, path)


def _checked(defects: Mapping, source) -> dict:
    """Return the rates as plain dicts, or say in one sentence what is wrong."""

    def known(found, allowed, what):
        if not isinstance(found, Mapping):
            raise ValueError(f"{source}: {what} must be given as a mapping.")
        for name in found:
            if name not in allowed:
                names = ", ".join(allowed)
                raise ValueError(f"{source}: {name!r} is not among {what} ({names}).")
        return found.items()

    checked = {}
    for feed, columns in known(defects, DEFAULT_DEFECTS, "the feeds"):
        checked[feed] = {}
        allowed = DEFAULT_DEFECTS[feed]
        for column, kinds in known(columns, allowed, f"the columns of {feed}"):
            place = f"{feed}.{column}"
            checked[feed][column] = {}
            for kind, rate in known(kinds, allowed[column], f"the defects of {place}"):
                is_number = isinstance(rate, int | float) and not isinstance(rate, bool)
                most = 40 if kind == "late" else 1
                if not (is_number and 0 <= rate <= most):
                    raise ValueError(
                        f"{source}: {place}.{kind} is {rate!r}, but must be a number"
                        f" from 0 to {most}."
                    )
                checked[feed][column][kind] = float(rate)
    return checked


def _count(rate: float, size: int) -> int:
    """How many of `size` things to plant: at least one where the rate is above zero."""
    return max(1, round(rate * size)) if rate and size else 0


# --- The shop -------------------------------------------------------------------------


@dataclass
class Shop:
    """What stands behind the feeds: products on shelves by leaf, and users with tastes.

    Products are coded 0..N-1 in the order of their leaves; `shelf[leaf]` is the first
    product of a leaf and `shelf[leaf + 1]` the first one after it.
    """

    leaf: np.ndarray
    shelf: np.ndarray
    brand: np.ndarray
    option: np.ndarray
    size: np.ndarray
    noun: np.ndarray
    is_chinese: np.ndarray
    currency: np.ndarray
    cents: np.ndarray  # of its currency
    number: np.ndarray  # the number in a product's id: ids do not tell the leaf
    popularity: np.ndarray  # of a product; 0 for one that must stay without events
    product_taste: np.ndarray  # (products, 6)
    leaf_taste: np.ndarray  # (leaves, 6)
    leaf_weight: np.ndarray
    user_taste: np.ndarray  # (users, 6)
    activity: np.ndarray  # of a user

    def words(self, product: np.ndarray, chinese: np.ndarray) -> dict[str, pa.Array]:
        """Brand, noun, option and size of products, in the language of each row."""
        nouns, chinese_nouns, sizes = _leaf_words()
        leaf, option = self.leaf[product], self.option[product]
        return {
            "brand": text.pick(text.BRANDS, self.brand[product]),
            "noun": text.either(
                chinese,
                text.pick(chinese_nouns, 2 * leaf + self.noun[product]),
                text.pick(nouns, 2 * leaf + self.noun[product]),
            ),
            "option": text.either(
                chinese,
                text.pick(text.CHINESE_OPTIONS, option),
                text.pick(text.OPTIONS, option),
            ),
            "size": text.pick(sizes, 4 * leaf + self.size[product]),
        }


def _leaf_words():
    """Nouns at 2 * leaf + {0, 1} and sizes at 4 * leaf + {0..3}."""
    nouns, chinese_nouns, sizes = [], [], []
    for leaf in text.LEAVES:
        nouns += leaf["nouns"]
        chinese_nouns += leaf["chinese_nouns"]
        sizes += (leaf["sizes"] * 2)[:4]
    return nouns, chinese_nouns, sizes


def _open_shop(rng, products: int, users: int, uncovered: int) -> Shop:
    """Stock the shelves; so many of the products as are `uncovered` nobody will see."""
    leaves = len(text.LEAVES)
    leaf_weight = rng.permutation(1 / (np.arange(leaves) + 2) ** 0.7)
    leaf = np.sort(_draw(rng, leaf_weight, products))
    is_chinese = rng.random(products) < 0.3
    english = _draw(rng, _zipf(text.ENGLISH_BRANDS), products)
    others = len(text.BRANDS) - text.ENGLISH_BRANDS
    local = text.ENGLISH_BRANDS + _draw(rng, _zipf(others), products)
    brand = np.where(is_chinese & (rng.random(products) < 0.7), local, english)
    kinds = np.array([text.OPTION_KINDS.index(one["kind"]) for one in text.LEAVES])
    usual = np.array([one["price"] for one in text.LEAVES])[leaf]
    currency = _draw(rng, np.array([0.6, 0.2, 0.2]), products)
    rate = np.array(list(CURRENCIES.values()))[currency]
    cents = np.round(100 * rate * usual * np.exp(rng.normal(0, 0.4, products)))
    popularity = rng.permutation(_zipf(products))
    popularity[rng.choice(products, uncovered, replace=False)] = 0
    # A leaf none of whose products may be seen is no place to go either.
    leaf_weight = leaf_weight * (np.bincount(leaf, popularity, leaves) > 0)
    leaf_taste = rng.normal(0, 1, (leaves, 6))
    return Shop(
        leaf=leaf,
        shelf=np.searchsorted(leaf, np.arange(leaves + 1)),
        brand=brand,
        option=10 * kinds[leaf] + _draw(rng, _zipf(10), products),
        size=rng.integers(0, 4, products),
        noun=rng.integers(0, 2, products),
        is_chinese=is_chinese,
        currency=currency,
        cents=np.maximum(cents, 50).astype(np.int64),
        number=rng.permutation(products) + 1,
        popularity=popularity,
        product_taste=leaf_taste[leaf] + rng.normal(0, 0.7, (products, 6)),
        leaf_taste=leaf_taste,
        leaf_weight=leaf_weight,
        user_taste=rng.normal(0, 1, (users, 6)),
        activity=rng.lognormal(0, 1, users),
    )


def _zipf(size: int) -> np.ndarray:
    return 1 / (np.arange(size) + 2) ** 0.8


def _draw(rng, weights: np.ndarray, size: int) -> np.ndarray:
    """Codes 0..len(weights)-1, drawn in proportion to their weights."""
    edges = np.cumsum(weights)
    codes = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.minimum(codes, len(edges) - 1).astype(np.int32)


def _liking(shop: Shop, users: np.ndarray, products: np.ndarray) -> np.ndarray:
    """How a user likes a product: about -2 to 2, the product of their tastes.

    Summed factor by factor, because a matrix product may round differently with
    another number of threads.
    """
    liking = np.zeros(len(users))
    for factor in range(shop.user_taste.shape[1]):
        taste = shop.user_taste[:, factor][users]
        liking += taste * shop.product_taste[:, factor][products]
    return liking / shop.user_taste.shape[1] ** 0.5


def _draw_leaves(rng, shop: Shop, users: np.ndarray, months: np.ndarray) -> np.ndarray:
    """The leaf each session is about: by weight, season and the user's taste."""
    best = np.array([leaf["month"] for leaf in text.LEAVES])
    turn = 2 * np.pi * (np.arange(13)[:, None] - best) / 12
    season = shop.leaf_weight * (1 + 0.7 * np.cos(turn))
    leaves = np.empty(len(users), np.int32)
    for start in range(0, len(users), 100_000):
        some = slice(start, start + 100_000)
        taste = np.zeros((len(users[some]), len(best)))
        for factor in range(shop.user_taste.shape[1]):
            own = shop.user_taste[:, factor][users[some], None]
            taste += own * shop.leaf_taste[:, factor]
        edges = np.cumsum(np.exp(0.9 * taste) * season[months[some]], axis=1)
        level = rng.random(len(edges)) * edges[:, -1]
        leaves[some] = (edges <= level[:, None]).sum(axis=1)
    return np.minimum(leaves, len(best) - 1)


def _draw_products(rng, shop: Shop, users: np.ndarray, leaves: np.ndarray):
    """Products of the leaves: of two popular ones, the one to the user's taste."""
    edges = np.concatenate([[0.0], np.cumsum(shop.popularity)])
    products = np.empty(len(users), np.int32)
    for start in range(0, len(users), _CHUNK):
        some = slice(start, start + _CHUNK)
        low, high = edges[shop.shelf[leaves[some]]], edges[shop.shelf[leaves[some] + 1]]
        pair, liking = [], []
        for _ in range(2):
            level = low + rng.random(len(low)) * (high - low)
            found = np.searchsorted(edges, level, side="right") - 1
            found = np.minimum(found, len(shop.leaf) - 1)
            noise = rng.gumbel(0, 0.5, len(found))
            pair.append(found)
            liking.append(_liking(shop, users[some], found) + noise)
        products[some] = np.where(liking[0] >= liking[1], *pair)
    return products


# --- What happens in it ---------------------------------------------------------------


@dataclass
class Log:
    """The clean events as codes, in order of time, and the searches behind them."""

    user: np.ndarray
    product: np.ndarray
    session: np.ndarray
    query: np.ndarray  # -1: not from a search
    kind: np.ndarray  # code of EVENT_TYPES
    quantity: np.ndarray  # 0: no purchase
    cents: np.ndarray
    occurred: np.ndarray  # seconds since 1970
    lag: np.ndarray  # seconds until ingested
    is_app: np.ndarray
    is_anchor: np.ndarray  # the event that a product, day or source system rests on
    gap_days: np.ndarray  # seconds since 1970 at which a day without events begins
    search_product: np.ndarray  # what each query is after
    search_at: np.ndarray


_PURCHASE = EVENT_TYPES.index("purchase")


def _behave(rng, shop: Shop, size: int, gap_rate: float) -> Log:
    """Let users come in sessions, look for something, and leave `size` events."""
    starts = rng.random(size) < 0.25
    starts[::64] = True  # bounds a session, so that it ends on the day it began
    session = np.cumsum(starts, dtype=np.int32) - 1
    first = np.flatnonzero(starts)
    user, begin, is_app, is_pinned = _sessions(rng, shop, len(first), gap_rate)
    month = begin.astype("datetime64[s]").astype("datetime64[M]").astype(int) % 12 + 1

    leaf = _draw_leaves(rng, shop, user, month)[session]
    wander = np.flatnonzero(rng.random(size) < 0.2)
    leaf[wander] = shop.leaf[_draw(rng, shop.popularity, len(wander))]
    product = _draw_products(rng, shop, user[session], leaf)
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
    kind = _draw(rng, np.array([0.62, 0.2, 0.09, 0.05, 0.04]), size).astype(np.int8)
    bought = np.flatnonzero(kind == _PURCHASE)
    quantity, cents = np.zeros(size, np.int8), np.zeros(size, np.int32)
    quantity[bought] = np.minimum(rng.geometric(0.7, len(bought)), 9)
    reduced = rng.choice([1, 0.95, 0.9], len(bought), p=[0.8, 0.1, 0.1])
    cents[bought] = np.round(shop.cents[product[bought]] * reduced)

    order = np.argsort(occurred, kind="stable")
    return Log(
        user=user[session[order]],
        product=product[order],
        session=session[order],
        query=query[order],
        kind=kind[order],
        quantity=quantity[order],
        cents=cents[order],
        occurred=occurred[order],
        lag=rng.integers(1, 300, size, dtype=np.int16),
        is_app=is_app[session[order]],
        is_anchor=is_anchor[order],
        gap_days=_missing_days(occurred),
        search_product=product[first[searching]],
        search_at=begin[searching] - rng.integers(5, 60, searches),
    )


def _sessions(rng, shop: Shop, size: int, gap_rate: float):
    """User, begin (seconds), is_app and is_pinned of each session, in order of time.

    The pinned ones see to it that each day but the gaps has an event, and the last day
    one of either source system.
    """
    days = min(_DAYS, max(1, size // 2))
    gaps = min(_count(gap_rate, days), max(0, days - 2))
    inner = np.arange(1, max(1, days - 1))
    open_days = np.setdiff1d(np.arange(days), rng.choice(inner, gaps, replace=False))
    busy = (1 + open_days / days) * np.where(open_days % 7 < 2, 1.4, 1)
    day = open_days[_draw(rng, busy, size)]
    day[: len(open_days)] = open_days[::-1]
    day[len(open_days) : len(open_days) + 1] = days - 1
    is_app = rng.random(size) < 0.6
    is_app[0] = True
    is_app[len(open_days) : len(open_days) + 1] = False
    within = rng.integers(_HOUR, _DAY - 2 * _HOUR, size)
    begin = _NOW + (day - days) * _DAY + within
    user = _draw(rng, shop.activity, size)
    order = np.argsort(begin, kind="stable")
    return user[order], begin[order], is_app[order], order <= len(open_days)


def _cover(rng, shop: Shop, product: np.ndarray) -> np.ndarray:
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


def _missing_days(occurred: np.ndarray) -> np.ndarray:
    days = np.unique(occurred // _DAY)
    return np.setdiff1d(np.arange(days[0], _NOW // _DAY), days) * _DAY


# --- Its feeds ------------------------------------------------------------------------


class Feed:
    """One feed before it is written: its clean values, and what is planted in them.

    "Rows" are those of the clean feed, 0..size-1; places are those in the written one.
    """

    def __init__(self, name, size, clean, times, *, only=None, filled=None, group=None):
        """Take the clean feed.

        `clean` gives the values of a column for an array of rows, `times` the columns
        with times in seconds since 1970. `only` masks the rows that may go wrong, by
        column or "column defect"; `filled` those that have a value at all; `group` is
        a code per row, of the thing on which rows must agree.
        """
        self.name, self.size, self.times = name, size, times
        self.clean = clean | {c: partial(_instants, times[c]) for c in times}
        self.only, self.filled, self.group = only or {}, filled or {}, group
        aged, _ = AGED_BY[name]  # the newest row says how old the feed is: it must stay
        is_older = times[aged] < times[aged].max()
        self.only[aged] = self.only.get(aged, True) & is_older
        self.is_free = np.ones(size, bool)  # rows without a defect
        self.changes: dict[str, list] = {}  # column -> [(rows, texts)]
        self.planted = []  # (rows, column, defect)
        self.copied = []  # (rows, places before which the copies go, defect)
        self.whole = []  # defects of no row: (feed, column, defect, keys, found)

    def plant(self, rows, column, defect) -> None:
        """Note a defect of rows that have none."""
        self.is_free[rows] = False
        self.planted.append((rows, column, defect))

    def change(self, rows, column, texts) -> None:
        """Put texts in place of the clean values of rows, which are in order."""
        self.changes.setdefault(column, []).append((rows, texts))

    def text(self, column: str, rows: np.ndarray) -> pa.Array:
        """The clean values of a column, as text."""
        return _as_text(self.clean[column](rows))

    def found(self, column: str, rows: np.ndarray, type=TEXT) -> pa.Array:
        """The values of a column with what is planted in them."""
        values = self.clean[column](rows)
        values = _as_text(values) if type == TEXT else values.cast(type)
        for changed, texts in self.changes.get(column, []):
            at = np.minimum(np.searchsorted(changed, rows), len(changed) - 1)
            is_hit = changed[at] == rows
            if is_hit.any():
                new = texts.take(pa.array(at[is_hit])).cast(type)
                values = pc.replace_with_mask(values, pa.array(is_hit), new)
        return values

    def settle(self) -> None:
        """Fix the order of the written rows, copies included."""
        rows, before, defect = (
            np.concatenate(part) for part in zip(_NO_COPY, *self.copied, strict=True)
        )
        order = np.argsort(before, kind="stable")
        self.before = before[order]
        self.rows = np.insert(np.arange(self.size), self.before, rows[order])
        self.copy_places = self.before + np.arange(len(order))
        self.copy_defects = defect[order]
        self.is_renamed = np.zeros(len(self.rows), bool)
        self.is_renamed[self.copy_places[self.copy_defects == "repeat_content"]] = True

    def written(self, column: str, places: np.ndarray, type=TEXT) -> pa.Array:
        """The values of a column as they are written."""
        values = self.found(column, self.rows[places], type)
        is_renamed = self.is_renamed[places]
        if column == KEYS[self.name][0] and is_renamed.any():
            # A copy by content has an id of its own, which sorts after the first one.
            mark = text.either(is_renamed, "R", "")
            values = pc.binary_join_element_wise(values, mark, "")
        return values

    def truth(self) -> pa.Table:
        """One row per planted defect, in the order of the written feed."""
        tables = [_facts(feed, *facts) for feed, *facts in self.whole]
        for rows, column, defect in self.planted:
            places = rows + np.searchsorted(self.before, rows, side="right")
            found, true = self.found(column, rows), self.text(column, rows)
            if defect == "stale":
                true = pa.nulls(len(rows), TEXT)
            if defect == "orphan":  # where the profile is gone, the id itself is right
                true = pc.if_else(pc.equal(found, true), None, true)
            keys = self._keys(places)
            tables.append(_facts(self.name, column, defect, keys, found, true, places))
        for defect in np.unique(self.copy_defects):
            places = self.copy_places[self.copy_defects == defect]
            keys = self._keys(places)
            tables.append(_facts(self.name, None, str(defect), keys, places=places))
        return pa.concat_tables([TRUTH.empty_table(), *tables]).sort_by("row_number")

    def _keys(self, places: np.ndarray) -> pa.Array:
        """The record keys; a missing part is left empty."""
        parts = []
        for column in KEYS[self.name]:
            part = self.written(column, places)
            trimmed = pc.utf8_trim_whitespace(part)
            is_missing = pc.is_in(trimmed, pa.array(["", None, *text.PLACEHOLDERS]))
            parts.append(pc.if_else(is_missing, "", part))
        return text.joined(*parts, separator="|")


_NO_COPY = (np.zeros(0, int), np.zeros(0, int), np.zeros(0, "U14"))


def _facts(feed, column, defect, keys, found=None, true=None, places=None) -> pa.Table:
    """Rows of the truth; a missing argument is null in all of them."""
    given = [feed, places, keys, column, defect, found, true, defect not in LEARNED]
    columns = []
    for value, type in zip(given, TRUTH.types, strict=True):
        if value is None or isinstance(value, str | bool):
            value = pa.repeat(pa.scalar(value, type), len(keys))
        columns.append(
            pa.array(value, type) if isinstance(value, np.ndarray) else value
        )
    return pa.table(columns, schema=TRUTH)


def _as_text(values: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp("s"))
    if pa.types.is_floating(values.type):
        values = values.cast(pa.decimal128(12, 2))
    return values.cast(TEXT)


def _stamps(seconds: np.ndarray) -> pa.Array:
    return _as_text(pa.array(seconds).cast(pa.timestamp("s")))


# Columns of a clean feed are functions from rows to values, so that no feed is in
# memory as text at once.


def _instants(seconds, rows):
    return pa.array(seconds[rows]).cast(pa.timestamp("s"))


def _fixed(values: pa.Array):
    """A column that is ready."""
    return lambda rows: values.take(pa.array(rows))


def _coded(words, codes):
    """A column of words by their code; a negative code is null."""
    words = pa.array(words)
    return lambda rows: text.pick(words, codes[rows])


def _ids(prefix, numbers, width=6):
    """A column of ids such as P000123."""
    return lambda rows: _id_texts(prefix, numbers[rows], width)


def _id_texts(prefix, numbers, width=6):
    digits = pa.array(numbers).cast(TEXT)
    return text.joined(prefix, pc.utf8_lpad(digits, width=width, padding="0"))


def _numbers(values, is_filled=None):
    """A column of numbers, null where it is not filled."""
    if is_filled is None:
        return lambda rows: pa.array(values[rows])
    return lambda rows: pa.array(values[rows], mask=~is_filled[rows])


def _feeds(products: int, events: int, seed: int, rates: dict):
    """Yield the clean feeds in their order, each from a random stream of its own."""

    def rate(feed, column, defect):
        return rates.get(feed, {}).get(column, {}).get(defect, 0.0)

    def newest(feed):
        column, cycle = AGED_BY[feed]
        lag = round(rate(feed, column, "late") * cycle * 24)
        return _NOW - max(3, lag) * _HOUR

    def spare(feed, column, size):
        """Rows that nothing refers to, and that may so lose their id."""
        kinds = ("missing", "blank", "placeholder")
        return sum(_count(rate(feed, column, kind), size) for kind in kinds)

    streams = (np.random.default_rng([seed, 1, number]) for number in range(9))
    users = min(max(50, events // 40), 500_000)
    hidden = _count(rate("events", "product_id", "uncovered"), products)
    shop = _open_shop(next(streams), products, users, min(hidden, products - 1))
    log = _behave(next(streams), shop, events, rate("events", "occurred_at", "gap_day"))
    active = np.unique(log.user)
    gone = _count(rate("users", "user_id", "no_profile"), users)
    gone = _choose(next(streams), active, min(gone, len(active) - 1))
    is_gone = np.isin(np.arange(users), gone)

    yield _products(next(streams), shop, newest("products"))
    extra = spare("users", "user_id", users)
    yield _users(next(streams), is_gone, extra, newest("users"))
    yield _without_profile(_events(shop, log), log.user, is_gone)
    extra = spare("queries", "query_id", len(log.search_at))
    asked, feed = _queries(next(streams), shop, log, extra)
    yield feed
    yield _relevance_labels(next(streams), shop, asked, newest("relevance_labels"))
    reviewer, feed = _reviews(next(streams), shop, log, newest("reviews"))
    yield _without_profile(feed, reviewer, is_gone)
    size = min(max(1, events // 25), 400_000)
    viewer, feed = _recommendations(
        next(streams), shop, size, newest("recommendations")
    )
    yield _without_profile(feed, viewer, is_gone)


def _without_profile(feed: Feed, user: np.ndarray, is_gone: np.ndarray) -> Feed:
    rows = np.flatnonzero(is_gone[user])
    if len(rows):
        feed.plant(rows, "user_id", "orphan")
    return feed


def _updates(rng, begun: np.ndarray, newest: int) -> np.ndarray:
    """Times of last change: in the last 300 days, not before the thing began."""
    earliest = np.maximum(begun, _NOW - 300 * _DAY)
    return earliest + (rng.random(len(begun)) * (newest - earliest)).astype(np.int64)


def _products(rng, shop: Shop, newest: int) -> Feed:
    """One row per product and source system: most products are in both."""
    size = len(shop.leaf)
    home = rng.random(size)
    in_erp, in_shop = home < 0.8, (home < 0.6) | (home >= 0.8)
    product = np.concatenate([np.flatnonzero(in_erp), np.flatnonzero(in_shop)])
    is_shop = np.arange(len(product)) >= in_erp.sum()
    order = np.lexsort([is_shop, shop.number[product]])
    product, is_shop = product[order], is_shop[order]

    begun = _NOW - rng.integers(185 * _DAY, 1500 * _DAY, size)
    begun = np.minimum(begun, newest - _HOUR)[product]
    updated = _updates(rng, begun, newest)
    for source in (False, True):  # either source system is up to date
        updated[np.flatnonzero(is_shop == source)[:1]] = newest

    words = shop.words(np.arange(size), shop.is_chinese)
    closers = rng.integers(0, 6, size)
    kinds = np.array([text.OPTION_KINDS.index(leaf["kind"]) for leaf in text.LEAVES])
    attributes = text.joined(
        *('{"', text.pick(text.OPTION_KINDS, kinds[shop.leaf]), '": "'),
        *(words["option"], '", "size": "', words["size"], '"}'),
    )
    ready = {
        "title": text.titles(**words, chinese=shop.is_chinese),
        "description": text.descriptions(
            **words, chinese=shop.is_chinese, closers=closers
        ),
        "brand": words["brand"],
        "price": _as_text(pa.array(shop.cents / 100)),
        "attributes": attributes,
    }
    clean = {name: _fixed(column.take(product)) for name, column in ready.items()}
    clean |= {
        "product_id": _ids("P", shop.number[product]),
        "source_system": _coded(("erp", "shop"), is_shop.astype(np.int8)),
        "category": _coded([leaf["path"] for leaf in text.LEAVES], shop.leaf[product]),
        "currency": _coded(list(CURRENCIES), shop.currency[product]),
    }
    only = {
        # The id of a product lives on in the other source system.
        "product_id": ~is_shop & in_shop[product],
        "updated_at stale": begun < _NOW - 380 * _DAY,
    }
    times = {"created_at": begun, "updated_at": updated}
    return Feed("products", len(product), clean, times, only=only, group=product)


def _users(rng, is_gone: np.ndarray, spare: int, newest: int) -> Feed:
    """One row per user; the spare ones did nothing yet."""
    user = np.flatnonzero(~np.append(is_gone, np.zeros(spare, bool)))
    size = len(user)
    begun = _NOW - rng.integers(200 * _DAY, 2000 * _DAY, size)
    begun = np.minimum(begun, newest - _HOUR)
    updated = _updates(rng, begun, newest)
    updated[0] = newest
    name = text.pick(text.GIVEN_NAMES, rng.integers(0, len(text.GIVEN_NAMES), size))
    domain = text.pick(text.MAIL_DOMAINS, rng.integers(0, len(text.MAIL_DOMAINS), size))
    prefix = rng.integers(0, len(text.PHONE_PREFIXES), size)
    number = _id_texts("", rng.integers(0, 10**8, size), 8)
    clean = {
        "user_id": _ids("U", user + 1),
        "email": _fixed(
            text.joined(name, ".", pa.array(user + 1).cast(TEXT), "@", domain)
        ),
        "phone": _fixed(text.joined(text.pick(text.PHONE_PREFIXES, prefix), number)),
        "gender": _coded(GENDERS, _draw(rng, np.array([0.52, 0.44, 0.04]), size)),
        "birth_year": _numbers(rng.integers(1940, 2009, size)),
        "city": _coded(text.CITIES, _draw(rng, _zipf(len(text.CITIES)), size)),
    }
    only = {
        "user_id": user >= len(is_gone),
        "updated_at stale": begun < _NOW - 380 * _DAY,
    }
    times = {"registered_at": begun, "updated_at": updated}
    feed = Feed("users", size, clean, times, only=only)
    if is_gone.any():
        keys = _id_texts("U", np.flatnonzero(is_gone) + 1)
        feed.whole.append(("users", "user_id", "no_profile", keys))
    return feed


def _events(shop: Shop, log: Log) -> Feed:
    """One row per event of the log."""
    size = len(log.user)
    is_purchase = log.quantity > 0
    clean = {
        "event_id": _ids("E", np.arange(1, size + 1), 9),
        "user_id": _coded(
            _id_texts("U", np.arange(1, len(shop.activity) + 1)), log.user
        ),
        "product_id": _coded(_id_texts("P", shop.number), log.product),
        "session_id": lambda rows: _id_texts("S", log.session[rows] + 1, 8),
        "query_id": _coded(
            _id_texts("Q", np.arange(1, len(log.search_at) + 1)), log.query
        ),
        "event_type": _coded(EVENT_TYPES, log.kind),
        "quantity": _numbers(log.quantity, is_purchase),
        "price": lambda rows: pa.array(log.cents[rows] / 100, mask=~is_purchase[rows]),
        "source_system": _coded(("web", "app"), log.is_app.astype(np.int8)),
    }
    times = {"occurred_at": log.occurred, "ingested_at": log.occurred + log.lag}
    only = {"product_id": ~log.is_anchor, "occurred_at": ~log.is_anchor}
    filled = {
        "query_id": log.query >= 0,
        "quantity": is_purchase,
        "price": is_purchase,
    }
    feed = Feed("events", size, clean, times, only=only, filled=filled)
    seen = np.bincount(log.product, minlength=len(shop.leaf)) > 0
    if not seen.all():
        keys = _id_texts("P", np.sort(shop.number[~seen]))
        feed.whole.append(("events", "product_id", "uncovered", keys))
    if len(log.gap_days):
        keys = pc.utf8_slice_codeunits(_stamps(log.gap_days), 0, 10)
        feed.whole.append(("events", "occurred_at", "gap_day", keys))
    return feed


@dataclass
class Searches:
    """What the queries ask for, one element per query."""

    product: np.ndarray
    has_brand: np.ndarray
    has_option: np.ndarray


def _queries(rng, shop: Shop, log: Log, spare: int) -> tuple[Searches, Feed]:
    """One row per search of the log, and spare ones that no event refers to."""
    product = np.append(log.search_product, rng.integers(0, len(shop.leaf), spare))
    asked_at = np.append(log.search_at, _NOW - rng.integers(_DAY, _DAYS * _DAY, spare))
    size = len(product)
    asked = Searches(product, rng.random(size) < 0.5, rng.random(size) < 0.4)
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
        "query_id": _ids("Q", np.arange(1, size + 1)),
        "query_text": _fixed(query_text),
        "locale": _coded(("en", "en-GB", "zh", "zh-CN"), locale),
    }
    only = {"query_id": np.arange(size) >= len(log.search_at)}
    feed = Feed("queries", size, clean, {"issued_at": asked_at}, only=only)
    searches = len(log.search_at)
    return Searches(*(part[:searches] for part in vars(asked).values())), feed


def _relevance_labels(rng, shop: Shop, asked: Searches, newest: int) -> Feed:
    """One row per judged pair of query and product, and annotator.

    A quarter of the pairs have two annotators, who agree.
    """
    products, queries = len(shop.leaf), min(len(asked.product), 20_000)
    query = np.arange(8 * queries // 5) % queries
    target = asked.product[query]
    # What is judged: what the query is after, products of its leaf and of a leaf beside
    # it, and any product.
    beside = _leaves_beside()
    way = _draw(rng, np.array([0.25, 0.3, 0.2, 0.25]), len(query))
    leaf = np.where(way == 1, shop.leaf[target], beside[shop.leaf[target]])
    low, high = shop.shelf[leaf], shop.shelf[leaf + 1]
    near = low + rng.integers(0, 2**30, len(leaf)) % np.maximum(high - low, 1)
    near = np.minimum(near, products - 1)
    far = rng.integers(0, products, len(query))
    product = np.select([way == 0, way < 3], [target, near], far)
    pair = np.unique(query * products + product)
    query, product = pair // products, pair % products

    target = asked.product[query]
    is_same_leaf = shop.leaf[product] == shop.leaf[target]
    is_beside = _parents()[shop.leaf[product]] == _parents()[shop.leaf[target]]
    is_match = (
        (~asked.has_brand[query] | (shop.brand[product] == shop.brand[target]))
        & (~asked.has_option[query] | (shop.option[product] == shop.option[target]))
        & (shop.noun[product] == shop.noun[target])
    )
    label = np.select([is_same_leaf & is_match, is_same_leaf, is_beside], [0, 1, 2], 3)

    first = rng.integers(0, 12, len(pair))
    second = np.flatnonzero(rng.random(len(pair)) < 0.25)
    row = np.append(np.arange(len(pair)), second)
    annotator = np.append(
        first, (first[second] + rng.integers(1, 12, len(second))) % 12
    )
    order = rng.permutation(len(row))
    row, annotator = row[order], annotator[order]
    clean = {
        "query_id": _ids("Q", query[row] + 1),
        "product_id": _ids("P", shop.number[product[row]]),
        "label": _coded(LABELS, label[row]),
        "annotator": _ids("A", annotator + 1, 2),
    }
    times = {"labeled_at": _spread(rng, len(row), newest)}
    return Feed("relevance_labels", len(row), clean, times, group=row)


def _parents() -> np.ndarray:
    """Code of the category above each leaf."""
    paths = [leaf["path"].rpartition(" > ")[0] for leaf in text.LEAVES]
    return np.unique(paths, return_inverse=True)[1]


def _leaves_beside() -> np.ndarray:
    """Another leaf of the same category for each leaf: the next one, in a ring."""
    beside = np.empty(len(text.LEAVES), int)
    for parent in range(_parents().max() + 1):
        leaves = np.flatnonzero(_parents() == parent)
        beside[leaves] = np.roll(leaves, -1)
    return beside


def _spread(rng, size: int, newest: int) -> np.ndarray:
    """Times in order, over the days of the sample up to the newest."""
    times = np.sort(newest - rng.integers(0, _DAYS * _DAY, size))
    times[-1] = newest
    return times


def _reviews(rng, shop: Shop, log: Log, newest: int) -> tuple[np.ndarray, Feed]:
    """One row per review, some days after an event; returns the reviewers, too."""
    size = min(max(1, len(log.user) // 20), 400_000)
    event = _choose(rng, np.arange(len(log.user)), size)
    occurred = log.occurred[event]
    wait = np.clip(newest - occurred, 0, 20 * _DAY)
    at = np.minimum(occurred + (rng.random(size) * wait).astype(np.int64), newest)
    at[-1] = newest
    order = np.argsort(at, kind="stable")
    user, product, at = log.user[event][order], log.product[event][order], at[order]
    pleasure = 2.7 + 0.7 * _liking(shop, user, product) + rng.normal(0, 1.1, size)
    rating = np.clip(np.round(pleasure), 1, 5).astype(np.int64)
    is_mixed = rating == 3
    is_good = np.where(is_mixed, rng.random(size) < 0.5, rating > 3)
    is_chinese = (rng.random(size) < 0.85) == shop.is_chinese[product]
    words = shop.words(product, is_chinese)
    review_text = text.review_texts(
        *(rng, is_good, is_mixed, is_chinese, words["brand"], words["noun"])
    )
    clean = {
        "review_id": _ids("R", np.arange(1, size + 1)),
        "product_id": _ids("P", shop.number[product]),
        "user_id": _ids("U", user + 1),
        "rating": _numbers(rating),
        "review_text": _fixed(review_text),
        "label": _coded(("bad", "good"), is_good.astype(np.int8)),
    }
    only = {"label wrong_label": ~is_mixed}
    return user, Feed("reviews", size, clean, {"reviewed_at": at}, only=only)


def _recommendations(
    rng, shop: Shop, slates: int, newest: int
) -> tuple[np.ndarray, Feed]:
    """Five rows per shown slate; returns the users to whom they were shown, too."""
    viewer = _draw(rng, shop.activity, slates)
    at = _spread(rng, slates, newest)
    month = at.astype("datetime64[s]").astype("datetime64[M]").astype(int) % 12 + 1
    user, month = np.repeat(viewer, 5), np.repeat(month, 5)
    product = _draw_products(rng, shop, user, _draw_leaves(rng, shop, user, month))
    slate = product.reshape(-1, 5)
    for position in range(1, 5):  # a product seldom stands in a slate twice
        is_double = (slate[:, :position] == slate[:, [position]]).any(axis=1)
        slate[is_double, position] = rng.integers(0, len(shop.leaf), is_double.sum())
    position = np.tile(np.arange(1, 6), slates)
    odds = np.exp(_liking(shop, user, product) - 2.5 - 0.3 * position)
    is_clicked = rng.random(len(user)) < odds / (1 + odds)
    clean = {
        "impression_id": _ids("I", np.arange(1, len(user) + 1), 8),
        "user_id": _ids("U", user + 1),
        "product_id": _ids("P", shop.number[product]),
        "position": _numbers(position),
        "clicked": _coded(("false", "true"), is_clicked.astype(np.int8)),
    }
    times = {"shown_at": np.repeat(at, 5)}
    return user, Feed("recommendations", len(user), clean, times)


# --- Planting -------------------------------------------------------------------------


def _plant(feed: Feed, rates: dict, rng) -> None:
    """Plant defects at the given rates (column, defect) in rows that have none.

    First what needs whole groups of clean rows, last what rests on the other rows.
    """
    turns = {"wrong_category": 0, "disagreement": 0, "spelling_variant": 2}
    turns |= {"repeat_content": 3, "repeat": 3}
    asked = [
        (turns.get(defect, 1), column, defect)
        for column, kinds in DEFAULT_DEFECTS[feed.name].items()
        for defect in kinds
    ]
    for _, column, defect in sorted(asked, key=lambda turn: turn[0]):
        rate = rates.get(column, {}).get(defect, 0.0)
        if not rate or defect in ("uncovered", "gap_day", "no_profile"):
            continue  # the last three are what the shop was simulated with
        if defect == "late":
            if rate > 1:
                newest = _stamps(feed.times[column].max(keepdims=True))
                none = pa.nulls(1, TEXT)
                feed.whole.append((feed.name, column, defect, none, newest))
        elif defect in ("repeat", "repeat_content"):
            rows = _choose(rng, np.flatnonzero(feed.is_free), _count(rate, feed.size))
            feed.is_free[rows] = False
            places = np.minimum(rows + rng.integers(1, 50, len(rows)), feed.size)
            feed.copied.append((rows, places, np.full(len(rows), defect)))
        else:
            _spoil(feed, column, defect, rate, rng)


def _spoil(feed: Feed, column: str, defect: str, rate: float, rng) -> None:
    """Plant one kind of defect in the values of a column."""
    is_open = feed.is_free.copy()
    for name in (column, f"{column} {defect}"):
        is_open &= feed.only.get(name, True)
    is_filled = feed.filled.get(column, np.ones(feed.size, bool))
    is_open &= is_filled
    things = np.arange(feed.size) if feed.group is None else feed.group
    if defect in ("wrong_category", "disagreement"):
        members = np.bincount(things)
        is_fit = members >= (2 if defect == "disagreement" else 1)
        is_ready = is_fit & (np.bincount(things, is_open) == members)
        chosen = _choose(rng, np.flatnonzero(is_ready), _count(rate, is_fit.sum()))
        rows = changed = np.flatnonzero(np.isin(things, chosen))
        if defect == "disagreement":
            mixed = rng.permutation(rows)
            changed = np.sort(mixed[np.unique(things[mixed], return_index=True)[1]])
    else:
        if column in AGREED.get(feed.name, ()) and defect not in MISSING:
            # Elsewhere the bad value would disagree with another row, too.
            is_open &= (np.bincount(things) == 1)[things]
        open_rows = np.flatnonzero(is_open)
        if defect == "spelling_variant":
            open_rows = _outnumbered(feed, column, open_rows, rng)
        rows = changed = _choose(rng, open_rows, _count(rate, is_filled.sum()))
    texts = _spoiled(feed, column, defect, changed, rng) if len(rows) else None
    if texts is not None:
        feed.plant(rows, column, defect)
        feed.change(changed, column, texts)
        if defect == "future":
            later = feed.times["ingested_at"][rows] + 365 * _DAY
            feed.change(rows, "ingested_at", _stamps(later))
        if (feed.name, column, defect) == ("events", "user_id", "orphan"):
            feed.whole.append(("users", column, "no_profile", texts))


def _outnumbered(feed: Feed, column: str, rows: np.ndarray, rng) -> np.ndarray:
    """Of the rows those that can be misspelled with their usual spelling still ahead.

    Of c rows with a value that is at most c / 2 - 1; values without letters never.
    """
    rows = rng.permutation(rows)
    values = feed.found(column, np.arange(feed.size)).dictionary_encode()
    words = values.dictionary
    changes = pc.and_(
        pc.not_equal(pc.utf8_upper(words), words),
        pc.not_equal(pc.utf8_lower(words), words),
    )
    codes = values.indices.fill_null(len(words)).to_numpy()
    counts = np.bincount(codes, minlength=len(words) + 1)
    most = np.where(changes.to_numpy(zero_copy_only=False), counts[:-1] // 2 - 1, 0)
    order = np.argsort(codes[rows], kind="stable")
    ordered = codes[rows][order]
    rank = np.arange(len(rows)) - np.searchsorted(ordered, ordered)
    return rows[order][rank < most[ordered]]


def _spoiled(feed: Feed, column, defect, rows, rng) -> pa.Array | None:
    """The bad texts to find in rows; None where there is no other value to put."""
    clean = feed.text(column, rows)

    def one_of(*texts):
        return pc.choose(pa.array(rng.integers(0, len(texts), len(rows))), *texts)

    match defect:
        case "missing":
            return pa.nulls(len(rows), TEXT)
        case "orphan":
            return _id_texts(column[0].upper(), 9_000_001 + np.arange(len(rows)))
        case "control_character" | "mojibake" | "markup" | "doubled_space":
            return one_of(*text.unclean(clean, defect))
        case "spelling_variant":
            return one_of(pc.utf8_upper(clean), pc.utf8_lower(clean))
        case "bad_pattern" if column == "email":
            return one_of(*text.bad_emails(clean))
        case "bad_timestamp":  # the time of day keeps two events of a session apart
            return one_of(
                pc.utf8_replace_slice(clean, 5, 7, "13"),
                pc.utf8_replace_slice(clean, 8, 10, "45"),
                pc.utf8_replace_slice(clean, 0, 10, "yesterday"),
            )
        case "future":
            return _stamps(feed.times[column][rows] + 365 * _DAY)
        case "out_of_order" if column == "ingested_at":
            early = rng.integers(60, _HOUR, len(rows))
            return _stamps(feed.times["occurred_at"][rows] - early)
        case "out_of_order":  # begun after the last change, though not in the future
            updated = feed.times["updated_at"][rows]
            later = 1 + rng.random(len(rows)) * (_NOW - updated - 1)
            return _stamps(updated + later.astype(np.int64))
        case "stale":
            begun = min(feed.times.items())[1][rows]  # created_at or registered_at
            age = rng.random(len(rows)) * (_NOW - 366 * _DAY - begun)
            return _stamps(begun + age.astype(np.int64))
        case "disagreement" if column == "title":
            return text.joined(clean, ", new edition")
        case "disagreement" if column == "price":
            return _as_text(pc.add(pc.multiply(clean.cast(pa.float64()), 1.1), 0.5))
        case "disagreement" | "wrong_category" | "wrong_label":
            return _another(feed, column, rows, rng)
    words = text.BAD_VALUES.get(f"{defect} {column}") or text.BAD_VALUES[defect]
    return text.pick(words, rng.integers(0, len(words), len(rows)))


def _another(feed: Feed, column: str, rows, rng) -> pa.Array | None:
    """Another value of the column for each row, the same for all rows of a group."""
    values = pc.unique(feed.text(column, np.arange(feed.size))).sort()
    if len(values) < 2:
        return None
    things = rows if feed.group is None else feed.group[rows]
    things, member = np.unique(things, return_inverse=True)
    step = rng.integers(1, len(values), len(things))[member]
    code = pc.index_in(feed.text(column, rows), values).to_numpy()
    return values.take(pa.array((code + step) % len(values)))


def _choose(rng, pool: np.ndarray, count: int) -> np.ndarray:
    """So many of the pool, or all, in order."""
    return np.sort(rng.choice(pool, min(count, len(pool)), replace=False))


# --- Writing --------------------------------------------------------------------------


def _write(feed: Feed, path: Path, progress: bool) -> None:
    """Write a feed piece by piece; columns are text but where all values are typed."""
    feed.settle()
    schema = pa.schema([(column, _type(feed, column)) for column in FEEDS[feed.name]])

    def pieces():
        with _bar(feed.name, len(feed.rows), progress) as bar:
            for start in range(0, len(feed.rows), _CHUNK):
                places = np.arange(start, min(start + _CHUNK, len(feed.rows)))
                columns = [feed.written(c.name, places, c.type) for c in schema]
                yield pa.table(columns, schema=schema)
                bar.update(len(places))

    _write_tables(pieces(), schema, path)


def _bar(name: str, rows: int, is_shown: bool):
    from tqdm import tqdm

    return tqdm(
        desc=name, total=rows, unit=" rows", unit_scale=True, disable=not is_shown
    )


def _type(feed: Feed, column: str) -> pa.DataType:
    typed = TYPED.get(column, TEXT) if feed.name == "events" else TEXT
    defects = {defect for _, planted, defect in feed.planted if planted == column}
    return typed if defects <= CASTABLE else TEXT


def _write_tables(tables, schema: pa.Schema, path: Path) -> None:
    if path.suffix == ".parquet":
        with pq.ParquetWriter(path, schema) as writer:
            for table in tables:
                writer.write_table(table)
        return
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(schema.names) + "\n")
        for table in tables:
            fields = [_csv_fields(column.combine_chunks()) for column in table.columns]
            lines = text.joined(*fields, separator=",").to_pylist()
            file.writelines(line + "\n" for line in lines)


def _csv_fields(values: pa.Array) -> pa.Array:
    """Quote what would not come back as it is; null is an empty field."""
    values = _as_text(values)
    quoted = text.joined('"', pc.replace_substring(values, '"', '""'), '"')
    must = pc.match_substring_regex(values, r'^$|[",\r\n]|^\s|\s$')
    return pc.if_else(must, quoted, values).fill_null("")
