"""The readings of one text as a number: `readings`.

A number can have several: `1,234` is a thousand or little more than one. Which one a
column means is decided in `numbers`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from python_ml.canonical.terms import USUAL_CODES, currency_names
from python_ml.canonical.text import trimmed
from python_ml.canonical.units import units_of

_SIGNS = str.maketrans("−–‒﹣－＋", "-----+")
_SPACES = re.compile("[\\s\u00a0\u2000-\u200a\u202f]+")
_LETTERS = str.maketrans("OoQlI|ıＯ", "00011110")
_LOOSE_LETTERS = str.maketrans("OoQlI|SsBZz", "00011155822")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,' ’])\d{3})(?:\1\d{3})*")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})*,\d{3}")
GROUPED = "separators of thousands removed"
_ORDINAL = re.compile(r"(?i)(?:#|№|n[or]\.?|n[°º])\s*(?=\d)")
CURRENCY = "currency removed"
_REMARK = "unit and the words behind it removed"
LISTED = 0.93  # That groups of digits are one number, where nothing else says so.
LONGEST = 60  # Characters of what may be a number.


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
    if len(text) > LONGEST:
        return []
    text = trimmed(plain_number(text))
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
            re.sub(r"[\d\s.,'+-]", "", whole) if removed == CURRENCY else "",
        )
        for number, sure, reason, style in [*separated(text), *share]
    ]


def plain_number(text: str) -> str:
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
        return body + tail, CURRENCY, ""
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


def separated(text: str) -> list[tuple[str, float, str, str]]:
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
    confidence = LISTED if last == " " and not fraction else 0.99
    if not _THOUSANDS.fullmatch(whole):
        if not _INDIAN.fullmatch(whole):
            return []
        confidence = 0.96 if fraction else LISTED  # `10,20,300`
    number = re.sub(r"\D", "", whole)
    if fraction:
        return [(f"{number}.{fraction}", confidence, GROUPED, last)]
    return [(number, confidence, GROUPED, other)]


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
        for number, _, _, _ in separated(text)[:1]
    ]
