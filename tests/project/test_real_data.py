"""The mapped data sets in feeds/: counts that one plain query each gives.

The data is not part of the project. It is looked for in the folder that ASSAY_TEST_DATA
names, or in `shared/data` beside the clone.
"""

import os
from pathlib import Path

import pytest
import yaml

from tests.build import MODELS_ONLY, ROOT, Project, rows_of

DATA = Path(os.environ.get("ASSAY_TEST_DATA", ROOT.parent / "shared" / "data"))
DATA_SETS = sorted(path.stem for path in (ROOT / "feeds").glob("*.yml"))

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the data sets are not here: set ASSAY_TEST_DATA"
)


@pytest.fixture(scope="module", params=DATA_SETS)
def data_set(request, tmp_path_factory):
    """A build on one of the data sets."""
    project = Project(tmp_path_factory.mktemp(request.param))
    settings = yaml.safe_load((ROOT / f"feeds/{request.param}.yml").read_text())
    project.name, project.data = request.param, DATA / request.param
    project.feeds = list(settings["feeds"])
    project.build(settings, env={"ASSAY_FOLDER": str(project.data), **MODELS_ONLY})
    return project


def test_each_data_set_is_measured_row_by_row(data_set):
    index = data_set.query("from fct_quality_index where scope_type = 'feed'")
    index = index.set_index("feed")
    for feed in data_set.feeds:
        file = data_set.data / f"{feed}.parquet"
        [(rows,)] = rows_of(f"select count(*) from '{file}'")
        assert index.rows_checked[feed] == rows > 0
        assert 0 <= index.quality_index[feed] <= 1
    for feed in set(index.index) - set(data_set.feeds):
        assert index.quality_index.isna()[feed], f"{feed} is not supplied"
        assert index.measured_weight[feed] == 0
    verdicts = data_set.query("from fct_quality_rules")
    missing = verdicts[~verdicts.feed.isin(data_set.feeds)]
    assert set(missing.verdict) == {"not measured"}


# Each count is what one plain query over the files gives.
COUNTS = {
    "online_retail": {
        "event_user_present": "select count(*) from {events} where user_id is null",
        "event_is_unique": "select count(*) - count(distinct event_id) from {events}",
        "event_user_exists": """
            select count(*) from {events} where user_id is not null
            and user_id not in (select user_id from {users} where user_id is not null)
        """,
        "event_product_exists": """
            select count(*) from {events} where product_id not in (
                select product_id from {products} where product_id is not null
            )
        """,
        "product_title_agrees": """
            with titled as (
                select
                    product_id,
                    regexp_replace(lower(trim(title)), '\\s+', ' ', 'g') as title
                from {products}
                where title is not null
                and lower(trim(title)) not in ('', '?', '??', '???', 'missing')
            )
            select count(*) from titled where product_id in (
                select product_id from titled
                group by product_id having count(distinct title) > 1
            )
        """,
        "product_price_in_range": """
            select count(*) from {products} where price < 0.01 or price > 1000000
        """,
        "event_price_in_range": "select count(*) from {events} where price < 0.01",
        "event_quantity_in_range": "select count(*) from {events} where quantity < 1",
        "event_type_is_known": """
            select count(*) from {events} where event_type not in
            ('view', 'click', 'add_to_cart', 'purchase', 'favorite', 'cancel', 'return')
        """,
        "users_cover_events": """
            select count(distinct user_id) from {events} where user_id is not null
            and user_id not in (select user_id from {users} where user_id is not null)
        """,
    },
    "complete_journey": {
        "event_user_exists": """
            select count(*) from {events}
            where user_id not in (select user_id from {users})
        """,
        "event_product_exists": """
            select count(*) from {events}
            where product_id not in (select product_id from {products})
        """,
        "users_cover_events": """
            select count(distinct user_id) from {events}
            where user_id not in (select user_id from {users})
        """,
        "events_cover_products": """
            select count(distinct product_id) from {products}
            where product_id not in (select product_id from {events})
        """,
        "event_is_unique": """
            select count(*) - count(distinct (session_id, product_id))
            from {events}
        """,
        "event_price_in_range": """
            select count(*) from {events} where sales_value < 0.01
        """,
    },
    "pricerunner": {
        "product_is_unique": """
            select count(*) - count(distinct (product_id, source_system))
            from {products}
        """,
        "product_title_present": "select count(*) from {products} where title is null",
    },
    "fashion": {
        "product_is_unique": """
            select count(*) - count(distinct product_id) from {products}
        """,
        "product_title_present": "select count(*) from {products} where title is null",
    },
    "reviews_zh": {
        "review_is_unique": """
            select count(*) - count(distinct review_id) from {reviews}
        """,
        "review_label_is_known": """
            select count(*) from {reviews} where label not in ('good', 'bad')
        """,
    },
}


def test_counts_are_what_one_query_each_gives(data_set):
    found = data_set.query("from fct_quality_rules").set_index("rule_name")
    issues = data_set.query(
        "select rule_name, count(*) as rows from fct_quality_issues group by all"
    ).set_index("rule_name")
    files = {
        file.stem: f"read_parquet('{file}')" for file in data_set.data.glob("*.parquet")
    }
    for rule, query in COUNTS[data_set.name].items():
        [(count,)] = rows_of(query.format(**files))
        assert found.failing_rows[rule] == count, rule
        assert issues.rows.get(rule, 0) == count, rule
