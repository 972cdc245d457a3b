"""`assay train`: a classifier of texts; its options are `TrainingSettings`."""

from __future__ import annotations

import argparse
import sys
from dataclasses import Field, fields, replace
from pathlib import Path
from typing import Any

from python_ml.command_line.arguments import (
    add_data,
    add_pairs_and_label,
    count,
    table,
)
from python_ml.training.settings import (
    CLASS_WEIGHTS,
    EXPORTS,
    METRICS,
    PAIR_MODELS,
    POOLINGS,
    TrainingSettings,
)

_CHOICES = {"metric": METRICS, "pair_model": PAIR_MODELS, "pooling": POOLINGS}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, where to write, and the settings that have a help."""
    add_data(parser, encoder=False)
    add_pairs_and_label(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    for one in fields(TrainingSettings):
        if "help" in one.metadata:
            parser.add_argument(
                f"--{one.name.replace('_', '-')}",
                default=one.default,
                help=one.metadata["help"],
                **_kind_of(one),
            )
        elif one.name == "back_translation":
            parser.add_argument(
                "--translators",
                type=_two_folders,
                help="folders of two translation models, there and back, with a comma "
                "between; default: what argostranslate has installed",
            )
    parser.add_argument(
        "--audits",
        type=table,
        help="verdicts on some rows: row (from 0), is_wrong, right_label",
    )
    parser.add_argument(
        "--export",
        choices=EXPORTS,
        help="write the model for ONNX Runtime too, as it is or with weights of 8 bits "
        "(extra onnx)",
    )
    parser.add_argument(
        "--search",
        type=count,
        metavar="TRIALS",
        help="try so many learning rates and batch sizes, and keep the best",
    )
    parser.add_argument(
        "--restart", action="store_true", help="do not go on from a run in the folder"
    )


def _kind_of(one: Field) -> dict[str, Any]:
    """Return what the parser is told of the values of a setting."""
    if one.name == "class_weights":
        return {"choices": tuple(name or "none" for name in CLASS_WEIGHTS)}
    if one.name in _CHOICES:
        return {"choices": _CHOICES[one.name]}
    if one.name == "compile":
        return {"action": "store_true"}
    if one.name == "augmentation":
        return {"type": _ways}
    if one.metadata.get("least") == 1:
        return {"type": count}
    # Annotations are texts, such as "float | None".
    return {"type": {"int": int, "float": float}.get(str(one.type).split()[0], str)}


def _ways(text: str) -> str | list[str]:
    return text if text == "none" else text.split(",")


def _two_folders(text: str) -> list[str]:
    folders = text.split(",")
    if len(folders) != 2:
        raise argparse.ArgumentTypeError(f"{text} is not two folders")
    return folders


def run(options: argparse.Namespace) -> int:
    """Train, and print the metrics before and after."""
    # Before anything is read: what is wrong with the settings.
    settings = _settings(options)

    from python_ml.command_line.tables import (
        audits_of,
        read_table,
        texts_of,
        values_of,
    )
    from python_ml.training.export import ensure_exportable
    from python_ml.training.search import search_settings, tried_settings
    from python_ml.training.train import train

    if options.export:
        ensure_exportable(options.export)
    if options.search:
        tried_settings(settings, options.search)
    rows = read_table(options.data)
    texts: list = texts_of(rows, options.text)
    if options.right_text:
        texts = list(zip(texts, texts_of(rows, options.right_text), strict=True))
    if options.translators:
        settings = _with_translators(settings, options)
    labels = values_of(rows, options.label)
    given: dict[str, Any] = {
        "settings": settings,
        "device": options.device,
        "resume": not options.restart,
        "progress": sys.stderr.isatty(),
        "export": options.export,
    }
    if options.audits:
        label_type = rows.schema.field(options.label).type
        given["verdicts"] = audits_of(read_table(options.audits), label_type)
    if options.search:
        report = search_settings(texts, labels, options.out, options.search, **given)
    else:
        report = train(texts, labels, options.out, **given)
    print(f"{report.rows_held_out:,} held-out rows{'before':>9}{'after':>9}")
    for name in ("accuracy", "macro_f1", "log_loss"):
        before, after = getattr(report.before, name), getattr(report.after, name)
        print(f"{name.replace('_', ' '):<20}{before:>9.3f}{after:>9.3f}")
    steps = "penalties" if settings.method == "head" else "epochs"
    print(
        f"Trained on {report.rows_trained:,} rows ({report.rows_dropped:,} dropped), "
        f"{report.trainable_parameters:,} parameters, best of {report.epochs_run} "
        f"{steps} {report.best_epoch}, {report.seconds:.0f} s on {report.device}"
    )
    for kind, found in report.exports.items():
        lost = (
            f"{name.replace('_', ' ')} {getattr(found.after, name):.3f} "
            f"({getattr(found.before, name):.3f} before)"
            for name in ("accuracy", "macro_f1", "log_loss")
        )
        print(
            f"Exported {kind} to {options.out / found.file}, "
            f"{found.megabytes:.1f} MB: {', '.join(lost)}"
        )
    if report.augmentation:
        ways = (f"{way} {added:,}" for way, added in report.augmentation.items())
        print(f"Added {report.rows_added:,} rows: {', '.join(ways)}")
    return 0


def _settings(options: argparse.Namespace) -> TrainingSettings:
    names = [one.name for one in fields(TrainingSettings) if "help" in one.metadata]
    given = {name: getattr(options, name) for name in names}
    if given["class_weights"] == "none":
        given["class_weights"] = None
    return TrainingSettings(**given)


def _with_translators(
    settings: TrainingSettings, options: argparse.Namespace
) -> TrainingSettings:
    from python_ml.augmentation.translation import BackTranslation, translation_model
    from python_ml.common.devices import resolve_device

    device = resolve_device(options.device)
    there, back = (translation_model(one, device) for one in options.translators)
    name = ", ".join(options.translators)
    return replace(settings, back_translation=BackTranslation(there, back, name))
