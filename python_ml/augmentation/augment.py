"""More rows for thin classes: `augment`.

Ways, by name; each row that is added is made in one way from one row of its class:

* `oversampling`: the row again (class balancing)
* `spelling`, `synonyms`, `dropout`, `swap`: another spelling, a similar word, a word
  less, two words swapped (`texts`)
* `back_translation`: translated there and back (`translation`)
* `smote`, `mixup`: embeddings between two rows (`vectors`)

Whether a way helps depends on the data: `choose_ways` of `choice` tells.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from python_ml.augmentation.texts import (
    similar_words,
    spelling_variant,
    with_dropped_words,
    with_similar_words,
    with_swapped_words,
)
from python_ml.augmentation.vectors import Mixes, mixup, smote
from python_ml.common.inputs import parts_of

TEXT_WAYS = (
    "oversampling",
    "spelling",
    "synonyms",
    "dropout",
    "swap",
    "back_translation",
)
VECTOR_WAYS = ("smote", "mixup")
PER_CLASS = 50


@dataclass(frozen=True)
class Augmented:
    """The rows that were added; those that were given are not among them.

    Attributes:
        texts: A text, or a pair of texts, for each.
        labels: As many labels.
        source: int64 [added], the given row that each was made from.
        ways: The name of the way each was made in.
    """

    texts: list
    labels: list
    source: np.ndarray
    ways: list[str]


@dataclass(frozen=True)
class Additions:
    """Which rows are to be added.

    Attributes:
        source: int64 [added], the row that each is made from.
        copy: int64 [added], how many were made of that row before.
        way: int64 [added], the place of the way it is made in.
    """

    source: np.ndarray
    copy: np.ndarray
    way: np.ndarray

    def in_ways(self, places: Sequence[int]) -> Additions:
        """Return those that are to be made in some of the ways."""
        chosen = np.isin(self.way, places)
        return Additions(self.source[chosen], self.copy[chosen], self.way[chosen])


def augment(
    texts: Sequence,
    labels: Sequence,
    *,
    ways: Sequence[str] = ("spelling", "dropout", "swap"),
    per_class: int = PER_CLASS,
    back_translation: Callable[[list[str]], list[str]] | None = None,
    seed: int = 0,
) -> Augmented:
    """Make rows until no class has fewer than so many.

    Give it rows to train on alone: what is added to held-out rows makes their score a
    lie.

    Args:
        texts: A string per row, or a pair of strings, of which both are varied.
        labels: As many labels.
        ways: Names from `TEXT_WAYS`, which take turns.
        per_class: Rows that each class is to have.
        back_translation: A `BackTranslation`; needed for the way of that name.
        seed: Of all choices.

    Returns:
        The rows that were added, class by class. A text that a way cannot vary, such as
        a single word by `swap`, is repeated as it is.

    Raises:
        ValueError: If a way is unknown, or there are no texts or no translator.
    """
    texts, labels = list(texts), list(labels)
    if len(texts) != len(labels):
        raise ValueError(f"There are {len(texts)} texts but {len(labels)} labels.")
    check_ways(ways, TEXT_WAYS, per_class)
    places: dict = {}
    targets = np.array(
        [places.setdefault(label, len(places)) for label in labels], np.int64
    )
    added = additions(targets, len(ways), per_class, seed)
    made = varied_texts(
        texts, targets, added, ways, back_translation=back_translation, seed=seed
    )
    return Augmented(
        made,
        [labels[row] for row in added.source],
        added.source,
        [ways[way] for way in added.way],
    )


def check_ways(ways: Sequence[str], known: Sequence[str], per_class: int) -> None:
    """Check the settings of augmentation.

    Raises:
        ValueError: If there is no way, one is not known or occurs twice, or no row is
            wanted.
    """
    for way in ways:
        if way not in known:
            raise ValueError(f"A way is one of {', '.join(known)}, not {way!r}.")
    if not ways or len(set(ways)) < len(ways):
        raise ValueError("Ways are at least one, each once.")
    if per_class < 1:
        raise ValueError(f"per_class must be at least 1, not {per_class}.")


def additions(targets: np.ndarray, ways: int, per_class: int, seed: int) -> Additions:
    """Plan which rows to add, so that every class has `per_class`.

    The rows of a class take turns in random order, and so do the ways.

    Args:
        targets: int64 [rows], the class of each.
        ways: How many there are.
        per_class: Rows that each class is to have.
        seed: Of the order.
    """
    generator = np.random.default_rng([seed, 0])
    source, copy, way = [], [], []
    for one in np.unique(targets):
        rows = generator.permutation(np.flatnonzero(targets == one))
        number = np.arange(max(0, per_class - len(rows)))
        turn = number // len(rows)
        source.append(rows[number % len(rows)])
        copy.append(turn)
        # A turn begins with another way, or a row might always meet the same.
        way.append((number + turn * (len(rows) % ways == 0)) % ways)
    return Additions(*(np.concatenate(part) for part in (source, copy, way)))


def varied_texts(
    texts: Sequence,
    targets: np.ndarray,
    added: Additions,
    ways: Sequence[str],
    *,
    back_translation: Callable[[list[str]], list[str]] | None = None,
    seed: int = 0,
) -> list:
    """Make the texts of the rows to be added.

    What becomes of a text depends on it, the seed and the number of its copy, and but
    for synonyms on no other text.

    Args:
        texts: As for `augment`.
        targets: int64 [rows], the class of each text.
        added: What is to be added, in ways of `TEXT_WAYS` alone.
        ways: All names, in the order that `added` counts them.
        back_translation: As for `augment`.
        seed: Of all choices.

    Raises:
        ValueError: If there is no translator for back-translation.
    """
    similar: dict[str, tuple[str, ...]] = {}
    translated: dict[str, str] = {}
    wanted = {ways[way] for way in np.unique(added.way)}
    if "synonyms" in wanted:
        parts = [(part, i) for i, text in enumerate(texts) for part in parts_of(text)]
        of_part = targets[[i for _, i in parts]]
        similar = similar_words([part for part, _ in parts], of_part)
    if "back_translation" in wanted:
        if back_translation is None:
            raise ValueError("The way back_translation needs a translator.")
        rows = added.source[added.way == ways.index("back_translation")]
        known = list(dict.fromkeys(part for i in rows for part in parts_of(texts[i])))
        translated = dict(zip(known, back_translation(known), strict=True))

    def vary(text: str, way: str, copy: int) -> str:
        if way == "oversampling":
            return text
        if way == "back_translation":
            return translated[text]
        generator = np.random.default_rng([seed, _number_of(text), copy])
        if way == "synonyms":
            return with_similar_words(text, similar, generator)
        return {
            "spelling": spelling_variant,
            "dropout": with_dropped_words,
            "swap": with_swapped_words,
        }[way](text, generator)

    made = []
    for row, copy, way in zip(added.source, added.copy, added.way, strict=True):
        varied = [vary(part, ways[way], copy) for part in parts_of(texts[row])]
        made.append(varied[0] if isinstance(texts[row], str) else tuple(varied))
    return made


def mixed_rows(
    vectors: np.ndarray,
    targets: np.ndarray,
    added: Additions,
    ways: Sequence[str],
    seed: int = 0,
) -> Mixes:
    """Make the rows to be added as mixes of given ones.

    Args:
        vectors: float32 [rows, dimensions].
        targets: int64 [rows], the class of each.
        added: What is to be added, in ways of `VECTOR_WAYS` alone.
        ways: All names, in the order that `added` counts them.
        seed: Of all choices.
    """
    parts = [
        {"smote": smote, "mixup": mixup}[ways[place]](
            added.source[added.way == place], vectors, targets, seed
        )
        for place in np.unique(added.way)
    ]
    if not parts:
        return Mixes.none()
    return Mixes(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("left", "right", "share")
        )
    )


def _number_of(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))
