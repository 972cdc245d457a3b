"""Wrong labels: found, put right and counted, beside cleanlab.

    HF_HUB_OFFLINE=1 python benchmarks/labels/label_errors.py --data FOLDER

FOLDER holds fashion/products.parquet, pricerunner/products.parquet and
reviews_zh/reviews.parquet. Wrong labels are planted, and looked for by `score_labels`
and by the reference: logistic regression on frozen MiniLM embeddings (Chinese:
character 1- to 3-gram TF-IDF), five folds, and cleanlab: the better of its scores
self_confidence and normalized_margin, the best of its filters. Which is better is
chosen on the truth, in favour of the reference.

Results are appended row by row to label_errors.csv in --out; a run that was stopped
goes on where it was.
"""

import argparse
import csv
import sys
import time
import warnings
from pathlib import Path

import numpy as np

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

from quality_of_scores import calibration_error, f1  # noqa: E402
from report import drawing  # noqa: E402

from python_ml.labels.texts import score_labels  # noqa: E402

TEXT = {"fashion": "title", "pricerunner": "title", "reviews_zh": "review_text"}
FILES = {
    "fashion": ("fashion/products.parquet", "category", "minilm"),
    "pricerunner": ("pricerunner/products.parquet", "category", "minilm"),
    "reviews_zh": ("reviews_zh/reviews.parquet", "label", "auto"),
}
NOISES = ("symmetric", "class", "instance")
RATES = (0.05, 0.2)
FILTERS = (
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
)
FEWEST = 10  # Rows of a class.
MEASURES = (
    "ap",
    "f1",
    "rate",
    "best_other",  # Planted errors whose true label is the most probable other one,
    "most_probable",  # and the most probable of all, the given one included.
    "ece",
    "is_covered",
    "cpu_seconds",
)
COLUMNS = ("data", "noise", "noise_rate", "seed", "method", *MEASURES)


def read(folder: Path, name: str, rows: int) -> tuple[list[str], np.ndarray]:
    """Return texts and labels of a sample of a data set, without rare classes."""
    import pandas as pd

    file, label, _ = FILES[name]
    table = pd.read_parquet(folder / file)[[TEXT[name], label]].dropna()
    if name == "reviews_zh":
        table = table.drop_duplicates(TEXT[name])
    table = table.sample(frac=1, random_state=0)[:rows]
    table = table[table.groupby(label)[label].transform("size") >= FEWEST]
    return table[TEXT[name]].tolist(), table[label].to_numpy(object)


def plant(kind, label, probabilities, rate, seed) -> np.ndarray:
    """Return labels of which exactly that share is wrong.

    symmetric: any row, any other class. class: any row, always the class most confused
    with its own. instance: rows in proportion to 0.05 + 1 - p(own class), labelled as
    the clean classifier believes likely.
    """
    random = np.random.default_rng(1000 + seed)
    rows, classes = probabilities.shape
    count = round(rate * rows)
    noisy = label.copy()
    if kind == "symmetric":
        chosen = random.choice(rows, count, replace=False)
        noisy[chosen] = (label[chosen] + random.integers(1, classes, count)) % classes
    elif kind == "class":
        confused = np.stack(
            [probabilities[label == one].mean(0) for one in range(classes)]
        )
        np.fill_diagonal(confused, -1)
        chosen = random.choice(rows, count, replace=False)
        noisy[chosen] = confused.argmax(1)[label[chosen]]
    else:
        others = probabilities.copy()
        others[np.arange(rows), label] = 0
        weight = 0.05 + 1 - probabilities[np.arange(rows), label]
        chosen = random.choice(rows, count, replace=False, p=weight / weight.sum())
        share = (others[chosen] / others[chosen].sum(1, keepdims=True)).cumsum(1)
        noisy[chosen] = (share > random.random(count)[:, None]).argmax(1)
    return noisy


