"""What the page reads: marts, read-only, in aggregates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from python_ml.common.marts import duckdb_name, has_table, schema_of_marts
from python_ml.report.visible import Personal

# A page shows at most so many days; more do not fit, and are in the marts.
DAYS = 365
# The choices of the filter: all that is shown, or the last days of it.
PERIODS = {"all": DAYS, "90": 90, "28": 28}


class Marts:
    """An open connection whose current schema is that of the marts."""

    def __init__(self, connection: Any, schema: str) -> None:
        """Look into a schema; `as_of` is the moment of the last build."""
        self._connection = connection
        self._schema = schema
        found = self.rows("select max(as_of) as as_of from fct_quality_index")
        if not found or found[0]["as_of"] is None:
            raise ValueError(
                "The marts are empty: run `dbt build`, with a table to watch in the"
                " var `feeds` or `watched`."
            )
        self.as_of: datetime = found[0]["as_of"]

    @property
    def end(self) -> date:
        """The day of `as_of`: days before it are closed."""
        return self.as_of.date()

    def start(self, period: str) -> date:
        """Return the first day of a period."""
        return self.end - timedelta(days=PERIODS[period])

    def has(self, table: str) -> bool:
        """Return whether a mart is there."""
        return has_table(self._connection, self._schema, table)

    def is_filled(self, table: str) -> bool:
        """Return whether a mart is there and has a row."""
        return self.has(table) and bool(self.rows(f"select 1 from {table} limit 1"))

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[dict]:
        """Return the rows of a query by the names of its columns."""
        found = self._connection.execute(query, list(parameters))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@contextmanager
def opened(database: Path, schema: str | None = None) -> Iterator[Marts]:
    """Open the marts of a DuckDB file, read-only.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If several schemas hold marts and none was named, the marts are
            empty, or another process is writing the file.
    """
    import duckdb

    if not database.exists():
        raise FileNotFoundError(f"There is no {database}: run `dbt build` first.")
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            schema = schema or schema_of_marts(connection)
            connection.execute(f"use {duckdb_name(schema)}")
            yield Marts(connection, schema)
    except duckdb.Error as error:
        raise ValueError(
            f"{database} has no readable marts: {error}".splitlines()[0]
        ) from error


def personal_columns(target: Path) -> Personal:
    """Return what a project says of its columns in `meta`, as dbt wrote it down.

    Args:
        target: The folder with dbt's `manifest.json`; it need not be there.
    """
    try:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return Personal()
    marks, keys = {}, {}
    for node in [*manifest["nodes"].values(), *manifest.get("sources", {}).values()]:
        table = node["name"].removeprefix("stg_")
        key = (node.get("config") or {}).get("meta", {}).get("key")
        if key:
            keys[table] = [key] if isinstance(key, str) else list(key)
        for name, column in node.get("columns", {}).items():
            config = (column.get("config") or {}).get("meta") or {}
            mark = {**column.get("meta", {}), **config}.get("contains_pii")
            if mark is not None:
                marks[table, name] = mark is True
    return Personal(marks, keys)
