"""Propose how the files of a folder are mapped to the feeds: `python -m python_ml map`.

From the names of files and columns and from up to 10,000 rows of each. What is printed
are names, and the values of closed vocabularies only: nobody's address or number.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import yaml

from python_ml.command_line.feed_columns import (
    COLUMN_NAMES,
    DISTINCTIVE,
    FILE_NAMES,
    NUMBERS,
    TIMES,
    VOCABULARIES,
    plain,
)
from python_ml.command_line.feed_files import (
    ENDINGS,
    NUMBER,
    OTHER_TIME,
    TIME,
    Source,
    as_number,
    epoch_unit,
    quoted,
    share_of,
    sources_in,
)
from python_ml.sample.schema import CYCLES, FEEDS, KEYS

_PERSONAL = re.compile(r"@|\d[\d\s()./-]{5,}\d")
_KEYS_OF_PARTS = ("events", "reviews", "recommendations")
_FEWEST = 2.0  # Points from which on a file is taken for a feed.
_MOST_VALUES = 30  # A vocabulary has no more values than that.


def propose_mapping(folder: Path) -> str:
    """Return YAML for the vars, with a comment wherever something is guessed.

    Args:
        folder: Where the files are; folders in it are looked through, too.

    Returns:
        The vars `folder` and `feeds`. Files that are no feed are named in comments.

    Raises:
        OSError: If there is no such folder.
        ValueError: If no file in it can be a feed.
    """
    if not folder.is_dir():
        raise OSError(f"There is no folder {folder}.")
    sources, unread = sources_in(folder)
    if not sources:
        raise ValueError(
            f"There is no readable file in {folder} that ends in one of"
            f" {', '.join(ENDINGS)}."
        )
    scores = [
        (_score(feed, source), feed, index)
        for index, source in enumerate(sources)
        for feed in FEEDS
    ]
    chosen: dict[str, int] = {}
    for score, feed, index in sorted(scores, key=lambda each: (-each[0], each[2])):
        if score >= _FEWEST and feed not in chosen and index not in chosen.values():
            chosen[feed] = index
    lines = [
        "# Proposed from names, types and values. Look at every line that is a guess.",
        f"folder: {_scalar(str(folder))}",
        "# as_of: the time against which ages are measured; default: now",
        "feeds:" if chosen else "feeds: {}  # no file looks like a feed",
    ]
    for feed in FEEDS:
        if feed in chosen:
            lines += _proposal(feed, sources[chosen[feed]])
    for index, source in enumerate(sources):
        if index not in chosen.values():
            score, feed = max((s, f) for s, f, place in scores if place == index)
            like = (
                f"looks like {feed}, too" if score >= _FEWEST else "looks like no feed"
            )
            lines.append(
                f"# {source.location}: {like}; its columns are"
                f" {', '.join(source.columns)}"
            )
            lines += [f"#   {note}" for note in source.notes]
    lines += [f"# {name}: it cannot be read" for name in unread]
    return "\n".join(lines)


def _scalar(value: object) -> str:
    """Return a value as YAML writes it on one line."""
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=10**6
    )
    return text.strip().removesuffix("...").strip()


def _fits(column: str, values: list[str | None]) -> bool:
    """Return whether values can be those of a column of the contract."""
    if not any(value is not None for value in values):
        return True
    if column in TIMES:
        is_time = share_of(values, lambda v: TIME.match(v) or OTHER_TIME.match(v))
        return is_time > 0.7 or epoch_unit(values) is not None
    if column in NUMBERS:
        return share_of(values, lambda v: re.match(r"[^\d]{0,4}\d", v)) > 0.7
    if column == "email":
        return share_of(values, lambda v: "@" in v) > 0.5
    if column in ("title", "review_text", "query_text", "description"):
        return share_of(values, lambda v: not NUMBER.match(v)) > 0.5
    if column in ("event_type", "gender", "clicked"):
        return len(set(values) - {None}) <= _MOST_VALUES
    if column in ("rating", "label"):
        return len(set(values) - {None}) <= 100
    return True


def _casts(values: list[str | None]) -> bool:
    """Return whether values are times as they stand, or epochs."""
    return share_of(values, TIME.match) > 0.7 or epoch_unit(values) is not None


def _matches(feed: str, source: Source) -> dict[str, str]:
    """Return the column found for each column of a feed that has one."""
    ranked = []
    for column, spellings in COLUMN_NAMES[feed].items():
        names = [plain(column), *spellings.split()]
        for place, name in enumerate(source.columns):
            if plain(name) in names and _fits(column, source.columns[name]):
                is_cast = column not in TIMES or _casts(source.columns[name])
                rank = names.index(plain(name))
                ranked.append((not is_cast, rank, place, column, name))
    matches: dict[str, str] = {}
    for *_, column, name in sorted(ranked):
        if column not in matches and name not in matches.values():
            matches[column] = name
    matches.update(_by_values(feed, source, matches))
    return {column: matches[column] for column in FEEDS[feed] if column in matches}


def _by_values(feed: str, source: Source, matches: dict[str, str]) -> dict[str, str]:
    """Return columns that only their values tell: times, and known vocabularies."""
    found: dict[str, str] = {}
    time = _time_of(feed)
    for name, values in source.columns.items():
        if name in matches.values() or not any(values):
            continue
        terms = {
            column: {
                plain(v) for k, names in terms.items() for v in [k, *names.split()]
            }
            for (of_feed, column), terms in VOCABULARIES.items()
            if of_feed == feed
        }
        spelled = [None if value is None else plain(value) for value in values[:1000]]
        for column, names in terms.items():
            is_term = share_of(spelled, names.__contains__)
            if column not in {*matches, *found} and is_term > 0.9:
                found[column] = name
        if name in found.values() or time in {*matches, *found}:
            continue
        if share_of(values, TIME.match) > 0.9 or epoch_unit(values):
            found[time] = name
    if feed == "events" and source.settings.get("header") is False:
        found.update(_codes(source, {**matches, **found}))
    return found


def _codes(source: Source, matches: dict[str, str]) -> dict[str, str]:
    """Return the column of few codes that may be the types of events."""
    for name, values in source.columns.items():
        few = len(set(values)) <= min(_MOST_VALUES, len(values) / 1.5)
        if "event_type" not in matches and name not in matches.values() and few:
            return {"event_type": name}
    return {}


def _time_of(feed: str) -> str:
    """Return the column that says when a row came to be."""
    return CYCLES[feed][0]


def _score(feed: str, source: Source) -> float:
    matches = _matches(feed, source)
    words = plain(source.location)
    named = any(word in words for word in FILE_NAMES[feed].split())
    exact = sum(column == _contract_name(matches[column]) for column in matches)
    distinctive = sum(column in matches for column in DISTINCTIVE[feed])
    keys = [matches[key] for key in KEYS[feed] if key in matches]
    key = sum(plain(name) not in ("id", "sourcesystem") for name in keys)
    is_of_parts = {"user_id", "product_id"} & set(matches) or (
        named and _pair(feed, source, matches)
    )
    has_key = keys or (feed in _KEYS_OF_PARTS and is_of_parts)
    if not matches or not (distinctive or named) or not has_key:
        return 0.0
    return 1.5 * named + distinctive + 0.5 * exact + 0.5 * key


def _contract_name(name: str) -> str:
    """Return a name as the contract would write it."""
    return re.sub(r"\W+", "_", name.strip().lower())


def _proposal(feed: str, source: Source) -> list[str]:
    matches = _matches(feed, source)
    lines = [f"  {feed}:"]
    lines += [f"    # {note}" for note in source.notes]
    if source.location != f"{feed}.parquet":
        lines.append(f"    file: {_scalar(source.location)}")
    for name, value in source.settings.items():
        lines.append(f"    {name}: {_scalar(value)}")
    as_they_are = [column for column in matches if column == matches[column].lower()]
    columns = [
        f"      {column}: {_scalar(name)}  # guess"
        for column, name in matches.items()
        if column not in as_they_are
    ]
    columns += _pairs(feed, source, matches)
    columns += _keys(feed, source, matches, columns)
    time = _time_of(feed)
    if source.file_date and not TIMES & set(matches):
        lines.append("    file_name: file")
        columns.append(
            f"      {time}: {_scalar({'sql': source.file_date})}"
            "  # guess: the day in the name of the file"
        )
    if as_they_are:
        lines.append(f"    # as they are: {', '.join(as_they_are)}")
    if columns:
        lines += ["    columns:", *columns]
    lines += _units(source, matches) + _values(feed, source, matches)
    lines += _filled_down(feed, source, matches)
    left = [name for name in source.columns if name not in matches.values()]
    if left:
        lines.append(f"    # not mapped: {', '.join(left)}")
    missing = [column for column in FEEDS[feed] if column not in matches]
    told = {line.strip().split(":")[0] for line in columns}
    missing = [column for column in missing if column not in told]
    if missing:
        lines.append(f"    # not found: {', '.join(missing)}")
    return lines if len(lines) > 1 else [f"  {feed}: {{}}"]


def _keys(feed: str, source: Source, matches: dict, columns: list[str]) -> list[str]:
    """Return lines for keys that no column holds, or that do not tell rows apart."""
    told = {line.strip().split(":")[0] for line in columns}
    lines = []
    for key in KEYS[feed]:
        if key in matches or key in told or key in ("source_system", "annotator"):
            continue
        parts = [
            matches[column]
            for column in ("user_id", "session_id", "product_id", "position")
            if column in matches
        ]
        pair = _pair(feed, source, matches)
        parts = [pair[0], *parts] if pair else parts
        parts += [matches[c] for c in FEEDS[feed] if c in TIMES and c in matches][:1]
        if feed in _KEYS_OF_PARTS and len(parts) > 1:
            lines.append(
                f"      {key}: {_scalar(parts)}  # guess: no column is its key"
            )
        else:
            lines.append(f"      # map the key {key}: no column looks like it")
    return lines


def _pairs(feed: str, source: Source, matches: dict[str, str]) -> list[str]:
    """Return lines for two ids that one column holds."""
    pair = _pair(feed, source, matches)
    if not pair:
        return []
    name, sign, wanted = pair
    return [
        f"      {column}: "
        + _scalar({"sql": f"split_part({quoted(name)}, '{sign}', {place})"})
        + "  # guess: a pair"
        for place, column in enumerate(wanted, 1)
    ]


def _pair(feed: str, source: Source, matches: dict[str, str]) -> tuple | None:
    """Return the column that holds two ids, the sign between them, and the ids."""
    wanted = ["query_id" if feed == "relevance_labels" else "user_id", "product_id"]
    if not set(wanted) <= set(FEEDS[feed]) or set(wanted) & set(matches):
        return None
    for name, values in source.columns.items():
        for sign in "_|:-":
            parts = [value.split(sign) for value in values if value is not None]
            is_pair = all(len(part) == 2 and all(part) for part in parts)
            if is_pair and len(parts) > 1 and name not in matches.values():
                return name, sign, wanted
    return None


def _units(source: Source, matches: dict[str, str]) -> list[str]:
    lines: list[str] = []
    for column, name in matches.items():
        values = source.columns[name]
        if column not in TIMES or share_of(values, TIME.match) > 0.7:
            continue
        unit = epoch_unit(values)
        if unit:
            lines += ["    units:"] if not lines else []
            lines.append(f"      {column}: {unit}  # guess, by how large they are")
        elif share_of(values, OTHER_TIME.match) > 0.7:
            lines.insert(
                0,
                f"    # {column}: its times are not written as 2026-07-01; write"
                ' {sql: "strptime(...)"}',
            )
    return lines


def _values(feed: str, source: Source, matches: dict[str, str]) -> list[str]:
    """Return lines for closed vocabularies: what is known, and what is to be mapped."""
    known: list[str] = []
    unknown: list[str] = []
    for (of_feed, column), terms in VOCABULARIES.items():
        if of_feed != feed or column not in matches:
            continue
        counts = Counter(v for v in source.columns[matches[column]] if v is not None)
        if column == "label" and feed == "relevance_labels" and counts:
            grades = [as_number(value) for value in counts]
            if all(grade == grade for grade in grades) and len(grades) > 1:
                low, high = (f"{end:g}" for end in (min(grades), max(grades)))
                known.append(f"    grades: [{low}, {high}]  # guess: as they occur")
                continue
        # A few others among the right values are faults of the data, to be found.
        if sum(counts[term] for term in terms) > 0.5 * counts.total():
            continue
        spelled = {
            name: term
            for term, names in terms.items()
            for name in [plain(term), *names.split()]
        }
        meant = {value: spelled.get(plain(value)) for value in counts}
        mapped = {v: term for v, term in meant.items() if term and term != v}
        foreign = [v for v, term in meant.items() if not term]
        if mapped:
            terms_by_key = {_key(value): term for value, term in sorted(mapped.items())}
            unknown += ["    values:"] if not unknown else []
            unknown.append(
                f"      {column}: {_scalar(terms_by_key)}  # guess, by their names"
            )
        if foreign:
            shown = [
                value
                for value in sorted(foreign)
                if len(value) <= 30 and not _PERSONAL.search(value)
            ]
            shown = shown if len(counts) <= _MOST_VALUES else []
            known.append(
                f"    # map these values of {column} (to {', '.join(terms)}):"
                f" {', '.join(shown) or 'too many to list'}"
            )
    return known + unknown


def _key(value: str) -> object:
    return int(value) if re.fullmatch(r"0|[1-9]\d{0,8}", value) else value


def _filled_down(feed: str, source: Source, matches: dict[str, str]) -> list[str]:
    """Return a line where facts of a product stand on the first row of a group only."""
    title = matches.get("title")
    if feed != "products" or not title:
        return []
    titles = source.columns[title]
    for name, values in source.columns.items():
        if plain(name) not in (
            "handle",
            "parentid",
            "groupid",
            "itemgroupid",
            "parent",
        ):
            continue
        later = [
            titles[i]
            for i, value in enumerate(values)
            if i and value is not None and value == values[i - 1]
        ]
        if later and sum(each is not None for each in later) < 0.1 * len(later):
            return [
                f"    filled_down_by: {_scalar(name)}"
                "  # guess: titles stand on first rows only"
            ]
    return []
