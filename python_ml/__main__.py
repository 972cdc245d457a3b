"""The command line: `assay init|build|show|sample|map|encode|score|train`.

`python -m python_ml` is the same.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from python_ml.common.installed import not_installed

_DESCRIPTION = (
    "Begin a project, build it, show its quality index, simulate a shop, map files to "
    "feeds, encode texts, find wrong labels, train a classifier. The exit code is 0 if "
    "all went well, 1 (with a sentence) if not, and 2 for a call that cannot be "
    "understood."
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code, with one sentence on what went wrong.

    The code is 0 if all went well, 1 if not, and 130 after Ctrl-C; of a call that
    cannot be understood the parser itself exits, with 2.
    """
    name = "assay" if Path(sys.argv[0]).stem == "assay" else "python -m python_ml"
    parser = argparse.ArgumentParser(prog=name, description=_DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True)

    init = commands.add_parser(
        "init", help="write a dbt project, or add Assay to the one that is there"
    )
    init.add_argument(
        "folder", type=Path, nargs="?", default=Path(), help="default: this one"
    )
    init.add_argument(
        "--watch",
        type=lambda text: text.split(","),
        default=[],
        help="tables of the project to watch, with commas between",
    )

    commands.add_parser(
        "build",
        help="run `dbt build`, with what else is given, and print the index",
        add_help=False,
    )

    sample = commands.add_parser(
        "sample", help="simulate a shop with known defects and write its feeds"
    )
    sample.add_argument("--out", type=Path, required=True, help="folder to write to")
    sample.add_argument("--products", type=_count, default=300, help="default 300")
    sample.add_argument("--events", type=_count, default=2500, help="default 2500")
    sample.add_argument("--seed", type=int, default=0, help="default 0")
    sample.add_argument(
        "--defects", type=Path, help="YAML or JSON file: feed: {column: {defect: rate}}"
    )
    sample.add_argument(
        "--format",
        choices=("parquet", "csv"),
        default="parquet",
        help="default parquet",
    )

    mapping = commands.add_parser(
        "map", help="propose how the files of a folder are mapped to the feeds"
    )
    mapping.add_argument("folder", type=Path, help="folder of Parquet, CSV or JSON")

    show = commands.add_parser("show", help="print the index of the last build")
    show.add_argument(
        "--database",
        type=Path,
        default=Path(os.environ.get("ASSAY_DATABASE", "warehouse.duckdb")),
        help="default: ASSAY_DATABASE, or warehouse.duckdb",
    )
    show.add_argument(
        "--schema", help="that of the marts; default: the one that holds them"
    )
    show.add_argument(
        "--target",
        type=Path,
        default=Path(os.environ.get("DBT_TARGET_PATH", "target")),
        help="where dbt says whether its last run failed; default: DBT_TARGET_PATH, or"
        " target",
    )

    encode = commands.add_parser("encode", help="write the embeddings of texts")
    _add_data(encode)
    encode.add_argument("--out", type=_table, required=True, help="file to write to")

    score = commands.add_parser(
        "score", help="find wrong labels: error rate, suspects and suggestions"
    )
    _add_data(score)
    _add_pairs_and_label(score)
    score.add_argument("--out", type=_table, required=True, help="file to write to")
    score.add_argument(
        "--audits",
        type=_table,
        help="verdicts on some rows: row (from 0), is_wrong, right_label, weight",
    )
    score.add_argument("--seed", type=int, default=0, help="default 0")

    train = commands.add_parser("train", help="fine-tune a classifier of texts")
    _add_data(train, encoder=False)
    _add_pairs_and_label(train)
    train.add_argument("--out", type=Path, required=True, help="folder to write to")
    train.add_argument("--method", default="full", help="full (default), lora or head")
    train.add_argument(
        "--base-model",
        default="minilm",
        help="minilm (default) or the folder of a transformer",
    )
    train.add_argument("--epochs", type=_count, help="at most; default by method")
    train.add_argument("--batch-size", type=_count, help="default by method")
    train.add_argument("--learning-rate", type=float, help="default by method")
    train.add_argument(
        "--patience",
        type=_count,
        help="epochs without improvement before it stops; default by method",
    )
    train.add_argument(
        "--max-tokens",
        type=_count,
        default=128,
        help="longer texts are cut; default 128",
    )
    train.add_argument(
        "--validation-share", type=float, default=0.1, help="held out; default 0.1"
    )
    train.add_argument(
        "--class-weights",
        choices=("balanced", "none"),
        default="balanced",
        help="balanced (default): every label has the same weight; none: every row has",
    )
    train.add_argument(
        "--augmentation",
        type=_ways,
        default="none",
        help="rows added to thin classes: none (default), or ways with commas between: "
        "oversampling, synonyms, back_translation, and for the method head smote and "
        "mixup",
    )
    train.add_argument(
        "--per-class",
        type=_count,
        default=50,
        help="rows up to which thin classes are filled; default 50",
    )
    train.add_argument(
        "--translators",
        type=_two_folders,
        help="folders of two translation models, there and back, with a comma between; "
        "default: what argostranslate has installed",
    )
    train.add_argument("--seed", type=int, default=0, help="default 0")
    train.add_argument(
        "--restart", action="store_true", help="do not go on from a run in the folder"
    )

    options, others = parser.parse_known_args(arguments)
    if others and options.command != "build":
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    options.others = others
    run = {
        "init": _init,
        "build": _build,
        "sample": _sample,
        "map": _map,
        "show": _show,
        "encode": _encode,
        "score": _score,
        "train": _train,
    }[options.command]
    try:
        return run(options)
    except BrokenPipeError:
        return 0  # The reader, such as `head`, has seen enough.
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        print("Error:", not_installed() or error, file=sys.stderr)
        return 1
    except (ImportError, OSError, ValueError) as error:
        print("Error:", " ".join(str(error).split()), file=sys.stderr)
        return 1


