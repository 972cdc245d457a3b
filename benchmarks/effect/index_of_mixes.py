"""Does the index rank damaged shops as their recommendations do?

    HF_HUB_OFFLINE=1 python benchmarks/effect/index_of_mixes.py [--mixes 30 --seeds 2]

A simulated shop without defects is damaged in mixes of kinds that rules see. The index
of each is that of a dbt build of the damaged feeds, with weights that `calibrate`
learned from single kinds; what it should rank is NDCG@100 of recommenders that learn
from these feeds. Beside it stand the weights by hand, all rules alike, and all rules
alike that cost anything.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.stats import spearmanr

HERE = Path(__file__).parents[1]
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT)]

from report import save  # noqa: E402

from python_ml.calibration.costs import calibrate, costs_of  # noqa: E402
from python_ml.calibration.runs import RunLog, plan  # noqa: E402
from python_ml.calibration.shop import ShopRecommendations  # noqa: E402
from python_ml.calibration.weights import Rule, rule_costs, weights_of  # noqa: E402
from python_ml.command_line.dbt_project import PARTS  # noqa: E402
from python_ml.effect.settings import RecommenderSettings  # noqa: E402
from python_ml.sample.simulate import simulate  # noqa: E402

KINDS = ("missing", "wrong_user", "wrong_time", "lost_items", "lost_days", "repeats")
FEEDS = ("products", "users", "events", "queries")
AS_OF = "2026-07-01"
COLUMNS = ["mixes", "index", "measure", "value"]


class Project:
    """A copy of the dbt project, and builds of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in PARTS:
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)

    def build(self, feeds: Path, weights: str) -> dict[str, list[dict]]:
        """Build the index of feeds; return the rows of two marts."""
        database = self.folder / "built.duckdb"
        database.unlink(missing_ok=True)
        given = {"folder": str(feeds), "as_of": AS_OF, "encoder": "none"}
        given |= {"feeds": dict.fromkeys(FEEDS), "quality_weights": weights}
        select = ["--select", "+fct_quality_index", "+fct_quality_rules"]
        done = subprocess.run(
            [Path(sys.executable).parent / "dbt", "build", "--vars", json.dumps(given)]
            + [*select, "--exclude", "tag:repair", "tag:watching"]
            + ["--exclude-resource-type", "test", "unit_test"],
            cwd=self.folder,
            env={
                **os.environ,
                "ASSAY_DATABASE": str(database),
                "ASSAY_FOLDER": str(feeds),
                "DBT_TARGET_PATH": str(self.folder / "target"),
                "PYTHONPATH": str(ROOT),
            },
            capture_output=True,
            encoding="utf-8",
        )
        if done.returncode:
            raise RuntimeError(done.stdout[-2000:])
        with duckdb.connect(str(database), read_only=True) as connection:
            return {
                mart: connection.sql(f"from assay_marts.{mart}").df().to_dict("records")
                for mart in ("fct_quality_index", "fct_quality_rules")
            }


def random(kind: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(kind.encode())])


def damaged(events: pd.DataFrame, rates: dict[str, float], seed: int) -> pd.DataFrame:
    """Damage the raw feed, as a rule can see it; all kinds by numbers of clean rows."""
    count = len(events)
    found = events.copy()
    for kind in KINDS:
        rate, rng = rates.get(kind, 0), random(kind, seed)
        if not rate:
            continue
        hit = rng.random(count) < rate
        hit = hit[found["number"].to_numpy()]
        if kind == "missing":
            found.loc[hit, "user_id"] = None
        elif kind == "wrong_user":
            other = events["user_id"].to_numpy()[rng.integers(0, count, count)]
            found.loc[hit, "user_id"] = other[found["number"].to_numpy()[hit]]
        elif kind == "wrong_time":
            later = pd.to_timedelta(rng.random(count) * 30, "D")
            times = (pd.to_datetime(events["ingested_at"]) + later).dt.floor("s")
            found.loc[hit, "occurred_at"] = times.astype(str).to_numpy()[
                found["number"].to_numpy()[hit]
            ]
        elif kind == "lost_items":
            order = events["product_id"].value_counts().index.to_numpy()
            lost = [
                name
                for start in range(0, len(order), 20)
                for name in rng.permutation(order[start : start + 20])[
                    : round(rate * 20)
                ]
            ]
            found = found[~found["product_id"].isin(lost)]
        elif kind == "lost_days":
            day = pd.to_datetime(events["clean_at"]).dt.floor("D")
            days = np.sort(day.unique())
            is_lost = day.isin(days[rng.random(len(days)) < rate]).to_numpy()
            found = found[~is_lost[found["number"].to_numpy()]]
        else:
            found = pd.concat([found, found[hit]])
    return found


def as_table(events: pd.DataFrame) -> pa.Table:
    """Return what a recommender learns from."""
    return pa.table(
        {
            "user_id": pa.array(events["user_id"], pa.string(), from_pandas=True),
            "product_id": pa.array(events["product_id"], pa.string(), from_pandas=True),
            "event_type": pa.array(events["event_type"], pa.string()),
            "occurred_at": pa.array(pd.to_datetime(events["occurred_at"])),
            "cut_at": pa.array(pd.to_datetime(events["clean_at"])),
        }
    )


