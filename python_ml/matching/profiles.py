"""The tokens of texts, by family and line: `Profiles`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BUCKETS = 1 << 20  # of the hashed tokens

HAN = "\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff"
_TOKEN = re.compile(rf"[{HAN}]|[^\W_{HAN}]+(?:[-/.][^\W_{HAN}]+)*")
_IS_HAN = re.compile(f"[{HAN}]")
_PART = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_JOIN = str.maketrans("", "", "-/.")
_PLAIN_NUMBER = re.compile(r"\d+(?:\.\d+)?")

FAMILIES = ("word", "code", "number", "unit", "measure", "ngram")


class Profiles:
    """The tokens of texts, as one sparse matrix of zeros and ones per family."""

    def __init__(self, texts: list[str]) -> None:
        """Read the tokens of texts, line by line; equal lines are read once."""
        import scipy.sparse as sparse

        numbers: dict[str, int] = {}
        self.lines_of = [
            [numbers.setdefault(line, len(numbers)) for line in text.split("\n")]
            for text in texts
        ]
        self.lines = list(numbers)
        tokens = [_tokens(line) for line in self.lines]
        self.codes = [each.families["code"] for each in tokens]
        self.compact = [each.compact for each in tokens]
        self._matrices = {
            family: _matrix([each.families[family] for each in tokens])
            for family in FAMILIES
            if family != "ngram"
        }
        self._matrices["ngram"] = _ngrams([each.spaced for each in tokens])
        pointers = np.cumsum([0] + [len(lines) for lines in self.lines_of])
        columns = np.array([line for lines in self.lines_of for line in lines], int)
        self._incidence = sparse.csr_matrix(
            (np.ones(len(columns), np.float32), columns, pointers),
            shape=(len(texts), len(self.lines)),
        )

    def texts(self, family: str) -> csr_matrix:
        """Return [texts, buckets] of a family."""
        matrix = (self._incidence @ self._matrices[family]).tocsr()
        matrix.data[:] = 1
        matrix.sort_indices()
        return matrix

    def line(self, family: str, line: int) -> csr_matrix:
        """Return [texts, buckets] of a family in one line, empty where not there."""
        import scipy.sparse as sparse

        found = [
            (row, one[line]) for row, one in enumerate(self.lines_of) if line < len(one)
        ]
        rows = np.array([row for row, _ in found], int)
        columns = np.array([column for _, column in found], int)
        pick = sparse.csr_matrix(
            (np.ones(len(rows), np.float32), (rows, columns)),
            shape=self._incidence.shape,
        )
        matrix = (pick @ self._matrices[family]).tocsr()
        matrix.sort_indices()
        return matrix


class _Line(NamedTuple):
    """The tokens of a line by family, its letters and digits, and its words apart."""

    families: dict[str, Collection[str]]
    compact: str
    spaced: str


def _tokens(line: str) -> _Line:
    found = _TOKEN.findall(unicodedata.normalize("NFKC", line).lower())
    words: set[str] = set()
    codes: dict[str, None] = {}
    numbers: set[str] = set()
    units: set[str] = set()
    measures: set[str] = set()
    parts_of_all: list[str] = []
    for before, token in zip([""] + found, found, strict=False):
        parts = _PART.findall(token)
        parts_of_all += parts
        joined = token.translate(_JOIN)
        if _PLAIN_NUMBER.fullmatch(token):
            words.add(token if "." not in token else _number(token))
            if len(token) >= 4 and "." not in token:
                codes[joined] = None
        else:
            words.add(joined)
            if len(parts) > 1:
                words.update(parts)
            if any(letter.isdigit() for letter in joined):
                codes[joined] = None
        if _IS_HAN.match(token) and before and _IS_HAN.match(before):
            words.add(before + token)
    for part, after in zip(parts_of_all, parts_of_all[1:] + [""], strict=False):
        if part[0].isdigit():
            number = _number(part)
            numbers.add(number)
            if after and not after[0].isdigit():
                units.add(after)
                measures.add(number + after)
    families: dict[str, Collection[str]] = {
        "word": words,
        "code": list(codes),
        "number": numbers,
        "unit": units,
        "measure": measures,
    }
    spaced = f" {' '.join(found)} " if found else ""
    return _Line(families, "".join(found).translate(_JOIN), spaced)


def _number(digits: str) -> str:
    try:
        return f"{float(digits):g}" if len(digits) < 12 else digits
    except ValueError:  # A digit that is no decimal one, such as a superscript.
        return digits


def _matrix(tokens: list[Collection[str]]) -> csr_matrix:
    from zlib import crc32

    import scipy.sparse as sparse

    hashes = [
        [crc32(token.encode("utf-8", "replace")) for token in each] for each in tokens
    ]
    pointers = np.cumsum([0] + [len(each) for each in hashes])
    columns = np.array([one for each in hashes for one in each], np.int64) % BUCKETS
    return _binary(
        sparse.csr_matrix(
            (np.ones(len(columns), np.float32), columns, pointers),
            shape=(len(tokens), BUCKETS),
        )
    )


def _ngrams(texts: list[str]) -> csr_matrix:
    """Return character 3- to 5-grams, hashed all at once."""
    import scipy.sparse as sparse

    joined = "".join(texts)
    letters = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32)
    letters = letters.astype(np.uint64)
    row = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    rows = [np.zeros(0, np.int64)]
    columns = [np.zeros(0, np.int64)]
    value = letters
    # Polynomial hashes, mixed by the golden ratio (Knuth, volume 3, section 6.4).
    for size in range(2, 6):
        if len(letters) < size:
            break
        value = value[:-1] * np.uint64(1_000_003) + letters[size - 1 :]
        if size > 2:
            within = row[: len(value)] == row[size - 1 :]
            mixed = value * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(44)
            rows.append(row[: len(value)][within])
            columns.append(mixed[within].astype(np.int64))
    place = np.concatenate(rows), np.concatenate(columns)
    return _binary(
        sparse.csr_matrix(
            (np.ones(len(place[0]), np.float32), place),
            shape=(len(texts), BUCKETS),
        )
    )


def _binary(matrix: csr_matrix) -> csr_matrix:
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix
