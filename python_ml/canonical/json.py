"""JSON that was written by other means, read tolerantly: `{colour: 'red', size: "L"`.

json-repair reads it, which makes something of any text. What it says counts only where
it has all words of the text and no other; nothing is made up.
"""

from __future__ import annotations

import ast
import html
import json
import re
import warnings
from collections.abc import Callable, Iterator, Sequence

from python_ml.canonical.text import Candidate, trimmed

_LONGEST = 20_000
_QUOTED = (
    r'"(?:[^"\\]|\\.)*"'
    r"|(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)|“[^”]*”|„[^“”]*[“”]|‘[^’]*’"
)
_PARTS = re.compile(f"(?s)({_QUOTED})")
_COMMENTS = re.compile(rf"(?s)({_QUOTED})|/\*.*?\*/|(?<![^\s,{{}}\[\]])(?://|#)[^\n]*")
# A value without quotes, and what ends it.
_BARE = re.compile(
    r"(?<=[:\[,])(\s*)([^\s\"'“„‘`{}\[\],:;](?:[^\"'{}\[\],:;\n]*[^\s\"'{}\[\],:;])?)"
    r"(?=\s*[,;}\]])"
)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_CONSTANTS = {
    "true": "true", "false": "false", "null": "null", "True": "true", "False": "false",
    "None": "null", "undefined": "null", "NaN": "null", "nan": "null",
}  # fmt: skip
_CONSTANT = re.compile(rf"([:=\[,]\s*)({'|'.join(_CONSTANTS)})(?=\s*(?:[,;}}\]\n]|$))")
# What a text without quotes does not hold, if it is one text.
_SEVERAL = re.compile(r'[,;={}\[\]"\n]|:\s|^-?[Ii]nf(?:inity)?$')
_ASSIGNED = re.compile(
    r"\s*([^\W\d][\w .-]*?)\s*(?:=>?|:)\s*([^=\"'{}\[\]]*[^=\"'{}\[\]\s])"
)
_ADDED = "quotes added"


class Objects:
    """Repairs the JSON of a column, by what its right values hold."""

    def __init__(self, examples: Sequence[str] = ()):
        """Learn the names of a column.

        Args:
            examples: Right values.
        """
        self._names: set[str] = set()
        for text in examples:
            try:
                found = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                self._names.update(found)

    def candidates(self, value: str) -> list[Candidate]:
        """Return what a value may be as JSON, None or one."""
        text = trimmed(value)
        if not text or len(text) > _LONGEST:
            return []
        plain = text
        if text[0] in "{[":
            plain = trimmed(_COMMENTS.sub(lambda found: found[1] or " ", text))
            found = _escaped(text) or _python(plain) or _repaired(plain)
        else:
            found = _escaped(text) or self._assigned(text)
        if found is None:
            return []
        read, confidence, reason = found
        if plain != text:
            # `{size: L # 5`: it may be part of a value.
            confidence = min(confidence, 0.9 if _ADDED in reason else 0.96)
        if self._names and not isinstance(read, dict):
            confidence = min(confidence, 0.5)  # The column holds objects.
        try:
            text = json.dumps(read, ensure_ascii=False, allow_nan=False)
        except (ValueError, RecursionError):  # No number of JSON, or too deep.
            return []
        return [Candidate(text, confidence, reason)]

    def _assigned(self, text: str) -> tuple[dict, float, str] | None:
        """Read `name=value; name=value`, and `name: value` as well."""
        sign = ";" if ";" in text else ","
        read: dict[str, object] = {}
        for part in text.rstrip(f"{sign} ").split(sign):
            found = _ASSIGNED.fullmatch(part.rstrip())
            # More words than three are a sentence.
            if not found or found[1] in read or len(found[1].split()) > 3:
                return None
            name, word = found.groups()
            is_text = word not in _CONSTANTS and not _NUMBER.fullmatch(word)
            read[name] = word if is_text else json.loads(_CONSTANTS.get(word, word))
        if self._names:
            confidence = 0.97 if self._names.issuperset(read) else 0.5
        else:
            confidence = 0.93 if "=" in text else 0.8  # `Note: see below`
        if _words(read) != _words(_without_constants(text)):
            confidence = min(confidence, 0.9)  # `1.10` is a version, too.
        return read, confidence, "braces added"


