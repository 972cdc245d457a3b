"""What repairs are worth to recommenders, on a year of a grocer's purchases.

    python benchmarks/effect/complete_journey.py --data FOLDER [--seeds 3]

FOLDER holds complete_journey/events.parquet. Training ends with November, December is
predicted; products with 50 buyers or more are ranked. Damage is planted into what is
trained on, drawn by fixed seeds, and judged as a shop of its own would be: by the same
users, exclude list and candidates.
"""

import argparse
import resource
import sys
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

from report import save  # noqa: E402

from python_ml import RecommenderSettings, evaluate_recommenders  # noqa: E402

MODELS = ("popularity", "own_counts", "recent_own_counts", "item_knn", "ease", "als")
SETTINGS = RecommenderSettings(
    models=MODELS, cut=datetime(2017, 12, 1), minimum_buyers=50, device="cpu"
)
# Least share of true merges found, and share of wrong ones among the merges.
MERGES = ((1.0, 0.0), (0.85, 0.01), (0.8, 0.05), (0.8, 0.2))
COLUMNS = ["question", "model", "target", "measure", "value"]


def shop(folder: Path) -> pa.Table:
    """Return the purchases."""
    table = pq.read_table(folder / "complete_journey" / "events.parquet")
    names = ["user_id", "product_id", "occurred_at"]
    return table.select(names).set_column(
        1, "product_id", table["product_id"].cast(pa.string())
    )


def evenly(count: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Draw a share of ranks evenly along popularity: one of each block."""
    block = round(1 / share)
    starts = np.arange(0, count, block)
    drawn = starts + rng.integers(0, block, len(starts))
    return drawn[drawn < count]


def with_products(events: pa.Table, products: np.ndarray) -> pa.Table:
    return events.set_column(1, "product_id", pa.array(products, pa.string()))


def split(events: pa.Table, rng: np.random.Generator, share: float = 0.2):
    """Halve the events of some of the products that are ranked between two ids.

    Returns:
        The events, the products that were split, and all that are ranked by popularity.
    """
    products = np.array(events["product_id"].to_pylist(), object)
    pairs = events.group_by(["product_id", "user_id"]).aggregate([])
    names, counts = np.unique(pairs["product_id"].to_pylist(), return_counts=True)
    names, counts = names[counts >= 50], counts[counts >= 50]
    by_popularity = names[np.argsort(-counts, kind="stable")]
    chosen = by_popularity[evenly(len(names), share, rng)]
    is_second = np.isin(products.astype(str), chosen) & (rng.random(len(events)) < 0.5)
    found = np.where(is_second, np.char.add(products.astype(str), "-2"), products)
    return with_products(events, found), chosen, by_popularity


def merged(events, chosen, by_popularity, found, wrong, rng):
    """Merge a share of what was split, and some products that are not the same."""
    right = chosen[rng.random(len(chosen)) < found]
    count = round(len(right) * wrong / (1 - wrong))
    others = np.setdiff1d(by_popularity, chosen)
    pairs = rng.choice(others, (count, 2), replace=False) if count else []
    names = {f"{name}-2": name for name in right} | {b: a for a, b in pairs}
    products = events["product_id"].to_pylist()
    return with_products(events, [names.get(name, name) for name in products])


def copies(events: pa.Table, share: float, at_once: int, rng) -> pa.Table:
    """Add exact copies, so many of each event that is copied."""
    count = int(len(events) * share / at_once)
    drawn = rng.choice(len(events), count, replace=False)
    return pa.concat_tables([events, events.take(pa.array(np.repeat(drawn, at_once)))])


def values(effect, metric):
    return {
        (row["version"], row["model"], row["target"]): row["value"]
        for row in effect.table.to_pylist()
        if row["metric"] == metric
    }


def bars(events: pa.Table) -> list[tuple]:
    """Six models, three targets, two versions."""
    rng = np.random.default_rng(0)
    damaged = copies(events, 0.1, 1, rng)
    began = time.process_time(), time.perf_counter()
    effect = evaluate_recommenders(
        {"found": damaged, "repaired": events}, settings=SETTINGS
    )
    taken = time.process_time() - began[0], time.perf_counter() - began[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rows = [
        ("as it is", model, target, metric, value)
        for metric in ("ndcg_at_10", "ndcg_at_100", "recall_at_100")
        for (version, model, target), value in values(effect, metric).items()
        if version == "repaired"
    ]
    what = "10 % copies against none, six models"
    return [
        *rows,
        (what, "", "", "CPU seconds", taken[0]),
        (what, "", "", "seconds", taken[1]),
        (what, "", "", "peak GiB", peak),
    ]


def won_back(events: pa.Table, seeds: int) -> list[tuple]:
    """How much of what split ids cost merges win back, by how right they are."""
    sums: dict = {}
    for seed in range(seeds):
        rng = np.random.default_rng([16, seed])
        damaged, chosen, by_popularity = split(events, rng)
        versions = {"found": damaged, "repaired": events}
        for found, wrong in MERGES:
            rng = np.random.default_rng([17, seed])
            versions[f"{found:.0%} found, {wrong:.0%} wrong"] = merged(
                damaged, chosen, by_popularity, found, wrong, rng
            )
        crosswalk = pa.table(
            {"product_id": [f"{name}-2" for name in chosen], "item_id": list(chosen)}
        )
        effect = evaluate_recommenders(versions, crosswalk=crosswalk, settings=SETTINGS)
        found_values = values(effect, "ndcg_at_100")
        for (version, model, target), value in found_values.items():
            if target != "repeat":
                sums.setdefault((version, model, target), []).append(value)
    rows = []
    for version, model, target in sums:
        mean = {
            name: float(np.mean(sums[name, model, target]))
            for name in ("found", "repaired", version)
        }
        loss = mean["repaired"] - mean["found"]
        if version == "found":
            rows.append(
                ("split ids", model, target, "loss %", 100 * loss / mean["repaired"])
            )
        elif version != "repaired":
            share = (mean[version] - mean["found"]) / loss
            rows.append((f"split ids, {version}", model, target, "won back", share))
    return rows


def repeats(events: pa.Table) -> list[tuple]:
    """What copies cost that count for nothing: scattered, and in bursts."""
    rows = []
    versions = {"clean": events}
    for name, at_once in (("copies", 1), ("bursts of 50", 50)):
        for share in (0.1, 0.2):
            rng = np.random.default_rng(at_once)
            versions[f"{name}, {share:.0%}"] = copies(events, share, at_once, rng)
    effect = evaluate_recommenders(
        versions, reference="clean", baseline="clean", settings=SETTINGS
    )
    for row in effect.table.to_pylist():
        if row["metric"] == "ndcg_at_10" and row["target"] == "all":
            if row["difference"] is not None:
                loss = -100 * row["difference"] / row["value_found"]
                rows.append((row["version"], row["model"], "all", "loss %", loss))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    options = parser.parse_args()
    events = shop(options.data)
    found = bars(events) + won_back(events, options.seeds) + repeats(events)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in found]
    lines = ["# What repairs are worth to recommenders", ""]
    lines += ["| question | model | target | measure | value |"]
    lines += ["| --- | --- | --- | --- | ---: |"]
    lines += [
        f"| {' | '.join(row[name] for name in COLUMNS[:4])} | {row['value']:,.4f} |"
        for row in rows
    ]
    print(save(rows, COLUMNS, lines, options.out / "effect_complete_journey"))


if __name__ == "__main__":
    main()
