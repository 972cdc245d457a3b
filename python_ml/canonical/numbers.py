"""Numbers as people and programs write them, and measurements made of them.

A number can have several readings: `1,234` is a thousand or little more than one. What
the other values of the column are decides, or it stays open.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from python_ml.canonical.terms import USUAL_CODES, currency_names
from python_ml.canonical.text import Candidate, trimmed
from python_ml.canonical.units import Units, units_of

_SIGNS = str.maketrans("−–‒﹣－＋", "-----+")
_SPACES = re.compile("[\\s\u00a0\u2000-\u200a\u202f]+")
_LETTERS = str.maketrans("OoQlI|ıＯ", "00011110")
_LOOSE_LETTERS = str.maketrans("OoQlI|SsBZz", "00011155822")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,' ’])\d{3})(?:\1\d{3})*")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})*,\d{3}")
_GROUPED = "separators of thousands removed"
_ORDINAL = re.compile(r"(?i)(?:#|№|n[or]\.?|n[°º])\s*(?=\d)")
_SHARE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:/|of|out of)\s*(\d+)")
_STARS = re.compile("(★+)☆*")
_CURRENCY = "currency removed"
_PIECES = "pieces"
_REMARK = "unit and the words behind it removed"
_LISTED = 0.93  # That groups of digits are one number, where nothing else says so.
_NARROW = 10  # How much the ends of a range differ that decides between readings.
# `85123A` is no current and `84970L` no volume; the rule on measurements says so, too.
_CODE = re.compile("[0-9]{5,}[A-Za-z]")
_LONGEST = 60  # Characters of what may be a number.
_MANY = 5  # Values that show a usage.
_WIDEST = 0.3  # Least spread of the numbers of a column, in powers of ten.


class Reading(NamedTuple):
    """One way to read a text as a number.

    Attributes:
        text: In the form of SQL, with the digits that were found.
        confidence: That it is read so, in [0, 1], before the column is looked at.
        reason: What was done, in words.
        style: The decimal sign of who wrote it, `,` or `.`; "" where nothing shows it.
        unit: The unit that was removed behind the number, as found.
        has_remark: Whether words behind the unit were removed, too.
        currency: The name of the currency that was removed, as found.
    """

    text: str
    confidence: float
    reason: str
    style: str = ""
    unit: str = ""
    has_remark: bool = False
    currency: str = ""


def readings(text: str) -> list[Reading]:
    """Return the ways to read a text as a number.

    Args:
        text: Any text.

    Returns:
        None or more; several where it is ambiguous.
    """
    if len(text) > _LONGEST:
        return []
    text = trimmed(_plain(text))
    reasons, confidence = [], 0.995
    sign = ""
    if text.startswith("(") and text.endswith(")"):
        text, sign, confidence = text[1:-1], "-", 0.9
        reasons.append("parentheses mean less than zero")
    counted = _ORDINAL.match(text)
    if counted:
        text, confidence = text[counted.end() :], 0.97
        reasons.append("sign of a number removed")
    whole = text
    text, removed, unit = _without_unit(text)
    if text.startswith(("-", "+")):
        sign, text = text[0].strip("+") or sign, text[1:].lstrip()
        text, others, other = _without_unit(text)
        removed, unit = removed or others, unit or other
    elif len(text) > 1 and text.endswith("-") and text[-2] in "0123456789":
        text, sign, confidence = text[:-1], "-", 0.85
        reasons.append("sign put first")
    if removed:
        reasons.append(removed)
        confidence = min(confidence, 0.99)
    text = re.sub(r"[.,][-–—]+$", "", text)  # `19,-`
    digits, sure = _with_digits(text)
    if digits != text:
        # `62l` may be a volume.
        confidence = min(confidence, 0.7 if text.endswith("l") else sure)
        text = digits
        reasons.append("letter read as a digit")
    share = _shares(text) if unit == "%" else []
    return [
        Reading(
            sign + number,
            min(confidence, sure),
            " and ".join(filter(None, [*reasons, reason])) or "written as a number",
            style,
            unit,
            removed == _REMARK,
            re.sub(r"[\d\s.,'+-]", "", whole) if removed == _CURRENCY else "",
        )
        for number, sure, reason, style in [*_separated(text), *share]
    ]


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
            elif confidence == _LISTED and self._is_usual(one.text):
                confidence = 0.96
            elif one.reason.endswith(_GROUPED) and "." not in one.text:
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
        text = trimmed(_plain(value))
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
    text = trimmed(_plain(value))
    found = re.fullmatch(r"(?s)([\d.,' ]*\d)\s*(\D\S*(?: \S+)?)", text)
    if not found or len(text) > _LONGEST:
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
        read = _separated(number)
        if len(read) != 1:
            return []
        number, confidence, reason, _ = read[0]
    reasons = filter(None, [reason, "unit as it is spelled here"])
    return [
        Candidate(
            f"{number} {unit[0]}", min(confidence, unit[1]), " and ".join(reasons)
        )
    ]


def _plain(text: str) -> str:
    """Return a text with the digits of ASCII in place of those of other scripts."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(character))
        if character.isdecimal()
        else unicodedata.normalize("NFKC", character)
        if "\uff00" <= character <= "\uff5e"
        else character
        for character in _SPACES.sub(" ", text.translate(_SIGNS))
    )


