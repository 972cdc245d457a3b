"""What the dbt models of encoders do: choose them, embed texts.

Arrow in, Arrow out; there is no dbt and no SQL here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from python_ml.common.installed import not_installed

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_TO_LEARN_FROM = 50
"""A rule with fewer rows is not measured: there is nothing to learn a rate from."""


def choose_encoders(
    texts: pa.Table,
    labels: pa.Table,
    encoder: str = "auto",
    device: str = "auto",
    precision: str = "auto",
) -> pa.Table:
    """Decide with which encoder the texts of each rule are read, and where.

    What was asked for and is not there is replaced: weights that are not installed by
    what `auto` would take, a GPU by the CPU.

    Args:
        texts: Some texts of each rule, by which `auto` tells their language; columns
            rule_name and labeled_text.
        labels: One row per rule and label: rule_name, usual_label and label_count.
        encoder: What `python_ml.encode` takes: `auto`, a name or a folder.
        device: `auto`, `cpu` or `cuda`.
        precision: `auto`, by the number of rows of all rules (`chosen_precision`),
            `float32` or `bfloat16`.

    Returns:
        One row per rule: rule_name; encoder, the name under which embeddings are kept,
        with the version of a folder; loader and precision, what `load_encoder` takes;
        device;
        fallback, a sentence on what was replaced, or null; and reason, why nothing can
        be learned from the rows of the rule, or null. Then there is no encoder.

    Raises:
        ValueError: If there is no such encoder.
    """
    import pyarrow as pa

    counts: dict[str, dict[str, int]] = {}
    columns = ("rule_name", "usual_label", "label_count")
    for rule_name, label, count in zip(
        *(labels[name].to_pylist() for name in columns), strict=True
    ):
        counts.setdefault(rule_name, {})[label] = count
    reasons = {
        rule_name: not_installed() or _nothing_to_learn(counts[rule_name])
        for rule_name in counts
    }
    if None in reasons.values():
        from python_ml.common.devices import chosen_precision

        device, of_device = _device(device)
        rows_of_all = sum(sum(of_rule.values()) for of_rule in counts.values())
        precision = chosen_precision(rows_of_all, precision)
    rules: dict[str, list[str]] = {}
    for rule_name, text in zip(
        texts["rule_name"].to_pylist(), texts["labeled_text"].to_pylist(), strict=True
    ):
        rules.setdefault(rule_name, []).append(text)
    rows = []
    for rule_name in sorted(rules):
        if reasons[rule_name]:
            rows.append({"rule_name": rule_name, "reason": reasons[rule_name]})
            continue
        loader, of_encoder = _loader(encoder, rules[rule_name])
        rows.append(
            {
                "rule_name": rule_name,
                "encoder": _kept_name(loader, precision),
                "loader": loader,
                "precision": precision,
                "device": device,
                "fallback": " ".join(filter(None, [of_encoder, of_device])) or None,
            }
        )
    names = "rule_name encoder loader precision device fallback reason".split()
    return pa.Table.from_pylist(
        rows, pa.schema([(name, pa.string()) for name in names])
    )


def _device(device: str) -> tuple[str, str]:
    """The device to use, and a sentence if it is not the one asked for."""
    if device in ("auto", "cpu"):
        return device, ""
    from python_ml.common.devices import resolve_device

    try:
        return resolve_device(device), ""
    except ValueError as error:
        return "cpu", f"{error} The CPU was used instead."


def _loader(encoder: str, texts: list[str]) -> tuple[str, str]:
    """The encoder to load, and a sentence if it is not the first choice."""
    from python_ml.encoding.languages import choose_encoder
    from python_ml.encoding.transformer import MINILM_PACKAGE
    from python_ml.encoding.use import USE_PACKAGE
    from python_ml.encoding.weights import package_folder

    if encoder == "auto":
        return choose_encoder(texts)
    package = {"minilm": MINILM_PACKAGE, "use-multilingual": USE_PACKAGE}.get(encoder)
    if package is None or package_folder(package) is not None:
        return encoder, ""
    instead, _ = choose_encoder(texts)
    return instead, (
        f"The weights of {encoder} are not installed: {instead} was used instead."
    )


def _kept_name(loader: str, precision: str) -> str:
    """A name that changes with the weights of a folder and the numbers they are in."""
    from pathlib import Path

    from python_ml.encoding.weights import folder_version

    if loader == "ngrams":  # They are counted, not computed.
        return loader
    folder = Path(loader)
    name = f"{folder.name}@{folder_version(folder)}" if folder.is_dir() else loader
    return name if precision == "float32" else f"{name} in 16 bits"


def embed_texts(texts: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """Embed texts as they are read, a batch at a time.

    Args:
        texts: Batches with the columns text_hash, labeled_text, and encoder, loader,
            precision, device as `choose_encoders` gives them.

    Returns:
        Batches with text_hash, encoder and embedding (a list of float32, of length 1).
        Reading one makes the next: no more than a batch is held in memory.

    Raises:
        ValueError: If an encoder cannot be loaded.
    """
    import pyarrow as pa

    schema = pa.schema(
        [
            ("text_hash", pa.string()),
            ("encoder", pa.string()),
            ("embedding", pa.list_(pa.float32())),
        ]
    )
    return pa.RecordBatchReader.from_batches(schema, _embedded(texts, schema))


def _embedded(
    texts: pa.RecordBatchReader, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    if not_installed():
        return  # No rule has an encoder then, and there is no text.
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from python_ml.encoding.encoders import load_encoder

    for batch in texts:
        for name in batch["encoder"].unique().to_pylist():
            rows = batch.filter(pc.equal(batch["encoder"], name))
            encoder = load_encoder(
                *(rows[name][0].as_py() for name in ("loader", "device", "precision"))
            )
            embeddings = encoder.encode(rows["labeled_text"])
            ends = np.arange(len(rows) + 1, dtype=np.int32) * encoder.dimension
            lists = pa.ListArray.from_arrays(ends, embeddings.ravel())
            columns = [rows["text_hash"], rows["encoder"], lists]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _nothing_to_learn(counts: dict[str, int]) -> str | None:
    """Why nothing can be learned from labels that occur so often, in words."""
    rows = sum(counts.values())
    if rows < ROWS_TO_LEARN_FROM:
        return f"{rows} rows are too few to learn from, {ROWS_TO_LEARN_FROM} needed"
    if len(counts) == 1:
        return "only one label occurs"
    if sum(count > 1 for count in counts.values()) < 2:
        return "too few labels occur more than once"
    if _are_means(counts):
        return (
            "the labels are numbers between the whole ones, as means of raters are:"
            " they are no classes"
        )
    return None


def _are_means(counts: dict[str, int]) -> bool:
    """Return whether labels are numbers and some, more than by chance, are not whole.

    A whole grade is a class like any other; the mean of several raters lies between.
    """
    numbers: dict[float, int] = {}
    for label, count in counts.items():
        try:
            numbers[float(label)] = numbers.get(float(label), 0) + count
        except ValueError:
            continue
    rows = sum(numbers.values())
    between = sum(count for number, count in numbers.items() if number % 1)
    return rows > 0.9 * sum(counts.values()) and between > 0.01 * rows
