"""A project that dbt built once, run again on other feeds without dbt.

dbt takes seconds to start; the SQL that it wrote takes a fraction of one. The compiled
models read the same files and stand in the same order, in a database in memory. What
Python models of labels and duplicates gave stays as it was built: the shops are too
small to learn from.
"""

import json
from contextlib import contextmanager

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from python_ml.dbt_models.repairs import canonical_values, extracted_values
from tests.build import Project

MARTS = ["index", "rules", "measures", "issues"]
SCHEMAS = ["seeds", "staging", "intermediate", "repaired", "marts"]
# Python models that are run again: their inputs in the order of their arguments.
PYTHON_MODELS = {
    "int_canonical_values": (
        canonical_values,
        [
            "from {}.assay_intermediate.int_format_values",
            "from {}.assay_seeds.vocabularies",
        ],
    ),
    "int_extracted_values": (
        extracted_values,
        [
            "from {}.assay_intermediate.int_told_values"
            " order by feed, column_name, hash(own_text, told_value), own_text,"
            " told_value"
        ],
    ),
}


def write_feed(project: Project, feed: str, rows: pd.DataFrame) -> None:
    """All columns as text, so that any of them can hold anything."""
    schema = pa.schema([(column, pa.string()) for column in rows.columns])
    table = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
    pq.write_table(table, project.folder / f"{feed}.parquet")


class Compiled:
    def __init__(
        self,
        project: Project,
        feeds: dict[str, pd.DataFrame],
        repairs=False,
        vars: dict | None = None,
    ):
        for feed, rows in feeds.items():
            write_feed(project, feed, rows)
        cycles = {feed: {"cycle": "1 day"} for feed in feeds}
        project.build(
            vars={"as_of": "2026-07-01", "feeds": cycles, **(vars or {})},
            env={"DBT_EXCLUDE_RESOURCE_TYPES": "test"},
            repairs=repairs,
        )
        target = project.folder / "target"
        results = json.loads((target / "run_results.json").read_text())["results"]
        nodes = json.loads((target / "manifest.json").read_text())["nodes"]
        self.project = project
        # In the order in which they were built; what measures the repairs is left out.
        self.models = {
            result["relation_name"]: result["compiled_code"]
            if nodes[result["unique_id"]]["language"] == "sql"
            else f"from built.{result['relation_name'].split('.', 1)[1]}"
            for result in results
            if result["unique_id"].startswith("model.")
            and "effect" not in nodes[result["unique_id"]]["fqn"]
            and not result["unique_id"].endswith(".fct_repair_effect")
        }

    def run(
        self,
        feeds: dict[str, pd.DataFrame],
        threads=1,
        seeds: dict[str, pd.DataFrame] | None = None,
    ) -> dict[str, pd.DataFrame]:
        """The marts of other feeds with the same columns, and of other seeds."""
        with self.built_with(feeds, threads, seeds) as connection:
            return {
                mart: connection.sql(f"from fct_quality_{mart}").df() for mart in MARTS
            }

    @contextmanager
    def built_with(
        self,
        feeds: dict[str, pd.DataFrame],
        threads=1,
        seeds: dict[str, pd.DataFrame] | None = None,
    ):
        """A connection to all that is built of other feeds with the same columns."""
        for feed, rows in feeds.items():
            write_feed(self.project, feed, rows)
        name = self.project.database.stem
        with duckdb.connect() as connection:
            connection.execute(f"set threads = {threads}; set TimeZone = 'UTC'")
            connection.execute("set preserve_insertion_order = false")
            connection.execute(f"attach ':memory:' as {name}")
            connection.execute(f"attach '{self.project.database}' as built (read_only)")
            for schema in SCHEMAS:
                connection.execute(f"create schema {name}.assay_{schema}")
            built = connection.sql(
                "select table_name from duckdb_tables()"
                " where database_name = 'built' and schema_name = 'assay_seeds'"
            )
            for (seed,) in built.fetchall():
                table = f"assay_seeds.{seed}"
                connection.execute(f"create table {name}.{table} as from built.{table}")
            for seed, rows in (seeds or {}).items():
                table = f"{name}.assay_seeds.{seed}"
                connection.register("given_seed", rows)
                connection.execute(f"delete from {table}")
                connection.execute(f"insert into {table} by name from given_seed")
            for relation, sql in self.models.items():
                model = relation.split(".")[-1].strip('"')
                if model in PYTHON_MODELS:
                    function, inputs = PYTHON_MODELS[model]
                    tables = [
                        connection.sql(query.format(name)).to_arrow_table()
                        for query in inputs
                    ]
                    connection.register("given", function(*tables))
                    sql = "from given"
                connection.execute(f"create table {relation} as {sql}")
            path = ",".join(f"{name}.assay_{schema}" for schema in reversed(SCHEMAS))
            connection.execute(f"set search_path = '{path}'")
            yield connection
