"""The files of a folder as tables: some rows of each, and what their values are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from python_ml.command_line.feed_columns import COLUMN_NAMES, plain

ROWS = 10_000
ENDINGS = (".parquet", ".csv", ".tsv", ".json", ".jsonl", ".ndjson")
TIME = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}.*)?$")
OTHER_TIME = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\d{8}$")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*(e[+-]?\d+)?$", re.IGNORECASE)
_BYTES = 4_000_000
_UNITS = {"seconds": 1, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
_FROM, _UNTIL = 631_152_000, 4_102_444_800  # 1990 to 2100


@dataclass
class Source:
    """Files that are read as one table, and some rows of them."""

    location: str
    columns: dict[str, list[str | None]]
    settings: dict[str, object] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    file_date: str | None = None


def sources_in(folder: Path) -> tuple[list[Source], list[str]]:
    """Return the tables in a folder, and the files that cannot be read."""
    groups: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        ending = re.sub(r"\.(gz|zst)$", "", name.lower())
        if path.is_file() and ending.endswith(ENDINGS) and "/." not in f"/{name}":
            groups.setdefault(re.sub(r"\d[\d\-_.]*\d|\d", "*", name), []).append(path)
    sources, unread = [], []
    for pattern, paths in groups.items():
        read = {}
        for path in paths:
            source = _read(path)
            if source is None:
                unread.append(path.relative_to(folder).as_posix())
            else:
                read[path] = source
        names = {tuple(source.columns) for source in read.values()}
        for path, source in read.items():
            source.location = path.relative_to(folder).as_posix()
            if len(read) > 1 and len(names) == 1:
                source.file_date = _date_in(source.location)
                source.location = pattern
                sources.append(source)
                break
            sources.append(source)
    return sources, unread


def _date_in(name: str) -> str | None:
    """Return the expression of the date in the name of a file, if there is one."""
    if re.search(r"\d{4}-\d{2}-\d{2}", name):
        return "cast(regexp_extract(file, '[0-9]{4}-[0-9]{2}-[0-9]{2}') as date)"
    if re.search(r"(19|20)\d{6}", name):
        return "strptime(regexp_extract(file, '[0-9]{8}'), '%Y%m%d')"
    return None


def _read(path: Path) -> Source | None:
    import duckdb

    name = path.name.lower().removesuffix(".gz").removesuffix(".zst")
    file = "'" + str(path).replace("'", "''") + "'"
    with duckdb.connect() as connection:
        try:
            if name.endswith((".csv", ".tsv")):
                return _read_csv(path)
            reader = "read_parquet" if name.endswith(".parquet") else "read_json"
            rows = connection.sql(f"from {reader}({file}) limit {ROWS}")
            types = dict(zip(rows.columns, map(str, rows.types), strict=True))
            columns = [
                f"cast({quoted(column)} as varchar) as {quoted(column)}"
                for column in types
            ]
            found = rows.project(", ".join(columns)).fetchall()
        except (duckdb.Error, OSError, UnicodeError):
            return None
    nested = [name for name, type in types.items() if re.search(r"STRUCT|\[\]", type)]
    source = Source("", _by_column(list(types), found))
    if nested:
        source.notes.append(
            f"nested: {', '.join(nested)}; take values out of them with {{sql: ...}}"
        )
    return source


def _read_csv(path: Path) -> Source | None:
    """Return a CSV file with what it has instead of UTF-8, a header and commas."""
    import csv
    import gzip
    import io

    if path.suffix == ".zst":
        return None
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        content = file.read(_BYTES)
        is_whole = not file.read(1)
    settings: dict[str, object] = {}
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        settings["encoding"] = encoding = "utf-16"
    else:
        # What was cut off in the middle of a character is no other encoding.
        for cut in range(1 if is_whole else 4):
            try:
                content[: len(content) - cut].decode()
                encoding = "utf-8-sig"
                break
            except UnicodeDecodeError:
                encoding = "latin-1"
        if encoding == "latin-1":
            settings["encoding"] = encoding
    text = content.decode(encoding, errors="ignore")
    first_line = re.sub('"[^"]*"', "", text.split("\n", 1)[0])
    delimiter = max(",;\t|", key=first_line.count)
    if "::" in first_line:
        settings["delimiter"] = "::"
        delimiter, text = "\x1f", text.replace("::", "\x1f")
    rows = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        rows += [row] if row else []
        if len(rows) > ROWS:
            break
    if not rows:
        return None
    names, below = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    if not _is_header(names, below):
        names, below = [f"column_{i + 1}" for i in range(len(names))], [names, *below]
        settings["header"] = False
    source = Source("", _by_column(names, below), settings)
    if settings.get("header") is False:
        source.notes.append("guess: no line names the columns; write `header: [...]`")
    return source


def _is_header(first: list[str], below: list[list[str]]) -> bool:
    """Return whether the first line names the columns: in doubt it does not."""
    if any(map(_is_value, first)) or len(set(first)) < len(first):
        return False
    known = {
        name
        for names in COLUMN_NAMES.values()
        for spellings in names.values()
        for name in spellings.split()
    }
    if known & set(map(plain, first)):
        return True
    return any(row and any(map(_is_value, row)) for row in below[:5])


def _is_value(text: str) -> bool:
    text = text.strip()
    return bool(not text or NUMBER.match(text) or TIME.match(text) or "@" in text)


def _by_column(names: list[str], rows: Iterable) -> dict[str, list[str | None]]:
    columns: dict[str, list[str | None]] = {name: [] for name in names}
    for row in rows:
        for name, value in zip(names, row, strict=True):
            is_given = value is not None and value.strip() != ""
            columns[name].append(value.strip() if is_given else None)
    return columns


def quoted(name: str) -> str:
    """Quote a name for DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def share_of(values: list[str | None], test: Callable[[str], object]) -> float:
    """Return the share of the first thousand values, in [0, 1], that pass a test."""
    given = [value for value in values[:1000] if value is not None]
    return sum(bool(test(value)) for value in given) / len(given) if given else 0.0


def epoch_unit(values: list[str | None]) -> str | None:
    """Return the unit in which nearly all values are epochs from 1990 to 2100."""
    numbers = [as_number(value) for value in values[:1000] if value is not None]
    for unit, factor in _UNITS.items():
        inside = [_FROM * factor <= number <= _UNTIL * factor for number in numbers]
        if sum(inside) > 0.9 * len(inside):
            return unit
    return None


def as_number(text: str) -> float:
    """Return the number that a text is, or NaN."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
