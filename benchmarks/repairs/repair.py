"""Two tables with known errors, watched: what is detected, and what is put right.

    python benchmarks/repairs/repair.py --data shared/data/repair

The folder holds <table>_dirty.parquet and <table>_clean.parquet of the tables beers
and hospital (Raha, Mahdavi et al. 2019), which are compared cell by cell. The rules are
in repair_rules/<table>.yml, written by hand from the names of the columns and the
values that stand in the dirty table; the clean one is opened for measuring only.

A cell is detected when a repair of it is applied or proposed, or when a rule about this
cell alone fails. `agrees_with` says of a group of rows that not all can be right, and
detects none of them by itself. A repair is right when the value is that of the clean
table; numbers are compared as such (12.0 is 12), and what is missing is empty.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import yaml

HERE = Path(__file__).parents[1]
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT)]

from report import machine, save  # noqa: E402

PARTS = [
    "dbt_project.yml",
    "profiles.yml",
    "macros",
    "models",
    "python_ml",
    "seeds",
    "tests/generic",
]
TABLES = ["beers", "hospital"]
KEY = "row_no"
COLUMNS = [
    "table",
    "errors",
    "detection_precision",
    "detection_recall",
    "detection_f1",
    "repair_precision",
    "repair_recall",
    "proposal_precision",
    "seconds",
]


def variables(table: str) -> dict:
    """Return the dbt variables of a build on one table, beside the smallest shop."""
    return {
        "feeds": {"events": {"table": "main.events"}},
        "watched": [table],
        "repaired": [table],
        "encoder": "none",
    }


def watch(project: Path, database: Path, table: str, data: Path) -> None:
    """Load a dirty table into the warehouse of a project, and have it watched."""
    with duckdb.connect(database) as connection:
        file = data / f"{table}_dirty.parquet"
        connection.execute(f"create table main.{table} as from '{file}'")
        connection.execute("create table main.events as select 'e1' as event_id")
    source = f"source('repair', '{table}')"
    models = project / "models"
    shutil.copy(HERE / f"repairs/repair_rules/{table}.yml", models / f"{table}.yml")
    (models / f"rules/int_{table}_issues.sql").write_text(
        "{{ issues(" + source + ") }}\n"
    )
    (models / f"repaired/repaired_{table}.sql").write_text(
        "{{ repaired(" + source + ") }}\n"
    )


def cells(database: Path, table: str, data: Path) -> pd.DataFrame:
    """Return one row per cell that is wrong, detected or changed.

    Columns: row_no, column_name, dirty, clean, is_error, is_detected, status (of the
    repair), repaired (what it says), confidence, reason, is_right (it is what the clean
    table says).
    """
    dirty = pd.read_parquet(data / f"{table}_dirty.parquet").set_index(KEY)
    clean = pd.read_parquet(data / f"{table}_clean.parquet").set_index(KEY)
    clean = clean.set_axis(dirty.columns, axis=1).loc[dirty.index]
    with duckdb.connect(database, read_only=True) as connection:
        repairs = connection.sql(f"""
            select record_key as {KEY}, column_name, status, confidence, reason,
                coalesce(proposed_value, '') as repaired
            from assay_marts.fct_repairs
            where feed = '{table}' and action in ('change', 'empty')
        """).df()
        failing = connection.sql(f"""
            select distinct issues.record_key as {KEY}, issues.column_name
            from assay_marts.fct_quality_issues as issues
            inner join assay_marts.dim_quality_rules as rules
                on issues.rule_name = rules.rule_name
            where issues.feed = '{table}' and rules.rule_kind <> 'agrees_with'
        """).df()
    place = [KEY, "column_name"]
    for found in (repairs, failing):
        found[KEY] = found[KEY].astype(dirty.index.dtype)
    compared = pd.DataFrame({"dirty": dirty.stack(), "clean": clean.stack()})
    compared = compared.rename_axis(place).fillna("").reset_index()
    compared = compared.merge(repairs, "left", on=place)
    compared = compared.merge(failing.assign(is_failing=True), "left", on=place)
    compared["is_error"] = compared["dirty"] != compared["clean"]
    compared["is_detected"] = (
        compared["status"].notna() | compared.pop("is_failing").notna()
    )
    compared["is_right"] = (compared["repaired"] == compared["clean"]) | (
        pd.to_numeric(compared["repaired"], errors="coerce")
        == pd.to_numeric(compared["clean"], errors="coerce")
    )
    return compared[compared["is_error"] | compared["is_detected"]]


def quality(found: pd.DataFrame) -> dict:
    """Return precision, recall and F1 of what cells() returns."""
    errors = found["is_error"].sum()
    hits = (found["is_error"] & found["is_detected"]).sum()
    precision, recall = hits / found["is_detected"].sum(), hits / errors
    applied = found[found["status"] == "applied"]
    proposed = found[found["status"].notna()]
    return {
        "errors": int(errors),
        "detection_precision": precision,
        "detection_recall": recall,
        "detection_f1": 2 * precision * recall / (precision + recall),
        "repair_precision": applied["is_right"].mean(),
        "repair_recall": applied["is_right"].sum() / errors,
        "proposal_precision": proposed["is_right"].mean(),
    }


def calibration(found: pd.DataFrame) -> pd.DataFrame:
    """Return how many proposals are right, by their confidence."""
    proposed = found[found["status"].notna()]
    bins = pd.cut(proposed["confidence"], [0, 0.5, 0.8, 0.95, 0.99, 0.999, 1])
    return proposed.groupby(bins, observed=True).agg(
        proposals=("is_right", "size"),
        confidence=("confidence", "mean"),
        right=("is_right", "mean"),
    )


def swap(table: str, data: Path, share: float, folder: Path, seed: int = 0) -> None:
    """Write a table with other errors: right values of other rows.

    In each column with a rule about agreement a share of the cells of the clean table
    is exchanged for some value of the column, which looks as right as any.
    """
    rules = yaml.safe_load((HERE / f"repairs/repair_rules/{table}.yml").read_text())
    dirty = pd.read_parquet(data / f"{table}_dirty.parquet")
    clean = pd.read_parquet(data / f"{table}_clean.parquet").set_axis(
        dirty.columns, axis=1
    )
    swapped, random = clean.copy(), np.random.default_rng(seed)
    for column in rules["sources"][0]["tables"][0]["columns"]:
        if not any("agrees_with" in test for test in column["data_tests"]):
            continue
        values = clean[column["name"]].to_numpy(object)
        rows = np.flatnonzero(random.random(len(values)) < share)
        distinct = np.unique(values)
        swapped.loc[rows, column["name"]] = random.choice(distinct, len(rows))
    swapped.to_parquet(folder / f"{table}_dirty.parquet", index=False)
    clean.to_parquet(folder / f"{table}_clean.parquet", index=False)


def build(project: Path, database: Path, table: str) -> float:
    """Build a project on one table. Returns the seconds that it took."""
    dbt = [str(Path(sys.executable).parent / "dbt"), "-q", "build"]
    dbt += ["--exclude-resource-type", "test", "unit_test"]
    dbt += ["--vars", json.dumps(variables(table))]
    environment = os.environ | {"ASSAY_DATABASE": str(database)}
    begin = time.perf_counter()
    subprocess.run(dbt, cwd=project, env=environment, check=True)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tables", nargs="+", default=TABLES, choices=TABLES)
    parser.add_argument("--swapped", type=float, nargs="*", default=[])
    parser.add_argument("--out", type=Path, default=HERE / "results" / "repair")
    parser.add_argument("--show-wrong", action="store_true")
    options = parser.parse_args()
    rows = []
    for table in options.tables:
        for share in [0.0, *options.swapped]:
            with tempfile.TemporaryDirectory() as name:
                project = Path(name)
                for part in PARTS:
                    copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
                    (project / part).parent.mkdir(parents=True, exist_ok=True)
                    copy(ROOT / part, project / part)
                database, data = project / "warehouse.duckdb", options.data.resolve()
                if share:
                    swap(table, data, share, project)
                    data = project
                watch(project, database, table, data)
                seconds = build(project, database, table)
                found = cells(database, table, data)
            label = f"{table}, {share:.0%} swapped" if share else table
            rows.append({"table": label, **quality(found), "seconds": seconds})
            print(pd.Series(rows[-1]).to_string(), flush=True)
            print(calibration(found).to_string(), flush=True)
            if options.show_wrong:
                is_wrong = found["status"].notna() & ~found["is_right"]
                is_missed = found["is_error"] & found["status"].isna()
                print(found[is_wrong].to_string(max_colwidth=60))
                print(found[is_missed].groupby(["column_name", "is_detected"]).size())
    lines = [machine(), "", "| " + " | ".join(COLUMNS) + " |"]
    lines.append("| --- " * len(COLUMNS) + "|")
    for row in rows:
        values = [row[column] for column in COLUMNS]
        texts = [f"{one:.3f}" if isinstance(one, float) else str(one) for one in values]
        lines.append("| " + " | ".join(texts) + " |")
    save([{c: row[c] for c in COLUMNS} for row in rows], COLUMNS, lines, options.out)


if __name__ == "__main__":
    main()
