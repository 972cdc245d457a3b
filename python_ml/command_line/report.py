"""`assay report`: the last build as one page of HTML."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from python_ml.command_line.show import add_marts
from python_ml.report.words import LANGUAGES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where the marts are, where the page goes, and its language."""
    add_marts(parser)
    parser.add_argument(
        "--target",
        type=Path,
        default=Path(os.environ.get("DBT_TARGET_PATH", "target")),
        help="where dbt says which columns are personal; default: DBT_TARGET_PATH, or"
        " target",
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="the file to write; default: report.html in --target, beside the"
        " documentation",
    )
    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        help="the language of the page; default: the var `lang` of dbt_project.yml, or"
        " en",
    )


def run(options: argparse.Namespace) -> int:
    """Write the page and say where it is."""
    from python_ml.report.page import write_report

    out = options.out or options.target / "report.html"
    write_report(
        options.database,
        out,
        schema=options.schema,
        language=options.lang or _language(Path("dbt_project.yml")),
        target=options.target,
    )
    print(f"{out} ({out.stat().st_size / 1e6:.2f} MB)")
    return 0


def _language(project: Path) -> str:
    """Return the var `lang` of the project in this folder, for all or for Assay."""
    import yaml

    if not project.exists():
        return "en"
    written = yaml.safe_load(project.read_text(encoding="utf-8")) or {}
    given = written.get("vars") or {}
    of_assay = given.get("assay")
    of_assay = of_assay if isinstance(of_assay, dict) else {}
    return str(of_assay.get("lang", given.get("lang")) or "en")
