"""What holds of repairs whatever the feeds hold.

A failing example is printed with the seed that makes its feeds.
"""

from random import Random

import pandas as pd
import pytest

from tests.build import Project
from tests.project.properties.compiled import Compiled
from tests.project.properties.feeds import DEFECTS, clean_shop
from tests.project.properties.test_properties import any_shop, examples, flawed_shop
from tests.project.repairs.repaired import assert_repairs_tell_what_differs, cells

KEYS = ["product_id", "user_id", "event_id"]
REPAIRS = """
    select
        feed, record_number, record_key, column_name, action, found_value,
        proposed_value
    from fct_repairs where status = 'applied' and action <> 'merge'
"""


@pytest.fixture(scope="module")
def assay(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("repairs"))
    return Compiled(project, shop_with_every_defect(), repairs=True)


def shop_with_every_defect() -> dict[str, pd.DataFrame]:
    """Nothing is written about columns in which nothing fails."""
    shop = clean_shop(Random(0))
    for feed, columns in DEFECTS.items():
        rows = shop[feed]
        spoiled = [
            rows.iloc[:1].assign(**{column: value})
            for column, values in columns.items()
            for value in values
        ]
        shop[feed] = pd.concat([rows, *spoiled], ignore_index=True)
    return shop


def many_shops(seed: int) -> dict[str, pd.DataFrame]:
    """Shops with some defects or with anything anywhere, as one: a build takes long."""
    shops = []
    for number in range(12):
        shop = (flawed_shop if number % 4 else any_shop)(seed + number)
        for rows in shop.values():
            keys = rows.columns.intersection(KEYS)
            rows[keys] = rows[keys] + f"-{number}"
        shops.append(shop)
    return {
        feed: pd.concat([shop[feed] for shop in shops], ignore_index=True)
        for feed in shops[0]
    }


def applied(connection) -> pd.DataFrame:
    repairs = connection.sql(REPAIRS).df()
    return repairs.astype(object).where(repairs.notna(), None)


def told(repairs: pd.DataFrame) -> list[tuple]:
    """Repairs without the numbers of their rows."""
    rows = repairs.drop(columns="record_number")
    return sorted(rows.itertuples(index=False, name=None), key=str)


@examples(4)
def test_repairs_of_any_shop(assay, seed):
    """They are what differs, no order of rows changes them, and none is taken back."""
    shop = many_shops(seed)
    with assay.built_with(shop) as connection:
        assert_repairs_tell_what_differs(connection)
        repairs = applied(connection)
        repaired = {
            feed: cells(connection, f"repaired_{feed}")[list(rows)]
            for feed, rows in shop.items()
        }
    assert set(repairs.action) >= {"change", "drop"}

    shuffled = {
        feed: rows.sample(frac=1, random_state=seed) for feed, rows in shop.items()
    }
    with assay.built_with(shuffled, threads=3) as connection:
        assert told(applied(connection)) == told(repairs)

    # With less noise some become surer that were only proposed, but no cell is changed
    # again, and what was dropped as a repeat has left none.
    with assay.built_with(repaired) as connection:
        again = applied(connection)
    done = repairs[["feed", "record_number", "column_name"]]
    done = set(done.itertuples(index=False, name=None))
    for repair in again.itertuples():
        number = repaired[repair.feed].index[repair.record_number]
        assert repair.column_name is None or (
            (repair.feed, number, repair.column_name) not in done
        ), repair
    assert "drop" not in set(again.action)
