"""Values of data as a reader may see them: controls named, people's values as shapes.

A title may hold characters that turn the writing of what follows (U+202E), or none that
are seen at all; they are written out as `‹U+202E›`. Escaping for HTML is jinja2's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

# Zero-width joiners shape letters of Persian and Hindi, and pictures of people.
_JOINERS = "\u200c\u200d"
_SPACES = {"\n": " ↵ ", "\r": " ↵ ", "\t": " ⇥ "}
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# A phone number with its country code, or of a Chinese mobile; other runs of digits may
# as well be times and ids.
_PHONE = re.compile(r"\+\d[\d ()./-]{6,}\d|(?<!\d)1[3-9]\d{9}(?!\d)")
# Parts of the name of a column that holds what tells a person, in any table.
_OF_PERSONS = frozenset(
    "email mail phone telephone tel mobile fax address street postcode zip birth"
    " birthday birthdate dob gender sex passport ssn iban ip firstname lastname"
    " surname fullname nickname username login".split()
)
# The same where the rows of the table are people.
_OF_PEOPLE = _OF_PERSONS | frozenset("name city town district age nationality".split())
_PEOPLE = frozenset(
    "user users customer customers client clients member members person persons people"
    " contact contacts employee employees patient patients account accounts buyer"
    " buyers shopper shoppers subscriber subscribers guest guests visitor visitors"
    " annotator annotators".split()
)
_CHINESE = re.compile("邮箱|电话|手机|姓名|昵称|地址|身份证|生日|性别|护照")
_NAMED = re.compile(r"(first|last|full|given|family|middle|nick|user|customer)_?name")


def visible(text: str) -> str:
    """Return a text in which every character is seen and none moves the others."""
    if text.isprintable():
        return text
    return "".join(map(_seen, text))


def clipped(text: str, most: int = 160) -> str:
    """Return at most so many characters of a text; `…` says that there are more."""
    return text if len(text) <= most else text[: most - 1] + "…"


def shape(text: str) -> str:
    """Return what a text looks like: letters as a or A, digits as 9, 24 at most.

    Others stay: they are what a wrong format is seen by.
    """
    return clipped("".join(map(_kind, text)), 24)


def without_contacts(text: str) -> str:
    """Return a text with e-mail addresses and phone numbers as their shapes."""
    for pattern in (_EMAIL, _PHONE):
        text = pattern.sub(lambda found: shape(found.group()), text)
    return text


@dataclass(frozen=True)
class Personal:
    """Which columns hold what tells a person.

    Attributes:
        marks: By (table, column) what a project says: the `meta` of the column has
            `contains_pii: true`, or false.
        keys: By table the columns of its key, of which a `record_key` is made.
    """

    marks: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    keys: Mapping[str, list[str]] = field(default_factory=dict)

    def is_personal(self, table: str, column: str | None) -> bool:
        """Return whether a column is personal: as marked, else by its name.

        What a rule finds in several columns of one row (None) is personal if one of the
        table's marked columns is, or its rows are people.
        """
        people = bool(_PEOPLE & set(re.split(r"[^a-z]+", table.lower())))
        if column is None:
            marked = any(of == table and mark for (of, _), mark in self.marks.items())
            return people or marked
        if (table, column) in self.marks:
            return self.marks[table, column]
        words = set(re.split(r"[^a-z]+", column.lower()))
        return bool(
            words & (_OF_PEOPLE if people else _OF_PERSONS)
            or _NAMED.search(column.lower())
            or _CHINESE.search(column)
        )

    def value(self, table: str, column: str | None, value: str | None) -> str | None:
        """Return a value of a column as it may be shown."""
        if value is None:
            return None
        if self.is_personal(table, column):
            return shape(value)
        return without_contacts(value)

    def key(self, table: str, key: str | None) -> str | None:
        """Return the key of a record as it may be shown."""
        if key is None:
            return None
        if any(self.is_personal(table, column) for column in self.keys.get(table, [])):
            return shape(key)
        return without_contacts(key)


def _seen(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    return _SPACES.get(character, f"‹U+{ord(character):04X}›")


def _kind(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return character
