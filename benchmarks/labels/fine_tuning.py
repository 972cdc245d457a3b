"""Fine-tuning beside a plain loop: what it gains, and what it costs.

    HF_HUB_OFFLINE=1 python benchmarks/labels/fine_tuning.py --data FOLDER

FOLDER holds fashion/products.parquet, pricerunner/products.parquet and
matching/walmart_amazon.parquet. The plain loop is what one would write: MiniLM, mean
pooling, a linear layer, five epochs, batches of 128, AdamW at 2e-4 or 5e-4 (the layer
at 1e-2), one cycle, no class weights, in the numbers that `train` computes in. Both
learn from the same rows and are measured on the same others.

Results are appended row by row to fine_tuning.csv in --out; a run that was stopped goes
on where it was.
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

from python_ml.common.devices import resolve_device  # noqa: E402
from python_ml.training.data import (  # noqa: E402
    Tokens,
    held_out_rows,
    usable_rows,
)
from python_ml.training.metrics import Metrics  # noqa: E402
from python_ml.training.train import train, training_precision  # noqa: E402

DATA = {
    "fashion": ("fashion/products.parquet", "title", "category"),
    "pricerunner": ("pricerunner/products.parquet", "title", "category"),
    "walmart_amazon": ("matching/walmart_amazon.parquet", "pairs", "label"),
}
RATES = (2e-4, 5e-4)
METHODS = ("plain 2e-4", "plain 5e-4", "head", "full", "lora")
COLUMNS = (
    "data",
    "rows",
    "method",
    "seed",
    "accuracy",
    "macro_f1",
    "log_loss",
    "best_epoch",
    "seconds",
    "cpu_seconds",
    "device",
)
MAX_TOKENS = 128


def read(folder: Path, name: str, rows: int | None, seed: int) -> tuple[list, list]:
    """Return texts (or pairs) and labels, of so many rows; None for all."""
    import pandas as pd

    file, text, label = DATA[name]
    table = pd.read_parquet(folder / file)
    if text == "pairs":
        fields = [column[2:] for column in table if column.startswith("l_")]
        sides = [
            table[[f"{side}_{field}" for field in fields]]
            .fillna("")
            .astype(str)
            .agg("\n".join, axis=1)
            for side in "lr"
        ]
        table["pairs"] = list(zip(*sides, strict=True))
    table = table[[text, label]].dropna().sample(frac=1, random_state=seed)[:rows]
    return table[text].tolist(), table[label].tolist()


def plain(texts: list, labels: list, rate: float, seed: int, device: str) -> Metrics:
    """Train as one would, and measure on the rows that `train` holds out."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    from python_ml.encoding.transformer import published_minilm

    rows = usable_rows(texts, labels)
    is_held = held_out_rows(rows, 0.1, seed)
    device = resolve_device(device)
    folder, _ = published_minilm()
    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokens = Tokens(tokenizer, rows.texts, MAX_TOKENS)
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False).to(device)
    layer = torch.nn.Linear(model.config.hidden_size, len(rows.labels)).to(device)
    groups = [
        {"params": model.parameters(), "lr": rate},
        {"params": layer.parameters(), "lr": 1e-2},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    trained, held = np.flatnonzero(~is_held), np.flatnonzero(is_held)
    steps = 5 * -(-len(trained) // 128)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [rate, 1e-2], total_steps=steps, pct_start=0.1
    )
    numbers = torch.bfloat16 if training_precision(device) == "bfloat16" else None

    def logits(batch: np.ndarray) -> torch.Tensor:
        inputs = tokens(batch, device)
        kind = torch.device(device).type
        with torch.autocast(kind, dtype=numbers, enabled=numbers is not None):
            states = model(**inputs).last_hidden_state
            is_token = inputs["attention_mask"][:, :, None]
            pooled = (states * is_token).sum(1) / is_token.sum(1)
            return layer(pooled).float()

    generator = np.random.default_rng(seed)
    for _ in range(5):
        model.train()
        order = generator.permutation(trained)
        for start in range(0, len(order), 128):
            batch = order[start : start + 128]
            targets = torch.from_numpy(rows.targets[batch]).to(device)
            loss = torch.nn.functional.cross_entropy(logits(batch), targets)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    model.eval()
    with torch.inference_mode():
        likely = torch.cat(
            [
                logits(held[start : start + 128]).log_softmax(1).cpu()
                for start in range(0, len(held), 128)
            ]
        )
    return Metrics.of(likely.numpy(), rows.targets[held])


def measure(texts: list, labels: list, method: str, seed: int, device: str) -> list:
    """Train once; return the measures in the order of the columns."""
    started, used = time.monotonic(), time.process_time()
    if method.startswith("plain"):
        rate = RATES[METHODS.index(method)]
        found, best = plain(texts, labels, rate, seed, device), ""
    else:
        with tempfile.TemporaryDirectory() as folder:
            report = train(
                texts,
                labels,
                folder,
                method=method,
                max_tokens=MAX_TOKENS,
                seed=seed,
                device=device,
                progress=False,
            )
        found = report.after
        best = f"{report.best_epoch} of {len(report.history) - 1}"
    return [
        *(round(getattr(found, one), 4) for one in COLUMNS[4:7]),
        best,
        round(time.monotonic() - started, 1),
        round(time.process_time() - used, 1),
        resolve_device(device),
    ]


def main() -> None:
    """Measure all cells that the results do not hold yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared/data")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    parser.add_argument("--only", default=",".join(DATA), help="data sets")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--rows", type=int, default=5000, help="0 for all")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / "fine_tuning.csv"
    done = set()
    if file.exists():
        with file.open(newline="", encoding="utf-8") as lines:
            done = {tuple(row[n] for n in COLUMNS[:4]) for row in csv.DictReader(lines)}
    for seed in range(options.seeds):
        for name in options.only.split(","):
            texts, labels = read(options.data, name, options.rows or None, seed)
            for method in options.methods.split(","):
                cell = (name, str(len(texts)), method, str(seed))
                if cell not in done:
                    found = measure(texts, labels, method, seed, options.device)
                    append(file, [*cell, *found])
                    print(*cell, *found, flush=True)
    print(report(file))


def append(file: Path, row: list) -> None:
    """Add one row of results."""
    is_new = not file.exists()
    with file.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        if is_new:
            writer.writerow(COLUMNS)
        writer.writerow(row)


def report(file: Path) -> str:
    """Return the table of all results, as means over the seeds."""
    import pandas as pd

    table = pd.read_csv(file)
    keys = ["data", "rows", "method", "device"]
    cells = table.groupby(keys, sort=False)
    mean = cells[["accuracy", "macro_f1", "log_loss", "seconds", "cpu_seconds"]].mean()
    lines = [
        "| data | rows | method | accuracy | macro F1 | log loss | seconds | CPU s |"
        " device | seeds |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |",
    ]
    for key, one in mean.iterrows():
        lines.append(
            f"| {key[0]} | {key[1]:,} | {key[2]} | {one.accuracy:.3f} "
            f"| {one.macro_f1:.3f} | {one.log_loss:.3f} | {one.seconds:.0f} "
            f"| {one.cpu_seconds:.0f} | {key[3]} | {len(cells.get_group(key))} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
