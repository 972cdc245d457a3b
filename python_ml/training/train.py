"""Fine-tuning a transformer to classify texts: `train`."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from python_ml.training.data import Rows, held_out_rows, usable_rows
from python_ml.training.enrichment import enriched
from python_ml.training.export import ensure_exportable, export_model
from python_ml.training.loop import Fitted, Plan
from python_ml.training.report import (
    CHECKPOINT,
    HEAD_CHECKPOINT,
    TrainingReport,
    finished_run,
    versions_of,
    write_report,
    write_run,
)
from python_ml.training.settings import TrainingSettings
from python_ml.training.verdicts import with_verdicts

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from python_ml.training.data import Tokens


class _Trained(NamedTuple):
    """What came of a run: a model as it is saved, and what was done."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    pooling: str
    fitted: list[Fitted]
    added: dict[str, int]
    plan: Plan


def train(
    texts: Sequence,
    labels: Sequence,
    folder: str | os.PathLike,
    *,
    settings: TrainingSettings | None = None,
    device: str = "auto",
    resume: bool = True,
    progress: bool = True,
    export: str | None = None,
    embeddings: np.ndarray | None = None,
    verdicts: Mapping | None = None,
    **changes: Any,
) -> TrainingReport:
    """Fine-tune a classifier of texts and write it to a folder.

    The folder is what `AutoModelForSequenceClassification` and `AutoTokenizer` load,
    and what `encode` takes as `encoder`. Beside the model it holds `label_map.json`,
    the labels in the order of the outputs, and `report.json`. While it trains it holds
    a checkpoint, written after every epoch; a run that was killed goes on from there
    with the result of an uninterrupted one. On a CPU the same seed, settings and number
    of threads give the same model.

    Every method begins with the head on the frozen model, a convex problem that is
    solved (`head`), so that a head which knows nothing yet does not distort what the
    model knows (Kumar et al. 2022, "Fine-Tuning can Distort Pretrained Features and
    Underperform Out-of-Distribution"). Then AdamW with clipped gradients and learning
    rates that rise and fall once (`loop`). Of the epochs the one is kept that leaves
    the least of `metric` on the held-out rows. It computes in 16 bits where the device
    is faster so; with `ASSAY_PRECISION=float32` in the environment a CPU does not.

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
        export: "onnx" or "int8", what is written for ONNX Runtime besides, in `onnx/`
            (`export`); its metrics stand in the report. Needs the extra `onnx`.
        embeddings: float32 [rows, dimensions], what `encode` made of the texts with the
            base model, where that was done before: the method "head" then reads no
            text. For texts whose mean is read, and without augmentation.
        verdicts: What people have said of some labels, as `audits` of `score_labels`:
            equally long arrays `row`, `is_wrong` and `right_label`. Right labels stand
            in the place of wrong ones, rows whose right label nobody knows are dropped,
            and those judged count three times as much as others (`verdicts`).
        changes: Fields of `TrainingSettings` that are to be others, by their names:
            `train(texts, labels, folder, method="head", epochs=3)`.

    Raises:
        ValueError: If a setting is out of range, there is nothing to train on, the base
            model cannot be read, or the folder holds a run with other settings.
        TypeError: If there is no setting of some name.
        ImportError: If the method is "lora" and `peft` is not installed, or rows are to
            be translated back and no translator is, or ONNX Runtime is to read it and
            is not.
    """
    settings = (settings or TrainingSettings()).changed(changes)
    if export is not None:
        ensure_exportable(export)

    import numpy as np
    import torch

    from python_ml.common.devices import resolve_device
    from python_ml.encoding.transformer import quiet_transformers
    from python_ml.encoding.weights import folder_version

    device = resolve_device(device)
    labels, weights = with_verdicts(labels, verdicts)
    rows = usable_rows(texts, labels)
    if export is not None and rows.is_pairs and settings.pair_model == "bi":
        raise ValueError(
            "A pair_model bi is not exported: sentence-transformers reads its folder, "
            "and writes it for ONNX Runtime (backend='onnx')."
        )
    if weights is not None:
        weights = weights[rows.kept]
    base, pooling = _base_folder(os.fspath(settings.base_model))
    if settings.pooling != "auto":
        pooling = settings.pooling
    recorded = settings.recorded() | {
        "data_sha256": _data_version(rows, weights),
        "base_model_version": folder_version(base),
        "rows_judged": 0 if weights is None else int((weights > 1).sum()),
    }

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not resume:
        for name in (CHECKPOINT, HEAD_CHECKPOINT):
            (folder / name).unlink(missing_ok=True)
    is_held = held_out_rows(rows, settings.validation_share, settings.seed)
    if resume and (finished := finished_run(folder, recorded)):
        return _with_export(finished, export, folder, rows, is_held)

    if embeddings is not None:
        _ensure_embeddings(embeddings, len(labels), rows, settings, pooling)
        embeddings = np.asarray(embeddings, np.float32)[rows.kept]
    plan = Plan(
        targets=rows.targets,
        is_held=is_held,
        settings=settings,
        recorded=recorded,
        device=device,
        precision=training_precision(device),
        progress=progress,
        row_weights=weights,
    )
    devices = [torch.device(device)] if device.startswith("cuda") else []
    with quiet_transformers(), torch.random.fork_rng(devices):
        trained = _trained((base, pooling), rows, plan, folder, embeddings)
        model, fitted = trained.model, trained.fitted
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
            augmentation=trained.added,
            rows_added=sum(trained.added.values()),
            pooling=trained.pooling,
            batch_size=None if settings.method == "head" else trained.plan.batch_size,
        )
        write_run(model, trained.tokenizer, report, folder)
    return _with_export(report, export, folder, rows, is_held)


