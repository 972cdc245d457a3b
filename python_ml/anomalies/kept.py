"""What was found before, and how far it still holds.

A day's result depends on the days until then alone: `day_states` are hashes of all of
them. A day whose state is the same has the same result, and what was learned of levels
until then is read from the results themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import md5

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_ml.anomalies.grid import Grid
from python_ml.anomalies.levels import Levels
from python_ml.anomalies.schemas import anomalies_schema
from python_ml.common.code_version import code_version


@dataclass(frozen=True)
class Kept:
    """Results that hold.

    Attributes:
        table: As `find_anomalies` returned them.
        next_day: The first day of the grid that they say nothing of.
        by_day: Of each day of the grid: series of the grid (sorted), side, whether the
            day is left out, and the first day of the present level in the grid or -1.
    """

    table: pa.Table
    next_day: int
    by_day: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]


def day_states(grid: Grid) -> list[str]:
    """Return the state of each day of the grid: a hash of all until then."""
    names = [
        md5(str(one).encode(), usedforsecurity=False).digest()[:8]
        for one in grid.keys["series_id"].to_pylist()
    ]
    hashes = np.frombuffer(b"".join(names), dtype=np.int64)
    digest = md5(usedforsecurity=False)
    digest.update(f"{code_version('anomalies.find')}|".encode())
    parts = (grid.value, grid.numerator, grid.denominator)
    states = []
    for day in range(grid.value.shape[1]):
        there = np.flatnonzero(np.isfinite(grid.value[:, day]))
        if len(there):
            digest.update(np.int64(grid.first + day).tobytes())
            digest.update(hashes[there].tobytes())
            for part in parts:
                digest.update(np.ascontiguousarray(part[there, day]).tobytes())
        states.append(digest.hexdigest())
    return states


def kept_results(known: pa.Table | None, grid: Grid, states: list[str]) -> Kept | None:
    """Return what still holds of earlier results; None for nothing.

    Args:
        known: What `find_anomalies` returned before; a table with other columns, of an
            earlier version, counts as none.
        grid: The series as they are.
        states: Of the days of the grid.
    """
    if (
        known is None
        or not len(known)
        or known.schema.names != anomalies_schema().names
    ):
        return None
    known = known.cast(anomalies_schema())
    day = known["day"].cast(pa.int32()).to_numpy() - grid.first
    rows = pc.index_in(known["series_id"], grid.keys["series_id"])
    rows = rows.fill_null(-1).to_numpy()
    order = np.lexsort((rows, day))
    if (np.diff(order) != 1).any():
        known, day, rows = known.take(pa.array(order)), day[order], rows[order]
    inside = (day >= 0) & (day < len(states))
    now = pa.array(states).take(pa.array(np.where(inside, day, 0)))
    same = pc.equal(known["history_state"], now).to_numpy() & inside
    # From the first day on that has changed everything is tested again.
    changed = np.flatnonzero(~same)
    end = int(changed[0]) if len(changed) else len(known)
    end = int(np.searchsorted(day, day[end])) if end < len(known) else end
    if not end or not same[0]:
        return None
    known, day = known.slice(0, end), day[:end]
    above = pc.fill_null(pc.equal(known["direction"], "above"), False).to_numpy()
    side = np.where(above, 1, -1) * pc.is_valid(known["direction"]).to_numpy()
    left_out = known["left_out"].to_numpy()
    since = known["level_since"].cast(pa.int32()).fill_null(grid.first - 1)
    since = since.to_numpy() - grid.first
    starts = np.flatnonzero(np.diff(day, prepend=-1))
    by_day = {}
    for begin, stop in zip(starts, [*starts[1:], end], strict=True):
        part = slice(begin, stop)
        by_day[int(day[begin])] = (rows[part], side[part], left_out[part], since[part])
    return Kept(known, int(day[-1]) + 1, by_day)


def replay(kept: Kept, rows: np.ndarray, levels: Levels) -> None:
    """Tell levels of some series what was found of them before.

    Args:
        kept: The results.
        rows: The series of the grid that the levels are of, sorted.
        levels: Of which nothing is known yet.
    """
    for day, (of_grid, side, left_out, since) in kept.by_day.items():
        mine = np.isin(of_grid, rows, assume_unique=True)
        place = np.searchsorted(rows, of_grid[mine])
        # A level ends by itself only where the one before came back.
        returned = (levels.start[place] >= 0) & (since[mine] < 0)
        levels.learn(day, place, side[mine], returned, left_out[mine])
