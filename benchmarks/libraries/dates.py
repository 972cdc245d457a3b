"""Dates and times: `canonical_times`, dateparser and dateutil."""

import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime as mail_date
from functools import partial

from babel import dates

from libraries import ours
from libraries.measure import SEED, Case, Tool, library
from libraries.no_values import no_dates

# The names of months in these languages are those that `canonical_times` reads.
LISTED = (
    "en_US en_GB de_DE fr_FR es_ES it_IT nl_NL pl_PL pt_BR ru_RU sv_SE tr_TR"
).split()
OTHERS = "cs_CZ da_DK fi_FI hu_HU ja_JP ko_KR uk_UA zh_CN".split()
DATES = 400
# What dateparser must be told to read; `strptime` alone takes an epoch for a date.
FORMATS = {
    r"\d{8}": "%Y%m%d",
    r"\d{14}": "%Y%m%d%H%M%S",
    r"\d{8}T\d{6}Z": "%Y%m%dT%H%M%S%z",
    r"\d+/[A-Z][a-z]{2}/\d{4}:\d.*": "%d/%b/%Y:%H:%M:%S %z",
}
PARTS = ["day", "month", "year"]


def cases(folder) -> list[Case]:
    """Return 400 dates, each as a person and as a program writes it, and no dates."""
    draw = random.Random(SEED)
    first = datetime(1990, 1, 1)
    found = []
    for number in range(DATES):
        time = first + timedelta(seconds=draw.randrange(50 * 365 * 86400))
        found.append(_by_a_person(time, number, draw))
        found.append(_by_a_program(time, number, draw))
    return [*dict.fromkeys(found), *no_dates(folder)]


def _by_a_person(time: datetime, number: int, draw: random.Random) -> Case:
    locales = OTHERS if number % 5 > 2 else LISTED
    locale = draw.choice(locales)
    length = draw.choice(("short", "medium", "long", "full"))
    has_clock = draw.random() < 0.5
    if not has_clock:
        text = dates.format_date(time, length, locale)
        time = datetime(time.year, time.month, time.day)
    else:
        text = dates.format_datetime(time, length, locale=locale)
        if length == "short":
            time = time.replace(second=0)
    if length == "full" and has_clock:
        return Case(text, time, "zone in words", f"{locale} {length}")
    group = "eight other" if locales is OTHERS else "thirteen"
    group = f"numbers, {group}" if length == "short" else f"name of month, {group}"
    return Case(text, time, f"{group} locales", f"{locale} {length}")


def _by_a_program(time: datetime, number: int, draw: random.Random) -> Case:
    day = datetime(time.year, time.month, time.day)
    minute = time.replace(second=0)
    zone = timezone(timedelta(minutes=draw.choice((-480, -300, 0, 60, 120, 330))))
    away = time.replace(tzinfo=zone)
    utc = away.astimezone(UTC).replace(tzinfo=None)
    seconds = int(time.replace(tzinfo=UTC).timestamp())
    thousandth = time.replace(microsecond=1000 * draw.randrange(1, 1000))
    shift = away.strftime("%z")
    writings = [
        ("ISO 8601", f"{time:%Y-%m-%d}", day),
        ("ISO 8601", f"{time:%Y-%m-%dT%H:%M:%S}", time),
        ("ISO 8601", f"{time:%Y-%m-%dT%H:%M}Z", minute),
        ("ISO 8601", thousandth.isoformat(timespec="milliseconds") + "Z", thousandth),
        ("ISO 8601", f"{time:%Y%m%d}", day),
        ("ISO 8601", f"{time:%Y%m%dT%H%M%S}Z", time),
        ("ISO 8601", f"{time:%Y%m%d%H%M%S}", time),
        ("ISO 8601", f"{time:%Y/%m/%d %H:%M}", minute),
        ("epoch", str(seconds), time),
        ("epoch", f"{seconds}000", time),
        ("epoch", f"{seconds}.0", time),
        ("offset", away.isoformat(), utc),
        ("offset", f"{time:%Y-%m-%d %H:%M:%S} {shift}", utc),
        ("offset", mail_date(away), utc),
        ("offset", f"{time:%d/%b/%Y:%H:%M:%S} {shift}", utc),
        ("offset", f"{time:%a %b %d %Y %H:%M:%S} GMT{shift}", utc),
        ("offset", f"{time:%d.%m.%Y %H:%M} UTC{shift[:3]}", _shifted(minute, shift)),
        ("other programs", time.ctime(), time),
        ("other programs", f"{time:%m/%d/%Y %I:%M %p}", minute),
        ("other programs", f"{time:%d-%b-%Y}", day),
        ("other programs", f"{time:%d-%b-%y}".upper(), day),
        ("other programs", f"{time:%b %d, %Y, %I:%M:%S %p}", time),
        ("other programs", f"{time:%d.%m.%Y, %H:%M} Uhr", minute),
        ("other programs", f"{time:%a %b %d %H:%M:%S} UTC {time:%Y}", time),
    ]
    place = number % len(writings)
    kind, text, truth = writings[place]
    return Case(text, truth, kind, f"program {place}")


