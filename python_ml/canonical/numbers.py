"""Numbers as people and programs write them, and measurements made of them.

A number can have several readings: `1,234` is a thousand or little more than one. What
the other values of the column are decides, or it stays open.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from python_ml.canonical.readings import (
    GROUPED,
    LISTED,
    LONGEST,
    Reading,
    plain_number,
    readings,
    separated,
)
from python_ml.canonical.terms import currency_names
from python_ml.canonical.text import Candidate, trimmed
from python_ml.canonical.units import Units, units_of

_SHARE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:/|of|out of)\s*(\d+)")
_STARS = re.compile("(★+)☆*")
_PIECES = "pieces"
_NARROW = 10  # How much the ends of a range differ that decides between readings.
# `85123A` is no current and `84970L` no volume; the rule on measurements says so, too.
_CODE = re.compile("[0-9]{5,}[A-Za-z]")
_MANY = 5  # Values that show a usage.
_WIDEST = 0.3  # Least spread of the numbers of a column, in powers of ten.


def are_misread(values: Sequence[str]) -> list[bool]:
    """Return which values cast to a number, but not as their column means them.

    As the macro `is_misread_number`: `1.299` beside `12,99` is 1299.

    Args:
        values: Of one column.
    """
    commas, points = (
        sum(bool(re.search(rf"{sign}\d{{1,2}}\D*$", text)) for text in values)
        for sign in (",", "[.]")
    )
    return [
        5 * commas > points
        and bool(re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", text.strip()))
        for text in values
    ]


class Numbers:
    """Reads the numbers of a column by what its other values are."""

    def __init__(
        self,
        values: Sequence[str],
        examples: Sequence[str] = (),
        minimum: float | None = None,
        maximum: float | None = None,
        *,
        whole: bool = False,
    ):
        """Learn from a column.

        Args:
            values: Failing values, of which the unambiguous ones show the style.
            examples: Right values.
            minimum: Of a number, or None.
            maximum: Of a number, or None.
            whole: Whether there are whole numbers only.
        """
        self._minimum = -math.inf if minimum is None else minimum
        self._maximum = math.inf if maximum is None else maximum
        self._whole = whole
        self._style: Counter[str] = Counter()
        self._units: Counter[str] = Counter()
        currencies: Counter[str] = Counter()
        self._readings = {value: readings(value) for value in values}
        for found in self._readings.values():
            if len(found) == 1:
                self._style[found[0].style] += 1
            # A word is known for a unit where it stands alone: not in `5 in stock`.
            if found and found[0].unit and not found[0].has_remark:
                self._units[_unit_key(found[0].unit)] += 1
            if found and found[0].currency:
                currencies[_currency(found[0].currency)] += 1
        # Of a column in one currency another one is another amount.
        (self._currency, count), *_ = currencies.most_common(1) or [("", 0)]
        self._has_one = count >= _MANY and count >= 0.8 * currencies.total()
        # A column of which every value has the unit speaks of it alone.
        self._is_bare_nowhere = not examples and self._units.total() >= _MANY
        sizes = [abs(number) for number in map(_number, examples) if number]
        self._sizes = np.log10(sizes) if len(sizes) >= 5 else None

    def candidates(self, value: str) -> list[Candidate]:
        """Return the numbers that one of the values may be, likeliest first."""
        every = self._readings[value] or self._of_the_highest(value)
        found = [one for one in every if self._is_possible(one.text)] or every
        weights = [self._weight(one, len(found)) for one in found]
        total = sum(weights)
        result = []
        for one, weight in zip(found, weights, strict=True):
            confidence = one.confidence
            if len(found) > 1:
                confidence = min(confidence, weight / total if total else 0.0)
            elif len(every) > 1:
                # The range alone says so.
                is_narrow = self._maximum < _NARROW * self._minimum
                confidence = min(confidence, 0.95 if is_narrow else 0.9)
            elif confidence == LISTED and self._is_usual(one.text):
                confidence = 0.96
            elif one.reason.endswith(GROUPED) and "." not in one.text:
                # `192.168.100` is no price.
                confidence = min(confidence, 0.99 if self._is_near(one.text) else 0.9)
            is_other = self._has_one and _currency(one.currency) != self._currency
            if one.currency and is_other:
                confidence = min(confidence, 0.9)
            if one.unit:
                confidence = min(confidence, self._unit_confidence(one))
            result.append(Candidate(one.text, confidence, one.reason))
        return sorted(result, key=lambda candidate: -candidate.confidence)

    def _is_near(self, text: str) -> bool:
        """Whether a number is not far from all right values, if these are known."""
        return self._sizes is None or self._density(text) > 0.02

    def _is_usual(self, text: str) -> bool:
        return self._sizes is not None and self._density(text) > 0.1

    def _of_the_highest(self, value: str) -> list[Reading]:
        """Read how many of the highest number there are: `4/5`, `★★★★☆`."""
        text = trimmed(plain_number(value))
        stars, share = _STARS.fullmatch(text), _SHARE.fullmatch(text)
        if stars and len(text) <= self._maximum < math.inf:
            return [Reading(str(len(stars[1])), 0.97, "stars counted")]
        if share and float(share[2]) == self._maximum:
            number = share[1].replace(",", ".")
            return [Reading(number, 0.97, f"of {share[2]}, which is the highest")]
        return []

    def _is_possible(self, text: str) -> bool:
        number = _number(text)
        if number is None or (self._whole and number % 1):
            return False
        return self._minimum <= number <= self._maximum

    def _weight(self, reading: Reading, rivals: int) -> float:
        """Return how likely a reading is, beside the others of its text."""
        if rivals < 2:
            return 1.0
        count = self._style[reading.style] if reading.style else 0
        return reading.confidence * (count + 0.5) * self._density(reading.text)

    def _density(self, text: str) -> float:
        """Return how usual the size of a number is among the right values."""
        number = _number(text)
        if self._sizes is None or not number:
            return 1.0
        spread = max(float(self._sizes.std()), _WIDEST)
        distance = (math.log10(abs(number)) - float(self._sizes.mean())) / spread
        return math.exp(-0.5 * min(distance * distance, 50.0)) + 0.01

    def _unit_confidence(self, reading: Reading) -> float:
        """Return how sure it is that the number alone is meant."""
        count = self._units[_unit_key(reading.unit)]
        share = count / max(self._units.total(), 1)
        usual = self._density(reading.text) > 0.1  # within two spreads
        if count < _MANY and _unit_key(reading.unit) != _PIECES:
            usual = False  # `2 kg` among grams, `15%` among prices.
        if self._sizes is None:
            return (0.97 if self._is_bare_nowhere else 0.9) * share
        return (0.97 if usual else 0.6) * share


def integer_candidates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return whole numbers without a fraction of zeros (`12.0`)."""
    return [
        candidate._replace(text=re.sub(r"\.0*$", "", candidate.text))
        for candidate in candidates
    ]


