"""What holds of repairs whatever the feeds hold.

A failing example is printed with the seed that makes its feeds.
"""

from random import Random

import pandas as pd
import pytest

from tests.build import Project
from tests.project.properties.compiled import Compiled
from tests.project.properties.feeds import clean_shop
from tests.project.properties.test_properties import any_shop, examples, flawed_shop
from tests.project.repaired import assert_repairs_tell_what_differs, cells

SEARCH_PATH = "assay_marts,assay_intermediate,assay_repaired,assay_staging"


@pytest.fixture(scope="module")
def assay(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("repairs"))
    return Compiled(project, clean_shop(Random(0)), repairs=True)


def applied(connection) -> pd.DataFrame:
    repairs = connection.sql("""
        select feed, record_key, column_name, action, found_value, proposed_value
        from fct_repairs where status = 'applied'
    """).df()
    return repairs.sort_values(list(repairs), ignore_index=True)


def repaired_feeds(connection, feeds: dict) -> dict[str, pd.DataFrame]:
    """The repaired tables as feeds, with what did not cast where it was found."""
    return {
        feed: cells(connection, f"repaired_{feed}")[list(rows)]
        for feed, rows in feeds.items()
    }


@examples(12)
def test_what_differs_is_what_failed_and_is_told(assay, seed):
    for shop in [any_shop(seed), flawed_shop(seed)]:
        with assay.built_with(shop) as connection:
            connection.execute(f"set search_path = '{SEARCH_PATH}'")
            assert_repairs_tell_what_differs(connection)


@examples(12)
def test_what_is_repaired_is_not_repaired_again(assay, seed):
    for shop in [any_shop(seed), flawed_shop(seed)]:
        with assay.built_with(shop) as connection:
            connection.execute(f"set search_path = '{SEARCH_PATH}'")
            repaired = repaired_feeds(connection, shop)
        with assay.built_with(repaired) as connection:
            connection.execute(f"set search_path = '{SEARCH_PATH}'")
            again = applied(connection)
            assert again.empty, again


@examples(12)
def test_the_order_of_rows_changes_no_repair(assay, seed):
    for shop in [any_shop(seed), flawed_shop(seed)]:
        found = []
        for rows_of in [
            shop,
            {
                feed: rows.sample(frac=1, random_state=seed)
                for feed, rows in shop.items()
            },
        ]:
            with assay.built_with(rows_of) as connection:
                connection.execute(f"set search_path = '{SEARCH_PATH}'")
                found.append(applied(connection))
        pd.testing.assert_frame_equal(*found)
