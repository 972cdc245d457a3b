"""What repairs did to the cells and rows of a feed, told from the tables alone."""

import duckdb
import pandas as pd

from tests.build import ROOT

FEEDS = [path.stem[4:] for path in sorted(ROOT.glob("models/staging/stg_*.sql"))]
FEEDS.remove("feeds")


def cells(connection: duckdb.DuckDBPyConnection, table: str) -> pd.DataFrame:
    """The texts of a raw, staging or repaired table, by the number of the row.

    A value that did not cast stands in the column that it was found in.
    """
    columns = [row[0] for row in connection.sql(f"describe {table}").fetchall()]
    number = "record_number" if "record_number" in columns else "rowid"
    texts = [
        f"coalesce({column}_as_found, {column}::varchar) as {column}"
        if f"{column}_as_found" in columns
        else f"{column}::varchar as {column}"
        for column in columns
        if not column.endswith("_as_found") and column != "record_number"
    ]
    rows = connection.sql(f"select {number}, {', '.join(texts)} from {table}").df()
    rows = rows.set_index(number).astype(object)
    return rows.where(rows.notna(), None).sort_index()


def is_same(left, right) -> bool:
    """Whether two texts are one value: 8.5 is 8.50, and 2026-07-01 is midnight."""
    if left is None or right is None:
        return left is right
    for read in [str, float, pd.Timestamp]:
        try:
            if read(left) == read(right):
                return True
        except (ValueError, OverflowError):  # It is no such value.
            continue
    return False


def assert_repairs_tell_what_differs(connection: duckdb.DuckDBPyConnection) -> None:
    """Every repair is seen in the tables, every difference has its repair and flaw."""
    repairs = connection.sql("select * from fct_repairs where status = 'applied'").df()
    # By the number of the row, which fct_quality_issues leaves out.
    issues = connection.sql(
        "select feed, record_number, column_name, rule_name from int_issues"
    ).df()
    repairs = repairs.astype(object).where(repairs.notna(), None)
    places = issues[["feed", "record_number", "column_name"]]
    failing = set(places.itertuples(index=False, name=None))
    for feed in FEEDS:
        found = cells(connection, f"stg_{feed}")
        repaired = cells(connection, f"repaired_{feed}")
        assert list(repaired) == list(found)
        done = repairs[repairs.feed == feed]
        done = done[done.action != "merge"]
        goes = done.action.isin(["drop", "quarantine"])

        assert repaired.index.is_unique
        assert set(found.index) - set(repaired.index) == set(done.record_number[goes])
        assert set(repaired.index) <= set(found.index)
        of_rows = done[goes].merge(issues, on=["feed", "record_number", "rule_name"])
        assert set(of_rows.record_number) == set(done.record_number[goes])

        changes = done[~goes].set_index(["record_number", "column_name"])
        assert changes.index.is_unique
        kept = found.loc[repaired.index]
        differs = (kept != repaired) & (kept.notna() | repaired.notna())
        differing = differs.stack()
        differing = set(differing[differing].index)
        assert differing == set(changes.index), feed
        for (number, column), change in changes.iterrows():
            place = (feed, number, column)
            assert place in failing, place
            assert is_same(found.at[number, column], change.found_value), place
            assert is_same(repaired.at[number, column], change.proposed_value), place