def _escaped(text: str) -> tuple[dict | list, float, str] | None:
    """Read JSON that was escaped once more: by a program, in CSV or for HTML."""
    for way, plain in (
        ("quotes were escaped twice", text.replace('\\"', '"')),
        ("quotes were doubled", text.replace('""', '"')),
        ("HTML entities decoded", html.unescape(text)),
    ):
        try:
            read = json.loads(plain) if plain != text else None
        except (ValueError, RecursionError):
            continue
        if isinstance(read, dict | list) and read:
            return read, 0.98, way
    return None


def _python(text: str) -> tuple[dict | list, float, str] | None:
    """Read what Python prints of a dictionary or list."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # `\d` in a text
            value = ast.literal_eval(text)
        # Also keys that are no texts, sets and bytes stop here.
        is_same = json.loads(json.dumps(value)) == value
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    if not is_same or not value or len(_texts(value)) != len(_PARTS.findall(text)):
        return None  # Python joins `"a" "b"`.
    is_kept = "\\" in text or _words(value) == _words(_without_constants(text))
    return value, 0.985 if is_kept else 0.9, "written by Python, not as JSON"


def _repaired(text: str) -> tuple[dict | list, float, str] | None:
    """Read it with json-repair, and doubt what it read."""
    from json_repair import repair_json

    plain = _without_constants(text)
    quoted = [one[1:-1] for one in _PARTS.findall(plain)]
    try:
        read = repair_json(
            _outside(plain, lambda part: _BARE.sub(_with_quotes, part)),
            return_objects=True,
        )
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict | list) or not read:
        return None
    if isinstance(read, list) == text.startswith("{"):
        return None
    found, said = _words(read), _words(plain)
    is_whole = len(found.split()) == len(said.split())
    if not is_whole or re.sub(r"\d", "", found) != re.sub(r"\d", "", said):
        return None  # Something is lost.
    texts = _texts(read)
    if texts.count("") > quoted.count(""):
        return None  # A name that no value follows.
    has_bare = len(texts) > len(quoted)
    if has_bare and isinstance(read, list):
        return None  # `[object Object]`
    confidence, reasons = _closed(plain)
    if has_bare:
        reasons.append(_ADDED)
    if found != said:
        # `1.10` is a version as well as a number.
        confidence = min(confidence, 0.9)
    is_several = has_bare and any(map(_SEVERAL.search, {*texts} - {*quoted}))
    if is_several or len(texts) < len(quoted):
        confidence = min(confidence, 0.6)
    return read, confidence, ", ".join([*reasons, "written anew"])


def _closed(text: str) -> tuple[float, list[str]]:
    """Return how sure it is that nothing is lost at the end."""
    outside = "".join(_PARTS.split(text)[::2])
    if '"' in outside:
        return 0.5, ["quote added"]
    opened: list[str] = []
    for sign in re.findall(r"[{}\[\]]", outside):
        if sign in "{[":
            opened.append(sign)
        elif not opened or opened.pop() + sign not in ("{}", "[]"):
            return 0.7, ["bracket moved"]
    if not opened:
        return 0.97, []
    # `{"a": 12` may have been 123.
    return 0.97 if text[-1] in "\"'}]" else 0.7, ["bracket added"]


def _outside(text: str, change: Callable[[str], str]) -> str:
    """Change what is outside of quotes."""
    parts = _PARTS.split(text)
    parts[::2] = map(change, parts[::2])
    return "".join(parts)


def _without_constants(text: str) -> str:
    return _outside(
        text,
        lambda part: _CONSTANT.sub(lambda found: found[1] + _CONSTANTS[found[2]], part),
    )


def _with_quotes(found: re.Match) -> str:
    space, word = found.groups()
    is_text = word not in _CONSTANTS.values() and not all(
        map(_NUMBER.fullmatch, word.split())
    )
    return space + (json.dumps(word, ensure_ascii=False) if is_text else word)


def _texts(read: object) -> list[str]:
    """Return all names and values that are texts."""
    return [one for one in _leaves(read) if isinstance(one, str)]


def _leaves(read: object) -> Iterator[object]:
    """Walk names and values in their order."""
    if isinstance(read, dict):
        for name, value in read.items():
            yield name
            yield from _leaves(value)
    elif isinstance(read, list):
        for value in read:
            yield from _leaves(value)
    else:
        yield read


def _words(said: object) -> str:
    """Return the words of a text that was found, or of what was read."""
    if not isinstance(said, str):
        said = " ".join(
            one if isinstance(one, str) else json.dumps(one) for one in _leaves(said)
        )
    else:
        said = re.sub(r"\\u([0-9a-fA-F]{4})", lambda one: chr(int(one[1], 16)), said)
        said = re.sub(r"\\[nrtbf]", " ", said)
    return " ".join(re.findall(r"\w+", said))
