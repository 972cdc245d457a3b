"""What stands behind the feeds: products on shelves, users with tastes."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from python_ml.sample import text


@dataclass
class Shop:
    """Products, users and leaf categories as codes, and what draws one to the other.

    Products are coded 0..products-1 in the order of their leaves: `shelf[leaf]` is the
    first product of a leaf and `shelf[leaf + 1]` the first one after it. A field is an
    array with one element per product unless its comment says otherwise.
    """

    leaf: np.ndarray
    shelf: np.ndarray  # (leaves + 1,)
    brand: np.ndarray
    option: np.ndarray
    size: np.ndarray
    noun: np.ndarray
    is_chinese: np.ndarray
    currency: np.ndarray
    cents: np.ndarray  # of its currency
    number: np.ndarray  # the number in a product's id: ids do not tell the leaf
    original: np.ndarray  # the product itself, or the one that it is listed again of
    popularity: np.ndarray  # 0 for a product that must stay without events
    product_taste: np.ndarray  # (products, 6)
    leaf_taste: np.ndarray  # (leaves, 6)
    leaf_weight: np.ndarray  # (leaves,)
    user_taste: np.ndarray  # (users, 6)
    activity: np.ndarray  # (users,)

    def words(self, products: np.ndarray, chinese: np.ndarray) -> dict[str, pa.Array]:
        """Brand, noun, option and size of products, in the language of each row."""
        leaf, option = self.leaf[products], self.option[products]
        noun = 2 * leaf + self.noun[products]
        return {
            "brand": text.pick(text.BRANDS, self.brand[products]),
            "noun": text.either(
                chinese,
                text.pick(text.CHINESE_NOUNS, noun),
                text.pick(text.NOUNS, noun),
            ),
            "option": text.either(
                chinese,
                text.pick(text.CHINESE_OPTIONS, option),
                text.pick(text.OPTIONS, option),
            ),
            "size": text.pick(text.SIZES, 4 * leaf + self.size[products]),
        }

    def liking(self, users: np.ndarray, products: np.ndarray) -> np.ndarray:
        """How each user likes the product beside it: about -2 to 2.

        It is the product of their tastes, summed factor by factor, because a matrix
        product may round differently with another number of threads.
        """
        liking = np.zeros(len(users))
        for factor in range(self.user_taste.shape[1]):
            taste = self.user_taste[:, factor][users]
            liking += taste * self.product_taste[:, factor][products]
        return liking / self.user_taste.shape[1] ** 0.5

    def draw_leaves(
        self, rng: Generator, users: np.ndarray, times: np.ndarray
    ) -> np.ndarray:
        """Draw what each user is after at a time: by weight, season and taste."""
        best = np.array([leaf["month"] for leaf in text.LEAVES])
        turn = 2 * np.pi * (np.arange(13)[:, None] - best) / 12
        season = self.leaf_weight * (1 + 0.7 * np.cos(turn))
        months = times.astype("datetime64[s]").astype("datetime64[M]")
        months = months.astype(int) % 12 + 1
        leaves = np.empty(len(users), np.int32)
        for start in range(0, len(users), 100_000):
            some = slice(start, start + 100_000)
            taste = np.zeros((len(users[some]), len(best)))
            for factor in range(self.user_taste.shape[1]):
                own = self.user_taste[:, factor][users[some], None]
                taste += own * self.leaf_taste[:, factor]
            edges = np.cumsum(np.exp(0.9 * taste) * season[months[some]], axis=1)
            level = rng.random(len(edges)) * edges[:, -1]
            leaves[some] = (edges <= level[:, None]).sum(axis=1)
        return np.minimum(leaves, len(best) - 1)

    def draw_products(
        self, rng: Generator, users: np.ndarray, leaves: np.ndarray
    ) -> np.ndarray:
        """Draw two popular products of each leaf; keep the one to the user's taste."""
        edges = np.concatenate([[0.0], np.cumsum(self.popularity)])
        products = np.empty(len(users), np.int32)
        for start in range(0, len(users), 500_000):
            some = slice(start, start + 500_000)
            shelf = leaves[some]
            low, high = edges[self.shelf[shelf]], edges[self.shelf[shelf + 1]]
            pair, liking = [], []
            for _ in range(2):
                level = low + rng.random(len(low)) * (high - low)
                found = np.searchsorted(edges, level, side="right") - 1
                found = np.minimum(found, len(self.leaf) - 1)
                noise = rng.gumbel(0, 0.5, len(found))
                pair.append(found)
                liking.append(self.liking(users[some], found) + noise)
            products[some] = np.where(liking[0] >= liking[1], *pair)
        return products


