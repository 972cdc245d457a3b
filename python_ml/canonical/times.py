"""Dates and times as people and programs write them, as `2026-06-30 14:30:00` in UTC.

Nothing is filled in: a text that does not say year, month and day is no date. Where day
and month could be either, the other values of the column decide, or it stays open.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from python_ml.canonical.text import Candidate, trimmed

_EARLIEST, _LATEST = 1900, 2100
_DISTANT = 2050  # From this year on 13 digits may be an EAN: 4012345123456.
_EPOCH = datetime(1970, 1, 1)
_LONGEST = 80  # Characters of what may be a time.
_LANGUAGES = "en de es fr it nl pl pt ru sv tr".split()
_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "cet": 60, "cest": 120, "mez": 60, "mesz": 120,
    "eet": 120, "eest": 180, "wet": 0, "west": 60, "bst": 60, "msk": 180, "est": -300,
    "edt": -240, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "jst": 540, "kst": 540, "hkt": 480, "sgt": 480, "aest": 600, "aedt": 660,
}  # fmt: skip
_CLOCK = re.compile(
    r"(\d{1,2})(?:[:.h]|:)(\d{2})(?:[:.m](\d{2})(?:[.,](\d{1,9}))?)?s?\s*"
    r"([ap]\.?m\.?)?\s*"
    r"(z|utc|gmt|[a-z]{3,4}|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?|[a-z]+/[a-z_]+)?"
)
_HOUR = re.compile(r"(\d{1,2})()()()\s*([ap]\.?m\.?)()")
_NUMERIC = re.compile(
    r"(\d{1,4})\s?([-/._年 ])\s?(\d{1,2})\s?([-/._月 ])\s?(\d{1,4})日?"
)
_NAMED = re.compile(
    r"(\d{1,4})(?:st|nd|rd|th|er|\.|º)?[ \-/.]*(?:de |of )?([^\W\d_]{3,})"
    r"[ \-/.,]*(?:de )?(\d{1,4})"
)
_NAME_FIRST = re.compile(
    r"([^\W\d_]{3,})[ \-/.]*(\d{1,2})(?:st|nd|rd|th)?[ \-/.,]+(\d{4})"
)


# Date, confidence, reason and order.
_Day = tuple[date, float, str, str]
# Since midnight; minutes ahead of UTC, the name of a zone, or None; confidence; whether
# there was a time of day.
_Clock = tuple[timedelta, int | str | None, float, bool]


class Reading(NamedTuple):
    """One way to read a text as a point in time.

    Attributes:
        time: In UTC where the text has an offset, else as found.
        confidence: That it is read so, in [0, 1], before the column is looked at.
        reason: What was done, in words.
        order: `day first` or `month first` where both would fit; `day shown` or `month
            shown` where only this one does; else "".
        has_clock: Whether a time of day was given.
    """

    time: datetime
    confidence: float
    reason: str
    order: str = ""
    has_clock: bool = False


def readings(text: str) -> list[Reading]:
    """Return the ways to read a text as a point in time.

    Args:
        text: Any text.

    Returns:
        None or more; two where day and month may be either.
    """
    if len(text) > _LONGEST:
        return []
    text = trimmed(unicodedata.normalize("NFKC", text)).lower().strip("'\"`[]()")
    text = " ".join(text.split())
    if text.isdigit() or re.fullmatch(r"\d{9,10}\.\d+", text):
        return _digits_only(text)
    weekday = re.match(r"[^\W\d_]+\.?,? ", text)
    if not weekday or not _month_or_day(weekday[0].strip(" .,"), "days"):
        return _of_a_day(text)
    # `Mar 19, 2001` is in March, `mar. 19/06/2001` on a Tuesday.
    return _of_a_day(text) or _of_a_day(text[weekday.end() :])


def _of_a_day(text: str) -> list[Reading]:
    """Read a text that begins with a day."""
    for number, (day, rest) in enumerate(_days(text)):
        clock = _clock(rest)
        if clock is not None:
            found = [
                _combined(one, clock, sure, reason, order)
                for one, sure, reason, order in day
            ]
            return [reading for reading in found if reading]
        if number > 3:
            break
    return []


class Times:
    """Reads the times of a column by what its other values are."""

    def __init__(self, values: Sequence[str], examples: Sequence[str] = ()):
        """Learn from a column.

        Args:
            values: Failing values: days after the 12th show the order.
            examples: Right values, whose range new ones are expected in.
        """
        self._orders: Counter[str] = Counter()
        self._readings = {value: readings(value) for value in values}
        for found in self._readings.values():
            self._orders.update({reading.order for reading in found})
        times = sorted(one[0].time for one in map(readings, examples) if len(one) == 1)
        self._range = (times[0], times[-1]) if len(times) >= 5 else None

    def candidates(self, value: str, *, as_date: bool = False) -> list[Candidate]:
        """Return the times that a value may be, likeliest first.

        Args:
            value: One of the values.
            as_date: Whether a value without a time of day is to be a date alone.
        """
        found = self._readings[value]
        result = []
        for reading in found:
            confidence, reason = reading.confidence, reading.reason
            if len(found) > 1:
                share = self._order_share(reading, found)
                confidence = min(confidence, share)
                if share < 0.9:
                    reason += ", another order of day and month would fit, too"
            elif self._range and not self._is_near(reading.time):
                confidence = min(confidence, 0.8)
            text = f"{reading.time:%Y-%m-%d %H:%M:%S}"
            if reading.time.microsecond:
                text = f"{text}.{reading.time.microsecond:06d}".rstrip("0")
            if as_date and not reading.has_clock:
                text = text[:10]
            result.append(Candidate(text, confidence, reason))
        return sorted(result, key=lambda candidate: -candidate.confidence)

    def _order_share(self, reading: Reading, rivals: Sequence[Reading]) -> float:
        """Return how likely a reading is, beside the other order of day and month."""
        shown = {name: self._orders[f"{name} shown"] for name in ("day", "month")}
        name = reading.order.removesuffix(" first")
        mine, others = shown[name], sum(shown.values()) - shown[name]
        # A column written in both orders shows them; else one value says most of it.
        share = (mine + 0.2) / (mine + others + 0.4)
        near = [self._is_near(one.time) for one in rivals]
        if self._range and sum(near) == 1:
            weight = 20 if self._is_near(reading.time) else 1
            share = share * weight / (share * weight + (1 - share) * (21 - weight))
        return min(share, 0.985)

    def _is_near(self, time: datetime) -> bool:
        """Whether a time lies where the right values lie, a tenth beyond included."""
        if self._range is None:
            return False
        first, last = self._range
        slack = (last - first) / 10
        return first - slack <= time <= last + slack


def _combined(
    day: date, clock: _Clock, confidence: float, reason: str, order: str
) -> Reading | None:
    since, offset, sure, has_clock = clock
    try:
        time = datetime(day.year, day.month, day.day) + since
        if isinstance(offset, str):
            from zoneinfo import ZoneInfo

            time = time.replace(tzinfo=ZoneInfo(offset)).astimezone(UTC)
            time = time.replace(tzinfo=None)
        elif offset is not None:
            time -= timedelta(minutes=offset)
    except (OverflowError, ValueError, KeyError):  # A zone that is not, year 10000.
        return None
    if offset:
        reason += ", offset counted"
    return Reading(time, min(confidence, sure), reason, order, has_clock)


def _digits_only(text: str) -> list[Reading]:
    """Read `20260630`, `20260630143000`, and seconds or less since 1970."""
    found = []
    if len(text) in (8, 12, 14):
        day = _date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        clock = _clock(text[8:])
        if day and clock:
            found.append(_combined(day, clock, 0.985, "separators put in", ""))
    units = {9: 1, 10: 1, 13: 1000, 16: 10**6, 19: 10**9}
    unit = units.get(len(text.split(".")[0]))
    if unit:
        seconds, rest = divmod(int(text.split(".")[0]), unit)
        microseconds = rest * 10**6 // unit
        if "." in text:
            microseconds = int(f"{text.split('.')[1]:0<6}"[:6])
        time = _EPOCH + timedelta(seconds=seconds, microseconds=microseconds)
        if 1990 <= time.year <= _LATEST:
            sure = 0.98 if len(text) != 9 and time.year < _DISTANT else 0.9
            # Ten digits may be a day and an hour, too.
            if len(text) == 10 and _date(int(text[:4]), int(text[4:6]), int(text[6:8])):
                sure = min(sure, 0.9)
            found.append(Reading(time, sure, "seconds since 1970", "", True))
    return [reading for reading in found if reading]


def _days(text: str) -> Iterator[tuple[list[_Day], str]]:
    """Yield the days that a text may begin with, and what is left of the text.

    A day is a list of all ways to read it.
    """
    if found := re.match(r"(\d{4})(\d{2})(\d{2})(?=[t ]\d)", text):
        day = _date(*map(int, found.groups()))
        if day:
            yield [(day, 0.985, "separators put in", "")], text[8:]
    if found := _NUMERIC.match(text):
        first, one, second, two, third = found.groups()
        if one == two or (one, two) == ("年", "月"):
            days = list(_numeric(first, second, third, one))
            if days:
                yield days, text[found.end() :]
    for pattern, places in ((_NAMED, (3, 2, 1)), (_NAME_FIRST, (3, 1, 2))):
        if found := pattern.match(text):
            year, name, number = (found[place] for place in places)
            if len(number) == 4:
                year, number = number, year
            month, full_year = _month_or_day(name, "months"), _year(year)
            if not month or len(number) > 2 or full_year is None:
                continue
            whole = _date(full_year, month, int(number))
            if whole:
                sure = 0.985 if len(year) == 4 else 0.9
                yield [(whole, sure, "name of the month read", "")], text[found.end() :]


def _numeric(first: str, second: str, third: str, sign: str) -> Iterator[_Day]:
    """Yield the days that three numbers may mean."""
    if len(first) == 4:
        if len(third) > 2:
            return
        year, month, day = int(first), int(second), int(third)
        if whole := _date(year, month, day):
            yield whole, 0.99, "separators as in ISO 8601", ""
        elif whole := _date(year, day, month):
            yield whole, 0.3, "day and month exchanged", ""
        return
    full_year = _year(third)
    if len(first) > 2 or full_year is None:
        return
    sure = 0.98 if len(third) == 4 else 0.85
    by_order = {
        "day": _date(full_year, int(second), int(first)),
        "month": _date(full_year, int(first), int(second)),
    }
    if sign == "." and by_order["day"]:
        by_order.pop("month")  # Points are written where the day comes first.
    ways = {order: day for order, day in by_order.items() if day}
    for order, whole in ways.items():
        if sign == "." or len(set(ways.values())) < len(ways):
            yield whole, sure, "year put first", ""
            return
        kind = "shown" if len(ways) == 1 else "first"
        yield whole, sure, f"{order} comes first", f"{order} {kind}"


def _clock(text: str) -> _Clock | None:
    """Read a time of day and its offset, None where it is none."""
    if re.match(r"\s*[-/]\s*\d+(?!\d*:)", text):
        return None  # `01.06.2026-15.06` is a range of days.
    text = re.sub(r"^(?:t|,|at|um|à|às|-)?\s*", "", text)
    if not text or text == "z":
        return timedelta(), None, 1.0, False
    if re.match(r"\d{4,6}(?!\d)", text):
        text = re.sub(r"(\d\d)(?=\d)", r"\1:", text)
    found = _CLOCK.fullmatch(text) or _HOUR.fullmatch(text)
    if not found:
        return None
    hour, minute, second, fraction, half, zone = found.groups()
    hour, minute, second = int(hour), int(minute or 0), int(second or 0)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half[0] == "p")
    if hour > 23 or minute > 59 or second > 59:
        return None
    microsecond = int(f"{fraction or 0:0<6}"[:6])
    since = timedelta(
        hours=hour, minutes=minute, seconds=second, microseconds=microsecond
    )
    if not zone:
        return since, None, 1.0, True
    if zone in _ZONES:
        return since, _ZONES[zone], 0.99 if _ZONES[zone] == 0 else 0.9, True
    if shift := re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?", zone):
        minutes = int(shift[2]) * 60 + int(shift[3] or 0)
        if minutes > 14 * 60:
            return None
        return since, minutes if shift[1] == "+" else -minutes, 0.99, True
    if "/" in zone:
        place = "/".join(part.title() for part in zone.split("/"))
        return since, place, 0.95, True
    return None


def _date(year: int, month: int, day: int) -> date | None:
    if not _EARLIEST <= year <= _LATEST:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(text: str) -> int | None:
    if len(text) == 4:
        return int(text)
    if len(text) == 2:  # As POSIX reads them.
        return int(text) + (1900 if int(text) >= 69 else 2000)
    return None


def _month_or_day(name: str, kind: str) -> int:
    """Return the number of a month, or 1 of any day of the week; 0 for other words."""
    return _names(kind).get(unicodedata.normalize("NFC", name).rstrip("."), 0)


@cache
def _names(kind: str) -> dict[str, int]:
    """Return the names of months or days in the languages of the CLDR, as numbers."""
    from babel.dates import get_day_names, get_month_names

    read = get_month_names if kind == "months" else get_day_names
    names: dict[str, int] = {}
    clashes = set()
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in read(width, context, language).items():
                    key = name.lower().rstrip(".")
                    number = number if kind == "months" else 1
                    if names.setdefault(key, number) != number:
                        clashes.add(key)
    names |= {"sept": 9} if kind == "months" else {}
    return {name: number for name, number in names.items() if name not in clashes}