def _add_data(command: argparse.ArgumentParser, encoder: bool = True) -> None:
    command.add_argument(
        "--data", type=_table, required=True, help="Parquet or CSV file"
    )
    command.add_argument(
        "--text",
        type=lambda text: text.split(","),
        required=True,
        help="column of texts, or several with commas between",
    )
    if encoder:
        command.add_argument(
            "--encoder",
            default="auto",
            help="auto (default: by the languages of the texts), minilm, "
            "use-multilingual, ngrams, or the folder of a transformer",
        )
    command.add_argument(
        "--device",
        default="auto",
        help="auto (default: a GPU where there is one), cpu, cuda or cuda:1",
    )


def _add_pairs_and_label(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--right-text",
        type=lambda text: text.split(","),
        help="likewise, the other texts where a label is one of a pair of texts",
    )
    command.add_argument("--label", required=True, help="column of labels")


def _table(text: str) -> Path:
    from python_ml.command_line.tables import FORMATS

    path = Path(text)
    if path.suffix not in FORMATS:
        raise argparse.ArgumentTypeError(f"{text} ends in neither .parquet nor .csv")
    return path


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return count


def _ways(text: str) -> str | list[str]:
    return text if text == "none" else text.split(",")


def _two_folders(text: str) -> list[str]:
    folders = text.split(",")
    if len(folders) != 2:
        raise argparse.ArgumentTypeError(f"{text} is not two folders")
    return folders


def _ensure_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise ValueError(f"There is no folder {path.parent} to write {path.name} to.")


def _init(options: argparse.Namespace) -> int:
    from python_ml.command_line.dbt_project import init

    print("\n".join(init(options.folder, options.watch)))
    return 0


def _build(options: argparse.Namespace) -> int:
    from python_ml.command_line.dbt_project import build

    # Nothing is downloaded, and nothing is told to anybody, unless it is asked for.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    went_well, database = build(options.others)
    if database is None:
        return 1
    options.database, options.schema = database, None
    options.target = Path(os.environ.get("DBT_TARGET_PATH", "target"))
    shown = _show(options)
    return shown if went_well else 1


def _sample(options: argparse.Namespace) -> int:
    from python_ml.sample.simulate import load_defects, simulate

    simulate(
        options.out,
        products=options.products,
        events=options.events,
        seed=options.seed,
        defects=load_defects(options.defects) if options.defects else None,
        format=options.format,
        progress=sys.stderr.isatty(),
    )
    return 0


def _map(options: argparse.Namespace) -> int:
    from python_ml.command_line.feed_mapping import propose_mapping

    print(propose_mapping(options.folder))
    return 0


def _show(options: argparse.Namespace) -> int:
    import duckdb

    from python_ml.command_line.show import index_table

    try:
        print(index_table(options.database, options.schema, options.target))
    except duckdb.Error as error:
        raise ValueError(
            f"{options.database} has no readable marts: {error}".splitlines()[0]
        ) from error
    return 0


