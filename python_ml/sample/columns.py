"""Columns of a clean feed, and values as text.

A column is a function from row numbers to an Arrow array of their values, so that no
feed is in memory as text at once.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_ml.sample import text
from python_ml.sample.schema import TEXT

Column = Callable[[np.ndarray], pa.Array]


def ready(values: pa.Array) -> Column:
    """Make a column of values that are there already."""
    return lambda rows: values.take(pa.array(rows))


def coded(words: Sequence[str] | pa.Array, codes: np.ndarray) -> Column:
    """Make a column of words by their code; a negative code is null."""
    words = pa.array(words)
    return lambda rows: text.pick(words, codes[rows])


def ids(prefix: str, numbers: np.ndarray, width: int = 6) -> Column:
    """Make a column of ids such as P000123."""
    return lambda rows: id_texts(prefix, numbers[rows], width)


def numbers(values: np.ndarray, is_filled: np.ndarray | None = None) -> Column:
    """Make a column of numbers, null where it is not filled."""
    if is_filled is None:
        return lambda rows: pa.array(values[rows])
    return lambda rows: pa.array(values[rows], mask=~is_filled[rows])


def moments(seconds: np.ndarray) -> Column:
    """Make a column of timestamps from seconds since 1970."""
    return lambda rows: pa.array(seconds[rows]).cast(pa.timestamp("s"))


def as_text(values: pa.Array) -> pa.Array:
    """Write values out: times to the second, floats to the cent."""
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp("s"))
    if pa.types.is_floating(values.type):
        values = values.cast(pa.decimal128(12, 2))
    return values.cast(TEXT)


def stamps(seconds: np.ndarray) -> pa.Array:
    """Write seconds since 1970 as timestamps."""
    return as_text(pa.array(seconds).cast(pa.timestamp("s")))


def id_texts(prefix: str, numbers: np.ndarray, width: int = 6) -> pa.Array:
    """Write numbers as ids of so many digits, zeros in front."""
    digits = pa.array(numbers).cast(TEXT)
    return text.joined(prefix, pc.utf8_lpad(digits, width=width, padding="0"))
