"""`assay recommend`: lists of recommendations, learned from the repaired data."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from python_ml.command_line.arguments import count, ensure_folder, table
from python_ml.command_line.show import add_marts
from python_ml.common.marts import (
    duckdb_name,
    has_table,
    schema_of_marts,
    where_is,
)

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from python_ml.effect.models.content import TextVectors

# Where nothing was measured: what is hard to beat on many data sets.
_UNMEASURED = {"all": "own_counts", "new": "item_knn"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to write, with which model, and how lists are made."""
    add_marts(parser)
    parser.add_argument(
        "--out", type=table, required=True, help="Parquet or CSV file to write"
    )
    parser.add_argument(
        "--model",
        default="best",
        help="popularity, own_counts, recent_own_counts, item_knn, ease, als, content"
        " or hybrid; default: the best on repaired data, by NDCG@100 in"
        " fct_recommender_effect",
    )
    parser.add_argument(
        "--target",
        choices=("all", "new"),
        default="all",
        help="new: without what the user took before; default: all",
    )
    parser.add_argument(
        "--top", type=count, default=10, help="products of each user; default: 10"
    )
    parser.add_argument(
        "--diversity",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="how much unlike products are preferred, 0 (default: by score alone, as it"
        " was evaluated) to 1",
    )


def run(options: argparse.Namespace) -> int:
    """Write the lists, and say from what."""
    import duckdb
    import pyarrow as pa

    from python_ml.command_line.tables import write_table
    from python_ml.effect.lists import LISTS, ListSettings, recommend

    ensure_folder(options.out)
    if not options.database.exists():
        raise FileNotFoundError(
            f"There is no {options.database}: run `dbt build` first."
        )
    try:
        with duckdb.connect(str(options.database), read_only=True) as connection:
            schema = options.schema or schema_of_marts(connection)
            model, why = options.model, ""
            if model == "best":
                model, why = best_model(connection, schema, options.target)
            lists = ListSettings(model, options.target, options.top, options.diversity)
            events, products, users = _read(connection)
            texts = None
            if model in ("content", "hybrid"):
                texts = _texts(connection)
    except duckdb.Error as error:
        raise ValueError(
            f"{options.database} cannot be read, or was built without repairs and"
            f" effect: {error}".splitlines()[0]
        ) from error
    parts = recommend(events, products, users, texts=texts, lists=lists)
    made = pa.concat_tables([LISTS.empty_table(), *parts])
    write_table(made, options.out)
    people = len(made["user_id"].unique())
    print(
        f"{options.out}: {len(made):,} rows for {people:,} users, by {model}{why}.",
        file=sys.stderr,
    )
    return 0


def best_model(
    connection: DuckDBPyConnection, schema: str, target: str
) -> tuple[str, str]:
    """Return the best model on repaired data, and in words why it is that.

    Args:
        connection: To the warehouse.
        schema: That of the marts.
        target: "all" or "new".
    """
    found = None
    if has_table(connection, schema, "fct_recommender_effect"):
        found = connection.execute(
            f"""
            select model, value
            from {duckdb_name(schema)}.fct_recommender_effect
            where
                version = 'repaired'
                and target = ?
                and metric = 'ndcg_at_100'
                and value is not null
            order by value desc, model
            limit 1
            """,
            [target],
        ).fetchone()
    if found is None:
        return _UNMEASURED[target], ": nothing was measured, so it is a guess"
    return found[0], f", the best on repaired data (NDCG@100 {found[1]:.4f})"


def _read(connection: DuckDBPyConnection) -> tuple[pa.Table, pa.Table, pa.Array]:
    events: pa.Table = connection.sql(
        f"""
        select user_id, product_id, occurred_at
        from {where_is(connection, "int_recommender_events")}
        where version = 'repaired'
        """
    ).to_arrow_table()
    products: pa.Table = connection.sql(
        f"""
        select product_id, title, category
        from {where_is(connection, "repaired_integrated_products")}
        where product_id is not null
        """
    ).to_arrow_table()
    users: pa.Table = connection.sql(
        f"select user_id from {where_is(connection, 'repaired_users')}"
    ).to_arrow_table()
    return events, products, users["user_id"]


def _texts(connection: DuckDBPyConnection) -> TextVectors | None:
    """Return the embeddings of titles that the last build kept, if there are any."""
    from python_ml.effect.models.content import TextVectors

    embeddings = where_is(connection, "int_text_embeddings")
    found: pa.Table = connection.sql(
        f"""
        with embedded as (
            select
                products.product_id,
                embeddings.encoder,
                any_value(embeddings.embedding) as embedding
            from {where_is(connection, "repaired_integrated_products")} as products
            inner join {embeddings} as embeddings
                on md5(products.title) = embeddings.text_hash
            group by products.product_id, embeddings.encoder
        )

        select product_id, embedding
        from embedded
        where encoder = (
            select encoder from embedded group by encoder
            order by count(*) desc, encoder limit 1
        )
        order by product_id
        """
    ).to_arrow_table()
    if not len(found):
        return None
    lists = found["embedding"].combine_chunks()
    matrix = lists.flatten().to_numpy().reshape(len(lists), -1)
    return TextVectors(found["product_id"].combine_chunks(), matrix)
