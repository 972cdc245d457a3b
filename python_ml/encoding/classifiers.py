"""What `train` has written, to classify with: `load_classifier`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from python_ml.encoding.pair_head import PAIR_HEAD, compared
from python_ml.encoding.weights import WeightsError, folder_version

if TYPE_CHECKING:
    pass

_TOKENS = {"cpu": 4096, "cuda": 32768}  # That are read at once, padding counted in.
_PIECE = 8192  # Texts that are tokenized and sorted at a time.


@dataclass(frozen=True)
class TrainedClassifier:
    """A classifier that was trained before.

    Attributes:
        name: Its folder with the version of its weights.
        labels: In the order of the columns.
        logits: Gives float32 [rows, labels] of texts or pairs, none of them missing.
    """

    name: str
    labels: tuple
    logits: Callable[[Sequence], np.ndarray] = field(repr=False)


def load_classifier(folder: str, device: str = "auto") -> TrainedClassifier:
    """Load what `train` has written to a folder, to classify texts or pairs.

    Args:
        folder: Of a run that has ended.
        device: "auto" (a GPU where there is one), "cpu", "cuda" or "cuda:1".

    Returns:
        The classifier, which computes in float32 on a CPU and in 16 bits on a GPU.

    Raises:
        WeightsError: If there is no trained classifier.
        ValueError: If there is no such device.
    """
    from python_ml.common.devices import resolve_device

    device = resolve_device(device)
    place = Path(folder)
    try:
        labels = tuple(json.loads((place / "label_map.json").read_text("utf-8")))
        is_bi = (place / PAIR_HEAD).is_file()
        logits = (_bi_encoder if is_bi else _transformer)(place, device)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise WeightsError(
            f"{folder} holds no classifier that `train` has written: {reason}"
        ) from error
    return TrainedClassifier(f"{place.name}@{folder_version(place)}", labels, logits)


def _bi_encoder(place: Path, device: str) -> Callable[[Sequence], np.ndarray]:
    import torch
    from safetensors.torch import load_file

    from python_ml.encoding.encoders import encode

    head = load_file(place / PAIR_HEAD)

    def logits(pairs: Sequence) -> np.ndarray:
        if not len(pairs):
            return np.zeros((0, len(head["bias"])), np.float32)
        texts = [text for side in zip(*pairs, strict=True) for text in side]
        vectors = torch.from_numpy(encode(texts, encoder=str(place), device=device))
        found = compared(*vectors.split(len(pairs)))
        return (found @ head["weight"].T + head["bias"]).numpy()

    return logits


def _transformer(place: Path, device: str) -> Callable[[Sequence], np.ndarray]:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from python_ml.encoding.transformer import quiet_transformers

    kind = torch.device(device).type
    with quiet_transformers():
        tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=True)
        model = AutoModelForSequenceClassification.from_pretrained(
            place, local_files_only=True
        )
    model.to(device).eval()

    def of_piece(texts: Sequence) -> np.ndarray:
        sides = zip(*texts, strict=True) if not isinstance(texts[0], str) else [texts]
        found = tokenizer(*map(list, sides), truncation=True)
        lengths = np.array([len(ids) for ids in found["input_ids"]])
        order = np.argsort(-lengths, kind="stable")
        result, start = np.empty((len(texts), model.config.num_labels), np.float32), 0
        while start < len(order):
            rows = order[start : start + max(1, _TOKENS[kind] // lengths[order[start]])]
            batch = tokenizer.pad(
                {name: [found[name][row] for row in rows] for name in found},
                return_tensors="pt",
            )
            given = {name: values.to(device) for name, values in batch.items()}
            with (
                torch.inference_mode(),
                torch.autocast(kind, dtype=torch.bfloat16, enabled=kind == "cuda"),
            ):
                result[rows] = model(**given).logits.float().cpu().numpy()
            start += len(rows)
        return result

    def logits(texts: Sequence) -> np.ndarray:
        if not len(texts):
            return np.zeros((0, model.config.num_labels), np.float32)
        pieces = [
            of_piece(texts[start : start + _PIECE])
            for start in range(0, len(texts), _PIECE)
        ]
        return np.concatenate(pieces)

    return logits