def _shifted(time: datetime, shift: str) -> datetime:
    """Return UTC for a time of which the offset was written in whole hours."""
    return time - timedelta(hours=int(shift[:3]))


def tools() -> list[Tool]:
    """Return who reads dates."""
    rule = {"form": "timestamp", "type": "timestamp"}
    default = partial(_dateparser, orders=("MDY",), by_locale=True)
    agree = partial(_dateparser, orders=("DMY", "MDY"), told=True)
    return [
        Tool("ours", partial(ours.one_at_a_time, **rule), meant=_as_cast),
        Tool("ours, column", partial(ours.all_at_once, **rule), True, _as_cast),
        Tool("dateparser strict", default),
        Tool("dateparser strict, four formats, both orders agree", agree),
        Tool("the same, order by column", _dateparser_column, True),
        Tool("dateutil", _dateutil),
        Tool("dateutil, two defaults and both orders agree", _dateutil_strict),
    ]


def _as_cast(texts: list[str | None]) -> list[datetime | None]:
    """Return the times in UTC that the rule's own cast reads."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    query = "select cast(try_cast(trim(?) as timestamptz) as timestamp)"
    return [
        text and connection.execute(query, [text]).fetchone()[0]  # type: ignore
        for text in texts
    ]


def _parser(order: str, by_locale: bool):
    dateparser = library("dateparser")
    settings = {
        "REQUIRE_PARTS": PARTS,
        # What is relative (`yesterday`, `2 days ago`) says no date.
        "PARSERS": ["timestamp", "custom-formats", "absolute-time"],
        "TIMEZONE": "UTC",
        "TO_TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": False,
        "PREFER_LOCALE_DATE_ORDER": by_locale,
    }
    if not by_locale:
        settings["DATE_ORDER"] = order
    return dateparser.date.DateDataParser(settings=settings)


_PARSERS: dict = {}


def _dateparser(
    texts: Sequence[str],
    *,
    orders: tuple[str, ...],
    by_locale: bool = False,
    told: bool = False,
) -> list[tuple[datetime | None, float]]:
    """Read with dateparser; where orders differ, it is none."""
    for order in orders:
        if (order, by_locale) not in _PARSERS:
            _PARSERS[order, by_locale] = _parser(order, by_locale)
    parsers = [_PARSERS[order, by_locale] for order in orders]
    found = []
    for text in texts:
        formats = told and [
            written for shape, written in FORMATS.items() if re.fullmatch(shape, text)
        ]
        times = {
            parser.get_date_data(text, formats or None).date_obj for parser in parsers
        }
        found.append((times.pop() if len(times) == 1 else None, 1.0))
    return found


def _dateparser_column(texts: Sequence[str]) -> list[tuple[datetime | None, float]]:
    """Read with the order of day and month that the sure values of the column show."""
    both = {
        order: [time for time, _ in _dateparser(texts, orders=(order,), told=True)]
        for order in ("DMY", "MDY")
    }
    alike = zip(texts, both["DMY"], both["MDY"], strict=True)
    shown = {"DMY": 0, "MDY": 0}
    for text, day_first, month_first in alike:
        if day_first is None or day_first != month_first or day_first.day < 13:
            continue
        numbers = [int(part) for part in _numbers(text)[:2]]
        if len(numbers) == 2 and numbers[0] == day_first.day:
            shown["DMY"] += numbers[1] == day_first.month
        elif len(numbers) == 2 and numbers[1] == day_first.day:
            shown["MDY"] += numbers[0] == day_first.month
    order = max(shown, key=shown.__getitem__) if len(set(shown.values())) > 1 else ""
    return [
        (day if day == month else both[order][place] if order else None, 1.0)
        for place, (day, month) in enumerate(zip(both["DMY"], both["MDY"], strict=True))
    ]


def _numbers(text: str) -> list[str]:
    return re.findall(r"(?<!\d)\d{1,2}(?!\d)", text)


def _in_utc(time: datetime | None) -> datetime | None:
    if time is None or time.tzinfo is None:
        return time
    return time.astimezone(UTC).replace(tzinfo=None)


def _dateutil(texts: Sequence[str], **more) -> list[tuple[datetime | None, float]]:
    parser = library("dateutil.parser", "python-dateutil")
    found = []
    for text in texts:
        try:
            found.append((_in_utc(parser.parse(text, **more)), 1.0))
        except (ValueError, OverflowError):
            found.append((None, 1.0))
    return found


def _dateutil_strict(texts: Sequence[str]) -> list[tuple[datetime | None, float]]:
    """Read with two defaults and both orders; what depends on them is none."""
    ways = [
        _dateutil(texts, default=default, dayfirst=day_first)
        for default in (datetime(2001, 1, 1), datetime(2004, 10, 28))
        for day_first in (False, True)
    ]
    return [
        (one[0][0] if len({time for time, _ in one}) == 1 else None, 1.0)
        for one in zip(*ways, strict=True)
    ]
