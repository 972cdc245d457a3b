"""Values that slipped from their own column to an end of another one's text.

`San Francisco CA` as the city, with no state, holds both. One row could be a city of
that name. But where texts end in a state again and again if the state is missing, and
never if it is there, they hold what is missing. How often texts end so by chance is
counted in the rows whose value is known, so that a brand that also begins every title
has not slipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from python_ml.canonical.text import trimmed

_SEPARATORS = ",;:/|-–— \t"
_SUREST = 0.999


@dataclass(frozen=True)
class SlippedValues:
    """What slipped, for all rows in their order.

    Attributes:
        value: The value that the text holds; None where it is not missing, or none is
            found.
        rest: The text without it; None likewise.
        confidence: float64 [rows], the share of such findings that chance does not
            explain, in [0, 1]; 0 where there is none.
    """

    value: list[str | None]
    rest: list[str | None]
    confidence: np.ndarray


def slipped_values(
    texts: Sequence[str | None], values: Sequence[str | None]
) -> SlippedValues:
    """Find missing values at an end of another text of their rows.

    Args:
        texts: Of each row the text that may hold the value; None is missing.
        values: The value of each row; None is missing.

    Returns:
        A value, the text without it and a confidence for each row with a finding.

    Raises:
        ValueError: If there are not as many texts as values.
    """
    if len(texts) != len(values):
        raise ValueError(f"{len(texts)} texts and {len(values)} values: not as many.")
    known = {value for value in values if value}
    lengths = sorted({len(value) for value in known}, reverse=True)
    found = [_at_an_end(text or "", known, lengths) for text in texts]
    is_found = np.array([one is not None for one in found], bool)
    is_missing = np.array([value is None for value in values], bool)
    by_chance, share = (
        (is_found[rows].sum() + 0.5) / (rows.sum() + 1)
        for rows in (~is_missing, is_missing)
    )
    confidence = float(np.clip(1 - by_chance / share, 0, _SUREST))
    kept = is_found & is_missing & (confidence > 0)
    told = [one if keep else None for one, keep in zip(found, kept, strict=True)]
    return SlippedValues(
        [one[0] if one else None for one in told],
        [one[1] if one else None for one in told],
        np.where(kept, confidence, 0.0),
    )


def _at_an_end(
    text: str, known: set[str], lengths: Sequence[int]
) -> tuple[str, str] | None:
    """Return the longest value that ends or begins a text, and the rest of the text."""
    text = trimmed(text)
    for length in lengths:
        if length >= len(text):
            continue
        for value, rest, beside in (
            (text[-length:], text[:-length], text[-length - 1]),
            (text[:length], text[length:], text[length]),
        ):
            if value in known and not beside.isalnum():
                rest = rest.strip(_SEPARATORS)
                if rest:
                    return value, rest
    return None