def _ensure_embeddings(
    embeddings: np.ndarray,
    given: int,
    rows: Rows,
    settings: TrainingSettings,
    pooling: str,
) -> None:
    """Refuse embeddings that are not as many as rows, or cannot stand for the texts."""
    import numpy as np

    if len(embeddings) != given:
        raise ValueError(f"There are {given} texts but {len(embeddings)} embeddings.")
    if settings.method != "head" or settings.ways or rows.is_pairs or pooling != "mean":
        raise ValueError(
            "Embeddings are for the method head on texts whose mean is read, without "
            "augmentation."
        )
    if np.ndim(embeddings) != 2 or not np.isfinite(embeddings).all():
        raise ValueError("Embeddings are finite numbers, [rows, dimensions].")


def _with_export(
    report: TrainingReport,
    export: str | None,
    folder: Path,
    rows: Rows,
    is_held: np.ndarray,
) -> TrainingReport:
    """Export the model of a folder where that is wanted and was not done."""
    import numpy as np

    if export is None or any(export == kind for kind in report.exports):
        return report
    from python_ml.encoding.transformer import quiet_transformers

    texts = [rows.texts[row] for row in np.flatnonzero(is_held)]
    with quiet_transformers():
        found = export_model(folder, export, texts, rows.targets[is_held])
    report = replace(report, exports=report.exports | {export: found})
    write_report(report, folder)
    return report


def training_precision(device: str) -> str:
    """Return in which numbers a device trains: 16 bits where it computes with them.

    What a processor says decides and not how fast it is just now, so that a run goes on
    as it began. The environment variable `ASSAY_PRECISION` goes before, on a CPU.
    """
    from python_ml.common.devices import chosen_precision, has_native_bfloat16

    # float16 would need its gradients scaled.
    fastest = "bfloat16" if has_native_bfloat16(device) else "float32"
    if device.startswith("cuda"):
        return fastest
    wanted = chosen_precision(0, os.environ.get("ASSAY_PRECISION", "fastest"))
    return fastest if wanted == "fastest" else wanted


