"""What two texts say of one thing and say differently: `Conflicts`.

64 GB here and 128 GB there, black here and white there: the rest may be alike to the
letter. Units and colours are fields of meaning that words in general do not tell, so
they are listed; a language that is not in the list loses this evidence only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

UNITS = {
    name: group[0]
    for group in (
        ("kb",), ("mb",), ("gb", "go"), ("tb", "to"), ("hz",), ("mhz",), ("ghz",),
        ("w", "watt", "watts"), ("kw",), ("v", "volt", "volts"), ("mah",), ("wh",),
        ("mp", "megapixel", "megapixels"), ("rpm", "spin"), ("btu",), ("lumens", "lm"),
        ("kg", "kgs"), ("g", "gr", "gram", "grams"), ("mg",), ("oz", "ounce", "ounces"),
        ("lb", "lbs", "pound", "pounds"), ("ml",), ("cl",),
        ("l", "litre", "litres", "liter", "liters", "ltr"), ("gallon", "gallons"),
        ("mm",), ("cm",), ("m", "metre", "metres", "meter", "meters"),
        ("inch", "inches", "in", "zoll", "'", '"', "”", "″"), ("ft", "feet", "foot"),
        ("pack", "packs", "pk", "pcs", "pieces", "count", "ct"), ("core", "kerne"),
        ("sheet", "sheets"), ("page", "pages"), ("port", "ports"), ("place",),
        ("year", "years"),
    )
    for name in group
}  # fmt: skip
COLOURS = {
    name: group[0]
    for group in (
        ("black", "schwarz", "noir", "negro", "黑色"),
        ("white", "weiss", "weiß", "blanc", "blanco", "白色"),
        ("silver", "silber", "argent", "plata", "银色"),
        ("grey", "gray", "grau", "gris", "graphite", "anthracite", "灰色"),
        ("red", "rot", "rouge", "rojo", "红色"),
        ("blue", "blau", "bleu", "azul", "navy", "蓝色"),
        ("green", "grün", "vert", "verde", "绿色"),
        ("yellow", "gelb", "jaune", "amarillo", "黄色"),
        ("orange", "橙色"),
        ("pink", "rosa", "粉色"),
        ("purple", "violet", "lila", "紫色"),
        ("brown", "braun", "marron", "棕色"),
        ("beige", "cream", "ivory"),
        ("gold", "金色"),
    )
    for name in group
}
_MEASURE = re.compile(r"(\d+(?:\.\d+)?)[\s-]?([^\W\d_]+|['\"”″])")
_WORD = re.compile(r"[^\W\d_]+")
_CHINESE = [name for name in COLOURS if name.endswith("色")]

NAMES = ("measure_conflict", "colour_conflict", "colour_agreement")


class Conflicts:
    """The measures and colours of texts, to be compared pair by pair."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Read the texts.

        Args:
            texts: n texts in lower case.
        """
        self._measures = [_measures(text) for text in texts]
        self._colours = [_colours(text) for text in texts]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Compare pairs.

        Args:
            left: int64 [pairs], numbers of texts.
            right: int64 [pairs].

        Returns:
            float64 [pairs, 3]: of how many units the numbers of both texts have none in
            common (2 and more are 2); whether both name colours, none of them common;
            whether they name a common one.
        """
        result = np.zeros((len(left), len(NAMES)))
        for row, (one, other) in enumerate(
            zip(left.tolist(), right.tolist(), strict=True)
        ):
            measures, others = self._measures[one], self._measures[other]
            if measures and others:
                count = sum(
                    not numbers & others[unit]
                    for unit, numbers in measures.items()
                    if unit in others
                )
                result[row, 0] = min(count, 2)
            colours, others = self._colours[one], self._colours[other]
            if colours and others:
                result[row, 2 if colours & others else 1] = 1
        return result


def _measures(text: str) -> dict[str, set[float]]:
    found: dict[str, set[float]] = {}
    for number, name in _MEASURE.findall(text):
        if name in UNITS:
            found.setdefault(UNITS[name], set()).add(float(number))
    return found


def _colours(text: str) -> frozenset[str]:
    words = _WORD.findall(text)
    found = {COLOURS[word] for word in words if word in COLOURS}
    if not text.isascii():  # Chinese words stand unseparated.
        found |= {COLOURS[name] for name in _CHINESE if name in text}
    return frozenset(found)
