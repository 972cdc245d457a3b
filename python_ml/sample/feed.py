"""A feed before it is written: its clean values, what is planted in them, the truth."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_ml.sample import text
from python_ml.sample.columns import Column, as_text, moments
from python_ml.sample.schema import CYCLES, KEYS, TEXT


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
        planted: What was planted in values: (rows, column, defect, is_told), the last
            one a mask of the rows whose found value alone tells the clean one.
        noted: Defects of no row: (feed, column, defect, keys, found values or None).
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
        self.planted: list[tuple[np.ndarray, str, str, np.ndarray]] = []
        self._clean = clean | {column: moments(times[column]) for column in times}
        self._only = dict(only or {})
        # The newest row says how old the feed is: it must stay.
        is_older = times[aged] < times[aged].max()
        self._only[aged] = self._only.get(aged, True) & is_older
        self._changes: dict[str, list] = {}  # column: [(rows, texts)]
        self.noted: list[tuple] = []
        self._copied = self._before = np.zeros(0, int)
        self._has_new_id = np.zeros(0, bool)

    def open_rows(self, column: str, defect: str) -> np.ndarray:
        """Mask of the rows in which a defect of a column may be planted."""
        is_open = self.is_free.copy()
        is_open &= self._only.get(column, True)
        is_open &= self._only.get(f"{column} {defect}", True)
        is_open &= self.filled.get(column, True)
        return is_open

    def mark(
        self,
        rows: np.ndarray,
        column: str,
        defect: str,
        is_told: np.ndarray | None = None,
    ) -> None:
        """Say that rows, which have no defect yet, have one.

        `is_told` (rows,) masks those whose bad value alone tells the clean one; none
        if not given.
        """
        if len(rows):
            self.is_free[rows] = False
            is_told = np.zeros(len(rows), bool) if is_told is None else is_told
            self.planted.append((rows, column, defect, is_told))

    def change(self, rows: np.ndarray, column: str, texts: pa.Array) -> None:
        """Put texts in place of the clean values of rows."""
        if len(rows):
            self._changes.setdefault(column, []).append((rows, texts))

    def copy(self, rows: np.ndarray, before: np.ndarray, has_new_id: bool) -> None:
        """Repeat rows, which have no defect yet, before other rows (or at the end).

        A copy by content has an id of its own, which sorts after the one of its row.
        """
        self.is_free[rows] = False
        self._copied = np.append(self._copied, rows)
        self._before = np.append(self._before, before)
        new = np.full(len(rows), has_new_id)
        self._has_new_id = np.append(self._has_new_id, new)

    def note(
        self,
        column: str,
        defect: str,
        keys: pa.Array,
        found: pa.Array | None = None,
        feed: str | None = None,
    ) -> None:
        """Add to the truth defects of no row; of this feed if no other is named."""
        self.noted.append((feed or self.name, column, defect, keys, found))

    def settle(self) -> None:
        """Fix the order of the written rows: nothing is planted from now on."""
        order = np.argsort(self._before, kind="stable")
        self._before = self._before[order]
        self.rows = np.insert(np.arange(self.size), self._before, self._copied[order])
        self._copy_places = self._before + np.arange(len(order))
        self._has_new_id = self._has_new_id[order]

    def clean_text(self, column: str, rows: np.ndarray) -> pa.Array:
        """Return the clean values of a column, as text."""
        return as_text(self._clean[column](rows))

    def found(
        self, column: str, rows: np.ndarray, type: pa.DataType = TEXT
    ) -> pa.Array:
        """Return the values of a column with what is planted in them."""
        values = self._clean[column](rows)
        values = as_text(values) if type == TEXT else values.cast(type)
        for changed, texts in self._changes.get(column, []):
            at = np.minimum(np.searchsorted(changed, rows), len(changed) - 1)
            is_hit = changed[at] == rows
            if is_hit.any():
                new = texts.take(pa.array(at[is_hit])).cast(type)
                values = pc.replace_with_mask(values, pa.array(is_hit), new)
        return values

    def written(
        self, column: str, places: np.ndarray, type: pa.DataType = TEXT
    ) -> pa.Array:
        """Return the values of a column as they are written."""
        values = self.found(column, self.rows[places], type)
        if column == KEYS[self.name][0]:
            has_new_id = np.isin(places, self._copy_places[self._has_new_id])
            if has_new_id.any():
                mark = text.either(has_new_id, "R", "")
                values = pc.binary_join_element_wise(values, mark, "")
        return values

    def copies(self, *, has_new_id: bool) -> np.ndarray:
        """Return the places of the copies with the id of their row, or a new one."""
        return self._copy_places[self._has_new_id == has_new_id]

    def places_of(self, rows: np.ndarray) -> np.ndarray:
        """Return the places of rows, not of their copies."""
        return rows + np.searchsorted(self._before, rows, side="right")

    def keys(self, places: np.ndarray) -> pa.Array:
        """The record keys; a missing part is left empty."""
        parts = []
        for column in KEYS[self.name]:
            part = self.written(column, places)
            trimmed = pc.utf8_trim_whitespace(part)
            is_missing = pc.is_in(trimmed, pa.array(["", None, *text.PLACEHOLDERS]))
            parts.append(pc.if_else(is_missing, "", part))
        return text.joined(*parts, separator="|")
