"""Tables of the command line: Parquet and CSV files, their texts, labels and scores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import numpy as np

    from python_ml.labels.scores import LabelScores

FORMATS = (".parquet", ".csv")
ADDED_BY_SCORES = (
    "row",
    "error_probability",
    "suggested_label",
    "suggestion_probability",
    "is_suspect",
    "classifier_disagreement",
    "neighbour_disagreement",
    "same_text_disagreement",
    "category_distance",
    "wrong_level",
    "nearest_rows",
    "nearest_similarity",
)


def read_table(path: Path) -> pa.Table:
    """Read a Parquet file, or a CSV file as text with empty fields as null.

    CSV is UTF-8 with one line of header and quotes doubled within quotes; the delimiter
    is the comma, semicolon, tab or bar that the header holds most of.

    Raises:
        OSError: If the file cannot be opened.
        ValueError: If it is not what its name ends in.
    """
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    try:
        if path.suffix == ".parquet":
            return pq.read_table(path)
        with path.open("rb") as file:
            header = file.readline().decode("utf-8-sig")
        return csv.read_csv(
            path,
            parse_options=csv.ParseOptions(
                delimiter=max(",;\t|", key=header.count), newlines_in_values=True
            ),
            convert_options=csv.ConvertOptions(
                default_column_type=pa.string(),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
            ),
        )
    except (pa.ArrowException, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path} cannot be read: {reason}") from error


def write_table(table: pa.Table, path: Path) -> None:
    """Write a Parquet or CSV file, whichever the path ends in; no half-written file.

    In CSV null is an empty field, and a list is written as JSON.
    """
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    partial = path.with_name(path.name + ".partial")
    try:
        if path.suffix == ".parquet":
            pq.write_table(table, partial)
        else:
            for place, field in enumerate(table.schema):
                if pa.types.is_nested(field.type):
                    values = [
                        None if value is None else json.dumps(value)
                        for value in table.column(place).to_pylist()
                    ]
                    values = pa.array(values, pa.string())
                    table = table.set_column(place, field.name, values)
            csv.write_csv(table, partial, csv.WriteOptions(quoting_style="needed"))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def values_of(table: pa.Table, column: str) -> list:
    """Read the values of one column, None where null.

    Raises:
        ValueError: If the table has no such column, or two of it.
    """
    if table.column_names.count(column) != 1:
        how = "two columns" if column in table.column_names else "no column"
        names = ", ".join(table.column_names)
        raise ValueError(f"There is {how} {column}; there are: {names}.")
    return table.column(column).to_pylist()


def texts_of(table: pa.Table, columns: Sequence[str]) -> list[str | None]:
    """Read a text per row: the columns' values, a space between; None if all blank."""
    parts = [values_of(table, column) for column in columns]
    rows = (
        [str(part) for part in row if part is not None and str(part).strip()]
        for row in zip(*parts, strict=True)
    )
    return [" ".join(row) or None for row in rows]


def audits_of(table: pa.Table, label_type: pa.DataType | None = None) -> dict:
    """Read audits: row, is_wrong and, where there, right_label and weight.

    Args:
        table: The audits; those from a CSV file are text in all columns.
        label_type: Type of the labels that were audited, as which the right labels are
            then read.

    Raises:
        ValueError: If a column is missing, or a value is not of its type.
    """
    import numpy as np

    types = {"row": pa.int64(), "is_wrong": pa.bool_(), "weight": pa.float64()}
    audits = {}
    for name in ("row", "is_wrong", "right_label", "weight"):
        if name in ("right_label", "weight") and name not in table.column_names:
            continue
        values = values_of(table, name)
        if name == "right_label":
            if label_type is not None:
                values = _cast(table, name, label_type).to_pylist()
            audits[name] = np.empty(len(values), object)
            audits[name][:] = values
            continue
        if None in values:
            raise ValueError(f"An audit has no {name}.")
        audits[name] = _cast(table, name, types[name]).to_numpy()
    return audits


def ensure_free(table: pa.Table, names: Sequence[str]) -> None:
    """Check that columns can be added to a table.

    Raises:
        ValueError: If the table has a column of such a name already.
    """
    for name in names:
        if name in table.column_names:
            raise ValueError(f"The data have a column {name} already: rename it.")


def with_scores(table: pa.Table, scores: LabelScores) -> pa.Table:
    """Put the number of each row, from 0, before a table and its scores behind it.

    Raises:
        ValueError: If the table has a column of such a name already.
    """
    import numpy as np

    added = {"row": pa.array(range(len(table)), pa.int64())}
    for name in ADDED_BY_SCORES[1:]:
        values = np.asarray(getattr(scores, name))
        if name == "suggested_label":
            added[name] = _labels(values)
        elif values.ndim == 2:
            added[name] = pa.array(list(values))
        else:
            added[name] = pa.array(values, from_pandas=True)  # NaN is null.
    return with_columns(table, added)


def with_columns(table: pa.Table, added: dict[str, pa.Array]) -> pa.Table:
    """Add columns to a table; one called `row` comes first.

    Raises:
        ValueError: If the table has a column of such a name already.
    """
    ensure_free(table, list(added))
    for name, values in added.items():
        place = 0 if name == "row" else table.num_columns
        table = table.add_column(place, name, values)
    return table


def _cast(table: pa.Table, name: str, type: pa.DataType) -> pa.ChunkedArray:
    """Read a column of audits as values of a type."""
    if pa.types.is_dictionary(type):
        type = type.value_type
    try:
        return table.column(name).cast(type)
    except pa.ArrowException as error:
        raise ValueError(f"The column {name} of the audits must be {type}.") from error


def _labels(labels: np.ndarray) -> pa.Array:
    try:
        return pa.array(labels, from_pandas=True)
    except pa.ArrowException:  # Of several types.
        return pa.array([None if label is None else str(label) for label in labels])