def out_of_fold(features, label, classes, seed) -> np.ndarray:
    """Return the reference's probabilities [rows, classes]."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    result = np.zeros((len(label), classes))
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    for learned, judged in folds.split(label, label):
        model = LogisticRegression(max_iter=1000).fit(features[learned], label[learned])
        result[np.ix_(judged, model.classes_)] = model.predict_proba(features[judged])
    return result


def reference(features, noisy, label, classes, seed) -> dict:
    """Find planted errors with cleanlab."""
    from cleanlab.count import compute_confident_joint
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.metrics import average_precision_score

    started = time.process_time()
    probabilities = out_of_fold(features, noisy, classes, seed)
    seen, given = np.unique(noisy, return_inverse=True)
    known = probabilities[:, seen]
    known /= np.maximum(known.sum(1, keepdims=True), 1e-12)
    is_wrong = noisy != label
    scores = [
        get_label_quality_scores(given, known, method=method)
        for method in ("self_confidence", "normalized_margin")
    ]
    suspects = [
        find_label_issues(given, known, filter_by=one, n_jobs=1) for one in FILTERS
    ]
    joint = compute_confident_joint(given, known, calibrate=True)
    seconds = time.process_time() - started
    others = probabilities.copy()
    others[np.arange(len(noisy)), noisy] = -1
    return {
        "ap": max(average_precision_score(is_wrong, -score) for score in scores),
        "f1": max(f1(one, is_wrong) for one in suspects),
        "rate": 1 - np.trace(joint) / joint.sum(),
        "best_other": (others.argmax(1) == label)[is_wrong].mean(),
        "most_probable": (probabilities.argmax(1) == label)[is_wrong].mean(),
        "cpu_seconds": seconds,
    }


def ours(texts, vectors, encoder, noisy, label, seed) -> dict:
    """Find planted errors with Assay."""
    from sklearn.metrics import average_precision_score

    started = time.process_time()
    scores = score_labels(
        texts, noisy, embeddings=vectors, encoder=encoder, device="cpu", seed=seed
    )
    seconds = time.process_time() - started
    is_wrong = noisy != label
    probability = scores.error_probability
    low, high = scores.error_rate_low, scores.error_rate_high
    is_other = scores.suggestion_probability > 1 - probability
    likeliest = np.where(is_other, scores.suggested_label, noisy)
    return {
        "ap": average_precision_score(is_wrong, probability),
        "f1": f1(scores.is_suspect, is_wrong),
        "rate": scores.error_rate,
        "best_other": (scores.suggested_label == label)[is_wrong].mean(),
        "most_probable": (likeliest == label)[is_wrong].mean(),
        "ece": calibration_error(probability, is_wrong),
        "is_covered": float(low <= is_wrong.mean() <= high),
        "cpu_seconds": seconds,
        "probability": probability,
    }


def run(folder: Path, out: Path, name: str, rows: int, seeds: int) -> None:
    """Measure all cells of one data set that the results do not hold yet."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    from python_ml.encoding.encoders import choose_encoder, encode

    file = out / "label_errors.csv"
    done = set()
    if file.exists():
        with file.open(newline="", encoding="utf-8") as lines:
            done = {
                tuple(row[key] for key in COLUMNS[:5]) for row in csv.DictReader(lines)
            }
    texts, labels = read(folder, name, rows)
    classes, label = np.unique(labels, return_inverse=True)
    encoder = FILES[name][2]
    if encoder == "auto":
        encoder, _ = choose_encoder(texts)
    vectors = encode(texts, encoder=encoder, progress=True)
    features = vectors
    if name == "reviews_zh":
        grams = TfidfVectorizer(
            analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True
        )
        features = grams.fit_transform(texts)
    clean = out_of_fold(features, label, len(classes), 0)
    accuracy = (clean.argmax(1) == label).mean()
    print(f"{name}: {len(texts)} rows, {len(classes)} classes, accuracy {accuracy:.3f}")
    (out / "label_scores").mkdir(exist_ok=True)
    for seed in range(seeds):
        for kind in NOISES:
            if kind == "class" and len(classes) == 2:
                continue  # The only other class is the most confused one.
            for rate in RATES:
                noisy = plant(kind, label, clean, rate, seed)
                for method in ("assay", "cleanlab"):
                    cell = (name, kind, str(rate), str(seed), method)
                    if cell in done:
                        continue
                    if method == "assay":
                        found = ours(texts, vectors, encoder, noisy, label, seed)
                        np.savez_compressed(
                            out / "label_scores" / f"{name}_{kind}_{rate}_{seed}.npz",
                            error_probability=found["probability"],
                            is_wrong=noisy != label,
                        )
                    else:
                        found = reference(features, noisy, label, len(classes), seed)
                    append(file, [*cell, *(found.get(key, "") for key in MEASURES)])
                    print(
                        *cell, f"AP {found['ap']:.3f} F1 {found['f1']:.3f}", flush=True
                    )


def append(file: Path, row: list) -> None:
    """Add one row of results."""
    is_new = not file.exists()
    with file.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        if is_new:
            writer.writerow(COLUMNS)
        writer.writerow(row)