def measurement_candidates(value: str, units: Units) -> list[Candidate]:
    """Return the measurements that a value may be: a number, a space, a unit.

    Args:
        value: Such as `1,5KG`.
        units: Those that are allowed.
    """
    text = trimmed(plain_number(value))
    found = re.fullmatch(r"(?s)([\d.,' ]*\d)\s*(\D\S*(?: \S+)?)", text)
    if not found or len(text) > LONGEST:
        return []
    unit = units.spelled(found[2])
    if unit is None:
        return []
    number, confidence, reason = found[1], 0.99, ""
    if _CODE.fullmatch(text) and not units.is_used(unit[0]):
        confidence = 0.6
    if re.fullmatch(r"\d+,(\d{1,2}|\d{4,})", number):
        number, reason = number.replace(",", "."), "the comma is the decimal sign"
    elif not re.fullmatch(r"\d+([.,]\d+)?", number):
        read = separated(number)
        if len(read) != 1:
            return []
        number, confidence, reason, _ = read[0]
    reasons = filter(None, [reason, "unit as it is spelled here"])
    return [
        Candidate(
            f"{number} {unit[0]}", min(confidence, unit[1]), " and ".join(reasons)
        )
    ]


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _currency(name: str) -> str:
    """Return one name for the names and signs of a currency."""
    codes = currency_names().get(name.casefold().rstrip("."), frozenset())
    # `$` is the dollar of the United States first.
    return next((code for code in ("USD", "GBP", "CNY") if code in codes), "") or min(
        codes, default=name
    )


def _unit_key(unit: str) -> str:
    return min(units_of(unit), default=unit)
