"""What a classifier is trained on: usable rows, held-out rows, batches of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from python_ml.common.inputs import parts_of, text_groups

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

_PIECE = 10_000  # texts tokenized at a time


@dataclass(frozen=True)
class Rows:
    """The rows that have a text and a label.

    Attributes:
        texts: A string per row, or a pair of strings.
        targets: int64 [rows], the place of each row's label in `labels`.
        labels: The distinct labels, sorted; strings, numbers or booleans.
        dropped: How many rows had no text or no label.
        kept: int64 [rows], the place of each among the rows that were given.
    """

    texts: list[str | tuple[str, str]]
    targets: np.ndarray
    labels: list
    dropped: int
    kept: np.ndarray

    @property
    def is_pairs(self) -> bool:
        """Whether a text is two."""
        return not isinstance(self.texts[0], str)


def usable_rows(texts: Sequence, labels: Sequence) -> Rows:
    """Keep the rows that have a text and a label.

    Args:
        texts: A text per row, or a pair of texts. Missing is None, NaN or blank; of a
            pair, either.
        labels: As many labels: strings, numbers or booleans. Missing is the same.

    Raises:
        ValueError: If the lengths differ, no row is left, or only one label is.
    """
    texts, labels = list(texts), list(labels)
    if len(texts) != len(labels):
        raise ValueError(f"There are {len(texts)} texts but {len(labels)} labels.")
    kept_texts: list[str | tuple[str, str]] = []
    kept_labels: list[str | int | float] = []
    kept: list[int] = []
    for row, (text, label) in enumerate(zip(texts, labels, strict=True)):
        parts = tuple(text) if isinstance(text, tuple | list) else (text,)
        if len(parts) > 2:
            raise ValueError(f"A text is one string or two, not {len(parts)}.")
        if _is_missing(label) or not parts or any(map(_is_missing, parts)):
            continue
        first, *second = map(str, parts)
        kept_texts.append((first, second[0]) if second else first)
        kept_labels.append(_plain(label))
        kept.append(row)
    if not kept_texts:
        raise ValueError("There are no rows that have a text and a label.")
    if len({isinstance(text, str) for text in kept_texts}) > 1:
        raise ValueError("Either all texts are pairs or none is.")
    # Saved models name their labels in text, so no two may be spelled the same.
    spelled: dict[str, str | int | float] = {}
    for label in set(kept_labels):
        other = spelled.setdefault(str(label), label)
        if other is not label:
            raise ValueError(
                f"The labels {other!r} and {label!r} are written the same."
            )
    if len(spelled) < 2:
        raise ValueError(f"All rows have the same label, {kept_labels[0]!r}.")
    distinct = sorted(
        spelled.values(), key=lambda label: (isinstance(label, str), label)
    )
    place = {label: i for i, label in enumerate(distinct)}
    targets = np.array([place[label] for label in kept_labels], np.int64)
    dropped = len(texts) - len(kept_texts)
    return Rows(kept_texts, targets, distinct, dropped, np.array(kept, np.int64))


def _is_missing(value: object) -> bool:
    import pandas as pd

    return not value.strip() if isinstance(value, str) else bool(pd.isna(value))


def _plain(label: object) -> str | int | float:
    label = label.item() if isinstance(label, np.generic) else label
    if not isinstance(label, str | int | float):
        kind = type(label).__name__
        raise ValueError(f"A label is a string, a number or a boolean, not a {kind}.")
    return label


def held_out_rows(rows: Rows, share: float, seed: int) -> np.ndarray:
    """Choose the rows to hold out: a like share of every class, no text on both sides.

    Rows whose texts differ only in case and spaces go together. Every class keeps at
    least one row to be trained on, so a class with one text is never held out.

    Returns:
        bool [rows], True where held out: about `share` of the distinct texts.

    Raises:
        ValueError: If no class has two texts.
    """
    group = text_groups(rows.texts)
    first = np.unique(group, return_index=True)[1]
    # A text with several labels counts for the rarest of them.
    by_size = np.argsort(np.bincount(rows.targets)[rows.targets], kind="stable")
    group_class = np.empty(len(first), np.int64)
    group_class[group[by_size][::-1]] = rows.targets[by_size][::-1]

    generator = np.random.default_rng(seed)
    order = np.lexsort((generator.random(len(first)), group_class))
    order = order[np.bincount(group_class)[group_class[order]] > 1]
    count = min(max(1, round(share * len(first))), len(order) // 2)
    # Every n-th text, n >= 2, of the texts class by class: never all of a class.
    places = (np.arange(count) + generator.random()) * (len(order) / max(count, 1))
    is_held = np.isin(group, order[places.astype(np.int64)])
    # A class may still live only in texts that were chosen for another one.
    for lost in np.setdiff1d(rows.targets, rows.targets[~is_held]):
        is_held &= group != group[np.argmax(rows.targets == lost)]
    if not is_held.any():
        raise ValueError("No rows can be held out: no label has two different texts.")
    return is_held


class Inputs(Protocol):
    """The inputs of a model, by the numbers of rows, as of `Tokens`.

    Attributes:
        lengths: int64 [rows], tokens of each.
    """

    lengths: np.ndarray

    def __call__(self, rows: np.ndarray, device: str) -> dict[str, torch.Tensor]:
        """Give the inputs of some rows."""


class Tokens:
    """Texts as token ids, kept flat; call it with row numbers for a padded batch."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        texts: list,
        max_tokens: int,
        progress: bool = False,
    ):
        """Tokenize all texts, cut at `max_tokens`."""
        from tqdm import tqdm

        names = [n for n in tokenizer.model_input_names if n != "attention_mask"]
        pieces: dict[str, list[np.ndarray]] = {name: [] for name in names}
        lengths: list[int] = []
        bar = tqdm(
            desc="tokenize", total=len(texts), unit=" texts", disable=not progress
        )
        with bar:
            for start in range(0, len(texts), _PIECE):
                piece = texts[start : start + _PIECE]
                columns = [
                    list(column) for column in zip(*map(parts_of, piece), strict=True)
                ]
                found = tokenizer(*columns, truncation=True, max_length=max_tokens)
                lengths += map(len, found["input_ids"])
                for name in names:
                    ids = found[name]
                    pieces[name].append(
                        np.fromiter((i for row in ids for i in row), np.int32)
                    )
                bar.update(len(piece))
        self.lengths = np.array(lengths, np.int64)
        self._starts = np.cumsum(self.lengths) - self.lengths
        self._flat = {name: np.concatenate(found) for name, found in pieces.items()}
        self._padding = {"input_ids": tokenizer.pad_token_id}

    def __call__(self, rows: np.ndarray, device: str) -> dict[str, torch.Tensor]:
        """Give the inputs of a model: int64 [rows, longest], padded on the right."""
        import torch

        lengths = self.lengths[rows, None]
        place = np.arange(lengths.max())[None]
        is_token = place < lengths
        taken = np.where(is_token, self._starts[rows, None] + place, 0)
        batch = {
            name: np.where(is_token, flat[taken], self._padding.get(name, 0))
            for name, flat in self._flat.items()
        }
        batch["attention_mask"] = is_token
        return {
            name: torch.from_numpy(values.astype(np.int64)).to(device)
            for name, values in batch.items()
        }