def report(out: Path) -> str:
    """Write the table and the chart of all results, and return the table."""
    import pandas as pd

    table = pd.read_csv(out / "label_errors.csv")
    cells = table.groupby(["data", "noise", "noise_rate", "method"], sort=False)
    mean, spread = cells[list(MEASURES)].mean(), cells[list(MEASURES)].std()
    lines = [
        "| data | noise | rate | AP | its AP | F1 | its F1 | rate found | its rate |"
        " best other | its | most probable | its | ECE | covered | CPU ratio | seeds |",
        "| --- | --- | " + "---: | " * 15,
    ]
    keys = table[["data", "noise", "noise_rate"]].drop_duplicates()
    for key in keys.itertuples(index=False):
        a, b = mean.loc[(*key, "assay")], mean.loc[(*key, "cleanlab")]
        s, r = spread.loc[(*key, "assay")], spread.loc[(*key, "cleanlab")]
        lines.append(
            f"| {key[0]} | {key[1]} | {key[2]} "
            f"| {a.ap:.3f} ± {s.ap:.3f} | {b.ap:.3f} ± {r.ap:.3f} "
            f"| {a.f1:.3f} ± {s.f1:.3f} | {b.f1:.3f} ± {r.f1:.3f} "
            f"| {a.rate:.3f} ± {s.rate:.3f} | {b.rate:.3f} "
            f"| {a.best_other:.3f} | {b.best_other:.3f} "
            f"| {a.most_probable:.3f} | {b.most_probable:.3f} | {a.ece:.3f} "
            f"| {a.is_covered:.0%} | {a.cpu_seconds / b.cpu_seconds:.1f} "
            f"| {len(cells.get_group((*key, 'assay')))} |"
        )
    lines += [
        "",
        "| data | (1 - AP) ratio | (1 - F1) ratio | rate error | its | best other | its"
        " | most probable | its | ECE | covered | CPU ratio |",
        "| --- | " + "---: | " * 11,
    ]
    table["rate_error"] = (table["rate"] - table["noise_rate"]).abs()
    for name, rows in table.groupby("data", sort=False):
        a, b = (rows[rows["method"] == one] for one in ("assay", "cleanlab"))
        lines.append(
            f"| {name} | {(1 - a.ap.mean()) / (1 - b.ap.mean()):.2f} "
            f"| {(1 - a.f1.mean()) / (1 - b.f1.mean()):.2f} "
            f"| {a.rate_error.mean():.4f} | {b.rate_error.mean():.4f} "
            f"| {a.best_other.mean():.3f} | {b.best_other.mean():.3f} "
            f"| {a.most_probable.mean():.3f} | {b.most_probable.mean():.3f} "
            f"| {a.ece.mean():.3f} | {a.is_covered.mean():.0%} "
            f"| {a.cpu_seconds.mean() / b.cpu_seconds.mean():.1f} |"
        )
    text = "\n".join(lines) + "\n"
    (out / "label_errors.md").write_text(text, encoding="utf-8")
    chart(mean, keys, out / "label_errors.png")
    return text


def chart(mean, keys, file: Path) -> None:
    """Draw what is left of AP and F1, ours beside the reference's."""
    pyplot = drawing()
    if pyplot is None:
        return
    figure, axes = pyplot.subplots(1, 2, figsize=(12, 6), sharey=True)
    names = [f"{data}, {noise}, {rate:.0%}" for data, noise, rate in keys.to_numpy()]
    for axis, measure in zip(axes, ("ap", "f1"), strict=True):
        for shift, method in ((0.2, "cleanlab"), (-0.2, "assay")):
            left = [1 - mean.loc[(*key, method)][measure] for key in keys.to_numpy()]
            axis.barh(np.arange(len(names)) + shift, left, 0.4, label=method)
        axis.set_title(f"1 - {measure.upper()}: less is better")
    axes[0].set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    axes[1].legend()
    figure.tight_layout()
    figure.savefig(file, dpi=120)


def main() -> None:
    """Run the chosen data sets and write their results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared/data")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    parser.add_argument("--only", default=",".join(FILES), help="data sets")
    parser.add_argument("--rows", type=int, default=8000)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore", module="sklearn")
    for name in filter(None, options.only.split(",")):
        run(options.data, options.out, name, options.rows, options.seeds)
    print(report(options.out))


if __name__ == "__main__":
    main()
