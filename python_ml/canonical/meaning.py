"""What a way of writing must keep, or else it is another value.

Letter case, white space and the like are form. The digits of a text, what stands
between two of them (`2.5`, `10-20`, `36/38`), a sign before a number, and signs such as
`+`, `%` or `<` are meaning.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from python_ml.canonical.units import units_of

_DASHES = str.maketrans("‐‑‒–—−﹣－", "--------")
_BETWEEN = re.compile(r"(?<=\d)([^\w]|_)+(?=\d)|(?<=\d)[xX×](?=\d)")
_NEGATIVE = re.compile(r"(?:^|(?<=[^\w)\].]))\s*[-(]\s*[.,]?\d|\d\s*-\s*$")
_UNIT = re.compile(r"\d\s*([^\W\d_]+)")
_DAY_FIRST = re.compile(r"\d{1,2}([-/. ])\d{1,2}\1(\d{4}|\d{2})")
_CODE = 8  # Least digits of a number that is a code and no amount.
_MANY = 3  # Values that show a usage.
_TELEPHONE = re.compile(r"(?:tel:/{0,2})?(?:\+|00)[\d\s().\-/]+")


def is_meaning_kept(before: str, after: str) -> bool:
    """Whether two texts have the same numbers and signs.

    Args:
        before: A text as found.
        after: The same, written in another way.
    """
    if before == after:
        return True
    before, after = _plain(before), _plain(after)
    return (
        _digits(before) == _digits(after)
        and _between(before) == _between(after)
        and bool(_NEGATIVE.search(before)) == bool(_NEGATIVE.search(after))
        and _signs(before) == _signs(after)
        and _are_units_kept(before, after)
    )


class Groups:
    """Whether separators between the digits of a column only group them."""

    def __init__(self, values: Sequence[str], examples: Sequence[str]):
        """Learn from a column.

        Args:
            values: Failing values.
            examples: Right values.
        """
        self._layouts = Counter(map(_layout, values))
        lengths = Counter(len(text) for text in examples if text.isdecimal())
        # Codes of few lengths fill their column; amounts have any length.
        self._lengths = {
            length
            for length, count in lengths.items()
            if length >= _CODE and count >= max(_MANY, 0.2 * len(examples))
        }

    def confidence(self, value: str, after: str) -> float:
        """Return how surely a value is a code or number of a telephone in groups.

        Args:
            value: As found.
            after: Without the separators; the plus of a telephone number is put first.
        """
        value = _plain(value).strip()
        digits = _digits(value)
        separators = re.findall(r"(?<=\d)\D+(?=\d)", value)
        is_telephone = _TELEPHONE.fullmatch(value) and after.startswith("+")
        if is_telephone and len(digits) >= _CODE:
            is_decimal = len(separators) == 1 and separators[0].strip() in (".", "/")
            # `…/79` is another number, or an extension.
            has_another = re.search(r"/\s*\d{1,3}$", value)
            return 0.6 if is_decimal or has_another else 0.975
        if len(digits) < _CODE or not re.fullmatch(r"[\d\s\-]+", value):
            return 0.0  # Points, commas and slashes mean something.
        if value.startswith("-") or _DAY_FIRST.fullmatch(value):
            return 0.0
        if len(digits) not in self._lengths or len(set(separators)) > 1:
            return 0.6
        # One separator may part two codes: others must be written like this.
        is_usual = len(separators) > 1 or self._layouts[_layout(value)] >= _MANY
        return 0.975 if is_usual else 0.6


def _layout(text: str) -> str:
    return re.sub(r"\d", "0", _plain(text).strip())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(_DASHES)


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(sign)) for sign in text if sign.isdecimal())


def _between(text: str) -> list[str]:
    found = [" ".join(one[0].split()) or " " for one in _BETWEEN.finditer(text)]
    return ["x" if one in "xX×" else one for one in found]


def _signs(text: str) -> Counter:
    """Return the signs that bear meaning, such as + < % $ ² ½ and a # behind a letter.

    A plus before a number says no more than the number does.
    """
    text = re.sub(r"^\s*\+(?=\s*\d)", "", text)
    text = text.translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})
    kinds = ("Sm", "Sc", "No")
    signs = [
        sign
        for place, sign in enumerate(text)
        if unicodedata.category(sign) in kinds
        or sign in "%‰°?*"
        or (sign == "#" and text[:place][-1:].isalnum())
    ]
    # Around a whole text they are brackets.
    is_bracketed = text.strip().startswith("<") and text.strip().endswith(">")
    return Counter(sign for sign in signs if not (is_bracketed and sign in "<>"))


def _are_units_kept(before: str, after: str) -> bool:
    """Whether letters behind a number still mean the same unit: not `mW` as `MW`."""
    for one, other in zip(_UNIT.findall(before), _UNIT.findall(after), strict=False):
        units, others = units_of(one), units_of(other)
        if one != other and units and others and not units & others:
            return False
        # A b is a bit and a B a byte; m is a thousandth, M a million.
        is_mixed = not (one.isupper() or one.islower())
        if is_mixed and one != other and {"b", "m"} & {one[0], one[-1]} and others:
            return False
    return True
