"""Question 6: when? Days by how far they are from what was expected of them.

Where anomalies are watched, a day is as strange as the strangest series of its feed.
Until then it is compared with the mean of its feed: by chance one day of 20 is beyond
5 %, and nothing is an alarm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from python_ml.report.marts import Marts
from python_ml.report.shares import share_p, true_spread
from python_ml.report.trend import CHARTS, Day
from python_ml.report.visible import Personal

_UNUSUAL, _RARE = 0.05, 0.01
_LISTED = 10
_KEPT = 60
_WORSE = {
    ("failure_rate", "above"),
    ("freshness", "above"),
    ("quality_index", "below"),
    ("rows", "below"),
}


@dataclass(frozen=True)
class Tile:
    """A day of a feed.

    Attributes:
        level: 0 as expected, 1 beyond 5 %, 2 beyond 1 %, 3 an alarm.
        direction: `worse`, `better`, or `other` where neither can be said.
        what: The rule or column of the series; None for rows without fault.
        related: How many series of the day are alarms.
    """

    day: date
    feed: str
    level: int
    direction: str
    measure: str
    what: str | None
    found: float | None
    expected: float | None
    low: float | None
    high: float | None
    rows: int | None
    related: int


@dataclass(frozen=True)
class Month:
    """A month: its first day, and its days that have something to show."""

    first: date
    tiles: list[Tile]

    def column(self, tile: Tile) -> int:
        """Return the weekday of a day, 0 for Monday."""
        return tile.day.weekday()

    def line(self, tile: Tile) -> int:
        """Return the week of the month that a day is in, from 0 on."""
        return (tile.day.day - 1 + self.first.weekday()) // 7


@dataclass(frozen=True)
class Calendar:
    """The days of a feed, or of all of them ("")."""

    feed: str
    months: list[Month]
    days: int
    unusual: int
    alarms: int


@dataclass(frozen=True)
class Calendars:
    """Calendars and the strangest days, of how many by feed and all ("")."""

    is_watched: bool
    calendars: list[Calendar]
    strangest: list[Tile]
    totals: dict[str, int]
    # The directions and levels that there are, from 1 on.
    kinds: list[tuple[str, int]]
    listed: int = _LISTED


def calendars(
    marts: Marts,
    days: Mapping[str, list[Day]],
    worst_first: list[str],
    personal: Personal,
) -> Calendars:
    """Return the calendar of all feeds and of each, and their strangest days."""
    is_watched = marts.is_filled("fct_quality_anomalies")
    tiles = _watched(marts, personal) if is_watched else _compared(days)
    by_feed: dict[str, list[Tile]] = {}
    for tile in tiles:
        by_feed.setdefault(tile.feed, []).append(tile)
    feeds = [feed for feed in worst_first if feed in by_feed][:CHARTS]
    drawn = [_calendar("", _strangest_of_day(tiles))] if tiles else []
    drawn += [_calendar(feed, by_feed[feed]) for feed in feeds]
    strange = sorted(
        (tile for tile in tiles if tile.level >= (3 if is_watched else 2)),
        key=lambda tile: (-tile.level, -tile.day.toordinal(), tile.feed),
    )
    totals = {"": len(strange)}
    for tile in strange:
        totals[tile.feed] = totals.get(tile.feed, 0) + 1
    kinds = {(tile.direction, tile.level) for tile in tiles if tile.level}
    order = ("worse", "better", "other")
    return Calendars(
        is_watched,
        drawn,
        strange[:_KEPT],
        totals,
        sorted(kinds, key=lambda kind: (order.index(kind[0]), kind[1])),
    )


def _watched(marts: Marts, personal: Personal) -> list[Tile]:
    """Return of each feed and day the strangest of its series."""
    found = marts.rows(
        """
        select
            *,
            count(*) filter (where is_anomaly) over (partition by feed, day) as alarms
        from fct_quality_anomalies
        where day >= ? and day < ?
        qualify row_number() over (
            partition by feed, day
            order by is_anomaly desc nulls last, p_value nulls last, series_id
        ) = 1
        order by feed, day
        """,
        [marts.start("all"), marts.end],
    )
    tiles = []
    for row in found:
        value = personal.value(row["feed"], row["column_name"], row["value_of_column"])
        names = [row["rule_name"] or row["column_name"], value]
        p_value = row["p_value"]
        level = 3 if row["is_anomaly"] else _level(p_value)
        below = row["found"] is not None and row["expected"] is not None
        below = below and row["found"] < row["expected"]
        direction = row["direction"] or ("below" if below else "above")
        tiles.append(
            Tile(
                day=row["day"],
                feed=row["feed"],
                level=level,
                direction=_direction(row["measure"], direction),
                measure=row["measure"],
                what=" = ".join(name for name in names if name) or None,
                found=row["found"],
                expected=row["expected"],
                low=row["expected_low"],
                high=row["expected_high"],
                rows=None,
                related=row["alarms"],
            )
        )
    return tiles


def _compared(days: Mapping[str, list[Day]]) -> list[Tile]:
    """Return the days of each feed by how far their share is from that of all days."""
    tiles = []
    for feed, of_feed in days.items():
        counts = [(day.clean, day.rows) for day in of_feed]
        share = sum(clean for clean, _ in counts) / sum(rows for _, rows in counts)
        spread = true_spread(counts)
        for day in of_feed:
            p_value = share_p(day.clean, day.rows, share, spread)
            found = day.clean / day.rows
            tiles.append(
                Tile(
                    day=day.day,
                    feed=feed,
                    level=_level(p_value),
                    direction="better" if found > share else "worse",
                    measure="clean_row_share",
                    what=None,
                    found=found,
                    expected=share,
                    low=None,
                    high=None,
                    rows=day.rows,
                    related=0,
                )
            )
    return tiles


def _strangest_of_day(tiles: list[Tile]) -> list[Tile]:
    best: dict[date, Tile] = {}
    for tile in tiles:
        if tile.day not in best or tile.level > best[tile.day].level:
            best[tile.day] = tile
    return [best[day] for day in sorted(best)]


def _calendar(feed: str, tiles: list[Tile]) -> Calendar:
    months: dict[date, list[Tile]] = {}
    for tile in tiles:
        months.setdefault(tile.day.replace(day=1), []).append(tile)
    # Months without a day are drawn, too: a gap is seen as one.
    first, last = min(months), max(months)
    while first < last:
        months.setdefault(first, [])
        first = (first + timedelta(days=31)).replace(day=1)
    return Calendar(
        feed,
        [Month(month, months[month]) for month in sorted(months)],
        len(tiles),
        sum(tile.level > 0 for tile in tiles),
        sum(tile.level == 3 for tile in tiles),
    )


def _level(p_value: float | None) -> int:
    if p_value is None:
        return 0
    return (p_value < _UNUSUAL) + (p_value < _RARE)


def _direction(measure: str, direction: str) -> str:
    if (measure, direction) in _WORSE:
        return "worse"
    opposite = "below" if direction == "above" else "above"
    return "better" if (measure, opposite) in _WORSE else "other"
