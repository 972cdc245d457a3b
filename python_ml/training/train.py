"""Fine-tuning a transformer to classify texts: `train`."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from python_ml.training.data import Rows, held_out_rows, usable_rows
from python_ml.training.enrichment import enriched
from python_ml.training.loop import Fitted, Plan
from python_ml.training.report import (
    CHECKPOINT,
    HEAD_CHECKPOINT,
    TrainingReport,
    finished_run,
    versions_of,
    write_run,
)
from python_ml.training.settings import PACES, TrainingSettings

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from python_ml.training.data import Tokens


def train(
    texts: Sequence,
    labels: Sequence,
    folder: str | os.PathLike,
    *,
    settings: TrainingSettings | None = None,
    device: str = "auto",
    resume: bool = True,
    progress: bool = True,
    **changes: Any,
) -> TrainingReport:
    """Fine-tune a classifier of texts and write it to a folder.

    The folder is what `AutoModelForSequenceClassification` and `AutoTokenizer` load,
    and what `encode` takes as `encoder`. Beside the model it holds `label_map.json`,
    the labels in the order of the outputs, and `report.json`. While it trains it holds
    a checkpoint, written after every epoch; a run that was killed goes on from there
    with the result of an uninterrupted one. On a CPU the same seed, settings and number
    of threads give the same model.

    AdamW with warm-up, linear decay and clipped gradients; it stops when the loss of
    the held-out rows has not improved for `patience` epochs, and keeps the best one.
    Every method begins with the head on the frozen model, so that a head which knows
    nothing yet does not distort what the model knows (Kumar et al. 2022, "Fine-Tuning
    can Distort Pretrained Features and Underperform Out-of-Distribution").

    Args:
        texts: A string per row, or a pair of strings to be judged together. Rows with a
            missing text or label are dropped and counted.
        labels: As many labels: strings, numbers or booleans.
        folder: Folder to write to; made where it does not exist.
        settings: How to train; None for the defaults.
        device: "auto" (a GPU where there is one), "cpu", "cuda" or "cuda:1".
        resume: Go on from the checkpoint in the folder, or return the report of the
            finished run; False starts over.
        progress: Show bars on stderr.
        changes: Fields of `TrainingSettings` that are to be others, by their names:
            `train(texts, labels, folder, method="head", epochs=3)`.

    Raises:
        ValueError: If a setting is out of range, there is nothing to train on, the base
            model cannot be read, or the folder holds a run with other settings.
        TypeError: If there is no setting of some name.
        ImportError: If the method is "lora" and `peft` is not installed, or rows are to
            be translated back and no translator is.
    """
    settings = (settings or TrainingSettings()).changed(changes)

    import torch

    from python_ml.common.devices import resolve_device
    from python_ml.encoding.transformer import quiet_transformers
    from python_ml.encoding.weights import folder_version

    device = resolve_device(device)
    rows = usable_rows(texts, labels)
    base = _base_folder(os.fspath(settings.base_model))
    recorded = settings.recorded() | {
        "data_sha256": _sha256(
            json.dumps([rows.texts, [rows.labels[i] for i in rows.targets]]).encode()
        ),
        "base_model_version": folder_version(base),
    }

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not resume:
        for name in (CHECKPOINT, HEAD_CHECKPOINT):
            (folder / name).unlink(missing_ok=True)
    elif finished := finished_run(folder, recorded):
        return finished

    plan = Plan(
        targets=rows.targets,
        is_held=held_out_rows(rows, settings.validation_share, settings.seed),
        settings=settings,
        recorded=recorded,
        device=device,
        precision=_precision(len(rows.texts), device),
        progress=progress,
    )
    devices = [torch.device(device)] if device.startswith("cuda") else []
    with quiet_transformers(), torch.random.fork_rng(devices):
        model, tokenizer, fitted, added = _trained(base, rows, plan, folder)
        report = TrainingReport(
            before=fitted[0].history[0],
            after=fitted[-1].history[fitted[-1].best_epoch],
            history=fitted[-1].history,
            epochs_run=len(fitted[-1].history) - 1,
            best_epoch=fitted[-1].best_epoch,
            labels=tuple(rows.labels),
            rows_trained=int((~plan.is_held).sum()),
            rows_held_out=int(plan.is_held.sum()),
            rows_dropped=rows.dropped,
            trainable_parameters=fitted[-1].parameters,
            parameters=sum(p.numel() for p in model.parameters()),
            seconds=round(sum(stage.seconds for stage in fitted), 3),
            device=device,
            precision=plan.precision,
            versions=versions_of(settings.method),
            settings=recorded,
            augmentation=added,
            rows_added=sum(added.values()),
        )
        write_run(model, tokenizer, report, folder)
    return report


def _precision(rows: int, device: str) -> str:
    """Return in which numbers to train: on a CPU by the rows, as texts are read."""
    import torch

    from python_ml.common.devices import (
        chosen_precision,
        has_native_bfloat16,
        number_type,
    )

    if device.startswith("cuda"):
        # float16 would need its gradients scaled.
        return "bfloat16" if has_native_bfloat16(device) else "float32"
    is_short = number_type(chosen_precision(rows), device) == torch.bfloat16
    return "bfloat16" if is_short else "float32"


def _trained(
    base: Path, rows: Rows, plan: Plan, folder: Path
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, list[Fitted], dict[str, int]]:
    """Train the head, then what else the method trains.

    Returns the model, its tokenizer, what each stage did, and the rows added by way.
    """
    import torch

    from python_ml.training.data import States, Tokens
    from python_ml.training.loop import first_states, fit
    from python_ml.training.model import (
        backbone_of,
        head_only,
        head_parameters,
        load_base,
        with_adapters,
    )

    method, max_tokens = plan.settings.method, plan.settings.max_tokens
    torch.manual_seed(plan.settings.seed)
    model, tokenizer = load_base(base, [str(label) for label in rows.labels])
    # transformers wraps `to` in a way that hides whose method it is.
    model.to(plan.device)  # type: ignore[arg-type]
    tokenizer.model_max_length = min(
        max_tokens,
        tokenizer.model_max_length,
        getattr(model.config, "max_position_embeddings", max_tokens),
    )

    def tokens_of(texts: list) -> Tokens:
        return Tokens(tokenizer, texts, tokenizer.model_max_length, plan.progress)

    def embed(texts: list) -> np.ndarray:
        return first_states(backbone_of(model), tokens_of(texts), plan)[:, 0].numpy()

    every_text, plan, added = enriched(rows, plan, embed)
    tokens = tokens_of(every_text)

    pace = plan.settings.pace
    head_pace = pace if method == "head" else PACES["head"]
    checkpoint = folder / HEAD_CHECKPOINT
    parameters = head_parameters(model)
    with head_only(model) as backbone:
        states = States(
            len(plan.targets),
            lambda: first_states(backbone, tokens, plan),
        )
        head = fit(model, parameters, states, plan, head_pace, checkpoint, "train head")
    if method == "head":
        return model, tokenizer, [head], added

    # The same adapters wherever a run went on from.
    torch.manual_seed(plan.settings.seed)
    whole = with_adapters(model).to(plan.device) if method == "lora" else model
    parameters = [p for p in whole.parameters() if method == "full" or p.requires_grad]
    checkpoint = folder / CHECKPOINT
    rest = fit(whole, parameters, tokens, plan, pace, checkpoint, f"train {method}")
    if method == "lora":
        # The types of peft do not say what a model forwards to its adapters.
        model = whole.merge_and_unload()  # type: ignore[operator]
    return model, tokenizer, [head, rest], added


def _base_folder(base_model: str) -> Path:
    from python_ml.encoding.transformer import (
        MINILM_NAMES,
        model_folder,
        published_minilm,
    )

    if base_model in MINILM_NAMES:
        # The package comes from private hands: its data are checked, no line is run.
        folder, _ = published_minilm()
        return folder
    if base_model in ("auto", "ngrams", "use-multilingual"):
        raise ValueError(
            f"The base model is minilm or another transformer: {base_model} is none."
        )
    return model_folder(base_model)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
