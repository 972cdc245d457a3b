"""A feed before it is written: its clean values, what is planted in them, the truth."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_ml import sample_text as text
from python_ml.sample_columns import Column, as_text, moments
from python_ml.sample_schema import CYCLES, KEYS, TRUTH

_LEARNED = {"wrong_category", "wrong_label"}  # no rule can be sure of these


class Feed:
    """One feed, which is made clean, planted in, settled, and then written.

    Rows are those of the clean feed, 0..size-1; places are those of the written one,
    in which copies of rows stand between them. Arrays of rows are in order.

    Attributes:
        name: One of FEEDS.
        size: How many rows the clean feed has.
        times: Seconds since 1970 (size,) of each column with times.
        filled: Mask (size,) of the rows that have a value, of columns with nulls.
        group: Code (size,) of the thing on which rows must agree.
        is_free: Mask (size,) of the rows without a defect.
        planted: What was planted in values: (rows, column, defect).
        rows: Once settled, the row at each place.
    """

    def __init__(
        self,
        name: str,
        clean: dict[str, Column],
        times: dict[str, np.ndarray],
        *,
        only: dict[str, np.ndarray] | None = None,
        filled: dict[str, np.ndarray] | None = None,
        group: np.ndarray | None = None,
    ):
        """Take the clean feed.

        Args:
            name: One of FEEDS.
            clean: Its columns but for the times.
            times: Seconds since 1970 of each column with times.
            only: Masks of the rows that may go wrong, by column or "column defect".
            filled: Masks of the rows that have a value, by column; all if not given.
            group: As the attribute; each row is a thing of its own if not given.
        """
        self.name, self.times = name, times
        aged, _ = CYCLES[name]
        self.size = len(times[aged])
        self.filled = filled or {}
        self.group = np.arange(self.size) if group is None else group
        self.is_free = np.ones(self.size, bool)
        self.planted: list[tuple[np.ndarray, str, str]] = []
        self._clean = clean | {column: moments(times[column]) for column in times}
        self._only = only or {}
        # The newest row says how old the feed is: it must stay.
        is_older = times[aged] < times[aged].max()
        self._only[aged] = self._only.get(aged, True) & is_older
        self._changes: dict[str, list] = {}  # column: [(rows, texts)]
        self._noted: list[pa.Table] = []
        self._copies = {"repeat": ([], []), "repeat_content": ([], [])}

    def open_rows(self, column: str, defect: str) -> np.ndarray:
        """Mask of the rows in which a defect of a column may be planted."""
        is_open = self.is_free.copy()
        for masks, name in (
            (self._only, column),
            (self._only, f"{column} {defect}"),
            (self.filled, column),
        ):
            is_open &= masks.get(name, True)
        return is_open

    def plant(self, rows: np.ndarray, column: str, defect: str) -> None:
        """Say that rows, which have no defect yet, have one."""
        if len(rows):
            self.is_free[rows] = False
            self.planted.append((rows, column, defect))

    def change(self, rows: np.ndarray, column: str, texts: pa.Array) -> None:
        """Put texts in place of the clean values of rows."""
        self._changes.setdefault(column, []).append((rows, texts))
