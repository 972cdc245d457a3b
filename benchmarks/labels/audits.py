"""Do the intervals of audited rates hold, and how wide are they?

    python benchmarks/labels/audits.py --scores FOLDER

Each file FOLDER/*.npz holds the scores of one real data set whose wrong rows are known:
the arrays error_probability and is_wrong. Simulated models, good and bad, come first.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

from report import save  # noqa: E402

from python_ml.labels.audits import Z, audit_sample, audited_rate  # noqa: E402

COLUMNS = [
    "data",
    "rows",
    "true_rate",
    "average_precision",
    "audits",
    "method",
    "coverage",
    "width",
    "width_ratio",
    "bias",
]
ALONE = "Wilson, audits alone"

# name: rate, distance of wrong rows from right ones, what is done to the log odds
SIMULATED = {
    "calibrated": (0.05, 3.0, "calibrated"),
    "calibrated, 2 %": (0.02, 4.0, "calibrated"),
    "calibrated, 20 %": (0.20, 3.0, "calibrated"),
    "calibrated, excellent": (0.05, 4.5, "calibrated"),
    "too sure (log odds doubled)": (0.05, 3.5, "too sure"),
    "unsure (log odds halved)": (0.05, 3.5, "unsure"),
    "rate seems 0.2 of what it is": (0.05, 3.5, "low"),
    "30 % of the errors look right": (0.05, 3.5, "blind"),
    "useless": (0.05, 0.0, "useless"),
}


@dataclass
class Scores:
    """Probabilities that rows are wrong, and whether they are."""

    name: str
    probabilities: np.ndarray
    is_wrong: np.ndarray


def simulate(name: str, rows: int, seed: int) -> Scores:
    """Return a model whose log odds of right and of wrong rows are normal."""
    rate, distance, fault = SIMULATED[name]
    rng = np.random.default_rng(seed)
    is_wrong = np.zeros(rows, dtype=bool)
    is_wrong[: round(rows * rate)] = True
    is_seen = is_wrong & ~((fault == "blind") & (rng.random(rows) < 0.3))
    evidence = rng.normal(size=rows) + distance * is_seen
    odds = distance * evidence - distance**2 / 2 + np.log(rate / (1 - rate))
    if fault == "useless":
        odds = 2 * rng.normal(size=rows) - 3
    odds = {"too sure": 2 * odds, "unsure": odds / 2, "low": odds - 1.5}.get(
        fault, odds
    )
    return Scores(f"simulated: {name}", 1 / (1 + np.exp(-odds)), is_wrong)


def read(path: Path) -> Scores:
    """Read the scores of a real data set; rows that were not judged are left out."""
    with np.load(path) as file:
        probabilities, is_wrong = file["error_probability"], file["is_wrong"]
    judged = ~np.isnan(probabilities)
    return Scores(path.stem, probabilities[judged], is_wrong[judged].astype(bool))


def average_precision(scores: Scores) -> float:
    """Return the average precision of the probabilities."""
    hits = scores.is_wrong[np.argsort(-scores.probabilities, kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())


def wilson(is_wrong: np.ndarray) -> tuple[float, float, float]:
    """Return share and 95 % interval of a simple random sample."""
    count, share = len(is_wrong), is_wrong.mean()
    scale = 1 + Z**2 / count
    centre = (share + Z**2 / (2 * count)) / scale
    half = np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2)) * Z / scale
    return share, centre - half, centre + half


def prediction_powered(
    probabilities: np.ndarray, row: np.ndarray, is_wrong: np.ndarray, tuned: bool
) -> tuple[float, float, float]:
    """Return estimate and normal interval as published, with power 1 or tuned."""
    share = 1 - len(row) / len(probabilities)
    audited = probabilities[row]
    power = 1.0
    if tuned:
        covariance = np.cov(is_wrong, audited)
        power = float(np.clip(covariance[0, 1] / covariance[1, 1], 0, 1))
    left = is_wrong - power * audited
    rate = power * probabilities.mean() + left.mean()
    half = Z * np.sqrt(share * left.var(ddof=1) / len(row))
    return rate, rate - half, rate + half


def measure(scores: Scores, audits: int, repetitions: int, seed: int) -> list[dict]:
    """Return coverage and mean width of each method over random samples."""
    rng = np.random.default_rng(seed)
    probabilities, is_wrong = scores.probabilities, scores.is_wrong
    true_rate = is_wrong.mean()
    found: dict[str, list] = {}
    for _ in range(repetitions):
        row = rng.choice(len(is_wrong), audits, replace=False)
        verdict = is_wrong[row]
        rate = audited_rate(probabilities, {"row": row, "is_wrong": verdict})
        results = {
            ALONE: wilson(verdict),
            "PPI, normal": prediction_powered(probabilities, row, verdict, False),
            "PPI++, normal": prediction_powered(probabilities, row, verdict, True),
            "ours, simple random sample": (rate.rate, rate.low, rate.high),
        }
        random_numbers = np.maximum(rng.random(len(is_wrong)), 1e-300)  # never 0
        row, weight = audit_sample(probabilities, random_numbers, audits)
        drawn = {"row": row, "is_wrong": is_wrong[row], "weight": weight}
        rate = audited_rate(probabilities, drawn)
        results["ours, proposed sample"] = (rate.rate, rate.low, rate.high)
        for method, result in results.items():
            found.setdefault(method, []).append(result)
    rows = []
    for method, results in found.items():
        rate, low, high = np.array(results).T
        rows.append(
            {
                "data": scores.name,
                "rows": len(is_wrong),
                "true_rate": true_rate,
                "average_precision": average_precision(scores),
                "audits": audits,
                "method": method,
                "coverage": np.mean((low <= true_rate) & (true_rate <= high)),
                "width": np.mean(high - low),
                "bias": np.mean(rate) - true_rate,
            }
        )
    alone = next(row["width"] for row in rows if row["method"] == ALONE)
    for row in rows:
        row["width_ratio"] = row["width"] / alone
    return rows


def write(rows: list[dict], path: Path, remark: str) -> str:
    """Write `path`.csv and `path`.md; return the Markdown."""
    methods = list(dict.fromkeys(row["method"] for row in rows))
    lines = [
        f"{remark} Each cell: coverage in %, width as a share of that of {ALONE}.",
        "",
        f"| data | rate | AP | audits | {' | '.join(methods)} |",
        "| --- | ---: | ---: | ---: |" + " ---: |" * len(methods),
    ]
    cells: dict[tuple, dict] = {}
    for row in rows:
        key = (row["data"], row["audits"])
        cells.setdefault(key, {})[row["method"]] = row
    for (data, audits), by_method in cells.items():
        first = by_method[ALONE]
        measured = " | ".join(
            f"{100 * by_method[method]['coverage']:.1f} "
            f"{by_method[method]['width_ratio']:.2f}"
            for method in methods
        )
        lines.append(
            f"| {data} | {first['true_rate']:.3f} | {first['average_precision']:.2f} "
            f"| {audits} | {measured} |"
        )
    return save(rows, COLUMNS, lines, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scores", type=Path, help="folder of .npz files")
    parser.add_argument("--only-scores", action="store_true", help="nothing simulated")
    parser.add_argument("--audits", type=int, default=200)
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=8000, help="of simulated data")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    data = []
    if not chosen.only_scores:
        data += [simulate(name, chosen.rows, chosen.seed) for name in SIMULATED]
    if chosen.scores:
        data += [read(path) for path in sorted(chosen.scores.glob("*.npz"))]
    rows = []
    for scores in data:
        measured = measure(scores, chosen.audits, chosen.repetitions, chosen.seed)
        rows += measured
        for row in measured:
            print(
                f"{row['data']}, {row['method']}: coverage {row['coverage']:.1%}, "
                f"width {row['width']:.4f} ({row['width_ratio']:.2f})",
                flush=True,
            )
    remark = f"{chosen.repetitions:,} samples of each data set, seed {chosen.seed}."
    print(write(rows, chosen.out / "audits", remark))


if __name__ == "__main__":
    main()
