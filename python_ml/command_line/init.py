"""`assay init`: a new dbt project, or Assay in one that is there."""

from __future__ import annotations

import argparse
from pathlib import Path

from python_ml.command_line.arguments import names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder and the tables to watch."""
    parser.add_argument(
        "folder", type=Path, nargs="?", default=Path(), help="default: this one"
    )
    parser.add_argument(
        "--watch",
        type=names,
        default=[],
        help="tables of the project to watch, with commas between",
    )


def run(options: argparse.Namespace) -> int:
    """Write what is missing, and say what to do next."""
    from python_ml.command_line.dbt_project import init

    print("\n".join(init(options.folder, options.watch)))
    return 0
