"""Texts of any length through a model, without padding.

All tokens of a batch lie in one matrix, text after text, and the texts are sorted by
their number of tokens: equally long texts lie side by side and form a run, which is a
rectangle without padding and without a mask. Linear layers see the whole matrix,
attention and pooling see it run by run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

# Tokens in one matrix. A CPU is fastest while the matrix and what is computed from it
# stay in the cache; a GPU wants enough to fill all its multiprocessors.
CPU_TOKENS = 2048
GPU_TOKENS = 65536


@dataclass(frozen=True)
class Packed:
    """A batch of texts as tokens.

    Attributes:
        tokens: Token ids, text after text, the longest text first. int32 [tokens].
        positions: The place of each token in its text, from 0. int32 [tokens].
        runs: (tokens of a text, number of texts) of equally long texts, in order.
    """

    tokens: torch.Tensor
    positions: torch.Tensor
    runs: list[tuple[int, int]]


@dataclass(frozen=True)
class Arranged:
    """Any number of texts as tokens, the longest text first.

    Attributes:
        tokens: Token ids and positions, text after text. int32 [2, tokens].
        lengths: Tokens of each text, falling. int64 [texts].
        order: The place of each text in the list that was arranged. int64 [texts].
    """

    tokens: torch.Tensor
    lengths: np.ndarray
    order: np.ndarray


def embed_texts(
    texts: list[str],
    tokenize: Callable[[list[str]], list[list[int]]],
    forward: Callable[[Packed], torch.Tensor],
    device: str,
) -> np.ndarray:
    """Embed texts, while the next ones are tokenized in a thread of its own.

    Args:
        texts: At least one.
        tokenize: Gives each text at least one token.
        forward: Gives a batch of n texts a matrix [n, dimension].
        device: Where `forward` computes.

    Returns:
        float32 [texts, dimension], in the order of the texts.
    """
    from concurrent.futures import ThreadPoolExecutor

    # Texts with about as many characters have about as many tokens: pieces of the
    # sorted list waste least. The longest come first, so memory does not grow later.
    order = np.argsort([-len(text) for text in texts], kind="stable")
    size = 16384 if device.startswith("cuda") else 2048
    pieces = [order[start : start + size] for start in range(0, len(order), size)]
    result = None
    with ThreadPoolExecutor(1) as thread:

        def arranged(piece: np.ndarray) -> Arranged:
            return arrange(tokenize([texts[row] for row in piece]), device)

        coming = thread.submit(arranged, pieces[0])
        for number, piece in enumerate(pieces):
            ready = coming.result()
            if number + 1 < len(pieces):
                coming = thread.submit(arranged, pieces[number + 1])
            vectors = embed_arranged(ready, forward, device)
            if result is None:
                result = np.empty((len(texts), vectors.shape[1]), np.float32)
            result[piece] = vectors
    return result


def arrange(token_ids: list[list[int]], device: str) -> Arranged:
    """Put texts, given as token ids, one after another, the longest first."""
    import torch

    lengths = np.fromiter(map(len, token_ids), np.int64, len(token_ids))
    order = np.argsort(-lengths, kind="stable")
    lengths = lengths[order]
    ends = np.cumsum(lengths)
    flat = chain.from_iterable(token_ids[row] for row in order)
    tokens = np.empty((2, ends[-1]), np.int32)
    tokens[0] = np.fromiter(flat, np.int32, ends[-1])
    tokens[1] = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
    both = torch.from_numpy(tokens)
    # From pinned memory a GPU reads while it computes.
    return Arranged(both.pin_memory() if "cuda" in device else both, lengths, order)


def embed_arranged(
    texts: Arranged, forward: Callable[[Packed], torch.Tensor], device: str
) -> np.ndarray:
    """Embed arranged texts: float32 [texts, dimension], in the order of the list."""
    import torch

    budget = GPU_TOKENS if device.startswith("cuda") else CPU_TOKENS
    tokens = texts.tokens.to(device, non_blocking=True)
    ends = np.cumsum(texts.lengths)
    found = []
    with torch.inference_mode():
        for first, last in _batches(ends, budget):
            start = ends[first] - texts.lengths[first]
            batch = tokens[:, start : ends[last - 1]]
            found.append(_forward(forward, batch, texts.lengths[first:last]))
        vectors = torch.cat(found).cpu().numpy()
    result = np.empty_like(vectors)
    result[texts.order] = vectors
    return result


def _batches(ends: np.ndarray, budget: int) -> Iterator[tuple[int, int]]:
    """Cut texts, given where they end, into batches of up to `budget` tokens."""
    first, taken = 0, 0
    while first < len(ends):
        last = max(first + 1, int(np.searchsorted(ends, taken + budget, "right")))
        yield first, last
        first, taken = last, int(ends[last - 1])


def _forward(
    forward: Callable[[Packed], torch.Tensor], tokens: torch.Tensor, lengths: np.ndarray
) -> torch.Tensor:
    import torch

    changes = [0, *(np.flatnonzero(np.diff(lengths)) + 1).tolist(), len(lengths)]
    runs = [(int(lengths[start]), end - start) for start, end in pairwise(changes)]
    try:
        return forward(Packed(tokens[0], tokens[1], runs)).float()
    except torch.OutOfMemoryError:
        if len(lengths) == 1:
            raise
    # Others may use the same GPU: two halves need half the memory.
    torch.cuda.empty_cache()
    half = len(lengths) // 2
    cut = int(lengths[:half].sum())
    return torch.cat(
        [
            _forward(forward, tokens[:, :cut], lengths[:half]),
            _forward(forward, tokens[:, cut:], lengths[half:]),
        ]
    )


@lru_cache
def fastest_type(device: str) -> torch.dtype:
    """Return the number format in which a device multiplies matrices fastest.

    16 bits where the device computes with them natively, else float32. On a CPU
    bfloat16 without AMX or AVX512-BF16 is many times slower than float32; and where
    the processor says that it has them, a few milliseconds of measuring make sure.
    """
    import torch

    if device.startswith("cuda"):
        has_bfloat16 = torch.cuda.get_device_capability(device) >= (8, 0)
        return torch.bfloat16 if has_bfloat16 else torch.float16
    if device != "cpu" or not _has_native_bfloat16():
        return torch.float32
    slow, fast = (_seconds(kind) for kind in (torch.float32, torch.bfloat16))
    return torch.bfloat16 if fast * 1.3 < slow else torch.float32


def _has_native_bfloat16() -> bool:
    import torch

    asked = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(getattr(torch.cpu, name, lambda: False)() for name in asked)


def _seconds(kind: torch.dtype) -> float:
    import time

    import torch

    left, right = torch.ones(1024, 384, dtype=kind), torch.ones(1536, 384, dtype=kind)
    taken = []
    with torch.inference_mode():
        for _ in range(4):  # The first one warms up.
            begin = time.perf_counter()
            torch.nn.functional.linear(left, right)
            taken.append(time.perf_counter() - begin)
    return min(taken[1:])
