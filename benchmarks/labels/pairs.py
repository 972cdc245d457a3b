"""Wrong labels of pairs: found, and pairs matched.

    HF_HUB_OFFLINE=1 python benchmarks/labels/pairs.py --data FOLDER

FOLDER holds matching/abt_buy.parquet and matching/walmart_amazon.parquet. The reference
is cleanlab on the same features and folds, with a logistic regression.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

from quality_of_scores import calibration_error, f1  # noqa: E402
from report import save  # noqa: E402

from python_ml.labels.pairs import score_pairs  # noqa: E402
from python_ml.matching.classifier import fit_pair_classifier  # noqa: E402
from python_ml.matching.features import pair_features  # noqa: E402

FIELDS = {
    "abt_buy": ("name", "description", "price"),
    "walmart_amazon": ("title", "category", "brand", "modelno", "price"),
}
COLUMNS = ["data", "task", "noise", "method", "measure", "mean", "spread", "seeds"]


def read(folder: Path, name: str) -> dict:
    """Return the pairs of a data set, with their embeddings."""
    import pandas as pd

    from python_ml.encoding.encoders import encode

    table = pd.read_parquet(folder / "matching" / f"{name}.parquet")
    sides = {}
    for side, prefix in (("left", "l"), ("right", "r")):
        columns = [f"{prefix}_{field}" for field in FIELDS[name]]
        texts = ["\n".join(row) for row in table[columns].fillna("").to_numpy()]
        sides[f"{side}_texts"] = texts
        sides[f"{side}_embeddings"] = encode(texts, encoder="minilm")
    return {
        "sides": sides,
        "label": table["label"].to_numpy(),
        "split": table["split"].to_numpy(),
    }


def part(sides: dict, rows: np.ndarray) -> dict:
    """Return the chosen rows of the sides."""
    rows = np.flatnonzero(rows) if rows.dtype == bool else rows
    return {
        name: values[rows]
        if isinstance(values, np.ndarray)
        else [values[row] for row in rows]
        for name, values in sides.items()
    }


def flip(labels: np.ndarray, rate: float, seed: int) -> np.ndarray:
    """Return labels of 0 and 1, exactly that share of them flipped."""
    random = np.random.default_rng(seed)
    rows = random.choice(len(labels), round(rate * len(labels)), replace=False)
    noisy = labels.copy()
    noisy[rows] = 1 - noisy[rows]
    return noisy


def reference(values: np.ndarray, noisy: np.ndarray, bad: np.ndarray, seed: int):
    """Return the best that cleanlab reaches with a logistic regression."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import average_precision_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    started = time.process_time()
    predicted = cross_val_predict(
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
        np.nan_to_num(values, nan=-1),
        noisy,
        cv=StratifiedKFold(5, shuffle=True, random_state=seed),
        method="predict_proba",
    )
    precision = max(
        average_precision_score(
            bad, 1 - get_label_quality_scores(noisy, predicted, method=method)
        )
        for method in ("self_confidence", "normalized_margin")
    )
    found = max(
        f1(find_label_issues(noisy, predicted, filter_by=name, n_jobs=1), bad)
        for name in ("prune_by_noise_rate", "confident_learning")
    )
    estimated = find_label_issues(noisy, predicted, n_jobs=1).mean()
    return {
        "AP": precision,
        "F1": found,
        "rate": estimated,
        "CPU seconds": time.process_time() - started,
    }


def ours(sides: dict, noisy: np.ndarray, label: np.ndarray, seed: int) -> dict:
    """Return what score_pairs reaches."""
    from sklearn.metrics import average_precision_score

    started = time.process_time()
    scores = score_pairs(
        zip(sides["left_texts"], sides["right_texts"], strict=True),
        noisy.tolist(),
        embeddings=(sides["left_embeddings"], sides["right_embeddings"]),
        seed=seed,
    )
    spent = time.process_time() - started
    bad = noisy != label
    return {
        "AP": average_precision_score(bad, scores.error_probability),
        "F1": f1(scores.is_suspect, bad),
        "rate": scores.error_rate,
        "interval holds": float(
            scores.error_rate_low <= bad.mean() <= scores.error_rate_high
        ),
        "calibration error": calibration_error(scores.error_probability, bad),
        "CPU seconds": spent,
    }


def match(data: dict, seed: int) -> dict:
    """Return F1 on the test split of a classifier of the train split.

    The threshold is 0.5, chosen by nothing. "alone" looks at each pair by itself; "with
    all candidates" compares it with all pairs of its texts, of all splits, of which it
    knows the texts and not the labels.
    """
    train, test = data["split"] == "train", data["split"] == "test"
    results = {}
    for name, rivals in (("alone", False), ("with all candidates", True)):
        classifier = fit_pair_classifier(
            **part(data["sides"], train),
            labels=data["label"][train].tolist(),
            rivals=rivals,
            seed=seed,
        )
        predicted = classifier.probabilities(**data["sides"])[test, 1]
        results[f"F1, {name}"] = f1(predicted > 0.5, data["label"][test] == 1)
    return results


def summary(measured: dict) -> list[dict]:
    """Return a row per measure, with mean and standard deviation over the seeds."""
    return [
        dict(
            zip(
                COLUMNS,
                (*key, float(np.mean(values)), float(np.std(values)), len(values)),
                strict=True,
            )
        )
        for key, values in measured.items()
    ]


def write(rows: list[dict], path: Path) -> str:
    """Write the rows as CSV and as a Markdown table, and return the latter."""
    lines = [
        "# Labels of pairs",
        "",
        "Mean ± standard deviation over the seeds, of noise, folds and models.",
        "",
        "| data | task | noise | method | measure | value |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row['data']} | {row['task']} | {row['noise']} | {row['method']} "
        f"| {row['measure']} | {row['mean']:.3f} ± {row['spread']:.3f} |"
        for row in rows
    ]
    return save(rows, COLUMNS, lines, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    chosen = parser.parse_args()
    measured: dict[tuple, list] = {}

    def add(*key: str, found: dict) -> None:
        for measure, value in found.items():
            measured.setdefault((*key, measure), []).append(value)
        write(summary(measured), chosen.out / "pairs")
        figures = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
        print(", ".join(key), figures, flush=True)

    all_data = {name: read(chosen.data, name) for name in ("walmart_amazon", "abt_buy")}
    for seed in range(chosen.seeds):
        for name, data in all_data.items():
            add(name, "match", "", "ours", found=match(data, seed))
            train = data["split"] == "train"
            sides, label = part(data["sides"], train), data["label"][train]
            values, _ = pair_features(**sides)
            for rate in (0.1, 0.2):
                noisy = flip(label, rate, seed)
                key = (name, "find flipped labels", f"{rate:.0%}")
                add(*key, "ours", found=ours(sides, noisy, label, seed))
                bad = noisy != label
                add(*key, "reference", found=reference(values, noisy, bad, seed))
    print(write(summary(measured), chosen.out / "pairs"))


if __name__ == "__main__":
    main()
