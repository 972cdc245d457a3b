"""Repairs held against the truth of a simulated shop: precision and recall, by method.

    python benchmarks/repairs/repair_quality.py --products 300 2000 --seeds 1 2 3

What is counted stands in `python_ml.sample.repair_quality`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parents[1]
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT)]

from report import machine, save  # noqa: E402

sys.path.insert(0, str(ROOT))

from python_ml.sample.repair_quality import (  # noqa: E402
    repair_quality,
    unrepaired_defects,
    wrong_repairs,
)

COLUMNS = ["shop", "method", "applied", "right", "precision", "repairable", "recall"]


def build(folder: Path, products: int, seed: int, **settings) -> None:
    """Simulate a shop in a folder and build the project on it."""
    environment = os.environ | {
        "ASSAY_DATABASE": str(folder / "shop.duckdb"),
        "ASSAY_FOLDER": str(folder),
        "HF_HUB_OFFLINE": "1",
    }
    simulate = [sys.executable, "-m", "python_ml", "sample", "--out", str(folder)]
    simulate += ["--products", str(products), "--events", str(products * 10)]
    subprocess.run([*simulate, "--seed", str(seed)], cwd=ROOT, check=True)
    feeds = "products users events queries relevance_labels reviews recommendations"
    settings |= {
        "feeds": {feed: {} for feed in feeds.split()},
        "as_of": "2026-07-01",
    }
    dbt = [str(Path(sys.executable).parent / "dbt"), "-q", "build"]
    dbt += ["--exclude-resource-type", "test", "unit_test"]
    # The truth names rows by their place in the file: they keep it.
    profiles = (ROOT / "profiles.yml").read_text(encoding="utf-8")
    ordered = profiles.replace("insertion_order: false", "insertion_order: true")
    assert ordered != profiles
    (folder / "profiles.yml").write_text(ordered, encoding="utf-8")
    dbt += ["--profiles-dir", str(folder), "--vars", json.dumps(settings)]
    subprocess.run(dbt, cwd=ROOT, env=environment, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, nargs="+", default=[300, 2000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--encoder", default="auto")
    parser.add_argument(
        "--label-repairs",
        default="audited",
        help="`confident` to see how right they would be without an audit",
    )
    parser.add_argument("--out", type=Path, default=HERE / "results" / "repair_quality")
    parser.add_argument("--show-wrong", action="store_true")
    options = parser.parse_args()
    tables = []
    for products in options.products:
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                build(
                    folder,
                    products,
                    seed,
                    encoder=options.encoder,
                    label_repairs=options.label_repairs,
                )
                files = folder / "shop.duckdb", folder / "truth.parquet"
                table = repair_quality(*files)
                table.insert(0, "shop", f"{products} products, seed {seed}")
                tables.append(table)
                print(table.to_string(index=False), flush=True)
                if options.show_wrong:
                    print(wrong_repairs(*files).to_string(), flush=True)
                    print(unrepaired_defects(*files).to_string(), flush=True)
    rows = pd.concat(tables)
    lines = [machine(), "", "| " + " | ".join(COLUMNS) + " |"]
    lines.append("| --- " * len(COLUMNS) + "|")
    for row in rows[COLUMNS].itertuples(index=False):
        cells = [f"{cell:.3f}" if isinstance(cell, float) else cell for cell in row]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    save(rows[COLUMNS].to_dict("records"), COLUMNS, lines, options.out)


if __name__ == "__main__":
    main()