def hand_index(rules: list[dict], weights: dict[str, float]) -> float:
    """The formula of the index, with the weights of seeds/quality_weights.csv."""
    seed = pd.read_csv(ROOT / "seeds/quality_weights.csv").set_index("feed")
    table = pd.DataFrame(rules)
    table = table[table["failure_rate"].notna() & table["feed"].isin(seed.index)]
    total = weight = 0.0
    for feed, of_feed in table.groupby("feed"):
        score = share = 0.0
        for dimension, of_dimension in of_feed.groupby("dimension"):
            left, has_any = 1.0, False
            for _, members in of_dimension.groupby("component"):
                each = members["rule_name"].map(weights).fillna(0)
                if each.sum():
                    has_any = True
                    left *= 1 - (each * members["failure_rate"]).sum() / each.sum()
            if has_any:
                score += seed.loc[feed, dimension] * left
                share += seed.loc[feed, dimension]
        if share:
            total += seed.loc[feed, "feed_weight"] * score / share
            weight += seed.loc[feed, "feed_weight"]
    return total / weight


def mixes_of(kind: str, count: int) -> list[dict[str, float]]:
    """Rates of mixes: each kind with a probability of .6, or rates of one total."""
    rng = np.random.default_rng([20261128, zlib.crc32(kind.encode())])
    if kind == "equal total":
        return [
            dict(
                zip(
                    KINDS,
                    (0.6 * rng.dirichlet([0.6] * len(KINDS))).tolist(),
                    strict=True,
                )
            )
            for _ in range(count)
        ]
    most = 0.05 if kind == "small" else 0.2
    return [
        {
            name: float(rate)
            for name, rate in zip(KINDS, rng.random(len(KINDS)) * most, strict=True)
            if rng.random() < 0.6
        }
        for _ in range(count)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mixes", type=int, default=30)
    parser.add_argument("--kinds", default="free,equal total,small")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--products", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        rows = measured(Path(name), options)
    lines = ["# Index and recommendations of damaged shops", ""]
    lines += ["| mixes | index | measure | value |", "| --- | --- | --- | ---: |"]
    lines += [
        f"| {row['mixes']} | {row['index']} | {row['measure']} | {row['value']:.3f} |"
        for row in rows
    ]
    print(save(rows, COLUMNS, lines, options.out / "effect_index_of_mixes"))


def measured(folder: Path, options: argparse.Namespace) -> list[dict]:
    clean = folder / "clean"
    simulate(
        clean, products=options.products, events=options.events, seed=5, defects={}
    )
    events = pd.read_parquet(clean / "events.parquet")
    events["clean_at"] = events["occurred_at"]
    events["number"] = np.arange(len(events))
    shop = ShopRecommendations(as_table(events), RecommenderSettings(device="cpu"))
    print(shop.note, file=sys.stderr)
    project = Project(folder / "project")
    by_hand = project.build(clean, "hand")["fct_quality_rules"]
    hand = {row["rule_name"]: row["weight"] for row in by_hand}
    names = ("rule_name", "feed", "dimension", "component")
    rules = [Rule(*(row[name] for name in names)) for row in by_hand]
    log = RunLog(folder / "runs.jsonl", "")
    runs = plan("recommendation", KINDS, (0.05, 0.1, 0.2), 2, 0)
    costs = costs_of(calibrate(runs, log, lambda run: shop.loss(run.rates, run.seed)))
    for cost in costs:
        print(f"{cost.kind} {cost.slope:.3f}", file=sys.stderr)
    of_rules = rule_costs(costs, rules)
    seed = pd.DataFrame(weights_of(of_rules, rules))
    seed.to_csv(project.folder / "seeds/quality_weights_calibrated.csv", index=False)
    costly = {name for name, cost in of_rules.items() if cost > 0}
    rows = []
    for kind in options.kinds.split(","):
        found = []
        for number, rates in enumerate(mixes_of(kind, options.mixes)):
            of_seeds = [
                one_mix(
                    folder, events, rates, 1000 * (number + 1) + each, shop, project
                )
                for each in range(options.seeds)
            ]
            values = []
            for loss, index, rules_of_mix in of_seeds:
                rate_of = {
                    row["rule_name"]: row["failure_rate"]
                    for row in rules_of_mix
                    if row["failure_rate"] == row["failure_rate"]
                }
                values.append(
                    {
                        "loss": loss,
                        "calibrated": index,
                        "by hand": hand_index(rules_of_mix, hand),
                        "equal": 1 - np.mean(list(rate_of.values())),
                        "equal over the costly": 1
                        - np.mean([rate_of[name] for name in costly & set(rate_of)]),
                    }
                )
            found.append(pd.DataFrame(values).mean())
            print(kind, number, dict(found[-1].round(4)), file=sys.stderr, flush=True)
        table = pd.DataFrame(found)
        rows.append((kind, "", "mean loss", table["loss"].mean()))
        apart = (1 - table["calibrated"] - table["loss"]).abs().median()
        rows.append((kind, "calibrated", "median error of the loss", apart))
        for index in ("calibrated", "by hand", "equal", "equal over the costly"):
            order = spearmanr(-table[index], table["loss"]).statistic
            rows.append((kind, index, "Spearman with NDCG@100", order))
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def one_mix(folder, events, rates, seed, shop, project):
    feeds = folder / "damaged"
    shutil.rmtree(feeds, ignore_errors=True)
    shutil.copytree(folder / "clean", feeds)
    found = damaged(events, rates, seed)
    raw = found.drop(columns=["clean_at", "number"])
    raw["occurred_at"] = raw["occurred_at"].astype(str)
    raw.to_parquet(feeds / "events.parquet")
    built = project.build(feeds, "calibrated")
    (index,) = (
        row["quality_index"]
        for row in built["fct_quality_index"]
        if row["scope_type"] == "shop"
    )
    return shop.loss_of(as_table(found)).loss, index, built["fct_quality_rules"]


if __name__ == "__main__":
    main()
