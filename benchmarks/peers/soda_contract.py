"""The rules of the feed events as a Soda contract (soda-duckdb), run on one folder."""

import os
import sys
from pathlib import Path

os.environ["SODA_CORE_TELEMETRY_ENABLED"] = "false"

import duckdb
from soda_core.contracts.api.verify_api import verify_contract_locally
from soda_duckdb.common.data_sources.duckdb_data_source import DuckDBDataSourceImpl

_MISSING = ["", "n/a", "na", "null", "none", "nil", "nan", "unknown", "undefined", "-"]
_MISSING += ["--", "?", "tbd", "无", "未知", "空", "暂无", "不详"]
_CONTRACT = f"""
dataset: shop/main/events
columns:
  - name: event_id
    checks:
      - missing: {{missing_values: {_MISSING}}}
      - duplicate:
  - name: user_id
    checks:
      - missing: {{missing_values: {_MISSING}}}
      - invalid:
          missing_values: {_MISSING}
          valid_reference_data: {{dataset: shop/main/users, column: user_id}}
  - name: product_id
    checks:
      - missing: {{missing_values: {_MISSING}}}
      - invalid:
          valid_reference_data: {{dataset: shop/main/products, column: product_id}}
  - name: event_type
    checks:
      - invalid: {{valid_values: [view, click, add_to_cart, purchase, favorite]}}
  - name: quantity
    checks:
      - invalid: {{valid_min: 1}}
  - name: price
    checks:
      - invalid: {{valid_min: 0.01}}
  - name: occurred_at
    checks:
      - missing:
checks:
  - duplicate:
      columns: [user_id, product_id, session_id, event_type, occurred_at]
  - failed_rows:
      qualifier: order
      expression: occurred_at > ingested_at
  - failed_rows:
      qualifier: future
      expression: occurred_at > timestamp '{sys.argv[3]}'
  - failed_rows:
      qualifier: days
      query: |
        select unnest(generate_series(
            min(occurred_at)::date, date '{sys.argv[3][:10]}' - 1, interval 1 day
        ))::date as expected
        from events where occurred_at < timestamp '{sys.argv[3]}'
        except select occurred_at::date from events
  - failed_rows:
      qualifier: products
      query: select product_id from products anti join events using (product_id)
  - freshness: {{column: occurred_at, unit: day, threshold: {{must_be_less_than: 1}}}}
"""


def main(folder: str, work: str) -> None:
    """Verify the contract and print the number of checks and of failing values."""
    contract = Path(work) / "events.yml"
    contract.write_text(_CONTRACT)
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        for feed in ["events", "products", "users"]:
            connection.execute(f"create view {feed} as from '{folder}/{feed}.parquet'")
        source = DuckDBDataSourceImpl.from_existing_cursor(connection, name="shop")
        session = verify_contract_locally(
            data_sources=[source], contract_file_path=str(contract)
        )
    for result in session.contract_verification_results:
        print(len(result.check_results), "checks")
        for check in result.check_results:
            print(check.check.name, check.outcome, check.diagnostic_metric_values)
    if session.has_errors:
        sys.exit(session.get_errors_str())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
