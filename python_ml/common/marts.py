"""The marts in the warehouse that `dbt build` wrote: where they lie, what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def duckdb_name(name: str) -> str:
    """Quote a name for DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def schema_of_marts(connection: DuckDBPyConnection) -> str:
    """Return the schema that holds the marts; `assay_marts` where none does.

    Raises:
        ValueError: If several do.
    """
    found = connection.execute(
        "select schema_name from duckdb_tables()"
        " where table_name = 'fct_quality_index' order by 1"
    ).fetchall()
    if len(found) > 1:
        names = ", ".join(name for (name,) in found)
        raise ValueError(f"There are marts in {names}: name one with --schema.")
    return found[0][0] if found else "assay_marts"


def has_table(connection: DuckDBPyConnection, schema: str, table: str) -> bool:
    """Return whether a table or view is there: parts can be left out of a build."""
    found = connection.execute(
        "select 1 from information_schema.tables"
        " where table_schema = ? and table_name = ?",
        [schema, table],
    )
    return found.fetchone() is not None


def where_is(connection: DuckDBPyConnection, model: str) -> str:
    """Return the quoted name of a model of the last build, with its schema.

    Raises:
        ValueError: If it is not there: parts can be left out of a build.
    """
    found = connection.execute(
        """
        select table_schema
        from information_schema.tables
        where table_name = ?
        order by table_schema
        """,
        [model],
    ).fetchall()
    if not found:
        raise ValueError(
            f"The last build has no {model}: build without --exclude tag:repair and"
            " tag:effect, with feeds."
        )
    return f"{duckdb_name(found[0][0])}.{duckdb_name(model)}"
