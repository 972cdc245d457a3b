"""Names of the ways to add rows, without what they need, for those who only check."""

from __future__ import annotations

from collections.abc import Sequence

MIXES = ("smote", "mixup")
WAYS = ("oversampling", "synonyms", "back_translation", *MIXES)
PER_CLASS = 50
_DROPPED = ("auto", "spelling", "dropout", "swap")


def checked_ways(ways: str | Sequence[str], per_class: int) -> tuple[str, ...]:
    """Return the names of ways; one may be given by itself.

    Raises:
        ValueError: If there is none, one is not known or twice there, or no row wanted.
    """
    names = (ways,) if isinstance(ways, str) else tuple(ways)
    for way in names:
        if way in _DROPPED:
            raise ValueError(
                f"{way!r} was dropped in 0.4, as no way that was tried was kept in any "
                f"benchmark run. The ways are {', '.join(WAYS)}."
            )
        if way not in WAYS:
            raise ValueError(f"A way is one of {', '.join(WAYS)}, not {way!r}.")
    if not names or len(set(names)) < len(names):
        raise ValueError("Ways are at least one, each once.")
    if per_class < 1:
        raise ValueError(f"per_class must be at least 1, not {per_class}.")
    return names
