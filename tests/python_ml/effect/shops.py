"""Shops of a few hundred users, as tables of events."""

import datetime

import numpy as np
import pyarrow as pa

BEGIN = datetime.datetime(2026, 1, 1)


def events(user, product, day, **columns):
    """A table of events; users and products may be numbers."""
    times = [BEGIN + datetime.timedelta(days=float(each)) for each in day]
    return pa.table(
        {
            "user_id": [None if each is None else str(each) for each in user],
            "product_id": [None if each is None else str(each) for each in product],
            "occurred_at": pa.array(times, pa.timestamp("us")),
            **columns,
        }
    )


def shop(users=260, products=60, each=24, seed=0):
    """Users with a taste: a group of products, bought again and again in 100 days."""
    rng = np.random.default_rng(seed)
    taste = rng.integers(0, 5, users)
    user = np.repeat(np.arange(users), each)
    of_group = rng.integers(0, products // 5, len(user)) * 5 + taste[user]
    anything = rng.integers(0, products, len(user))
    product = np.where(rng.random(len(user)) < 0.8, of_group, anything)
    favourite = rng.integers(0, products, users)
    product = np.where(rng.random(len(user)) < 0.2, favourite[user], product)
    return events(user, product, rng.random(len(user)) * 100)


def replaced(table, column, values):
    return table.set_column(
        table.column_names.index(column), column, pa.array(values, table[column].type)
    )


def rows_of(effect, **wanted):
    """The rows of a table with these values."""
    return [
        row
        for row in effect.table.to_pylist()
        if all(row[name] == value for name, value in wanted.items())
    ]


def one(effect, **wanted):
    (row,) = rows_of(effect, **wanted)
    return row
