"""Texts to vectors: `encode`.

Encoders, by name:

* `minilm`: all-MiniLM-L6-v2, English, 384 dimensions
* `use-multilingual`: USE-multilingual-v3, 16 languages with Chinese, 512 dimensions
* `ngrams`: character n-grams, any language, nothing learned, 1,024 dimensions
* any folder of sentence-transformers or transformers, or a name in the cache of Hugging
  Face
* `auto`: one of the first three, by the languages of the texts (`languages`)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from python_ml.common.devices import chosen_precision, resolve_device
from python_ml.common.inputs import as_texts
from python_ml.common.look_alikes import as_seen
from python_ml.encoding.languages import choose_encoder
from python_ml.encoding.transformer import MINILM_NAMES
from python_ml.encoding.weights import folder_stamp

# Texts in work at a time: several of the pieces in which `packing` tokenizes ahead.
_CPU_BATCH = 16384
_GPU_BATCH = 131072
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Encoder:
    """A loaded encoder.

    Attributes:
        name: What it is, with the version of its weights: texts that were encoded under
            the same name need not be encoded again.
        dimension: Of its vectors.
    """

    name: str
    dimension: int
    embed: Callable[[list[str]], np.ndarray] = field(repr=False)

    def encode(self, texts: Iterable[str | None]) -> np.ndarray:
        """Encode a batch of texts, each distinct one once.

        Args:
            texts: Texts; None and NaN are missing. Very long ones are cut.

        Returns:
            float32 [texts, dimension]; rows have length 1, or 0 where the text is
            missing or blank.

        Raises:
            ValueError: If something is neither a text nor missing, or the encoder
                returns what is no number.
        """
        plain = _readable(texts)
        distinct = list(dict.fromkeys(plain))
        known = [text for text in distinct if text]
        vectors = self.embed(known) if known else np.zeros((0, self.dimension), "f4")
        # A sum is a number only if all its parts are.
        if not np.isfinite(vectors.sum()):
            raise ValueError(
                f"The encoder {self.name} returned vectors that are no numbers: its "
                "weights are broken."
            )
        if len(known) == len(plain):
            return vectors
        # What is missing takes the row after the last.
        vectors = np.concatenate([vectors, np.zeros((1, self.dimension), np.float32)])
        place = {text: row for row, text in enumerate(known)}
        return vectors[[place.get(text, -1) for text in plain]]


def encode(
    texts: Iterable[str | None],
    *,
    encoder: str = "auto",
    device: str = "auto",
    precision: str = "auto",
    batch_size: int | None = None,
    progress: bool = False,
) -> np.ndarray:
    """Encode texts as vectors of which the dot product is the cosine.

    Args:
        texts: A list, an array, a pandas Series or an Arrow array; None, NaN and blank
            texts are missing.
        encoder: One of the names in this module's description.
        device: "auto" (a GPU where there is one), "cpu", "cuda" or "cuda:1".
        precision: "auto" (float32 up to 50,000 distinct texts, so that they are read
            alike everywhere; above, 16 bits where the device is faster so), "float32",
            "bfloat16" or "fastest".
        batch_size: Distinct texts in work at a time, which bounds the memory beside
            that of the result; default 16,384, and 131,072 on a GPU.
        progress: Whether to show a bar on stderr.

    Returns:
        float32 [texts, dimension], in the order of the texts; rows have length 1, or 0
        where the text is missing.

    Raises:
        ValueError: If a text is none, or the encoder, the device or the precision is
            not there.
    """
    from tqdm import tqdm

    plain = _readable(texts)
    if batch_size is not None and batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; it must be at least 1.")
    if encoder == "auto":
        encoder, _ = choose_encoder(plain)
    rows: dict[str, int] = {}
    numbers = np.array([rows.setdefault(text, len(rows)) for text in plain], np.int64)
    distinct = list(rows)
    loaded = load_encoder(encoder, device, chosen_precision(len(distinct), precision))
    vectors = np.empty((len(distinct), loaded.dimension), np.float32)
    is_gpu = resolve_device(device) != "cpu"
    size = batch_size or (_GPU_BATCH if is_gpu else _CPU_BATCH)
    with tqdm(
        desc=f"encode with {loaded.name}",
        total=len(distinct),
        unit=" texts",
        unit_scale=True,
        disable=not progress,
    ) as bar:
        for start in range(0, len(distinct), size):
            batch = distinct[start : start + size]
            vectors[start : start + size] = loaded.encode(batch)
            bar.update(len(batch))
    return vectors if len(distinct) == len(plain) else vectors[numbers]


def load_encoder(name: str, device: str = "auto", precision: str = "auto") -> Encoder:
    """Load an encoder, to encode batch by batch.

    Args:
        name: One of the names in this module's description but `auto`, which needs the
            texts: `choose_encoder` names the encoder for them.
        device: "auto" (a GPU where there is one), "cpu", "cuda" or "cuda:1".
        precision: As for `encode`; how many texts there will be is not known here, and
            "auto" takes them for few.

    Returns:
        The encoder; the last two loaded are kept.

    Raises:
        ValueError: If the encoder, its weights or the device is not there, or the
            weights are not the published ones.
    """
    name = "minilm" if name in MINILM_NAMES else name
    if name == "auto":
        raise ValueError("`auto` needs texts: ask choose_encoder for the name first.")
    stamp = folder_stamp(Path(name)) if Path(name).is_dir() else ()
    return _loaded(name, resolve_device(device), chosen_precision(0, precision), stamp)


@lru_cache(maxsize=2)
def _loaded(name: str, device: str, precision: str, stamp: tuple) -> Encoder:
    # The stamp is part of the key only: a folder may have been trained again.
    if name == "ngrams":
        from python_ml.encoding import ngrams

        return Encoder(ngrams.NAME, ngrams.DIMENSION, ngrams.embed_ngrams)
    if name == "minilm":
        from python_ml.encoding.transformer import load_minilm as load
    elif name == "use-multilingual":
        from python_ml.encoding.use import load_use as load
    else:
        from python_ml.encoding.transformer import load_transformer

        load = partial(load_transformer, name)
    return Encoder(*load(device, precision=precision))


def _readable(texts: Iterable[str | None]) -> list[str]:
    """Return texts as they are seen, valid as UTF-8; "" where missing or blank."""
    return [_utf8(text) if text else "" for text in as_texts(texts)]


def _utf8(text: str) -> str:
    return text if text.isascii() else _SURROGATE.sub("\ufffd", as_seen(text))
