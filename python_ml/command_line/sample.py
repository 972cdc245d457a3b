"""`assay sample`: the feeds of a simulated shop, with known defects."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from python_ml.command_line.arguments import count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to write, how much and which defects."""
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--products", type=count, default=300, help="default 300")
    parser.add_argument("--events", type=count, default=2500, help="default 2500")
    parser.add_argument("--seed", type=int, default=0, help="default 0")
    parser.add_argument(
        "--defects", type=Path, help="YAML or JSON file: feed: {column: {defect: rate}}"
    )
    parser.add_argument(
        "--format",
        choices=("parquet", "csv"),
        default="parquet",
        help="default parquet",
    )


def run(options: argparse.Namespace) -> int:
    """Write the feeds."""
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
