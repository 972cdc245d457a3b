"""Arguments that several commands have, and what they are read as."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_data(parser: argparse.ArgumentParser, encoder: bool = True) -> None:
    """Add the file and its columns of texts, and what reads them."""
    parser.add_argument("--data", type=table, required=True, help="Parquet or CSV file")
    parser.add_argument(
        "--text",
        type=names,
        required=True,
        help="column of texts, or several with commas between",
    )
    if encoder:
        parser.add_argument(
            "--encoder",
            default="auto",
            help="auto (default: by the languages of the texts), minilm, "
            "use-multilingual, ngrams, or the folder of a transformer",
        )
    parser.add_argument(
        "--device",
        default="auto",
        help="auto (default: a GPU where there is one), cpu, cuda or cuda:1",
    )


def add_pairs_and_label(parser: argparse.ArgumentParser) -> None:
    """Add the columns of other texts, and of labels."""
    parser.add_argument(
        "--right-text",
        type=names,
        help="likewise, the other texts where a label is one of a pair of texts",
    )
    parser.add_argument("--label", required=True, help="column of labels")


def names(text: str) -> list[str]:
    """Read names with commas between."""
    return text.split(",")


def table(text: str) -> Path:
    """Read the path of a table, whose format its ending says."""
    from python_ml.command_line.tables import FORMATS

    path = Path(text)
    if path.suffix not in FORMATS:
        raise argparse.ArgumentTypeError(f"{text} ends in neither .parquet nor .csv")
    return path


def count(text: str) -> int:
    """Read a number of at least one."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def ensure_folder(path: Path) -> None:
    """Raise a ValueError if there is no folder to write a file to."""
    if not path.parent.is_dir():
        raise ValueError(f"There is no folder {path.parent} to write {path.name} to.")
