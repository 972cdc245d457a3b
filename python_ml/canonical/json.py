"""JSON that was written by other means, read tolerantly: `{colour: 'red', size=L`.

A name that no value follows, or a value without a name, cannot be read: nothing is
made up.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Sequence

from python_ml.canonical.text import Candidate, trimmed

_LONGEST, _DEEPEST = 20_000, 20
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS = {
    "true": True, "false": False, "null": None, "True": True, "False": False,
    "None": None, "undefined": None,
}  # fmt: skip
_CUT = "value up to the end of the text"
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "„": "“", "`": "`"}
# How sure the result is after each thing that was tolerated.
_TOLERATED = {
    "other quotes": 0.985,
    "quotes added": 0.97,
    "comma removed": 0.99,
    "bracket added": 0.97,
    "`=` for `:`": 0.97,
    "comma for `;`": 0.96,
    "braces added": 0.93,
    "control character kept": 0.97,
    _CUT: 0.97,
    "quote at the end added": 0.5,
}


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
        text = written = trimmed(value)
        if not text or len(text) > _LONGEST:
            return []
        found = _python(text) or _tolerant(text)
        if found is None:
            return []
        read, confidence, reason = found
        if not read and "added" in reason:
            return []  # `{` alone: something is lost.
        if self._names and not isinstance(read, dict):
            confidence = 0.5  # `[object Object]`: the column holds objects.
        elif not isinstance(read, dict) and "quotes added" in reason:
            confidence = min(confidence, 0.6)
        if "braces added" in reason and isinstance(read, dict):
            known = [name in self._names for name in read]
            if self._names and not all(known):
                confidence = min(confidence, 0.5)
            elif self._names:
                confidence = 0.97
            elif ":" in text and "=" not in text:
                confidence = 0.8  # `Note: see below`
        try:
            text = json.dumps(read, ensure_ascii=False, allow_nan=False)
        except (ValueError, RecursionError):  # No number of JSON, or too deep.
            return []
        if "\\" not in written and _digits(text) != _digits(written):
            # `1.10` is a version as well as a number, and one of two equal names is
            # lost.
            confidence = min(confidence, 0.9)
        return [Candidate(text, confidence, reason)]


def _digits(text: str) -> str:
    return re.sub(r"\\u[0-9a-f]{4}|\D", "", text)


def _python(text: str) -> tuple[dict | list, float, str] | None:
    """Read what Python prints of a dictionary or list."""
    if text[0] not in "{[":
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # `\d` in a text
            value = ast.literal_eval(text)
        # Also keys that are no texts, sets and bytes stop here.
        is_same = json.loads(json.dumps(value)) == value
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return (value, 0.985, "written by Python, not as JSON") if is_same else None


def _tolerant(text: str) -> tuple[dict | list, float, str] | None:
    reader = _Reader(text)
    try:
        value = reader.read()
    except _Unreadable:
        return None
    confidence = min((_TOLERATED[what] for what in reader.tolerated), default=0.99)
    if {"bracket added", _CUT} <= {*reader.tolerated}:
        confidence = 0.7  # `{"a": 12` may have been 123.
    return value, confidence, ", ".join(reader.tolerated) or "written anew"


class _Unreadable(Exception):
    """Raised where the text is no JSON by any reading."""


class _Reader:
    """Reads one text, and remembers in order what it tolerated."""

    def __init__(self, text: str):
        self.text, self.place = text, 0
        self.tolerated: dict[str, None] = {}

    def read(self) -> dict | list:
        is_list = self.text[0] == "["
        is_bare = self.text[0] != "{"
        value = self._list(0) if is_list else self._object(0, bare=is_bare)
        self._skip()
        if self.place < len(self.text):
            raise _Unreadable
        return value

    def _skip(self) -> str:
        """Go to the next character that is not white space, and return it."""
        while self.text[self.place : self.place + 1].isspace():
            self.place += 1
        return self.text[self.place : self.place + 1]

    def _object(self, depth: int, bare: bool = False) -> dict:
        self.place += not bare
        if bare:
            self.tolerated["braces added"] = None
        result: dict[str, object] = {}
        while True:
            sign = self._skip()
            if not sign or sign == "}" and not bare:
                self._close(sign, bare)
                if bare and not result:
                    raise _Unreadable
                return result
            if sign in _QUOTES:
                name = self._quoted()
            else:
                name = self._bare(":=,;{}[]")
                self.tolerated["quotes added"] = None
            if not name or name in result:
                raise _Unreadable
            if bare and len(name.split()) > 3:
                raise _Unreadable  # A sentence.
            sign = self._skip()
            if sign == "=":
                self.tolerated["`=` for `:`"] = None
                self.place += self.text[self.place : self.place + 2] == "=>"
            elif sign != ":":
                raise _Unreadable
            self.place += 1
            result[name] = self._value(depth + 1)
            self._next("}", bare)

    def _list(self, depth: int) -> list:
        self.place += 1
        result: list[object] = []
        while True:
            sign = self._skip()
            if not sign or sign == "]":
                self._close(sign, False)
                return result
            result.append(self._value(depth + 1))
            self._next("]", False)

    def _close(self, sign: str, bare: bool) -> None:
        if sign:
            self.place += 1
        elif not bare:
            self.tolerated["bracket added"] = None

    def _next(self, end: str, bare: bool) -> None:
        """Go behind the comma after a value, if one is there."""
        sign = self._skip()
        if sign and sign in ",;":
            self.place += 1
            if sign == ";":
                self.tolerated["comma for `;`"] = None
            if self._skip() in ("", end):
                self.tolerated["comma removed"] = None
        elif sign and (sign != end or bare):
            raise _Unreadable

    def _value(self, depth: int) -> object:
        if depth > _DEEPEST:
            raise _Unreadable
        sign = self._skip()
        if sign == "{":
            return self._object(depth)
        if sign == "[":
            return self._list(depth)
        if sign in _QUOTES and sign:
            return self._quoted()
        word = self._bare(",;{}[]\n=\"'")
        if not word or ": " in word:
            raise _Unreadable
        if self.place >= len(self.text):
            self.tolerated[_CUT] = None
        if word in _WORDS:
            return _WORDS[word]
        if _NUMBER.fullmatch(word) and len(word) < 300:
            return json.loads(word)
        self.tolerated["quotes added"] = None
        return word

    def _bare(self, ends: str) -> str:
        start = self.place
        while self.text[self.place : self.place + 1] not in ("", *ends):
            self.place += 1
        return trimmed(self.text[start : self.place])

    def _quoted(self) -> str:
        quote = self.text[self.place]
        end = _QUOTES[quote]
        if quote != '"':
            self.tolerated["other quotes"] = None
        start = self.place = self.place + 1
        while (sign := self.text[self.place : self.place + 1]) != end:
            if not sign:
                self.tolerated["quote at the end added"] = None
                break
            self.place += 2 if sign == "\\" else 1
        body = self.text[start : self.place]
        self.place += 1
        if any(ord(character) < 32 for character in body):
            self.tolerated["control character kept"] = None
        try:
            body = body.replace("\\'", "'")
            if end != '"':
                body = re.sub(r'(?<!\\)"', '\\"', body)
            return json.loads(f'"{body}"', strict=False)
        except ValueError:
            raise _Unreadable from None
