"""What a training run leaves: its report, its settings, the folder of the model."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from python_ml.augmentation.ways import PER_CLASS
from python_ml.training.export import Export
from python_ml.training.loop import settings_of
from python_ml.training.metrics import Metrics

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

CHECKPOINT = "checkpoint.pt"
HEAD_CHECKPOINT = "checkpoint_head.pt"
_REPORT = "report.json"
# What runs did of which older reports do not speak.
_ADDED_LATER = {
    "augmentation": "none",
    "per_class": PER_CLASS,
    "back_translation": None,
    "pooling": "cls",
    "metric": "loss",
    "pair_model": "cross",
    "head_learning_rate": None,
    "compile": False,
    "rows_judged": 0,
}


@dataclass(frozen=True)
class TrainingReport:
    """What a training run did, as `report.json` in its folder holds it.

    Attributes:
        before: Metrics on the held-out rows with the untrained head.
        after: Metrics on the same rows with the weights that were saved.
        history: Metrics before the first epoch of the method and after each; of "head"
            before, and of each strength of the penalty that was tried.
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
        augmentation: Rows added to those trained on, by the way of augmentation.
        rows_added: Their number in all.
        pooling: By what the head reads a text: "mean" of its tokens, "cls", the first,
            or "own", in a way of the model's class.
        batch_size: Rows a step; None where there were no steps.
        exports: What was exported besides, by its kind.
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
    augmentation: dict[str, int] = field(default_factory=dict)
    rows_added: int = 0
    pooling: str = "cls"
    batch_size: int | None = None
    exports: dict[str, Export] = field(default_factory=dict)


def finished_run(folder: Path, settings: dict) -> TrainingReport | None:
    """Return the report of the same run; None where there is work left to do.

    Args:
        folder: The folder of the run.
        settings: What makes a run the same.

    Raises:
        ValueError: If the folder holds another run, or files that cannot be read.
    """
    report = None
    if (folder / HEAD_CHECKPOINT).exists():
        found = settings_of(folder / HEAD_CHECKPOINT)
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
    # The version 0.3 had a list there, empty but for runs with augmentation.
    augmentation = dict(fields.pop("augmentation", ()))
    exports = {
        kind: Export(
            **found | {name: Metrics(**found[name]) for name in ("before", "after")}
        )
        for kind, found in fields.pop("exports", {}).items()
    }
    return TrainingReport(
        exports=exports,
        before=before,
        after=after,
        history=history,
        labels=labels,
        augmentation=augmentation,
        **fields,
    )


def versions_of(method: str) -> dict[str, str]:
    """Return the versions of Python and of the packages that a method uses."""
    import platform
    from importlib.metadata import version

    packages = ["numpy", "tokenizers", "torch", "transformers"]
    packages += ["peft"] if method == "lora" else []
    return {"python": platform.python_version()} | {
        package: version(package) for package in packages
    }


def write_run(
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
    for name in (CHECKPOINT, HEAD_CHECKPOINT):
        (folder / name).unlink(missing_ok=True)


def write_report(report: TrainingReport, folder: Path) -> None:
    """Write the report of a folder anew."""
    partial = folder / f"{_REPORT}.partial"
    _write_json(asdict(report), partial)
    partial.replace(folder / _REPORT)


def only_report(folder: Path) -> None:
    """Remove all but the report from the folder of a run that has ended."""
    for file in folder.iterdir():
        if file.is_dir():
            shutil.rmtree(file)
        elif file.name != _REPORT:
            file.unlink()


def _write_json(value: object, path: Path) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")
