"""Texts of any length through a model, without padding.

All tokens of a batch lie in one matrix, text after text, and the texts are sorted by
their number of tokens: equally long texts lie side by side and form a run, which is a
rectangle without padding and without a mask. Linear layers see the whole matrix,
attention and pooling see it run by run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

# Tokens in one matrix. A CPU is fastest while the matrix and what is computed from it
# stay in the cache; a GPU wants enough to fill all its multiprocessors.
CPU_TOKENS = 512  # for each thread, and at least
CPU_LEAST = 2048
GPU_TOKENS = 65536
# Texts that are tokenized and sorted together, and their characters.
CPU_TEXTS = 2048
GPU_TEXTS = 8192
CHARACTERS = 1_000_000


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
        rows: Where the texts of the list, in its order, lie here. int64 [texts].
    """

    tokens: torch.Tensor
    lengths: np.ndarray
    rows: torch.Tensor


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
    characters = np.fromiter(map(len, texts), np.int64, len(texts))
    order = np.argsort(-characters, kind="stable")
    size = GPU_TEXTS if "cuda" in device else CPU_TEXTS
    bounds = batches(np.cumsum(characters[order]), CHARACTERS, size)
    pieces = [order[first:last] for first, last in bounds]
    result = np.empty((len(texts), 0), np.float32)
    with ThreadPoolExecutor(1) as thread:

        def arranged(piece: np.ndarray) -> Arranged:
            return arrange(tokenize([texts[row] for row in piece]), device)

        def fetch(piece: np.ndarray, computed: Callable[[], np.ndarray]) -> None:
            nonlocal result
            vectors = computed()
            if not result.size:
                result = np.empty((len(texts), vectors.shape[1]), np.float32)
            result[piece] = vectors

        coming = thread.submit(arranged, pieces[0])
        waiting: list[tuple[np.ndarray, Callable[[], np.ndarray]]] = []
        for number, piece in enumerate(pieces):
            ready = coming.result()
            if number + 1 < len(pieces):
                coming = thread.submit(arranged, pieces[number + 1])
            waiting.append((piece, start_embedding(ready, forward, device)))
            # A GPU computes this piece while the one before is fetched and sorted.
            if number:
                fetch(*waiting.pop(0))
        fetch(*waiting.pop())
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
    both, rows = torch.from_numpy(tokens), torch.from_numpy(np.argsort(order))
    if "cuda" in device:
        # From pinned memory a GPU reads while it computes.
        both, rows = both.pin_memory(), rows.pin_memory()
    return Arranged(both, lengths, rows)


def start_embedding(
    texts: Arranged, forward: Callable[[Packed], torch.Tensor], device: str
) -> Callable[[], np.ndarray]:
    """Embed arranged texts, on a GPU without waiting for it.

    Returns:
        A function that waits and returns float32 [texts, dimension], in the order in
        which the texts were before they were arranged.
    """
    import torch

    is_gpu = "cuda" in device
    threads = torch.get_num_threads()
    budget = GPU_TOKENS if is_gpu else max(CPU_LEAST, CPU_TOKENS * threads)
    tokens = texts.tokens.to(device, non_blocking=True)
    rows = texts.rows.to(device, non_blocking=True)
    ends = np.cumsum(texts.lengths)
    found = []
    with torch.inference_mode():
        for first, last in batches(ends, budget):
            start = ends[first] - texts.lengths[first]
            batch = tokens[:, start : ends[last - 1]]
            found.append(_forward(forward, batch, texts.lengths[first:last]))
        vectors = torch.cat(found)[rows]
        if not is_gpu:
            return vectors.numpy
        fetched = torch.empty(vectors.shape, dtype=vectors.dtype, pin_memory=True)
        fetched.copy_(vectors, non_blocking=True)
        is_fetched = torch.cuda.Event()
        is_fetched.record(torch.cuda.current_stream(vectors.device))

    def wait() -> np.ndarray:
        is_fetched.synchronize()
        return fetched.numpy()

    return wait


def batches(
    ends: np.ndarray, budget: int, count: int | None = None
) -> Iterator[tuple[int, int]]:
    """Cut texts that lie one after another into batches.

    Args:
        ends: Where each text ends, in tokens or characters.
        budget: Tokens or characters of a batch; a longer text is one of its own.
        count: Texts of a batch; default: any number.

    Yields:
        The first text of each batch, and the first one after it.
    """
    first, taken = 0, 0
    while first < len(ends):
        last = max(first + 1, int(np.searchsorted(ends, taken + budget, "right")))
        last = min(last, first + count) if count else last
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
