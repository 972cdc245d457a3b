"""What is given as texts and labels, whatever holds it, and what of it is the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np


def as_texts(values: Iterable) -> np.ndarray:
    """Return texts as objects; None where they are missing or blank.

    Args:
        values: A list, an array, a pandas Series or an Arrow array.

    Raises:
        ValueError: If one is neither a text nor missing, or all is one text.
    """
    texts = listed(values)
    return as_objects([_text(value, row) for row, value in enumerate(texts)])


def as_labels(values: Iterable) -> np.ndarray:
    """Return labels as objects; None where they are missing."""
    return as_objects([None if is_missing(v) else v for v in listed(values)])


def as_objects(values: list) -> np.ndarray:
    """Return an array of objects [values], also of tuples."""
    return np.fromiter(values, object, len(values))


def is_given(values: np.ndarray) -> np.ndarray:
    """Return bool [values], what of `as_texts` or `as_labels` is not missing."""
    return np.fromiter((value is not None for value in values), bool, len(values))


def is_missing(value: object) -> bool:
    """Return whether a value is None, NaN, or what pandas has for them."""
    # pandas.NA is equal to nothing, not even unequal to itself.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return bool(value != value)


def listed(values: Iterable) -> list:
    """Return the values of a list, an array, a Series or an Arrow array.

    Raises:
        ValueError: If it is one text.
    """
    if isinstance(values, str):
        raise ValueError("One text was given where a list of texts is expected.")
    for method in ("to_pylist", "tolist"):  # Arrow; numpy and pandas
        if hasattr(values, method):
            return getattr(values, method)()
    return list(values)


def numbered(values: Iterable) -> tuple[list, np.ndarray]:
    """Return distinct values in the order they appear, and the number of each value."""
    numbers: dict = {}
    found = np.fromiter(
        (numbers.setdefault(value, len(numbers)) for value in values), np.int64
    )
    return list(numbers), found


def same_text(text: str) -> str:
    """Return what texts have in common that differ in case, width and spaces only.

    Compatible forms of a letter are one (Unicode NFKC), as are cases (full folding:
    `ß` is `ss`).
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def parts_of(text: str | Sequence[str]) -> tuple[str, ...]:
    """Return a text, or both texts of a pair."""
    return (text,) if isinstance(text, str) else tuple(text)


def text_groups(texts: Sequence[str | tuple[str, str]]) -> np.ndarray:
    """Number texts, those alike that differ only in case and spaces: int64 [texts]."""
    keys = ["\0".join(map(same_text, parts_of(text))) for text in texts]
    return np.unique(keys, return_inverse=True)[1]


def _text(value: object, place: int) -> str | None:
    if isinstance(value, str):
        return None if not value or value.isspace() else value
    if is_missing(value):
        return None
    raise ValueError(f"texts[{place}] is {value!r:.50}, neither a text nor missing.")
