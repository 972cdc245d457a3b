"""Writing feeds and the truth to files, piece by piece."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tqdm import tqdm

from python_ml.sample import text
from python_ml.sample.columns import as_text
from python_ml.sample.feed import Feed
from python_ml.sample.schema import FEEDS, TEXT

_CHUNK = 500_000  # rows in memory as text at a time

# Raw feeds are text. These columns of the events are typed in Parquet, while nothing
# is planted in them that would not go into the type.
TYPED = {
    "quantity": pa.int64(),
    "price": pa.float64(),
    "occurred_at": pa.timestamp("us"),
    "ingested_at": pa.timestamp("us"),
}
_CASTABLE = {"missing", "out_of_range", "future", "out_of_order"}


def write_feed(feed: Feed, path: Path, has_progress: bool = False) -> None:
    """Write a settled feed as Parquet or CSV, whichever the path ends in.

    `has_progress` shows a bar on stderr.
    """
    schema = pa.schema([(column, _type(feed, column)) for column in FEEDS[feed.name]])

    def pieces() -> Iterator[pa.Table]:
        size = len(feed.rows)
        with tqdm(
            desc=feed.name,
            total=size,
            unit=" rows",
            unit_scale=True,
            disable=not has_progress,
        ) as bar:
            for start in range(0, size, _CHUNK):
                places = np.arange(start, min(start + _CHUNK, size))
                columns = [feed.written(c.name, places, c.type) for c in schema]
                yield pa.table(columns, schema=schema)
                bar.update(len(places))

    write_tables(pieces(), schema, path)


def _type(feed: Feed, column: str) -> pa.DataType:
    defects = {defect for _, planted, defect, _ in feed.planted if planted == column}
    is_typed = feed.name == "events" and defects <= _CASTABLE
    return TYPED.get(column, TEXT) if is_typed else TEXT


def write_tables(tables: Iterable[pa.Table], schema: pa.Schema, path: Path) -> None:
    """Write tables below each other as Parquet or CSV, whichever the path ends in.

    In CSV null is an empty field, and quotes keep what would not come back as it is.
    """
    if path.suffix == ".parquet":
        with pq.ParquetWriter(path, schema) as writer:
            for table in tables:
                writer.write_table(table)
        return
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(schema.names) + "\n")
        for table in tables:
            fields = [_csv_fields(column.combine_chunks()) for column in table.columns]
            lines = text.joined(*fields, separator=",").to_pylist()
            file.writelines(line + "\n" for line in lines)


def _csv_fields(values: pa.Array) -> pa.Array:
    values = as_text(values)
    quoted = text.joined('"', pc.replace_substring(values, '"', '""'), '"')
    must = pc.match_substring_regex(values, r'^$|[",\r\n]|^\s|\s$')
    return pc.if_else(must, quoted, values).fill_null("")
