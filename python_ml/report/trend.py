"""Question 3: is it getting better or worse? Rows without fault, by day of the record.

Shares of rows can be added up over days and feeds; an index cannot. A chart takes the
shortest blocks of days in which the signal is wider than its 95 % intervals, so that it
shows what changed and not how few rows a day has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor, sqrt

from python_ml.report.marts import PERIODS, Marts
from python_ml.report.shares import same_share_p, wilson

# Blocks of days that are whole and end with the last closed day.
GRAINS = (1, 7, 28)
_LEAST_POINTS = 6
_RECENT = 28
# Fewer rows than this, before or after, tell nothing.
_LEAST_ROWS = 20
_SURE = 0.01
# The feeds that are drawn: the worst, and all of them together.
CHARTS = 11


@dataclass(frozen=True)
class Day:
    """The rows of a day and how many of them no rule finds fault with."""

    day: date
    rows: int
    clean: float


@dataclass(frozen=True)
class Point:
    """A block of days; `at` is its middle, and `width` its part of the period, in %."""

    first: date
    last: date
    rows: int
    share: float
    low: float
    high: float
    at: float
    width: float


@dataclass(frozen=True)
class Chart:
    """The points of a feed ("": of all) in a period.

    Attributes:
        grain: How many days are a block.
        first: The first day of the scale.
        last: Its last day.
        verdict: `better`, `worse`, `no difference` beyond chance, or `too few rows`.
        recent: The share in the last 28 days, and their rows.
        before: The same of the days before.
    """

    feed: str
    period: str
    grain: int
    first: date
    last: date
    points: list[Point]
    verdict: str
    recent: tuple[float | None, int]
    before: tuple[float | None, int]


@dataclass(frozen=True)
class Trend:
    """All charts on one scale, and the rows that are in none.

    Attributes:
        bottom: Where the scale begins, 0 to 1; it ends at 1.
        feeds: How many feeds have days.
        undated: Rows of these feeds without a day, on the day of the build, or later.
    """

    charts: list[Chart]
    bottom: float
    feeds: int
    undated: int


def days_of_feeds(marts: Marts) -> dict[str, list[Day]]:
    """Return by feed the closed days of the period that the page shows."""
    found = marts.rows(
        """
        select feed, try_cast(scope_value as date) as day, rows_checked, clean_row_share
        from fct_quality_index
        where
            scope_type = 'day' and rows_checked > 0 and clean_row_share is not null
            and try_cast(scope_value as date) >= ?
            and try_cast(scope_value as date) < ?
        order by feed, day
        """,
        [marts.start("all"), marts.end],
    )
    days: dict[str, list[Day]] = {}
    for row in found:
        clean = row["clean_row_share"] * row["rows_checked"]
        days.setdefault(row["feed"], []).append(
            Day(row["day"], row["rows_checked"], clean)
        )
    return days


def trend(marts: Marts, days: Mapping[str, list[Day]], worst_first: list[str]) -> Trend:
    """Return the charts of all feeds together and of each, in each period.

    Args:
        marts: The marts.
        days: The days of each feed.
        worst_first: Feeds in the order of their charts.
    """
    feeds = [feed for feed in worst_first if feed in days][:CHARTS]
    charts = []
    for period in PERIODS:
        start = marts.start(period)
        within = {
            feed: [day for day in days[feed] if day.day >= start] for feed in days
        }
        if period != "all" and within == days:
            continue  # Nothing is older: the period is all there is.
        for feed in ["", *feeds] if len(days) > 1 else feeds:
            of = within if feed == "" else {feed: within[feed]}
            before = days if feed == "" else {feed: days[feed]}
            charts.append(_chart(marts, feed, period, of, before))
    undated = marts.rows(
        """
        select sum(rows_checked) as rows
        from fct_quality_index
        where
            scope_type = 'day'
            and coalesce(try_cast(scope_value as date) >= ?, true)
        """,
        [marts.end],
    )
    return Trend(charts, _bottom(charts), len(days), int(undated[0]["rows"] or 0))


def summed(days: Mapping[str, list[Day]]) -> list[Day]:
    """Return the days of several feeds as one."""
    rows: dict[date, int] = {}
    clean: dict[date, float] = {}
    for day in (day for of_feed in days.values() for day in of_feed):
        rows[day.day] = rows.get(day.day, 0) + day.rows
        clean[day.day] = clean.get(day.day, 0.0) + day.clean
    return [Day(day, rows[day], clean[day]) for day in sorted(rows)]


def blocks(days: Iterable[Day], grain: int, first: date, last: date) -> list[Point]:
    """Return days as blocks of `grain` days that end with `last`; those with rows."""
    span = (last - first).days + 1
    sums: dict[int, tuple[int, float]] = {}
    for day in days:
        number = (last - day.day).days // grain
        rows, clean = sums.get(number, (0, 0.0))
        sums[number] = rows + day.rows, clean + day.clean
    points = []
    for number, (rows, clean) in sorted(sums.items(), reverse=True):
        to = last - timedelta(days=grain * number)
        begin = max(first, to - timedelta(days=grain - 1))
        left = 100 * (begin - first).days / span
        width = 100 * ((to - begin).days + 1) / span
        low, high = wilson(clean, rows)
        points.append(
            Point(begin, to, rows, clean / rows, low, high, left + width / 2, width)
        )
    return points


def chosen_grain(days: list[Day], first: date, last: date) -> int:
    """Return the shortest block whose intervals are narrower than the signal.

    The signal is where 95 % of the true shares lie, by the moments of what the shares
    of blocks vary beyond chance (DerSimonian and Laird 1986). Where no block is so, the
    longest that leaves 6 points.
    """
    enough = 1
    for grain in GRAINS:
        points = blocks(days, grain, first, last)
        if len(points) < _LEAST_POINTS:
            break
        enough = grain
        widths = sorted(point.high - point.low for point in points)
        if widths[len(widths) // 2] <= 2 * 1.96 * _spread(points):
            return grain
    return enough


def _spread(points: list[Point]) -> float:
    """Return the standard deviation of the true shares of blocks, 0 if all is chance."""
    rows = sum(point.rows for point in points)
    share = sum(point.rows * point.share for point in points) / rows
    unit = share * (1 - share)
    weight = rows - sum(point.rows**2 for point in points) / rows
    if unit <= 0 or weight <= 0:
        return 0.0
    off = sum(point.rows * (point.share - share) ** 2 for point in points) / unit
    return sqrt(max(0.0, unit * (off - (len(points) - 1)) / weight))


def _chart(
    marts: Marts,
    feed: str,
    period: str,
    within: Mapping[str, list[Day]],
    ever: Mapping[str, list[Day]],
) -> Chart:
    days = summed(within)
    last = marts.end - timedelta(days=1)
    first = marts.start(period)
    if period == "all" and days:
        first = days[0].day
    grain = chosen_grain(days, first, last)
    verdict, recent, before = _verdict(marts, ever)
    points = blocks(days, grain, first, last)
    return Chart(feed, period, grain, first, last, points, verdict, recent, before)


def _verdict(marts: Marts, days: Mapping[str, list[Day]]) -> tuple:
    """Compare the last 28 closed days with those before, feed by feed."""
    since = marts.end - timedelta(days=_RECENT)
    strata = []
    for of_feed in days.values():
        recent = [day for day in of_feed if day.day >= since]
        before = [day for day in of_feed if day.day < since]
        strata.append(
            (
                sum(day.clean for day in recent),
                sum(day.rows for day in recent),
                sum(day.clean for day in before),
                sum(day.rows for day in before),
            )
        )
    sums = [sum(column) for column in zip(*strata, strict=True)] or [0, 0, 0, 0]
    recent_share = sums[0] / sums[1] if sums[1] else None
    before_share = sums[2] / sums[3] if sums[3] else None
    shares = (recent_share, int(sums[1])), (before_share, int(sums[3]))
    if min(sums[1], sums[3]) < _LEAST_ROWS:
        return "too few rows", *shares
    p_value = same_share_p(strata)
    if p_value is None or p_value >= _SURE:
        return "no difference", *shares
    expected = sum(
        rows * (count + other) / (rows + other_rows)
        for count, rows, other, other_rows in strata
        if rows + other_rows
    )
    return "better" if sums[0] > expected else "worse", *shares


def _bottom(charts: list[Chart]) -> float:
    """Return the tenth below the points, of those with rows enough to be believed."""
    shares = [
        point.share
        for chart in charts
        for point in chart.points
        if point.rows >= _LEAST_ROWS
    ]
    return min(0.9, max(0.0, floor((min(shares, default=0.0) - 0.02) * 10) / 10))
