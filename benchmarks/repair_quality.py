"""Repairs held against the truth of a simulated shop: precision and recall, by method.

    python benchmarks/repair_quality.py --products 300 2000 --seeds 1 2 3

A repair that changes a value is right when the value is the true one; one that removes a
row, or empties a key, when the truth says that this row or key is beyond repair. What can
be repaired is what the truth says can be (column `repair`).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pandas as pd
from report import machine, save

HERE = Path(__file__).parent
ROOT = HERE.parent
COLUMNS = ["shop", "method", "applied", "right", "precision", "repairable", "recall"]

# Times and numbers are compared as such: 8.5 is 8.50.
JUDGED = """
with truth as (
    select *, row_number() over () as fact from {truth}
),

repairs as (
    select * from {marts}.fct_repairs where status = 'applied'
),

-- Rows are told by their number. One of two equal rows is as good as the other.
matched as (
    select
        repairs.repair_id,
        repairs.method,
        truth.fact,
        case
            when repairs.action = 'drop' then truth.defect in ('repeat', 'repeat_content')
            when repairs.action in ('quarantine', 'empty') then
                truth.repair in ('remove', 'empty')
            else repairs.column_name = truth.column_name
                and truth.true_value is not null
                and coalesce(
                    try_cast(repairs.proposed_value as double)
                    = try_cast(truth.true_value as double),
                    try_cast(repairs.proposed_value as timestamp)
                    = try_cast(truth.true_value as timestamp),
                    repairs.proposed_value = truth.true_value
                )
        end as is_right
    from repairs
    left join truth
        on
            repairs.feed = truth.feed
            and (
                repairs.record_number = truth.row_number
                or (
                    repairs.action = 'drop'
                    and repairs.record_key = truth.record_key
                    and truth.column_name is null
                )
            )
),

judged as (
    select
        repairs.repair_id,
        repairs.method,
        coalesce(bool_or(matched.is_right), false) as is_right
    from repairs
    left join matched on repairs.repair_id = matched.repair_id
    group by all
),

-- Of a group that disagrees only the rows that hold the wrong value need a repair.
repairable as (
    select
        truth.fact,
        truth.defect,
        exists (
            select 1 from matched
            where matched.fact = truth.fact and matched.is_right
        ) as is_repaired
    from truth
    where
        truth.repair is not null
        and (truth.found_value is null or truth.true_value is null
            or truth.found_value <> truth.true_value)
)
"""
METHODS = {
    "missing": ["missing", "blank", "placeholder"],
    "repeat": ["repeat", "repeat_content"],
    "orphan": ["orphan"],
    "disagreement": ["disagreement"],
    "impossible": ["out_of_range", "future", "out_of_order"],
    "label": ["wrong_label", "wrong_category"],
}


def quality(database: Path, truth: Path, schema: str = "assay_marts") -> pd.DataFrame:
    """Return one row per method, and `all`: applied, right, repairable, repaired."""
    with duckdb.connect(database, read_only=True) as connection:
        reader = "read_parquet" if str(truth).endswith(".parquet") else "read_csv"
        query = JUDGED.format(truth=f"{reader}('{truth}')", marts=schema)
        judged = connection.sql(query + "select * from judged").df()
        repairable = connection.sql(query + "select * from repairable").df()
    by_defect = {defect: name for name, kinds in METHODS.items() for defect in kinds}
    repairable["method"] = repairable["defect"].map(by_defect).fillna("format")
    table = judged.groupby("method")["is_right"].agg(applied="size", right="sum")
    found = repairable.groupby("method")["is_repaired"].agg(
        repairable="size", repaired="sum"
    )
    table = table.join(found, how="outer").fillna(0).astype(int)
    table.loc["all"] = table.sum()
    table["precision"] = table["right"] / table["applied"].where(table["applied"] > 0)
    table["recall"] = table["repaired"] / table["repairable"].where(
        table["repairable"] > 0
    )
    return table.reset_index()


def unrepaired(
    database: Path, truth: Path, schema: str = "assay_marts"
) -> pd.DataFrame:
    """Return what could be repaired and was not, with what was proposed for it."""
    with duckdb.connect(database, read_only=True) as connection:
        query = JUDGED.format(truth=f"'{truth}'", marts=schema)
        return connection.sql(
            query
            + f"""select truth.*, repairs.status, repairs.proposed_value,
                repairs.confidence, repairs.reason
            from repairable
            inner join truth on repairable.fact = truth.fact
            left join {schema}.fct_repairs as repairs
                on truth.feed = repairs.feed and truth.row_number = repairs.record_number
                and (truth.column_name = repairs.column_name
                    or repairs.column_name is null)
            where not repairable.is_repaired order by all"""
        ).df()


def wrong(database: Path, truth: Path, schema: str = "assay_marts") -> pd.DataFrame:
    """Return the applied repairs that are not right."""
    with duckdb.connect(database, read_only=True) as connection:
        query = JUDGED.format(truth=f"'{truth}'", marts=schema)
        return connection.sql(
            query
            + f"""select repairs.* from {schema}.fct_repairs as repairs
            inner join judged on repairs.repair_id = judged.repair_id
            where not judged.is_right"""
        ).df()


def build(folder: Path, products: int, seed: int, encoder: str) -> None:
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
    settings = {
        "feeds": {feed: {} for feed in feeds.split()},
        "as_of": "2026-07-01",
        "encoder": encoder,
    }
    dbt = [str(Path(sys.executable).parent / "dbt"), "-q", "build"]
    dbt += ["--exclude-resource-type", "test", "unit_test"]
    dbt += ["--vars", json.dumps(settings)]
    subprocess.run(dbt, cwd=ROOT, env=environment, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, nargs="+", default=[300, 2000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--encoder", default="auto")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "repair_quality")
    parser.add_argument("--show-wrong", action="store_true")
    options = parser.parse_args()
    tables = []
    for products in options.products:
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                build(folder, products, seed, options.encoder)
                files = folder / "shop.duckdb", folder / "truth.parquet"
                table = quality(*files)
                table.insert(0, "shop", f"{products} products, seed {seed}")
                tables.append(table)
                print(table.to_string(index=False), flush=True)
                if options.show_wrong:
                    print(wrong(*files).to_string(), flush=True)
                    print(unrepaired(*files).to_string(), flush=True)
    rows = pd.concat(tables)
    lines = [machine(), "", "| " + " | ".join(COLUMNS) + " |"]
    lines.append("| --- " * len(COLUMNS) + "|")
    for row in rows[COLUMNS].itertuples(index=False):
        cells = [f"{cell:.3f}" if isinstance(cell, float) else cell for cell in row]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    save(rows[COLUMNS].to_dict("records"), COLUMNS, lines, options.out)


if __name__ == "__main__":
    main()