def _trained(
    base: tuple[Path, str],
    rows: Rows,
    plan: Plan,
    folder: Path,
    embeddings: np.ndarray | None,
) -> _Trained:
    """Solve the head, then train what else the method trains."""
    import torch

    from python_ml.training.bi_encoder import load_bi_encoder
    from python_ml.training.data import Inputs, SideTokens, Tokens
    from python_ml.training.events import FOLDER, Events
    from python_ml.training.head import solved_head
    from python_ml.training.loop import Group, fit, pooled_states
    from python_ml.training.model import (
        backbone_of,
        cool,
        load_base,
        mean_states,
        plain_model,
        with_adapters,
    )

    method, max_tokens = plan.settings.method, plan.settings.max_tokens
    torch.manual_seed(plan.settings.seed)
    is_bi = rows.is_pairs and plan.settings.pair_model == "bi"
    load = load_bi_encoder if is_bi else load_base
    model, tokenizer, pooling = load(
        base[0], [str(one) for one in rows.labels], base[1]
    )
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
        return pooled_states(backbone_of(model), tokens_of(texts), plan)[:, 0].numpy()

    every_text, plan, added = enriched(rows, plan, embed)
    head_file = folder / HEAD_CHECKPOINT
    if embeddings is not None:
        known = mean_states(embeddings)
        head = solved_head(model, lambda _: known, plan, head_file)
        return _Trained(plain_model(model), tokenizer, pooling, [head], added, plan)

    tokens: Inputs
    if is_bi:
        sides = zip(*every_text, strict=True)
        tokens = SideTokens(tokens_of([text for side in sides for text in side]))
    else:
        tokens = tokens_of(every_text)
    head = solved_head(
        model, lambda backbone: pooled_states(backbone, tokens, plan), plan, head_file
    )
    if method == "head":
        return _Trained(plain_model(model), tokenizer, pooling, [head], added, plan)

    # The same adapters wherever a run went on from.
    torch.manual_seed(plan.settings.seed)
    whole: Any = with_adapters(model).to(plan.device) if method == "lora" else model
    # peft leaves a gradient to what it trains, and to nothing else.
    parameters = {
        name: one
        for name, one in whole.named_parameters()
        if method == "full" or one.requires_grad
    }
    inside = f"{model.base_model_prefix}."
    pace = plan.settings.pace
    in_head = [p for name, p in parameters.items() if inside not in name]
    below = [p for name, p in parameters.items() if inside in name]
    groups = [
        Group(below, pace.learning_rate),
        Group(in_head, pace.head_learning_rate),
    ]
    events = Events(folder / FOLDER)
    rest = fit(whole, groups, tokens, plan, folder / CHECKPOINT, events)
    events.close()
    if method == "lora":
        model = whole.merge_and_unload()
    cool(model, rest.temperature)
    return _Trained(plain_model(model), tokenizer, pooling, [head, rest], added, plan)


def _base_folder(base_model: str) -> tuple[Path, str]:
    """Return the folder of a base model, and the pooling by which `encode` reads it."""
    from python_ml.encoding.transformer import (
        MINILM_NAMES,
        model_folder,
        pooling_of,
        published_minilm,
    )

    if base_model in MINILM_NAMES:
        # The package comes from private hands: its data are checked, no line is run.
        folder, _ = published_minilm()
        return folder, "mean"
    if base_model in ("auto", "ngrams", "use-multilingual"):
        raise ValueError(
            f"The base model is minilm or another transformer: {base_model} is none."
        )
    return pooling_of(model_folder(base_model))


def _data_version(rows: Rows, weights: np.ndarray | None) -> str:
    """Return the SHA-256 of texts and labels, and of what of them counts more."""
    content: list = [rows.texts, [rows.labels[i] for i in rows.targets]]
    content += [] if weights is None else [weights.tolist()]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
