"""`assay map`: how the files of a folder may be mapped to the feeds."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder."""
    parser.add_argument("folder", type=Path, help="folder of Parquet, CSV or JSON")


def run(options: argparse.Namespace) -> int:
    """Print the mapping."""
    from python_ml.command_line.feed_mapping import propose_mapping

    print(propose_mapping(options.folder))
    return 0
