"""Fine-tuning a transformer to classify texts."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from python_ml.augmentation.augment import PER_CLASS
from python_ml.augmentation.choice import Trial
from python_ml.training.data import Rows, held_out_rows, usable_rows
from python_ml.training.enrichment import balanced_weights, enriched, ways_of
from python_ml.training.loop import Metrics, Pace, Plan

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from python_ml.training.data import Tokens

_DEFAULTS = {
    "full": Pace(epochs=4, batch_size=32, learning_rate=1e-4, patience=2),
    "lora": Pace(epochs=8, batch_size=32, learning_rate=1e-3, patience=3),
    "head": Pace(epochs=40, batch_size=64, learning_rate=3e-3, patience=10),
}
# Settings that reports of the version 0.2.0 do not have.
_ADDED_LATER = {
    "augmentation": "none",
    "per_class": PER_CLASS,
    "back_translation": None,
}
_CHECKPOINT = "checkpoint.pt"
_HEAD_CHECKPOINT = "checkpoint_head.pt"
_REPORT = "report.json"


@dataclass(frozen=True)
class TrainingReport:
    """What a training run did, as `report.json` in its folder holds it.

    Attributes:
        before: Metrics on the held-out rows with the untrained head.
        after: Metrics on the same rows with the weights that were saved.
        history: Metrics before the first epoch of the method and after each.
        epochs_run: Epochs trained before early stopping or the end.
        best_epoch: The epoch whose weights were saved; 0 is before the first.
        labels: The distinct labels in the order of the outputs.
        rows_trained: Rows trained on.
        rows_held_out: Rows measured on.
        rows_dropped: Rows without a text or a label.
        trainable_parameters: How many parameters were trained.
        parameters: How many the saved model has.
        seconds: Time spent training, over all the runs that it took.
        device: Where it ran, such as "cpu" or "cuda:0".
        precision: Of the arithmetic: "float32" or "bfloat16".
        versions: Of Python and the packages used.
        settings: All the settings, with the SHA-256 of the data and the version of
            the base model.
        augmentation: What trying each way of augmentation found.
        rows_added: Rows that the ways which were kept made of those trained on.
    """

    before: Metrics
    after: Metrics
    history: tuple[Metrics, ...]
    epochs_run: int
    best_epoch: int
    labels: tuple
    rows_trained: int
    rows_held_out: int
    rows_dropped: int
    trainable_parameters: int
    parameters: int
    seconds: float
    device: str
    precision: str
    versions: dict
    settings: dict
    augmentation: tuple[Trial, ...] = ()
    rows_added: int = 0


def train(
    texts: Sequence,
    labels: Sequence,
    folder: str | os.PathLike,
    *,
    method: str = "full",
    base_model: str | os.PathLike = "minilm",
    validation_share: float = 0.1,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    warmup_share: float = 0.1,
    patience: int | None = None,
    class_weights: str | None = "balanced",
    max_tokens: int = 128,
    augmentation: str | Sequence[str] = "none",
    per_class: int = PER_CLASS,
    back_translation: Callable[[list[str]], list[str]] | None = None,
    seed: int = 0,
    device: str = "auto",
    resume: bool = True,
    progress: bool = True,
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
        method: "full" trains all parameters, "lora" low-rank adapters that are merged
            into the saved model (needs `peft`), "head" the classification head alone,
            on cached states of the frozen model: fast without a GPU.
        base_model: "minilm", or another transformer by its folder or by its name in the
            cache of Hugging Face, as in `encode`.
        validation_share: Share of the distinct texts to hold out, in (0, 0.5].
        epochs: At most so many passes; None for a default by method.
        batch_size: Rows a step; None likewise.
        learning_rate: The highest learning rate; None likewise.
        warmup_share: Share of the steps over which the learning rate rises, in [0, 1).
        patience: Epochs without improvement before it stops; None likewise.
        class_weights: "balanced" gives every label the same weight in the loss, None
            every row.
        max_tokens: Longer texts are cut.
        augmentation: "none"; "auto" tries every way of `augment`, and a list of
            names those, and keeps what raises the score of rows held out of the rows
            trained on (`choose_ways`). The classifier that tells stands on the frozen
            model, whatever the method. `smote` and `mixup` need the method "head".
        per_class: Rows up to which augmentation fills thin classes.
        back_translation: A `BackTranslation`; None for language packages of
            `argostranslate`, where they are installed.
        seed: Seed of the split, the order of rows, the head and dropout.
        device: "auto" (a GPU where there is one), "cpu", "cuda" or "cuda:1".
        resume: Go on from the checkpoint in the folder, or return the report of the
            finished run; False starts over.
        progress: Show bars on stderr.

    Raises:
        ValueError: If a setting is out of range, there is nothing to train on, the base
            model cannot be read, or the folder holds a run with other settings.
        ImportError: If the method is "lora" and `peft` is not installed, or the way
            back_translation is named and no translator is.
    """
    import numpy as np
    import torch

    from python_ml.common.devices import resolve_device
    from python_ml.encoding.transformer import quiet_transformers
    from python_ml.encoding.weights import folder_version

    if method not in _DEFAULTS:
        raise ValueError(
            f"The method is one of {', '.join(_DEFAULTS)}, not {method!r}."
        )
    defaults = _DEFAULTS[method]
    settings = {
        "method": method,
        "base_model": os.fspath(base_model),
        "validation_share": validation_share,
        "epochs": defaults.epochs if epochs is None else epochs,
        "batch_size": defaults.batch_size if batch_size is None else batch_size,
        "learning_rate": (
            defaults.learning_rate if learning_rate is None else learning_rate
        ),
        "warmup_share": warmup_share,
        "patience": defaults.patience if patience is None else patience,
        "class_weights": class_weights,
        "max_tokens": max_tokens,
        "augmentation": (
            augmentation if isinstance(augmentation, str) else list(augmentation)
        ),
        "per_class": per_class,
        "back_translation": getattr(back_translation, "name", None),
        "seed": seed,
    }
    settings = {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in settings.items()
    }
    _check(settings)
    device = resolve_device(device)
    rows = usable_rows(texts, labels)
    base = _base_folder(os.fspath(base_model))
    settings["data_sha256"] = _sha256(
        json.dumps([rows.texts, [rows.labels[i] for i in rows.targets]]).encode()
    )
    settings["base_model_version"] = folder_version(base)

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not resume:
        for name in (_CHECKPOINT, _HEAD_CHECKPOINT):
            (folder / name).unlink(missing_ok=True)
    elif finished := _found(folder, settings):
        return finished

    is_held = held_out_rows(rows, validation_share, seed)
    weights = None
    if class_weights == "balanced":
        weights = balanced_weights(rows.targets[~is_held])
    plan = Plan(
        targets=rows.targets,
        is_held=is_held,
        class_weights=weights,
        warmup_share=warmup_share,
        seed=seed,
        device=device,
        precision=_precision(len(rows.texts), device),
        settings=settings,
        progress=progress,
    )
    devices = [torch.device(device)] if device.startswith("cuda") else []
    with quiet_transformers(), torch.random.fork_rng(devices):
        model, tokenizer, added, fitted = _trained(
            base, rows, plan, folder, back_translation
        )
        report = TrainingReport(
            before=fitted[0].history[0],
            after=fitted[-1].history[fitted[-1].best_epoch],
            history=fitted[-1].history,
            epochs_run=len(fitted[-1].history) - 1,
            best_epoch=fitted[-1].best_epoch,
            labels=tuple(rows.labels),
            rows_trained=int((~is_held).sum()),
            rows_held_out=int(is_held.sum()),
            rows_dropped=rows.dropped,
            trainable_parameters=fitted[-1].parameters,
            parameters=sum(p.numel() for p in model.parameters()),
            seconds=round(sum(stage.seconds for stage in fitted), 3),
            device=device,
            precision=plan.precision,
            versions=_versions(method),
            settings=settings,
            augmentation=added.trials,
            rows_added=len(added.plan.targets) - len(rows.texts),
        )
        _write(model, tokenizer, report, folder)
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
    base: Path, rows: Rows, plan: Plan, folder: Path, back_translation: Callable | None
) -> tuple:
    """Train the head, then what else the method trains.

    Returns the model, its tokenizer, what it was trained on, and the `Fitted`s.
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

    settings = plan.settings
    method, max_tokens = settings["method"], settings["max_tokens"]
    torch.manual_seed(plan.seed)
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

    added = enriched(rows, plan, embed, back_translation)
    plan, tokens = added.plan, tokens_of(added.texts)
    pace = Pace(*(settings[name] for name in Pace._fields))

    head_pace = pace if method == "head" else _DEFAULTS["head"]
    checkpoint = folder / _HEAD_CHECKPOINT
    parameters = head_parameters(model)
    with head_only(model) as backbone:
        states = States(
            len(plan.targets),
            lambda: added.with_mixes(first_states(backbone, tokens, plan)),
        )
        head = fit(model, parameters, states, plan, head_pace, checkpoint, "train head")
    if method == "head":
        return model, tokenizer, added, [head]

    # The same adapters wherever a run went on from.
    torch.manual_seed(plan.seed)
    whole = with_adapters(model).to(plan.device) if method == "lora" else model
    parameters = [p for p in whole.parameters() if method == "full" or p.requires_grad]
    checkpoint = folder / _CHECKPOINT
    rest = fit(whole, parameters, tokens, plan, pace, checkpoint, f"train {method}")
    if method == "lora":
        # The types of peft do not say what a model forwards to its adapters.
        model = whole.merge_and_unload()  # type: ignore[operator]
    return model, tokenizer, added, [head, rest]


def _check(settings: dict) -> None:
    for name in ("epochs", "batch_size", "patience", "max_tokens"):
        if settings[name] < 1:
            raise ValueError(f"{name} must be at least 1, not {settings[name]}.")
    if not settings["learning_rate"] > 0:
        raise ValueError(
            f"learning_rate must be above 0, not {settings['learning_rate']}."
        )
    if not 0 < settings["validation_share"] <= 0.5:
        raise ValueError(
            "validation_share must be above 0 and at most 0.5, not "
            f"{settings['validation_share']}."
        )
    if not 0 <= settings["warmup_share"] < 1:
        raise ValueError(
            "warmup_share must be at least 0 and below 1, not "
            f"{settings['warmup_share']}."
        )
    if settings["seed"] < 0:
        raise ValueError(f"seed must be at least 0, not {settings['seed']}.")
    if settings["class_weights"] not in ("balanced", None):
        raise ValueError(
            "class_weights must be 'balanced' or None, not "
            f"{settings['class_weights']!r}."
        )
    ways_of(settings["augmentation"], settings["method"], settings["per_class"])


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


def _found(folder: Path, settings: dict) -> TrainingReport | None:
    """The report of the same run, finished; None where there is work left to do."""
    from python_ml.training.loop import settings_of

    report = None
    if (folder / _HEAD_CHECKPOINT).exists():
        found = settings_of(folder / _HEAD_CHECKPOINT)
    elif (folder / _REPORT).exists():
        try:
            report = _report_from(json.loads((folder / _REPORT).read_text("utf-8")))
            found = report.settings
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{folder / _REPORT} is no report of a run.") from error
    else:
        return None
    found = _ADDED_LATER | found
    for name in settings:
        # The version of the base model says more than where it lies.
        if name != "base_model" and found.get(name) != settings[name]:
            difference = f"({found.get(name)}, now {settings[name]})"
            if name in ("data_sha256", "base_model_version"):
                what = name.rpartition("_")[0].replace("_", " ")
                raise ValueError(
                    f"{folder} holds a run with another {what}: choose another folder "
                    "or start over."
                )
            raise ValueError(
                f"{folder} holds a run with another {name} {difference}: choose "
                "another folder or start over."
            )
    return report


def _report_from(fields: dict) -> TrainingReport:
    history = tuple(Metrics(**found) for found in fields.pop("history"))
    before, after = (Metrics(**fields.pop(name)) for name in ("before", "after"))
    labels = tuple(fields.pop("labels"))
    trials = tuple(Trial(**found) for found in fields.pop("augmentation", ()))
    return TrainingReport(
        before=before,
        after=after,
        history=history,
        labels=labels,
        augmentation=trials,
        **fields,
    )


def _versions(method: str) -> dict:
    import platform
    from importlib.metadata import version

    packages = ["numpy", "tokenizers", "torch", "transformers"]
    packages += ["peft"] if method == "lora" else []
    return {"python": platform.python_version()} | {
        package: version(package) for package in packages
    }


def _write(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    report: TrainingReport,
    folder: Path,
) -> None:
    """Write everything beside the folder's files, then move it in, the report last."""
    partial = folder / ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    model.cpu().eval().save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    _write_json(list(report.labels), partial / "label_map.json")
    _write_json(asdict(report), partial / _REPORT)
    (folder / _REPORT).unlink(missing_ok=True)
    for file in sorted(partial.iterdir(), key=lambda file: file.name == _REPORT):
        file.replace(folder / file.name)
    partial.rmdir()
    for name in (_CHECKPOINT, _HEAD_CHECKPOINT):
        (folder / name).unlink(missing_ok=True)


def _write_json(value: object, path: Path) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")
