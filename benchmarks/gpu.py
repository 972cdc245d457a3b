"""What needs a GPU, in one go of under eight minutes, as one table.

    HF_HUB_OFFLINE=1 python benchmarks/gpu.py --data FOLDER

FOLDER is that of `labels/fine_tuning.py`. It trains on all rows, by `train` and by the
plain loop beside it, and prints a row as soon as it is known. What there is no time for
in --seconds is named as not measured. Small, on any machine, in a minute or two:

    HF_HUB_OFFLINE=1 python benchmarks/gpu.py --data FOLDER --rows 300 --device cpu
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "labels"), str(HERE.parent)]

import numpy as np  # noqa: E402
from fine_tuning import MAX_TOKENS, measure, read  # noqa: E402

from python_ml.common.devices import resolve_device  # noqa: E402
from python_ml.encoding.encoders import encode  # noqa: E402
from python_ml.training.train import train  # noqa: E402

# What matters most comes first.
CELLS = (
    ("fashion", "full"),
    ("fashion", "plain 2e-4"),
    ("fashion", "plain 5e-4"),
    ("fashion", "head, embeddings given"),
    ("pricerunner", "full"),
    ("pricerunner", "plain 2e-4"),
    ("walmart_amazon", "full"),
    ("walmart_amazon", "plain 2e-4"),
    ("fashion", "lora"),
    ("walmart_amazon", "bi"),
    ("pricerunner", "plain 5e-4"),
    ("walmart_amazon", "plain 5e-4"),
    ("fashion", "full, compiled"),
)
LEFT = 0.8  # Share of the time after which nothing more is begun.


def measured(texts: list, labels: list, method: str, device: str) -> list:
    """Train once: accuracy, macro F1, log loss, best epoch, seconds, CPU seconds."""
    if method in ("full", "lora") or method.startswith("plain"):
        return measure(texts, labels, method, 0, device)[:6]
    changes = {
        "bi": {"pair_model": "bi"},
        "full, compiled": {"compile": True},
        "head, embeddings given": {"method": "head"},
    }[method]
    if method.startswith("head"):
        changes["embeddings"] = encode(texts, encoder="minilm", device=device)
    started, used = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        report = train(
            texts,
            labels,
            folder,
            max_tokens=MAX_TOKENS,
            device=device,
            progress=False,
            **changes,
        )
    found = report.after
    return [
        *np.round([found.accuracy, found.macro_f1, found.log_loss], 4).tolist(),
        f"{report.best_epoch} of {len(report.history) - 1}",
        round(time.monotonic() - started, 1),
        round(time.process_time() - used, 1),
    ]


def device_name(device: str) -> str:
    """Return what is computed on, in words."""
    import torch

    if device == "cpu":
        return f"CPU, {torch.get_num_threads()} threads"
    return torch.cuda.get_device_name(device)


def main() -> None:
    """Measure cell by cell, as long as there is time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE.parent / "shared/data")
    parser.add_argument("--rows", type=int, default=0, help="0 for all")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--seconds", type=float, default=470)
    options = parser.parse_args()
    device = resolve_device(options.device)
    begun = time.monotonic()
    print(f"{device_name(device)}\n")
    print(
        "| data | rows | method | accuracy | macro F1 | log loss | best epoch | seconds"
        " | CPU s |\n| --- | ---: | --- | ---: | ---: | ---: | --- | ---: | ---: |"
    )
    tables: dict[str, tuple[list, list]] = {}
    for name, method in CELLS:
        if time.monotonic() - begun > LEFT * options.seconds:
            print(f"| {name} | | {method} | not measured: no time left | | | | | |")
            continue
        if name not in tables:
            tables[name] = read(options.data, name, options.rows or None, 0)
        found = measured(*tables[name], method, device)
        rows = len(tables[name][0])
        cells = " | ".join(map(str, found))
        print(f"| {name} | {rows:,} | {method} | {cells} |", flush=True)
    print(f"\n{time.monotonic() - begun:.0f} s in all")


if __name__ == "__main__":
    main()
