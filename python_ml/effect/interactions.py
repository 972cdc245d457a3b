"""Who took which product, and when: what recommenders are trained and tested on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_DAY = 86_400_000_000  # microseconds
_NEEDED = ("user_id", "product_id", "occurred_at")


@dataclass(frozen=True)
class Interactions:
    """The interactions of one version of the data, as numbers.

    Attributes:
        user: int64 [events], number of the user in `Vocabulary.users`.
        product: int64 [events], number of the product in `Vocabulary.products`.
        day: float64 [events], when it happened, in days since 1970.
        cut_day: float64 [events], the time by which it is before or after the cut.
        is_target: bool [events], whether it is something to predict.
    """

    user: np.ndarray
    product: np.ndarray
    day: np.ndarray
    cut_day: np.ndarray
    is_target: np.ndarray

    def where(self, chosen: np.ndarray) -> Interactions:
        """Return the chosen events: bool or int [events]."""
        return Interactions(
            self.user[chosen],
            self.product[chosen],
            self.day[chosen],
            self.cut_day[chosen],
            self.is_target[chosen],
        )

    def sorted_rows(self) -> np.ndarray:
        """Return the events as float64 [events, 4], whatever order they came in."""
        order = np.lexsort((self.cut_day, self.day, self.product, self.user))
        parts = (self.user, self.product, self.day, self.cut_day)
        return np.stack([part[order].astype(float) for part in parts], 1)


@dataclass(frozen=True)
class Vocabulary:
    """All users and products of all versions, in the order of their ids.

    Attributes:
        users: Arrow strings.
        products: Arrow strings, ids as they were found.
        items: Arrow strings, ids of the things that the products are.
        item_of: int64 [products], the item of each product.
    """

    users: pa.Array
    products: pa.Array
    items: pa.Array
    item_of: np.ndarray


def read_versions(
    versions: Mapping[str, pa.Table], crosswalk: pa.Table | None = None
) -> tuple[dict[str, Interactions], Vocabulary]:
    """Read tables of events; rows without a user, a product or a time are passed over.

    Args:
        versions: Arrow tables by name: user_id, product_id, occurred_at (timestamps or
            dates); and, where there are, `cut_at` (the time that decides on which side
            of the cut an event is, such as the repaired one; occurred_at where it is
            null) and `is_target` (whether it is to be predicted; true).
        crosswalk: product_id and item_id: which products are one and the same; a
            product that is not in it is itself.

    Raises:
        ValueError: If a column is missing or no time.
    """
    tables = {name: _typed(table, name) for name, table in versions.items()}
    names = pa.schema([("product_id", pa.string()), ("item_id", pa.string())])
    if crosswalk is None:
        crosswalk = names.empty_table()
    missing = set(names.names) - set(crosswalk.column_names)
    if missing:
        raise ValueError(f"The crosswalk has no column {', '.join(sorted(missing))}.")
    crosswalk = crosswalk.select(names.names).cast(names).drop_null()
    users = _distinct([table["user_id"] for table in tables.values()])
    products = _distinct([table["product_id"] for table in tables.values()])
    place = pc.index_in(products, value_set=crosswalk["product_id"].combine_chunks())
    item = pc.coalesce(crosswalk["item_id"].combine_chunks().take(place), products)
    items = _distinct([pa.chunked_array([item])])
    vocabulary = Vocabulary(users, products, items, _numbers(item, items))
    return {
        name: Interactions(
            _numbers(table["user_id"], users),
            _numbers(table["product_id"], products),
            _days(table["occurred_at"]),
            _days(table["cut_at"]),
            table["is_target"].to_numpy().astype(bool),
        )
        for name, table in tables.items()
    }, vocabulary


def _typed(table: pa.Table, name: str) -> pa.Table:
    if not isinstance(table, pa.Table):
        raise ValueError(
            f"Version {name} is a {type(table).__name__}, not an Arrow table of events."
        )
    missing = [column for column in _NEEDED if column not in table.column_names]
    if missing:
        raise ValueError(f"Version {name} has no column {', '.join(missing)}.")
    times = {}
    for column in ("occurred_at", "cut_at"):
        given = table[column if column in table.column_names else "occurred_at"]
        if not (pa.types.is_temporal(given.type) or pa.types.is_null(given.type)):
            raise ValueError(
                f"{column} of version {name} is {given.type}: give timestamps."
            )
        times[column] = given.cast(pa.timestamp("us"))
    cut = pc.coalesce(times["cut_at"], times["occurred_at"])
    is_target = pa.scalar(True)
    if "is_target" in table.column_names:
        is_target = pc.fill_null(table["is_target"].cast(pa.bool_()), False)
    else:
        is_target = pa.chunked_array([pa.repeat(True, len(table))], pa.bool_())
    typed = pa.table(
        {
            "user_id": table["user_id"].cast(pa.string()),
            "product_id": table["product_id"].cast(pa.string()),
            # Of an event whose own time is unknown, the time of the repair is all that
            # is known.
            "occurred_at": pc.coalesce(times["occurred_at"], cut),
            "cut_at": cut,
            "is_target": is_target,
        }
    )
    return typed.drop_null()


def _distinct(columns: list[pa.ChunkedArray]) -> pa.Array:
    chunks = [chunk for column in columns for chunk in column.chunks]
    found = pc.unique(pa.chunked_array(chunks, pa.string()))
    return found.take(pc.sort_indices(found))


def _numbers(values: pa.ChunkedArray | pa.Array, known: pa.Array) -> np.ndarray:
    found = pc.index_in(values, value_set=known)
    return found.to_numpy(zero_copy_only=False).astype(np.int64)


def _days(times: pa.ChunkedArray) -> np.ndarray:
    return times.cast(pa.int64()).to_numpy().astype(np.float64) / _DAY
