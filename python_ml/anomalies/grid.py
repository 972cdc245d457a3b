"""Series as arrays: one row a series, one column a day of the calendar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from python_ml.anomalies.schemas import KEYS
from python_ml.anomalies.strange import WINDOW

# Days beyond them are not looked at: a date of 1970 among those of today would make the
# calendar long, and what it is beside them shows nothing. The first day moves once a
# year, because all results depend on where a calendar begins.
LONGEST = 1096
_YEAR = 366


@dataclass(frozen=True)
class Grid:
    """Series by days.

    Attributes:
        keys: Of each series, `KEYS`.
        first: The day of the first column, in days since 1970-01-01; a forecast of the
            first day that holds a value finds `WINDOW` empty columns before it.
        value, numerator, denominator: [series, days], NaN where there is none.
    """

    keys: pa.Table
    first: int
    value: np.ndarray
    numerator: np.ndarray
    denominator: np.ndarray


def grid_of(series: pa.Table, last_day: int | None = None) -> Grid | None:
    """Return the series over the whole of a table; None where there is nothing.

    Args:
        series: One row per series and day: `KEYS`, day, numerator, denominator and
            value; of two rows of one day the last counts.
        last_day: Days after it are passed over; None: none are.
    """
    day = _days(series["day"])
    value = numbers(series["value"])
    usable = (day > np.iinfo(np.int64).min) & np.isfinite(value)
    if last_day is not None:
        usable &= day <= last_day
    if not usable.any():
        return None
    last = int(day[usable].max())
    usable &= day >= (last - LONGEST) // _YEAR * _YEAR
    rows = np.flatnonzero(usable)
    names = series["series_id"].take(pa.array(rows)).combine_chunks()
    encoded = names.dictionary_encode()
    # The order of series must not depend on how the table was read.
    order = np.argsort(np.array(encoded.dictionary.to_pylist(), dtype=object))
    place = np.empty(len(order), dtype=int)
    place[order] = np.arange(len(order))
    row = place[encoded.indices.to_numpy()]
    first = int(day[rows].min()) - WINDOW
    column = day[rows] - first
    shape = (len(order), last - first + 1)

    def filled(values: np.ndarray) -> np.ndarray:
        found = np.full(shape, np.nan)
        found[row, column] = values[rows]
        return found

    _, where = np.unique(row, return_index=True)
    return Grid(
        series.take(pa.array(rows[where])).select(KEYS),
        first,
        filled(value),
        filled(numbers(series["numerator"])),
        filled(numbers(series["denominator"])),
    )


# Sums of products of what is smaller are finite.
_TOO_LARGE = 1e100


def numbers(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column as float64 [rows]; NaN for null and what no square fits."""
    found = column.cast(pa.float64()).to_numpy().astype(np.float64)
    found[~(np.abs(found) < _TOO_LARGE)] = np.nan
    return found


def _days(column: pa.ChunkedArray) -> np.ndarray:
    """Return days since 1970-01-01 [rows]; the smallest number for null."""
    days = column.cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
    return days.fill_null(np.iinfo(np.int64).min).to_numpy()
