"""Augmentation of thin classes: is the score of unseen rows better with it?

    HF_HUB_OFFLINE=1 python benchmarks/labels/augmentation.py --data FOLDER

FOLDER holds fashion/products.parquet, pricerunner/products.parquet and
reviews_zh/reviews.parquet. Of each, ten classes with 200 rows or more are drawn by the
seed (reviews have two); half of them get few rows to learn from, the others many.
`train` (the head on frozen MiniLM) learns from them without augmentation and in each of
some ways. All are measured on 50 other rows of each class that none of them has seen.

Results are appended row by row to augmentation.csv in --out; a run that was stopped
goes on where it was.
"""

import argparse
import csv
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

from python_ml.training.train import train  # noqa: E402

# File, column of texts, column of labels, rows of thin and of other classes.
DATA = {
    "pricerunner": ("pricerunner/products.parquet", "title", "category", 10, 60),
    "fashion": ("fashion/products.parquet", "title", "category", 10, 60),
    "reviews_zh": ("reviews_zh/reviews.parquet", "review_text", "label", 25, 150),
}
CLASSES = 10
COMMON = 200  # Rows that a class must have.
TESTED = 50  # Rows of each class that are measured on.
WEIGHTS = ("balanced", "none")
WAYS = ("none", "oversampling", "synonyms", "smote", "mixup")
COLUMNS = (
    "data",
    "class_weights",
    "seed",
    "augmentation",
    "macro_f1",
    "thin_f1",
    "accuracy",
    "rows",
    "rows_added",
    "cpu_seconds",
)


def split(folder: Path, name: str, seed: int):
    """Return rows to learn from, rows to measure on, and the thin classes."""
    import pandas as pd

    file, text, label, few, many = DATA[name]
    table = pd.read_parquet(folder / file)[[text, label]].dropna()
    table = table.drop_duplicates(text).rename(columns={text: "text", label: "label"})
    table = table[table.groupby("label")["label"].transform("size") >= COMMON]
    table = table.sample(frac=1, random_state=seed)
    classes = np.random.default_rng(seed).permutation(sorted(table["label"].unique()))
    classes = classes[:CLASSES]
    table = table[table["label"].isin(classes)]
    thin = set(classes[: len(classes) // 2])
    place = table.groupby("label").cumcount()
    taken = np.where(table["label"].isin(thin), few, many)
    is_tested = (place >= COMMON - TESTED) & (place < COMMON)
    return table[place < taken], table[is_tested], thin


def guesses(folder: str, texts: list[str]) -> list[str]:
    """Classify texts with a trained folder."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(texts), 64):
            tokens = tokenizer(
                texts[start : start + 64],
                padding=True,
                truncation=True,
                return_tensors="pt",
            )
            found += model(**tokens).logits.argmax(1).tolist()
    return [model.config.id2label[guess] for guess in found]


def measure(learned, tested, thin, weights: str, augmentation: str, seed: int) -> list:
    """Train once; return the measures in the order of the columns."""
    from sklearn.metrics import f1_score

    started = time.process_time()
    texts, labels = learned["text"].tolist(), learned["label"].tolist()
    with tempfile.TemporaryDirectory() as folder:
        report = train(
            texts,
            labels,
            folder,
            method="head",
            class_weights=None if weights == "none" else weights,
            augmentation=augmentation,
            max_tokens=64,
            seed=seed,
            device="cpu",
            progress=False,
        )
        seconds = time.process_time() - started
        guessed = guesses(folder, tested["text"].tolist())
    right = tested["label"].tolist()
    return [
        f1_score(right, guessed, average="macro"),
        f1_score(right, guessed, average="macro", labels=sorted(thin)),
        np.mean(np.array(right) == np.array(guessed)),
        len(learned),
        report.rows_added,
        round(seconds, 1),
    ]


def run(folder: Path, file: Path, names: list[str], seeds: int) -> None:
    """Measure all cells that the results do not hold yet."""
    done = set()
    if file.exists():
        with file.open(newline="", encoding="utf-8") as lines:
            rows = csv.DictReader(lines)
            done = {tuple(row[key] for key in COLUMNS[:4]) for row in rows}
    for seed in range(seeds):
        for name in names:
            learned, tested, thin = split(folder, name, seed)
            for weights in WEIGHTS:
                for augmentation in WAYS:
                    cell = (name, weights, str(seed), augmentation)
                    if cell in done:
                        continue
                    found = measure(learned, tested, thin, weights, augmentation, seed)
                    is_new = not file.exists()
                    with file.open("a", newline="", encoding="utf-8") as lines:
                        writer = csv.writer(lines)
                        if is_new:
                            writer.writerow(COLUMNS)
                        writer.writerow([*cell, *found])
                    print(*cell, *found, flush=True)


def report(file: Path) -> str:
    """Return the table of all results."""
    import pandas as pd

    table = pd.read_csv(file, keep_default_na=False)
    lines = [
        "| data | class weights | rows added | macro F1 | gain | better / worse seeds |"
        " thin classes | CPU s |",
        "| --- | --- | --- | " + "---: | " * 5,
    ]
    for (name, weights), cells in table.groupby(["data", "class_weights"], sort=False):
        # Of a run that was stopped, the seeds that are complete.
        arms = cells.groupby("seed")["augmentation"].transform("size")
        cells = cells[arms == len(WAYS)]
        runs = dict(list(cells.set_index("seed").groupby("augmentation")))
        for augmentation in WAYS if runs else ():
            rows = runs[augmentation]
            gains = (rows["macro_f1"] - runs["none"]["macro_f1"]).round(6)
            lines.append(
                f"| {name} | {weights} | {augmentation} "
                f"| {rows.macro_f1.mean():.3f} ± {rows.macro_f1.std():.3f} "
                f"| {gains.mean():+.3f} "
                f"| {(gains > 0).sum()} / {(gains < 0).sum()} of {len(rows)} "
                f"| {rows.thin_f1.mean():.3f} | {rows.cpu_seconds.mean():.0f} |"
            )
    text = "\n".join(lines) + "\n"
    file.with_suffix(".md").write_text(text, encoding="utf-8")
    return text


def main() -> None:
    """Run the chosen data sets and write their results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared/data")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    parser.add_argument("--only", default=",".join(DATA), help="data sets")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / "augmentation.csv"
    run(options.data, file, options.only.split(","), options.seeds)
    print(report(file))


if __name__ == "__main__":
    main()
