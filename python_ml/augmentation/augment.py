"""More rows for thin classes: `augment`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from python_ml.augmentation.synonyms import similar_words, with_synonyms
from python_ml.augmentation.translation import installed_back_translation
from python_ml.augmentation.ways import PER_CLASS, checked_ways
from python_ml.common.inputs import numbered, parts_of

_NEAREST = 5
_BETA = 0.4  # Both parameters of the distribution of shares in mixup.


@dataclass(frozen=True)
class Augmented:
    """The rows that were added; those that were given are not among them.

    Attributes:
        texts: A text, or a pair of texts, for each; of a mix, that of its source.
        labels: As many labels, those of the sources.
        source: int64 [added], the given row that each was made from.
        ways: The name of the way each was made in.
        other: int64 [added], the given row that a mix is mixed with, else the source.
        share: float32 [added], the share of the source in a mix, in [0, 1], else 1.
    """

    texts: list
    labels: list
    source: np.ndarray
    ways: list[str]
    other: np.ndarray
    share: np.ndarray


def augment(
    texts: Sequence,
    labels: Sequence,
    *,
    ways: str | Sequence[str] = ("synonyms",),
    per_class: int = PER_CLASS,
    embeddings: np.ndarray | None = None,
    back_translation: Callable[[list[str]], list[str]] | None = None,
    seed: int = 0,
) -> Augmented:
    """Make rows until no class has fewer than so many.

    Give it rows to train on alone: what is added to held-out rows makes their score a
    lie. Each row is made in one way from one row of its class, and all take turns:

    * `oversampling`: the row again, so that classes are balanced
    * `synonyms`: with similar words, which are learned from the texts
    * `back_translation`: translated there and back
    * `smote`: between the embeddings of the row and of one of its five nearest of the
      class (Chawla et al. 2002)
    * `mixup`: between those of the row and any other, and likewise between their labels
      (Zhang et al. 2018), with at least half of the row itself (Chou et al. 2020)

    Args:
        texts: A string per row, or a pair of strings, of which both are varied.
        labels: As many labels.
        ways: One or more of these names.
        per_class: Rows that each class is to have.
        embeddings: float32 [rows, dimensions]; needed for smote.
        back_translation: A `BackTranslation`, or None for installed packages of
            `argostranslate`.
        seed: Of all choices.

    Returns:
        The rows that were added, class by class. What a way cannot vary is repeated: a
        text without a word that has a similar one, and for smote a row that is alone.

    Raises:
        ValueError: If a way is unknown, lengths differ, or smote has no embeddings.
        ImportError: If there is no translator for back-translation.
    """
    texts, labels = list(texts), list(labels)
    names = checked_ways(ways, per_class)
    if len(labels) != len(texts):
        raise ValueError(f"There are {len(texts)} texts but {len(labels)} labels.")
    if "smote" in names and (embeddings is None or len(embeddings) != len(texts)):
        raise ValueError("The way smote needs embeddings, one for each text.")
    if "back_translation" in names and back_translation is None:
        whole = [" ".join(parts_of(text)) for text in texts]
        back_translation = installed_back_translation(whole)

    generator = np.random.default_rng(seed)
    targets = numbered(labels)[1]
    turns = []
    for one in np.unique(targets):
        rows = generator.permutation(np.flatnonzero(targets == one))
        turns.append(np.resize(rows, max(0, per_class - len(rows))))
    source = np.concatenate([np.zeros(0, np.int64), *turns])
    way = generator.permutation(np.arange(len(source)) % len(names))
    other, share = source.copy(), np.ones(len(source), np.float32)
    made = [parts_of(texts[row]) for row in source]
    for place, name in enumerate(names):
        added = np.flatnonzero(way == place)
        if name == "smote" and embeddings is not None:
            near = (_nearest(row, targets, embeddings) for row in source[added])
            other[added] = [generator.choice(rows) for rows in near]
            share[added] = generator.random(len(added))
        elif name == "mixup":
            other[added] = generator.integers(len(texts), size=len(added))
            share[added] = generator.beta(_BETA, _BETA, len(added))
            share[added] = np.maximum(share[added], 1 - share[added])
        elif name == "synonyms":
            similar = similar_words(texts, targets)
            for i in added:
                made[i] = tuple(with_synonyms(p, similar, generator) for p in made[i])
        elif name == "back_translation" and back_translation is not None:
            known = list(dict.fromkeys(part for i in added for part in made[i]))
            translated = dict(zip(known, back_translation(known), strict=True))
            for i in added:
                made[i] = tuple(translated[part] for part in made[i])
    made_texts = [parts[0] if len(parts) == 1 else parts for parts in made]
    made_labels = [labels[row] for row in source]
    made_ways = [names[place] for place in way]
    return Augmented(made_texts, made_labels, source, made_ways, other, share)


def _nearest(row: int, targets: np.ndarray, embeddings: np.ndarray) -> np.ndarray:
    """Return the nearest rows of the class of a row; itself where it is alone."""
    others = np.flatnonzero(targets == targets[row])
    others = others[others != row]
    distance = np.square(embeddings[others] - embeddings[row]).sum(1)
    near = others[np.argsort(distance, kind="stable")[:_NEAREST]]
    return near if len(near) else np.array([row])
