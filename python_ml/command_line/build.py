"""`assay build`: `dbt build`, then the index."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from python_ml.command_line import show


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: what is given is for dbt."""


def run(options: argparse.Namespace) -> int:
    """Build with the other options of the call, and show what came of it."""
    from python_ml.command_line.dbt_project import build

    # Nothing is downloaded, and nothing is told to anybody, unless it is asked for.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    went_well, database = build(options.others)
    if database is None:
        return 1
    options.database, options.schema = database, None
    options.target = Path(os.environ.get("DBT_TARGET_PATH", "target"))
    shown = show.run(options)
    return shown if went_well else 1
