"""Units of measurement: which spellings mean the same unit.

The names come from the Unicode CLDR, as Babel packs it. A unit is never converted.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache

from python_ml.canonical.text import trimmed

_LANGUAGES = "en en_GB de es fr it ja nl pl pt ru zh".split()
_MANY = 3  # Values that show a usage.
_QUANTITIES = (
    "area- consumption- digital- duration- electric- energy- force- frequency-"
    " graphics- length- light- mass- power- pressure- speed- temperature- volume-"
).split()
# What shops write and the CLDR does not hold, or reads otherwise (`ML` as megalitre):
# beside each a spelling that it does hold.
_SHOP_SPELLINGS = {
    "kilo": "kg", "kilos": "kg", "kgs": "kg", "gr": "g", "grm": "g", "gms": "g",
    "ltr": "l", "lt": "l", "ltrs": "l", "lbs": "lb", "ozs": "oz", "mtr": "m",
    "cms": "cm", "mms": "mm", "hrs": "h", "mins": "min", "secs": "s", "inchs": "in",
    "''": "in", "“": "in", "”": "in", '"': "in", "″": "in", "zoll": "in", "sqm": "m²",
    "qm": "m²", "m2": "m²", "cm2": "cm²", "m3": "m³", "cm3": "cm³", "ccm": "cm³",
    "cbm": "m³", "volt": "V", "volts": "V", "amp": "A", "amps": "A",
    "ML": "ml", "KW": "kW", "kw": "kW", "mb": "MB", "gb": "GB", "tb": "TB",
    "kb": "KB", "gigs": "GB",
}  # fmt: skip
_PIECES = frozenset(
    "pc pcs pce pces piece pieces st stk stck stück stuck pz pza pièce pièces pièce(s)"
    " pc(s) unit units ea each 个 件 個 шт".split()
)


class Units:
    """The units that are allowed, by the spellings that mean them."""

    def __init__(self, vocabulary: Sequence[str], examples: Sequence[str] = ()):
        """Find the other spellings of each unit.

        Args:
            vocabulary: The spellings that are allowed.
            examples: Units of right values, of which the most usual is preferred.
        """
        self._allowed = set(vocabulary)
        order = {term: place for place, term in enumerate(vocabulary)}
        used = Counter(unit for unit in examples if unit in self._allowed)
        self._used = used
        self._by_case: dict[str, list[str]] = defaultdict(list)
        self._by_unit: dict[str, list[str]] = defaultdict(list)
        for term in sorted(vocabulary, key=lambda term: (-used[term], order[term])):
            self._by_case[_key(term).casefold()].append(term)
            for unit in units_of(term):
                self._by_unit[unit].append(term)

    def is_used(self, unit: str) -> bool:
        """Whether right values of the column show a unit, as it is spelled."""
        return self._used[unit] >= _MANY

    def spelled(self, text: str) -> tuple[str, float] | None:
        """Return the allowed spelling of a unit, and how sure it is.

        Args:
            text: What stands behind a number, such as `KG`.

        Returns:
            Such as `kg`, 0.99; None where no unit, or more than one, is meant.
        """
        text = _key(text)
        if text in self._allowed:
            return text, 0.995
        units = units_of(text)
        if len(units) == 1 and (terms := self._by_unit.get(*units)):
            # `5 G` is a network and no weight.
            is_folded = len(text) == 1 and text not in _spellings()[0]
            return terms[0], 0.9 if is_folded else 0.98
        by_case = self._by_case.get(text.casefold(), [])
        meant = {units_of(term) for term in by_case}
        # `MW` may be mW or MW: only a case that no other unit has is nothing.
        if len(meant) == 1:
            if units <= (known := meant.pop()):
                return by_case[0], 0.9 if len(text) == 1 else 0.97
            return (by_case[0], 0.9) if len(text) > 1 and known else None
        return None


def units_of(text: str) -> frozenset[str]:
    """Return the names that the CLDR gives to the units that a spelling may mean."""
    key = _key(text)
    names, folded = _spellings()
    if found := names.get(key):
        return found
    return folded.get(key.casefold(), frozenset())


@cache
def _spellings() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Return the units that each spelling means, as written and in small letters."""
    from babel import Locale

    names: dict[str, set[str]] = defaultdict(set)
    for language in _LANGUAGES:
        # Babel formats measures, but does not say which names a unit has.
        patterns = Locale.parse(language)._data["unit_patterns"]
        for unit, widths in patterns.items():
            if not unit.startswith(tuple(_QUANTITIES)):
                continue
            for width in ("long", "short"):
                for form, pattern in widths.get(width, {}).items():
                    if form in ("one", "few", "many", "other") and "{0}" in pattern:
                        names[_key(pattern.replace("{0}", ""))].add(unit)
    names.pop("", None)
    for name, known in _SHOP_SPELLINGS.items():
        names[name] = names[known]
    for name in _PIECES:
        names[name] = {"pieces"}
    folded: dict[str, set[str]] = defaultdict(set)
    for name, units in names.items():
        folded[name.casefold()] |= units
    return (
        {name: frozenset(units) for name, units in names.items()},
        {name: frozenset(units) for name, units in folded.items()},
    )


def _key(text: str) -> str:
    text = trimmed(unicodedata.normalize("NFC", text))
    return text.rstrip(".") if len(text.rstrip(".")) else text
