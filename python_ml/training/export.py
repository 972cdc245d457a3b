"""A trained model for ONNX Runtime, and what it has lost: `export_model`."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from python_ml.training.data import Tokens, sorted_batches
from python_ml.training.metrics import Metrics
from python_ml.training.settings import EXPORTS

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_OPSET = 17
_AT_ONCE = 64  # Rows that are measured together.


@dataclass(frozen=True)
class Export:
    """A model that was exported, as `report.json` has it.

    Attributes:
        file: Within the folder of the run.
        megabytes: Its size.
        before: Metrics on the held-out rows of the model that was exported.
        after: Metrics on the same rows of what ONNX Runtime makes of the file.
    """

    file: str
    megabytes: float
    before: Metrics
    after: Metrics


def ensure_exportable(kind: str) -> None:
    """Say before hours of training what an export would lack.

    Raises:
        ValueError: If there is no such export.
        ImportError: If ONNX Runtime is not installed.
    """
    if kind not in EXPORTS:
        raise ValueError(f"The export is one of {', '.join(EXPORTS)}, not {kind!r}.")
    for package in ("onnx", "onnxruntime"):
        if find_spec(package) is None:
            raise ImportError(
                f"The export {kind} needs the package {package}: "
                "pip install 'assay-quality[onnx]'."
            )


def export_model(folder: Path, kind: str, texts: list, right: np.ndarray) -> Export:
    """Write the model of a folder for ONNX Runtime, in `onnx/`, and measure it.

    Inputs are named as the tokenizer names them, int64 [rows, tokens]; the output is
    `logits`, float32 [rows, labels]. With "int8" weights are of 8 bits and activations
    are rounded as they come (dynamic quantization).

    Args:
        folder: Of a run that has ended.
        kind: "onnx" or "int8".
        texts: Texts or pairs to measure on, one or more, of the held-out rows.
        right: int64 [texts], the place of each one's label.

    Raises:
        ValueError: If there is no such export.
        ImportError: If ONNX Runtime is not installed.
    """
    import onnxruntime

    from python_ml.training.model import load_trained

    ensure_exportable(kind)
    model, tokenizer = load_trained(folder)
    tokens = Tokens(tokenizer, texts, tokenizer.model_max_length)
    before = Metrics.of(_likely(tokens, len(right), _by_torch(model)), right)
    name = "model.onnx" if kind == "onnx" else "model_int8.onnx"
    with tempfile.TemporaryDirectory() as place:
        written = Path(place) / "model.onnx"
        _write_onnx(model, tokenizer, written)
        if kind == "int8":
            written = _quantized(written)
        (folder / "onnx").mkdir(exist_ok=True)
        shutil.move(written, folder / "onnx" / name)
    file = folder / "onnx" / name
    session = onnxruntime.InferenceSession(
        str(file), providers=["CPUExecutionProvider"]
    )

    def by_onnx(inputs: dict) -> np.ndarray:
        given = {one: values.numpy() for one, values in inputs.items()}
        return session.run(["logits"], given)[0]

    after = Metrics.of(_likely(tokens, len(right), by_onnx), right)
    return Export(f"onnx/{name}", round(file.stat().st_size / 1e6, 1), before, after)


def _by_torch(model: PreTrainedModel) -> Callable[[dict], np.ndarray]:
    import torch

    def logits(inputs: dict) -> np.ndarray:
        with torch.inference_mode():
            return model(**inputs).logits.numpy()

    return logits


def _likely(
    tokens: Tokens, rows: int, logits_of: Callable[[dict], np.ndarray]
) -> np.ndarray:
    """Return logarithms of probabilities, float [rows, labels]."""
    from scipy.special import log_softmax

    found: dict[int, np.ndarray] = {}
    for batch in sorted_batches(np.arange(rows), tokens.lengths, _AT_ONCE):
        likely = log_softmax(logits_of(tokens(batch, "cpu")), axis=1)
        found |= dict(zip(batch.tolist(), likely, strict=True))
    return np.stack([found[row] for row in range(rows)])


def _write_onnx(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, file: Path
) -> None:
    import torch

    example = tokenizer(["one", "one more"], padding=True, return_tensors="pt")
    names = list(example)

    class ByPlace(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            return self.model(**dict(zip(names, inputs, strict=True))).logits

    axes = {name: {0: "rows", 1: "tokens"} for name in names}
    with warnings.catch_warnings():
        # Of tracing, which takes for fixed what is: the layers there are.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            # The model is not to drop out, nor to do so after.
            ByPlace().eval(),
            tuple(example.values()),
            str(file),
            input_names=names,
            output_names=["logits"],
            dynamic_axes=axes | {"logits": {0: "rows"}},
            opset_version=_OPSET,
            # The newer exporter needs another package, and six times as long.
            dynamo=False,
        )


def _quantized(file: Path) -> Path:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    target = file.with_name("model_int8.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantize_dynamic(file, target, weight_type=QuantType.QInt8, per_channel=True)
    return target