def _encode(options: argparse.Namespace) -> int:
    import pyarrow as pa

    from python_ml.command_line.tables import (
        ensure_free,
        read_table,
        texts_of,
        with_columns,
        write_table,
    )
    from python_ml.encoding.encoders import encode

    table = read_table(options.data)
    ensure_free(table, ["embedding"])
    _ensure_folder(options.out)
    embeddings = encode(
        texts_of(table, options.text),
        encoder=options.encoder,
        device=options.device,
        progress=sys.stderr.isatty(),
    )
    values = pa.FixedSizeListArray.from_arrays(embeddings.ravel(), embeddings.shape[1])
    write_table(with_columns(table, {"embedding": values}), options.out)
    return 0


def _score(options: argparse.Namespace) -> int:
    from python_ml.command_line.tables import (
        ADDED_BY_SCORES,
        audits_of,
        ensure_free,
        read_table,
        texts_of,
        values_of,
        with_scores,
        write_table,
    )

    # All that can be wrong is found out before the work, not after hours of it.
    table = read_table(options.data)
    ensure_free(table, ADDED_BY_SCORES)
    _ensure_folder(options.out)
    columns = [options.text] + ([options.right_text] if options.right_text else [])
    texts = [texts_of(table, names) for names in columns]
    labels = values_of(table, options.label)
    audits = None
    if options.audits:
        label_type = table.schema.field(options.label).type
        audits = audits_of(read_table(options.audits), label_type)
    settings: dict[str, Any] = {
        "audits": audits,
        "encoder": options.encoder,
        "device": options.device,
        "seed": options.seed,
        "progress": sys.stderr.isatty(),
    }
    if options.right_text:
        from python_ml.labels.pairs import score_pairs

        scores = score_pairs(texts[0], texts[1], labels, **settings)
    else:
        from python_ml.labels.texts import score_labels

        scores = score_labels(texts[0], labels, **settings)
    write_table(with_scores(table, scores), options.out)
    print(
        f"Error rate  {scores.error_rate:.2%} (95 % interval "
        f"{scores.error_rate_low:.2%} to {scores.error_rate_high:.2%}, "
        f"by the {scores.rate_basis})\n"
        f"Suspects    {scores.is_suspect.sum():,} of {len(table):,} rows, "
        f"from error probability {scores.threshold:.2f} on"
    )
    if scores.note:
        print(scores.note)
    return 0


def _train(options: argparse.Namespace) -> int:
    from python_ml.command_line.tables import read_table, texts_of, values_of
    from python_ml.training.train import train

    table = read_table(options.data)
    texts: list = texts_of(table, options.text)
    if options.right_text:
        texts = list(zip(texts, texts_of(table, options.right_text), strict=True))
    back_translation = None
    if options.translators:
        from python_ml.augmentation.translation import (
            BackTranslation,
            translation_model,
        )
        from python_ml.common.devices import resolve_device

        device = resolve_device(options.device)
        there, back = (translation_model(one, device) for one in options.translators)
        name = ", ".join(options.translators)
        back_translation = BackTranslation(there, back, name)
    report = train(
        texts,
        values_of(table, options.label),
        options.out,
        method=options.method,
        base_model=options.base_model,
        validation_share=options.validation_share,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        patience=options.patience,
        class_weights=None if options.class_weights == "none" else "balanced",
        max_tokens=options.max_tokens,
        augmentation=options.augmentation,
        per_class=options.per_class,
        back_translation=back_translation,
        seed=options.seed,
        device=options.device,
        resume=not options.restart,
        progress=sys.stderr.isatty(),
    )
    print(f"{report.rows_held_out:,} held-out rows{'before':>9}{'after':>9}")
    for name in ("accuracy", "macro_f1", "log_loss"):
        before, after = getattr(report.before, name), getattr(report.after, name)
        print(f"{name.replace('_', ' '):<20}{before:>9.3f}{after:>9.3f}")
    print(
        f"Trained on {report.rows_trained:,} rows ({report.rows_dropped:,} dropped), "
        f"{report.trainable_parameters:,} parameters, best of {report.epochs_run} "
        f"epochs {report.best_epoch}, {report.seconds:.0f} s on {report.device}"
    )
    if report.augmentation:
        ways = (f"{way} {count:,}" for way, count in report.augmentation.items())
        print(f"Added {report.rows_added:,} rows: {', '.join(ways)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
