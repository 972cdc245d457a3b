"""The command line: `python -m python_ml sample|show`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code, with one sentence on what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m python_ml", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

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

    show = commands.add_parser("show", help="print the index of the last build")
    show.add_argument(
        "--database",
        type=Path,
        default=Path(os.environ.get("ASSAY_DATABASE", "warehouse.duckdb")),
        help="default: ASSAY_DATABASE, or warehouse.duckdb",
    )

    options = parser.parse_args(arguments)
    try:
        return _sample(options) if options.command == "sample" else _show(options)
    except BrokenPipeError:
        return 0  # The reader, such as `head`, has seen enough.
    except (OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return count


def _sample(options: argparse.Namespace) -> int:
    from python_ml.sample import load_defects, simulate

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


def _show(options: argparse.Namespace) -> int:
    import duckdb

    from python_ml.show import index_table

    try:
        print(index_table(options.database))
    except duckdb.Error as error:
        raise ValueError(
            f"{options.database} has no readable marts: {error}".splitlines()[0]
        ) from error
    return 0


if __name__ == "__main__":
    sys.exit(main())
