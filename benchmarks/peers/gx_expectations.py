"""The rules of the feed events as Great Expectations on pandas, run on one folder.

Through SQLAlchemy and duckdb-engine every expectation raises an error, because the
connection is closed before its result is read; so the feed is loaded into pandas.
"""

import os
import sys

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd

MISSING = (
    r"^\s*(n/a|na|null|none|nil|nan|unknown|undefined|--?|\?|tbd"
    r"|无|未知|空|暂无|不详)?\s*$"
)
CONTENT = ["user_id", "product_id", "session_id", "event_type", "occurred_at"]
TYPES = ["view", "click", "add_to_cart", "purchase", "favorite"]


def main(folder: str, as_of: str) -> None:
    """Validate the expectations and print the unexpected values of each."""
    known = {
        feed: pd.read_parquet(f"{folder}/{feed}s.parquet", columns=[f"{feed}_id"])
        for feed in ["user", "product"]
    }
    users = list(known["user"]["user_id"]) + ["unknown"]
    products = list(known["product"]["product_id"].unique())
    events = pd.read_parquet(f"{folder}/events.parquet")
    days = pd.date_range(events["occurred_at"].min().normalize(), as_of)[:-1]
    events["day"] = events["occurred_at"].dt.strftime("%Y-%m-%d")
    expectations = [
        gxe.ExpectColumnValuesToNotBeNull(column="event_id"),
        gxe.ExpectColumnValuesToBeUnique(column="event_id"),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=CONTENT),
        gxe.ExpectColumnValuesToNotBeNull(column="user_id"),
        gxe.ExpectColumnValuesToNotMatchRegex(column="user_id", regex=MISSING),
        gxe.ExpectColumnValuesToBeInSet(column="user_id", value_set=users),
        gxe.ExpectColumnValuesToNotBeNull(column="product_id"),
        gxe.ExpectColumnValuesToNotMatchRegex(column="product_id", regex=MISSING),
        gxe.ExpectColumnValuesToBeInSet(column="product_id", value_set=products),
        gxe.ExpectColumnDistinctValuesToContainSet(
            column="product_id", value_set=products
        ),
        gxe.ExpectColumnValuesToBeInSet(column="event_type", value_set=TYPES),
        gxe.ExpectColumnValuesToBeBetween(column="quantity", min_value=1),
        gxe.ExpectColumnValuesToBeBetween(column="price", min_value=0.01),
        gxe.ExpectColumnValuesToNotBeNull(column="occurred_at"),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="ingested_at",
            column_B="occurred_at",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="occurred_at", max_value=pd.Timestamp(as_of)
        ),
        gxe.ExpectColumnDistinctValuesToContainSet(
            column="day", value_set=list(days.strftime("%Y-%m-%d"))
        ),
    ]
    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("shop")
    asset = source.add_dataframe_asset("events")
    definition = asset.add_batch_definition_whole_dataframe("all")
    batch = definition.get_batch(batch_parameters={"dataframe": events})
    suite = gx.ExpectationSuite(name="events", expectations=expectations)
    results = batch.validate(suite, result_format="SUMMARY").results
    print(len(results), "checks")
    for result in results:
        kind = result.expectation_config.type
        print(kind, result.success, result.result.get("unexpected_count"))
        if result.exception_info.get("raised_exception"):
            sys.exit(result.exception_info["exception_message"])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[3])
