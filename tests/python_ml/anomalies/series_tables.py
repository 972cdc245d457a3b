"""Series as find_anomalies takes them, made for tests."""

from datetime import date

import numpy as np
import pyarrow as pa

FIRST = (date(2026, 1, 5) - date(1970, 1, 1)).days  # A Monday.
SCHEMA = pa.schema(
    [
        *(
            (name, pa.string())
            for name in (
                "series_id",
                "feed",
                "measure",
                "rule_name",
                "column_name",
                "slice_type",
                "slice_value",
                "value_of_column",
            )
        ),
        ("day", pa.date32()),
        ("numerator", pa.float64()),
        ("denominator", pa.float64()),
        ("value", pa.float64()),
    ]
)


def series(values, first=FIRST, denominator=None, numerator=None, **names):
    """Return one series of consecutive days; None and NaN where there is no value."""
    count = len(values)
    values = [None if one is None else float(one) for one in values]
    of_all = {"series_id": "s", "feed": "orders", "measure": "mean"}
    of_all |= {"slice_type": "all", "slice_value": "all"} | names
    columns = {name: [of_all.get(name)] * count for name in SCHEMA.names[:8]}
    columns["day"] = pa.array(range(first, first + count), pa.int32()).cast(pa.date32())
    columns["value"] = values
    columns["denominator"] = [1.0] * count if denominator is None else denominator
    columns["numerator"] = values if numerator is None else numerator
    return pa.table(columns, schema=SCHEMA)


def rates(failing, rows, **names):
    """Return a failure rate from counts."""
    failing, rows = np.broadcast_arrays(
        np.asarray(failing, float), np.asarray(rows, float)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        value = [
            None if not of else one / of for one, of in zip(failing, rows, strict=True)
        ]
    names = {"measure": "failure_rate", "rule_name": "r"} | names
    return series(value, denominator=rows.tolist(), numerator=failing.tolist(), **names)


def many(values, **names):
    """Return series of an array [series, days]."""
    digits = len(str(len(values)))
    return pa.concat_tables(
        [
            series(one, **({"series_id": f"s{row:0{digits}}"} | names))
            for row, one in enumerate(values)
        ]
    )


def day(number):
    """Return the day of that number of a series, from 0."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + FIRST + number)


def on(table, number):
    """Return what was found on the day of that number, as a list of rows."""
    return [row for row in table.to_pylist() if row["day"] == day(number)]
