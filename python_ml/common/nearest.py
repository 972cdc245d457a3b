"""The most similar rows of each row."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

_EXACT = 30_000  # Rows up to which all pairs are compared.
_BLOCK = 1024
_ROUNDS = 3
_TRAINED = 50_000
_CELLS = 3  # Cells of which the rows are compared.


def nearest_rows(
    vectors: np.ndarray, count: int, *, device: str = "cpu", seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Find the rows most similar to each row, without itself.

    Up to 30,000 rows all pairs are compared. Beyond, rows are put into about sqrt(rows)
    cells by k-means, and compared with those of their cell and the two next to it
    (inverted file, Jegou et al. 2011): nearly all neighbours, at a cost that grows with
    rows^1.5.

    Args:
        vectors: float32 [rows, dimensions], rows of length 1 (or 0).
        count: How many rows to find, 1 or more.
        device: Of PyTorch.
        seed: Of the cells.

    Returns:
        int64 [rows, count], most similar first, -1 where there are fewer; float32
        [rows, count], their cosines, NaN where there are fewer.
    """
    import torch

    rows = len(vectors)
    index = np.full((rows, count), -1, np.int64)
    similarity = np.full((rows, count), np.nan, np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # They may be read-only.
        found = torch.from_numpy(np.ascontiguousarray(vectors, np.float32)).to(device)
    everyone = torch.arange(rows, device=found.device)
    groups: Iterator[tuple[torch.Tensor, torch.Tensor]]
    if rows <= _EXACT:
        groups = (
            (everyone[start : start + _BLOCK], everyone)
            for start in range(0, rows, _BLOCK)
        )
    else:
        groups = _cells(found, seed)
    for queries, candidates in groups:
        cosines = found[queries] @ found[candidates].T
        cosines[queries[:, None] == candidates[None, :]] = -2
        best, place = torch.topk(cosines, min(count, len(candidates)), 1)
        chosen = candidates[place].masked_fill(best < -1.5, -1)
        best = best.masked_fill(best < -1.5, torch.nan)
        at = queries.cpu().numpy()
        index[at, : chosen.shape[1]] = chosen.cpu().numpy()
        similarity[at, : best.shape[1]] = best.cpu().numpy()
    return index, similarity


def _cells(
    vectors: torch.Tensor, seed: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield rows, some at a time, and the rows to compare them with."""
    import torch

    rows = len(vectors)
    generator = torch.Generator().manual_seed(seed)
    sample = torch.randperm(rows, generator=generator)[:_TRAINED].to(vectors.device)
    centres = vectors[sample[: int(rows**0.5)]].clone()
    for _ in range(_ROUNDS):
        cell = _nearest_centres(vectors[sample], centres, 1)[:, 0]
        sums = torch.zeros_like(centres).index_add_(0, cell, vectors[sample])
        is_empty = torch.bincount(cell, minlength=len(centres)) == 0
        sums[is_empty] = centres[is_empty]
        centres = torch.nn.functional.normalize(sums)
    cell = _nearest_centres(vectors, centres, 1)[:, 0]
    order = torch.argsort(cell, stable=True)
    members = torch.split(order, torch.bincount(cell, minlength=len(centres)).tolist())
    beside = _nearest_centres(centres, centres, _CELLS).tolist()
    for number, queries in enumerate(members):
        candidates = torch.cat(
            [queries, *(members[other] for other in beside[number] if other != number)]
        )
        for block in torch.split(queries, _BLOCK):
            yield block, candidates


def _nearest_centres(
    vectors: torch.Tensor, centres: torch.Tensor, count: int
) -> torch.Tensor:
    import torch

    return torch.cat(
        [
            torch.topk(block @ centres.T, min(count, len(centres)), 1).indices
            for block in torch.split(vectors, 16 * _BLOCK)
        ]
    )
