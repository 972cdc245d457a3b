"""Damaged JSON: the repairs of JSON, and json-repair without them."""

import html
import json
import random
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from libraries import ours
from libraries.measure import SEED, Case, Tool, library

DOCUMENTS = 50  # For each way of damage.
NAMES = (
    "colour size material weight brand price tags in_stock dimensions width height care"
    " origin ean rating variants note style season pattern"
).split()
WORDS = (
    "black dark blue|red|cotton|100 % wool|XL|Größe 42|size: M, slim|it's soft|steel"
    "|hand wash only|summer 2026|made in Italy|beige/grey|2-in-1|A&B|café|L"
).split("|")


def _value(draw: random.Random, depth: int) -> object:
    kind = draw.randrange(10 if depth else 8)
    if kind < 4:
        return draw.choice(WORDS)
    if kind == 4:
        return draw.randrange(1, 2000)
    if kind == 5:
        return draw.randrange(1, 20000) / 100
    if kind == 6:
        return draw.choice((True, False, True, False, None))
    if kind == 7:
        return [draw.choice(WORDS) for _ in range(draw.randrange(1, 4))]
    if kind == 8:
        return [draw.randrange(100) for _ in range(draw.randrange(2, 5))]
    return _document(draw, depth - 1)


def _document(draw: random.Random, depth: int = 2) -> dict:
    names = draw.sample(NAMES, draw.randrange(2, 6))
    return {name: _value(draw, depth) for name in names}


def _with(condition: Callable[[dict], bool]) -> Callable:
    """Return a function that draws documents until one has what is damaged."""

    def drawn(draw: random.Random) -> dict:
        while not condition(found := _document(draw)):
            pass
        return found

    return drawn


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


def _outside(text: str, pattern: str, into: str, count: int = 0) -> str:
    """Replace a pattern outside of quoted texts."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', text)
    for place in range(0, len(parts), 2):
        parts[place], done = re.subn(pattern, into, parts[place], count=count)
        if done and count:
            break
    return "".join(parts)


def _has(*what: object) -> Callable[[dict], bool]:
    return lambda document: any(
        re.search(rf"[\[ ]{_text(one)}[,\]}}]", _text(document)) for one in what
    )


def _single_quotes(document: dict, draw: random.Random) -> str:
    return _text(document).replace('"', "'")


def _trailing_comma(document: dict, draw: random.Random) -> str:
    return _outside(_text(document), r"[}\]](?=[^}\]]*$)", r",\g<0>", 1)


def _constants(document: dict, draw: random.Random) -> str:
    names = (("true", "True"), ("false", "False"), ("null", "None"))
    text = _text(document)
    for name, python in names:
        text = _outside(text, rf"\b{name}\b", python)
    return text


def _bare_names(document: dict, draw: random.Random) -> str:
    return re.sub(r'"(\w+)": ', r"\1: ", _text(document))


def _comments(document: dict, draw: random.Random) -> str:
    text = json.dumps(document, ensure_ascii=False, indent=2)
    lines = text.split("\n")
    place = draw.randrange(len(lines) - 1)
    lines[place] += draw.choice((" // from the feed", " /* checked, ok */", "  # new"))
    return "\n".join(lines)


def _brackets_cut(document: dict, draw: random.Random) -> str:
    text = _text(document)
    ends = len(text) - len(text.rstrip("]}"))
    return text[: len(text) - draw.randint(1, ends)]


def _value_cut(document: dict, draw: random.Random) -> str:
    text = _text(document)
    inside = [
        place
        for place in range(len(text) // 2, len(text) - 1)
        if text[place - 1].isalnum() and text[place].isalnum()
    ]
    return text[: draw.choice(inside or [len(text) - 3])]


def _escaped_twice(document: dict, draw: random.Random) -> str:
    text = _text(document)
    if draw.random() < 0.5:
        return text.replace('"', '\\"')
    return text.replace('"', '""')


def _not_a_number(document: dict, draw: random.Random) -> str:
    return _outside(_text(document), r"\bnull\b", draw.choice(("NaN", "nan", "NaN")))


def _missing_comma(document: dict, draw: random.Random) -> str:
    return _outside(_text(document), ",", draw.choice(("", "\n")), 1)


def _entities(document: dict, draw: random.Random) -> str:
    return html.escape(_text(document), quote=True)


def _marked(document: dict, draw: random.Random) -> str:
    return "\ufeff" + _text(document)


def _assignments(document: dict, draw: random.Random) -> str:
    sign = draw.choice((";", "; "))
    parts = (
        f"{name}={value if isinstance(value, str) else _text(value)}"
        for name, value in document.items()
    )
    return sign.join(parts) + draw.choice(("", ";"))


def _python(document: dict, draw: random.Random) -> str:
    return repr(document)


def _is_flat(document: dict) -> bool:
    return all(
        isinstance(value, int | float)
        or isinstance(value, str)
        and re.fullmatch(r"[\w /-]+", value)
        for value in document.values()
    ) and not any(isinstance(value, bool) for value in document.values())


def _quotes_itself(document: dict) -> bool:
    return "'" not in _text(document)


ANY = _with(lambda document: True)
DAMAGES = {
    "single quotes": (_with(_quotes_itself), _single_quotes),
    "printed by Python": (ANY, _python),
    "True, False, None": (_with(_has(True, False, None)), _constants),
    "trailing comma": (ANY, _trailing_comma),
    "names without quotes": (ANY, _bare_names),
    "comment": (ANY, _comments),
    "brackets at the end lost": (ANY, _brackets_cut),
    "quotes escaped twice": (ANY, _escaped_twice),
    "NaN": (_with(_has(None)), _not_a_number),
    "missing comma": (_with(lambda one: "," in _text(one)), _missing_comma),
    "HTML entities": (ANY, _entities),
    "byte order mark": (ANY, _marked),
    "name=value;": (_with(_is_flat), _assignments),
}


def cases(folder: Path) -> list[Case]:
    """Return documents damaged in thirteen ways, and texts that hold none."""
    draw = random.Random(SEED + 6)
    found = []
    for kind, (drawn, damaged) in DAMAGES.items():
        for _ in range(DOCUMENTS):
            document = drawn(draw)
            found.append(Case(damaged(document, draw), document, kind, kind))
    for _ in range(DOCUMENTS):
        document = ANY(draw)
        text = _value_cut(document, draw)
        found.append(Case(text, None, "cut within a value", "cut within a value"))
    found += [
        Case(text, None, "no JSON", "no JSON")
        for text in (
            *(f"{name} {word}" for name, word in zip(NAMES, WORDS, strict=False)),
            "Please note: hand wash only", "PS: see label", "Care: as on the label.",
            "[object Object]", "{", "[", "{{ product.attributes }}", "{0}", "{colour}",
            "Array", "undefined", "a, b, c", "[see below]", "(red, blue)", "{...}",
            "<attributes><colour>red</colour></attributes>", "red|blue|green",
            '{"a": }', '{"colour" "red" "size"}', "{'colour', }", "x = y", "M / L / XL",
        )
    ]  # fmt: skip
    import pandas as pd

    titles = pd.read_parquet(folder / "fashion" / "products.parquet")["title"]
    titles = titles.drop_duplicates().sample(100, random_state=SEED)
    found += [Case(text, None, "titles", "titles") for text in titles]
    return list({case.text: case for case in found}.values())


def tools() -> list[Tool]:
    """Return who reads damaged JSON."""
    draw = random.Random(SEED + 7)
    examples = [_text(_document(draw)) for _ in range(50)]
    rule = {"form": "json"}
    known = partial(ours.all_at_once, **rule, examples=examples)
    return [
        Tool("ours", partial(ours.one_at_a_time, **rule), meant=_read),
        Tool("ours, column with right values", known, True, _read),
        Tool("json-repair", _repaired, meant=_read),
        Tool("json-repair, strict", partial(_repaired, strict=True), meant=_read),
        Tool("json-repair, guarded", _guarded, meant=_read),
    ]


class _NoJson:
    """What is no JSON of RFC 8259: equal to nothing."""


def _refuse(name: str) -> None:
    raise ValueError(name)


def _read(texts: list[str | None]) -> list[object]:
    found: list[object] = []
    for text in texts:
        try:
            read = text if text is None else json.loads(text, parse_constant=_refuse)
        except ValueError:
            read = _NoJson
        found.append(read)
    return found


def _repaired(texts: Sequence[str], strict: bool = False) -> list:
    json_repair = library("json_repair", "json-repair")
    found: list[tuple[str | None, float]] = []
    for text in texts:
        try:
            answer = json_repair.repair_json(text, ensure_ascii=False, strict=strict)
        except (ValueError, RecursionError):
            answer = ""
        found.append((None if answer in ("", '""') else answer, 1.0))
    return found


def _guarded(texts: Sequence[str]) -> list:
    """Take objects alone, of texts that are not cut, entities and NaN undone."""
    found = []
    for text in texts:
        whole = html.unescape(text)
        whole = _outside(whole, r"\b(?:NaN|nan)\b", "null").strip()
        ((answer, sure),) = _repaired([whole])
        is_object = whole.endswith("}") and answer and answer.startswith("{")
        is_more = is_object and answer != "{}"
        found.append((answer if is_more else None, sure))
    return found
