"""Question 3: is it getting better or worse? Rows without fault, by day of the record.

Shares of rows can be added up over days and feeds; an index cannot. A chart takes the
shortest blocks of days in which the signal is wider than its 95 % intervals, so that it
shows what changed and not how few rows a day has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor

from python_ml.report.marts import PERIODS, Marts
from python_ml.report.shares import same_share_p, true_spread, wilson

# Blocks of days that are whole and end with the last closed day.
GRAINS = (1, 7, 28)
_LEAST_POINTS = 4
_RECENT = 28
# Fewer rows than this, before or after, tell nothing.
_LEAST_ROWS = 20
_SURE = 0.01
# The feeds that are drawn: the worst.
CHARTS = 11  # And one of the shop, from build to build.


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
    """The points of a feed in a period.

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
    """Return a chart of each feed and period.

    Args:
        marts: The marts.
        days: The days of each feed.
        worst_first: Feeds in the order of their charts.
    """
    charts = [
        _chart(marts, feed, period, days[feed])
        for feed in [feed for feed in worst_first if feed in days][:CHARTS]
        for period in PERIODS
    ]
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

    The signal is where 95 % of the true shares of blocks lie. Where no block is so,
    the longest that leaves 4 points.
    """
    enough = 1
    for grain in GRAINS:
        points = blocks(days, grain, first, last)
        if len(points) < _LEAST_POINTS:
            break
        enough = grain
        widths = sorted(point.high - point.low for point in points)
        spread = true_spread([(p.share * p.rows, p.rows) for p in points])
        if widths[len(widths) // 2] <= 2 * 1.96 * spread:
            return grain
    return enough


def _chart(marts: Marts, feed: str, period: str, ever: list[Day]) -> Chart:
    days = [day for day in ever if day.day >= marts.start(period)]
    last = marts.end - timedelta(days=1)
    first = marts.start(period)
    if period == "all":
        first = days[0].day
    grain = chosen_grain(days, first, last)
    verdict, recent, before = _verdict(marts, ever)
    points = blocks(days, grain, first, last)
    return Chart(feed, period, grain, first, last, points, verdict, recent, before)


def _verdict(marts: Marts, days: list[Day]) -> tuple:
    """Compare the last 28 closed days with those before."""
    since = marts.end - timedelta(days=_RECENT)
    recent = [day for day in days if day.day >= since]
    before = [day for day in days if day.day < since]
    sums = [
        (sum(day.clean for day in part), sum(day.rows for day in part))
        for part in (recent, before)
    ]
    shares = [(clean / rows if rows else None, rows) for clean, rows in sums]
    if min(rows for _, rows in sums) < _LEAST_ROWS:
        return "too few rows", *shares
    p_value = same_share_p(
        [(day.clean, day.rows) for day in recent],
        [(day.clean, day.rows) for day in before],
    )
    if p_value is None or p_value >= _SURE:
        return "no difference", *shares
    (now, _), (then, _) = shares
    return "better" if (now or 0) > (then or 0) else "worse", *shares


def _bottom(charts: list[Chart]) -> float:
    """Return the tenth below the points, of those with rows enough to be believed."""
    shares = [
        point.share
        for chart in charts
        for point in chart.points
        if point.rows >= _LEAST_ROWS
    ]
    return min(0.9, max(0.0, floor((min(shares, default=0.0) - 0.02) * 10) / 10))
