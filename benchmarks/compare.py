"""What the tools found, compared: only tools that find the same can be compared.

A process of its own, as everything that needs memory: a process started by a large one
would count its memory as its own.
"""

import argparse
from pathlib import Path

import duckdb

ASSAY_RULES = "select rule_name, failing_rows from assay.assay_marts.fct_quality_rules"

# A number is the same however it is written, as -1 or -1.0.
_FOUND = "coalesce(try_cast(found_value as double)::text, found_value)"

# What Assay holds, and what the hand-written SQL holds.
_EQUAL = {
    "rules": (
        "select rule_name, rows_checked, failing_rows "
        "from assay.assay_marts.fct_quality_rules where verdict not like 'not %'",
        "select rule_name, rows_checked, failing_rows "
        "from by_hand.measures where slice_type = 'all'",
    ),
    "measures": (
        "select rule_name, slice_type, slice_value, rows_checked, failing_rows "
        "from assay.assay_marts.fct_quality_measures",
        "select rule_name, slice_type, slice_value, rows_checked, failing_rows "
        "from by_hand.measures",
    ),
    "issues": (
        f"select rule_name, record_key, occurrence, {_FOUND}, issue_day, "
        "source_system, category from assay.assay_marts.fct_quality_issues",
        f"select rule_name, record_key, occurrence, {_FOUND}, day, "
        "source_system, category from by_hand.issues",
    ),
}


class DifferenceError(AssertionError):
    """Two tools did not find the same."""


def same_as_by_hand(assay: Path, by_hand: Path) -> None:
    """Raise unless rules, measures and failing rows are the very same."""
    with _attached(assay=assay, by_hand=by_hand) as connection:
        for what, (ours, theirs) in _EQUAL.items():
            for name, one, other in [
                ("Assay", ours, theirs),
                ("the hand-written SQL", theirs, ours),
            ]:
                query = f"({one}) except all ({other}) limit 5"
                _raise_if(connection.execute(query).fetchall(), what, f"only {name}")
            count = connection.execute(f"select count(*) from ({ours})").fetchone()[0]
            print(f"equal in Assay and by hand: {count:,} {what}", flush=True)


def same_as_plain_dbt(assay: Path, plain: Path) -> None:
    """Raise unless the stored failures of each plain test are as many as Assay's."""
    with _attached(assay=assay, plain=plain) as connection:
        ours = dict(connection.execute(ASSAY_RULES).fetchall())
        theirs = _stored_failures(connection)
    different = [
        (rule, ours.get(rule), failing)
        for rule, failing in theirs.items()
        if ours.get(rule) != failing
    ]
    if not theirs:
        raise DifferenceError("plain dbt has stored no failures")
    _raise_if(different, "failing rows", "(rule, Assay, plain dbt)")
    print(f"equal in Assay and plain dbt: failing rows of {len(theirs)} rules")


def _stored_failures(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Count the failing rows of each test; `unique` and others store one per value."""
    counts = {}
    tables = connection.execute(
        "select table_name, max(case column_name when 'unique_field' then 2 "
        "when 'value_field' then 1 else 0 end) from duckdb_columns() "
        "where database_name = 'plain' and schema_name = 'main_dbt_test__audit' "
        "group by table_name"
    ).fetchall()
    counted = ["count(*)", "sum(n_records)", "sum(n_records - 1)"]
    for table, kind in tables:
        query = (
            f"select coalesce({counted[kind]}, 0) "
            f"from plain.main_dbt_test__audit.{table}"
        )
        counts[table] = int(connection.execute(query).fetchone()[0])
    return counts


def _attached(**databases: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    for name, path in databases.items():
        connection.execute(f"attach '{path}' as {name} (read_only)")
    return connection


def _raise_if(rows: list, what: str, side: str) -> None:
    if rows:
        listed = "\n".join(str(row) for row in rows[:20])
        raise DifferenceError(f"{what} differ, {side}:\n{listed}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assay", type=Path)
    parser.add_argument("--by-hand", type=Path)
    parser.add_argument("--plain", type=Path)
    given = parser.parse_args()
    if given.by_hand:
        same_as_by_hand(given.assay, given.by_hand)
    if given.plain:
        same_as_plain_dbt(given.assay, given.plain)
