"""Whether two texts name the same thing word by word: `Agreement`.

A probability does not see that one sign parts two products: S24 and S24+, 50 ml and
100 ml, hers and his. Two texts agree if each says all that the other says: the same
words, whatever their order, and the same numbers next to the same letters. What may
differ is only how it is written: case, spaces, hyphens, plurals, units, words without
a meaning of their own, and the brand in the title or not.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from python_ml.duplicates.conflicts import COLOURS, UNITS
from python_ml.matching.features import value_of
from python_ml.matching.profiles import HAN

_FAR = 1.1  # A price so many times the other is that of another product.
_FEWEST = 3  # words and numbers, of a text that names one thing
_RUN = re.compile(rf"\d+(?:[.,]\d+)*|[{HAN}]|[^\W\d_{HAN}]+|[^\w\s]")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’`´](?=[^\W\d_])")
_PACK = re.compile(r"\bpack of (\d+)\b")
_HASH = re.compile(r"(?=.*\d)[0-9a-f-]{16,}")
# They carry no meaning of their own; those that negate ("without") are not among them.
_EMPTY = frozenset(
    "the for of and with by de du des der die das für fur und mit pour et avec von "
    "para con per".split()
)
_LEGAL = frozenset("inc ltd limited gmbh co corp company ag llc kg bv plc".split())
# Shades have names of their own: navy is no other word for blue.
_SHADES = frozenset("navy graphite anthracite cream ivory violet lila orange".split())
_SIGNS = {
    "+": "+",
    "＋": "+",
    "#": "#",
    "%": "%",
    "°": "°",
    "$": "$",
    "€": "€",
    "£": "£",
}
_SAME = {"plus": "+", "×": "x", '"': "inch", "”": "inch", "″": "inch", "′": "feet"}


@dataclass(frozen=True)
class Said:
    """What one line says.

    Attributes:
        words: The words.
        numbers: The numbers, in their order.
        colours: The colours, in their order: red on white is not white on red.
        measures: Numbers with their units; the order of these is free.
        bound: Letters that stand directly at a number, with the number, as (number,
            letters) or (letters, number).
        beside: Letters that stand next to a number, directly or not.
    """

    words: frozenset[str]
    numbers: tuple[str, ...]
    colours: tuple[str, ...]
    measures: tuple[tuple[str, str], ...]
    bound: frozenset[tuple[str, str]]
    beside: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, line: str) -> Said:
        """Read a line."""
        line = _PACK.sub(r"\1 pack", _APOSTROPHE.sub("", line))
        # (text, whether a number, whether it touches the one before)
        runs: list[tuple[str, bool, bool]] = []
        end = -1
        for found in _RUN.finditer(line):
            text, is_number = found.group(), found.group()[0].isdecimal()
            touches = found.start() == end
            if is_number:
                text = _number(text)
            elif text in _SAME:
                after_number = touches and bool(runs) and runs[-1][1]
                if not text.isalnum() and not after_number:
                    continue
                text = _SAME[text]
            elif text in _SIGNS:
                text = _SIGNS[text]
            elif not text.isalnum() and unicodedata.category(text[0])[0] not in "LMN":
                continue
            end = found.end()
            runs.append((text, is_number, touches))
        words, numbers, measures = set(), [], []
        bound, beside = set(), set()
        for place, (text, is_number, touches) in enumerate(runs):
            if is_number:
                after = runs[place + 1] if place + 1 < len(runs) else None
                if after and not after[1] and after[0] in UNITS:
                    measures.append((text, UNITS[after[0]]))
                else:
                    numbers.append(text)
            else:
                before = runs[place - 1] if place else None
                is_unit = before is not None and before[1] and text in UNITS
                text = UNITS[text] if is_unit else _word(text)
                if not is_unit and text not in _EMPTY:
                    words.add(text)
            if place and is_number != runs[place - 1][1]:
                last = runs[place - 1][0]
                pair = (_word(last), text) if is_number else (last, text)
                beside.add(pair)
                if touches:
                    bound.add(pair)
        return cls(
            frozenset(words),
            tuple(numbers),
            tuple(_word(text) for text, _, _ in runs if text in COLOURS),
            tuple(sorted(measures)),
            frozenset(bound),
            frozenset(beside),
        )

    def agrees(self, other: Said, brand: frozenset[str]) -> bool:
        """Say whether both say the same, the words of the brand aside."""
        return (
            self.numbers == other.numbers
            and self.colours == other.colours
            and self.measures == other.measures
            and not (self.words ^ other.words) - brand
            and self.bound <= other.beside
            and other.bound <= self.beside
        )


class Agreement:
    """Texts, prepared to be compared pair by pair."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Read the texts.

        Args:
            texts: n texts in lower case, one attribute a line, the title first.
        """
        self._lines = [text.split("\n") for text in texts]
        self._said = [[Said.of(line) for line in lines] for lines in self._lines]

    def are_specific(self) -> np.ndarray:
        """Say which texts have words and numbers enough to name one thing.

        Returns:
            bool [n]; "washing machine" is what many shops sell.
        """
        return np.array(
            [
                sum(
                    len(said.words) + len(said.numbers) + len(said.measures)
                    for said, line in zip(all_said, lines, strict=True)
                    if value_of(line) != value_of(line)
                )
                >= _FEWEST
                for all_said, lines in zip(self._said, self._lines, strict=True)
            ],
            bool,
        )

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Say which pairs agree.

        Args:
            left: int64 [pairs], numbers of texts.
            right: int64 [pairs].

        Returns:
            bool [pairs].
        """
        return np.fromiter(
            (
                self._agree(one, other)
                for one, other in zip(left.tolist(), right.tolist(), strict=True)
            ),
            bool,
            len(left),
        )

    def _agree(self, one: int, other: int) -> bool:
        lines, others = self._lines[one], self._lines[other]
        said, told = self._said[one], self._said[other]
        if not said or not told or not is_name(lines[0]) or not is_name(others[0]):
            return False
        brand: set[str] = set()
        for place in range(1, max(len(lines), len(others))):
            mine = lines[place] if place < len(lines) else ""
            yours = others[place] if place < len(others) else ""
            if not mine and not yours:
                continue
            if mine and yours:
                values = value_of(mine), value_of(yours)
                if values[0] == values[0] and values[1] == values[1]:
                    if max(values) > _FAR * min(values):
                        return False
                    continue
                if not _same_maker(said[place], told[place]):
                    return False
                brand |= said[place].words
                continue
            # One says what the other leaves out: a price, or what its title names.
            known = said[place] if mine else told[place]
            title = told[0] if mine else said[0]
            if value_of(mine or yours) == value_of(mine or yours):
                continue
            if not known.words <= title.words or known.numbers:
                return False
            brand |= known.words
        return said[0].agrees(told[0], frozenset(brand))


