"""Character n-grams as an encoder, for texts that no pretrained model here knows.

Nothing is learned, and nothing depends on other texts: an embedding of today can be
compared with one of last year. Every n-gram has a random vector of its own, made from
its hash, and a text is the sum over its n-grams: a sparse random projection (Achlioptas
2003; Kane and Nelson 2014) of its n-gram counts, which keeps their cosines up to about
1 / sqrt(1024).
"""

from __future__ import annotations

import numpy as np

from python_ml.common.inputs import same_text
from python_ml.common.look_alikes import as_seen
from python_ml.encoding.packing import batches

NAME = "ngrams@1"  # A change of the arithmetic below needs a new number.
DIMENSION = 1024
LONGEST = 16384  # Characters after which a text is cut.

# Ideographs, kana and Hangul carry more each: shorter n-grams do.
_IDEOGRAPHS = 0x2E80
_ORDERS = range(1, 5)
_ORDERS_OF_LETTERS = (1, 4)
_ORDERS_OF_IDEOGRAPHS = (1, 2)
_ENTRIES = 4  # of the vector of an n-gram that are not zero
_TEXTS, _CHARACTERS = 512, 300_000  # in memory as n-grams at a time


def embed_ngrams(texts: list[str]) -> np.ndarray:
    """Embed texts by their n-grams: of 1 to 4 letters, or of 1 or 2 ideographs.

    Case, compatibility forms (full-width letters) and the width of spaces make no
    difference. A count c weighs 1 + log(c).

    Args:
        texts: Not missing.

    Returns:
        float32 [texts, 1024], rows of length 1.
    """
    result = np.zeros((len(texts), DIMENSION), np.float32)
    ends = np.cumsum([min(len(text), LONGEST) for text in texts])
    for first, last in batches(ends, _CHARACTERS, _TEXTS):
        result[first:last] = _embed(texts[first:last])
    return result


def count_ngrams(
    texts: list[str], ideographs: tuple[int, int] = _ORDERS_OF_IDEOGRAPHS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count the n-grams of each text.

    Args:
        texts: Not missing.
        ideographs: The least and the most ideographs in one.

    Returns:
        For each text and n-gram in it, in no order: int64 place of the text, uint64
        hash of the n-gram, int64 how often it occurs there.
    """
    rows, hashes = _ngrams([_simplified(text) for text in texts], ideographs)
    # Equal in row and n-gram: the row goes into the hash, and comes back by index.
    mixed = hashes ^ _scrambled(rows.astype(np.uint64))
    _, first, count = np.unique(mixed, return_index=True, return_counts=True)
    return rows[first], hashes[first], count


def _embed(texts: list[str]) -> np.ndarray:
    rows, hashes, count = count_ngrams(texts)
    weight = 1 + np.log(count)
    sums = np.zeros(len(texts) * DIMENSION)
    for entry in range(_ENTRIES):
        random = _scrambled(hashes + np.uint64(entry + 1))
        place = rows * DIMENSION + (random % np.uint64(DIMENSION)).astype(np.int64)
        sign = np.where(random >> np.uint64(63), 1.0, -1.0)
        sums += np.bincount(place, sign * weight, len(sums))
    vectors = sums.reshape(len(texts), DIMENSION)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _simplified(text: str) -> str:
    return f" {same_text(as_seen(text[:LONGEST]))} "


def _ngrams(
    texts: list[str], ideographs: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the row and the hash of every n-gram, repeated as it is repeated."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
    row = np.repeat(np.arange(len(texts)), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(codes))
    shortest, longest = np.where(
        codes < _IDEOGRAPHS,
        np.array(_ORDERS_OF_LETTERS)[:, None],
        np.array(ideographs)[:, None],
    )
    longest = np.minimum(longest, left)
    rows, hashes = [], []
    value: np.ndarray = np.zeros(len(codes), np.uint64)
    for order in _ORDERS:
        value = value[: len(codes) - order + 1]
        value = _scrambled(value) + codes[order - 1 :]
        place = slice(None, len(value))
        is_kept = (shortest[place] <= order) & (order <= longest[place])
        rows.append(row[place][is_kept])
        hashes.append(_scrambled(value[is_kept] ^ np.uint64(order << 32)))
    return np.concatenate(rows), np.concatenate(hashes)


def _scrambled(numbers: np.ndarray) -> np.ndarray:
    """Hash 64-bit numbers: SplitMix64 (Steele, Lea and Flood 2014)."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