def open_shop(
    rng: Generator, products: int, users: int, uncovered: int, duplicates: int = 0
) -> Shop:
    """Stock the shelves of a shop, and give tastes to its users.

    Args:
        rng: The random stream.
        products: How many products there are.
        users: How many users there are.
        uncovered: How many products nobody will see; fewer than there are.
        duplicates: How many products, at most, are listed a second time.
    """
    leaves = len(text.LEAVES)
    leaf_weight = rng.permutation(1 / (np.arange(leaves) + 2) ** 0.7)
    leaf = np.sort(draw(rng, leaf_weight, products))
    is_chinese = rng.random(products) < 0.3
    english = draw(rng, zipf(text.ENGLISH_BRANDS), products)
    others = len(text.BRANDS) - text.ENGLISH_BRANDS
    local = text.ENGLISH_BRANDS + draw(rng, zipf(others), products)
    brand = np.where(is_chinese & (rng.random(products) < 0.7), local, english)
    kinds = np.array([text.OPTION_KINDS.index(one["kind"]) for one in text.LEAVES])
    usual = np.array([one["price"] for one in text.LEAVES])[leaf]
    currency = draw(rng, np.array([0.6, 0.2, 0.2]), products)
    rate = np.array(list(text.CURRENCIES.values()))[currency]
    cents = np.round(100 * rate * usual * np.exp(rng.normal(0, 0.4, products)))
    popularity = rng.permutation(zipf(products))
    popularity[rng.choice(products, uncovered, replace=False)] = 0
    # A leaf none of whose products may be seen is no place to go either.
    leaf_weight = leaf_weight * (np.bincount(leaf, popularity, leaves) > 0)
    leaf_taste = rng.normal(0, 1, (leaves, 6))
    shop = Shop(
        leaf=leaf,
        shelf=np.searchsorted(leaf, np.arange(leaves + 1)),
        brand=brand,
        option=10 * kinds[leaf] + draw(rng, zipf(10), products),
        size=rng.integers(0, 4, products),
        noun=rng.integers(0, 2, products),
        is_chinese=is_chinese,
        currency=currency,
        cents=np.maximum(cents, 50).astype(np.int64),
        number=rng.permutation(products) + 1,
        original=np.arange(products),
        popularity=popularity,
        product_taste=leaf_taste[leaf] + rng.normal(0, 0.7, (products, 6)),
        leaf_taste=leaf_taste,
        leaf_weight=leaf_weight,
        user_taste=rng.normal(0, 1, (users, 6)),
        activity=rng.lognormal(0, 1, users),
    )
    if duplicates:
        _list_again(rng, shop, duplicates)
    return shop


def _list_again(rng: Generator, shop: Shop, count: int) -> None:
    """Make products the same as the ones before them on their shelves."""
    second = np.arange(1, len(shop.leaf), 2)  # so that no product is made of a copy
    is_fit = shop.leaf[second] == shop.leaf[second - 1]
    is_fit &= shop.popularity[second] > 0  # nobody sees the others
    second = choose(rng, second[is_fit], count)
    of_product = [shop.brand, shop.option, shop.size, shop.noun, shop.is_chinese]
    of_product += [shop.currency, shop.cents, shop.product_taste, shop.original]
    for values in of_product:
        values[second] = values[second - 1]


def draw(rng: Generator, weights: np.ndarray, size: int) -> np.ndarray:
    """Draw codes 0..len(weights)-1 in proportion to their weights, with replacement."""
    edges = np.cumsum(weights)
    codes = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.minimum(codes, len(edges) - 1).astype(np.int32)


def choose(rng: Generator, pool: np.ndarray, count: int) -> np.ndarray:
    """Choose so many of the pool, or all, without replacement and in order."""
    return np.sort(rng.choice(pool, min(count, len(pool)), replace=False))


def zipf(size: int) -> np.ndarray:
    """Weights that fall from place to place: few are popular, many are not."""
    return 1 / (np.arange(size) + 2) ** 0.8