class SideTokens:
    """The two texts of pairs as token ids, each for itself; called like `Tokens`.

    The texts of a row follow each other: its left one, its right one.
    """

    def __init__(self, tokens: Tokens):
        """Take the tokens of all left texts and then of all right ones."""
        self._tokens = tokens
        sides = tokens.lengths.reshape(2, -1)
        # As many as the padding makes of both.
        self.lengths = 2 * sides.max(0)

    def __call__(self, rows: np.ndarray, device: str) -> dict[str, torch.Tensor]:
        """Give the inputs of a model: int64 [2 * rows, longest]."""
        both = np.stack([rows, rows + len(self.lengths)], 1).ravel()
        return self._tokens(both, device)


def shuffled_batches(rows: np.ndarray, size: int, seed: list[int]) -> list[np.ndarray]:
    """Split rows into batches in random order.

    Texts of like length are not put together: they are often of like labels too, and
    steps that see few of them learn less. `micro_batches` saves the padding instead.
    """
    rows = np.random.default_rng(seed).permutation(rows)
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def sorted_batches(
    rows: np.ndarray, lengths: np.ndarray, size: int
) -> Iterator[np.ndarray]:
    """Split rows into batches, the longest texts first."""
    rows = rows[np.argsort(-lengths[rows], kind="stable")]
    return (rows[start : start + size] for start in range(0, len(rows), size))


def micro_batches(
    rows: np.ndarray, lengths: np.ndarray, tokens: int
) -> Iterator[np.ndarray]:
    """Split rows by how many tokens a device sees at once, the longest texts first.

    Args:
        rows: Their numbers.
        lengths: Tokens of each row there is.
        tokens: At most so many with the padding, but one row at least.
    """
    rows = rows[np.argsort(-lengths[rows], kind="stable")]
    start = 0
    while start < len(rows):
        size = max(1, tokens // int(lengths[rows[start]]))
        yield rows[start : start + size]
        start += size