def _without_unit(text: str) -> tuple[str, str, str]:
    """Remove a currency or a unit from the ends: what is left, a reason, the unit."""
    found = re.fullmatch(r"(?s)([^\d+-]*?)\s*([+-]?[.,]?\d.*?)\s*([^\d]*)", text)
    if not found:
        return text, "", ""
    before, body, after = found.groups()
    # A letter that stands for a digit belongs to the number: `12,5O`.
    if after and not before and _with_digits(body + after)[1] > 0.9:
        return text, "", ""
    after, tail = (
        (after[:-2], after[-2:]) if after[-2:] in (".-", ",-") else (after, "")
    )
    names = [trimmed(part) for part in (before, after)]
    if not any(names):
        return text, "", ""
    if all(not name or _is_currency(name) for name in names):
        return body + tail, _CURRENCY, ""
    unit = trimmed(after)
    if not names[0] and (unit == "%" or units_of(unit)):
        return body, "unit removed", unit
    first, _, remark = unit.partition(" ")
    if not names[0] and remark and units_of(first):  # `12 oz. can`
        return body, _REMARK, first
    return text, "", ""


def _is_currency(name: str) -> bool:
    if len(name) == 1:
        return unicodedata.category(name) == "Sc" or name in "元円"
    if re.fullmatch("[A-Za-z]{3}", name) and not name.isupper():
        # Codes in small letters are words, too: `all`, `top`, `try`.
        return name.casefold() in USUAL_CODES
    key = name.casefold()
    return key in currency_names() or key.rstrip(".") in currency_names()


def _with_digits(text: str) -> tuple[str, float]:
    """Return a text with letters that look like digits read as such, and how surely."""
    digits = sum(character.isdigit() for character in text)
    for table, confidence in ((_LETTERS, 0.96), (_LOOSE_LETTERS, 0.8)):
        read = text.translate(table)
        changed = sum(one != other for one, other in zip(text, read, strict=True))
        if 0 < changed <= digits and re.fullmatch(r"[\d.,' ]+", read):
            # `Q50` is a model, `37o` a temperature, `I20` a car.
            is_model = text[0].isalpha() and text[1:2].isalnum()
            is_unit = text[-1].isalpha() and not (
                text[-1] == "O" and re.search("[.,]|^[12][O0-9]{3}$", text)
            )
            # No hand writes a Q for a zero: `729Q47` is a code.
            if is_model or is_unit or "Q" in text:
                return read, 0.7
            return read, confidence if changed < digits else 0.7
    return text, 0.0


def _separated(text: str) -> list[tuple[str, float, str, str]]:
    """Return a number, confidence, reason and style for each reading of separators."""
    text = text.strip().replace("’", "'")
    exact = _without_noise(text)
    if exact != text:
        return [(exact, 0.99, "error of binary fractions removed", ".")]
    if re.fullmatch(r"\d+|\d*\.\d{1,2}|\d+\.\d{4,}|0\.\d+", text):
        return [(text, 0.995, "", "." if "." in text else "")]
    if not re.fullmatch(r"\d[\d.,' ]*\d|[.,]\d+", text):
        return []
    separators = [character for character in text if not character.isdigit()]
    kinds = list(dict.fromkeys(separators))
    last = separators[-1]
    other = {",": ".", ".": ","}.get(last, "")
    names = {",": "comma", ".": "point"}
    if len(separators) == 1 and other:
        before, after = text.split(last)
        reason = f"the {names[last]} is the decimal sign"
        decimal = (f"{before or 0}.{after}", 0.985, reason, last)
        if len(after) != 3 or len(before) > 3 or before.startswith("0"):
            return [decimal]
        reason = f"the {names[last]} parts the thousands"
        return [(before + after, 0.985, reason, other), decimal]
    whole, fraction = text, ""
    if len(kinds) == 2 and separators.count(last) == 1 and other:
        whole, fraction = text.rsplit(last, 1)
    elif len(kinds) > 1:
        return []
    # `200 300` may be two numbers.
    confidence = _LISTED if last == " " and not fraction else 0.99
    if not _THOUSANDS.fullmatch(whole):
        if not _INDIAN.fullmatch(whole):
            return []
        confidence = 0.96 if fraction else _LISTED  # `10,20,300`
    number = re.sub(r"\D", "", whole)
    if fraction:
        return [(f"{number}.{fraction}", confidence, _GROUPED, last)]
    return [(number, confidence, _GROUPED, other)]


def _without_noise(text: str) -> str:
    """Return `0.052` for `0.052000000000000005`, which a program has computed.

    A double holds 15 decimal digits; of what it prints beyond them, the shortest number
    that is the same in 15 digits is meant, if it is much shorter.
    """
    if not re.fullmatch(r"\d+\.\d{12,}", text) or len(text.strip("0.")) < 16:
        return text
    exact = f"{float(text):.15g}"
    return exact if len(exact) <= 12 and "e" not in exact else text


def _shares(text: str) -> list[tuple[str, float, str, str]]:
    """Return the readings of a percentage as a share of one."""
    return [
        (f"{float(number) / 100:.10g}", 0.9, "percent as a share of one", "")
        for number, _, _, _ in _separated(text)[:1]
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