def is_name(title: str) -> bool:
    """Say whether a title can be a name: it has letters and is no hash."""
    is_hashed = all(_HASH.fullmatch(word) for word in title.split())
    return any(sign.isalpha() for sign in title) and not is_hashed


def tells_apart(titles: Sequence[str | None], sources: Iterable[object]) -> np.ndarray:
    """Say which rows have a title that no other row of their source has.

    Args:
        titles: One per row in lower case, or None.
        sources: The source system of each row; None is unknown, and may be any.

    Returns:
        bool [rows]. A title that several rows of a source share says what kind of
        thing they are, and names none of them.
    """
    count = Counter(zip(titles, sources, strict=True))
    several = Counter(titles)
    kinds = {
        title
        for (title, source), rows in count.items()
        if rows > 1 or (source is None and several[title] > 1)
    }
    return np.array(
        [
            title is not None and is_name(title) and title not in kinds
            for title in titles
        ],
        bool,
    )


def _same_maker(one: Said, other: Said) -> bool:
    if one.numbers != other.numbers or one.measures != other.measures:
        return False
    one_words, other_words = one.words - _LEGAL, other.words - _LEGAL
    return one_words == other_words or (
        "".join(sorted("".join(one_words))) == "".join(sorted("".join(other_words)))
        and len(one_words) != len(other_words)
    )


def _number(text: str) -> str:
    """Write a number without what makes no difference: 1,5 is 1.5, and 2.0 is 2."""
    if text.count(",") == 1 and "." not in text:
        whole, rest = text.split(",")
        text = whole + rest if len(rest) == 3 else f"{whole}.{rest}"
    if text.count(".") == 1 and "," not in text:
        text = text.rstrip("0").rstrip(".")
    return text


def _word(text: str) -> str:
    text = _SAME.get(text, text)
    if text in COLOURS and text not in _SHADES:
        return COLOURS[text]
    if len(text) > 3 and text.endswith("s") and not text.endswith("ss"):
        return text[:-1]
    return text
