"""What the dbt models of labels do: choose encoders, embed texts, score labels.

Arrow in, Arrow out, one rule or one batch at a time; there is no dbt and no SQL here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from python_ml.common.code_version import fingerprint
from python_ml.common.installed import not_installed

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from python_ml.labels.scores import LabelScores

ROWS_TO_LEARN_FROM = 50
"""A rule with fewer rows is not measured: there is nothing to learn a rate from."""
_SHOWN = 1000  # Characters of a text that is shown as evidence.


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


def scores_schema() -> pa.Schema:
    """Return the columns of the scores: of a row's content, then of its whole rule."""
    import pyarrow as pa

    nearest = pa.struct(
        [
            ("record_key", pa.string()),
            ("text", pa.string()),
            ("label", pa.string()),
            ("similarity", pa.float32()),
        ]
    )
    return pa.schema(
        [
            ("rule_name", pa.string()),
            ("content_hash", pa.string()),
            ("error_probability", pa.float64()),
            ("is_suspect", pa.bool_()),
            ("suggested_label", pa.string()),
            ("suggestion_probability", pa.float64()),
            ("classifier_disagreement", pa.float32()),
            ("neighbour_disagreement", pa.float32()),
            ("same_text_disagreement", pa.float32()),
            ("category_distance", pa.float32()),
            ("wrong_level", pa.int64()),
            ("nearest_rows", pa.list_(nearest)),
            ("error_rate", pa.float64()),
            ("error_rate_low", pa.float64()),
            ("error_rate_high", pa.float64()),
            ("rate_basis", pa.string()),
            ("note", pa.string()),
            ("reason", pa.string()),
            ("fingerprint", pa.string()),
        ]
    )


def score_rules(
    rules: pa.Table,
    rows_of: Callable[[str], pa.Table],
    embeddings_of: Callable[[str, str], pa.RecordBatchReader],
    known: Callable[[str, str], pa.Table] | None = None,
) -> pa.RecordBatchReader:
    """Score the labels of each rule, one rule at a time.

    Args:
        rules: One row per rule: what `choose_encoders` gives, and row_state, which
            changes when a row of the rule does.
        rows_of: Gives the rows of a rule: record_key, label, usual_label (by which it
            is judged), labeled_text, other_text, text_hash, other_text_hash,
            content_hash, and is_wrong and sampling_weight, which are null where there
            is no audit.
        embeddings_of: Gives text_hash and embedding of the texts of a rule, by its name
            and encoder.
        known: Gives what was scored before, by rule name and fingerprint, or nothing.
            A rule is scored again when a row, the encoder or the code has changed.

    Returns:
        One row per rule and content, columns as in `scores_schema`. Of a rule from
        whose rows nothing can be learned one row, which says why in `reason`.
    """
    import pyarrow as pa

    def batches() -> Iterator[pa.RecordBatch]:
        for rule in rules.to_pylist():
            name = rule["rule_name"]
            state = _fingerprint(rule)
            scores = known(name, state) if known else None
            if not scores:
                scores = (
                    _without_scores(rule["reason"])
                    if rule["reason"]
                    else _of_rule(rule, rows_of(name), embeddings_of)
                )
                scores = scores.append_column(
                    "fingerprint", pa.repeat(state, len(scores))
                ).append_column("rule_name", pa.repeat(name, len(scores)))
            yield from scores.select(schema.names).cast(schema).to_batches()

    schema = scores_schema()
    return pa.RecordBatchReader.from_batches(schema, batches())


def _of_rule(
    rule: dict,
    rows: pa.Table,
    embeddings_of: Callable[[str, str], pa.RecordBatchReader],
) -> pa.Table:
    """The scores of one rule without its name.

    They are of contents, and a verdict is of one row: here it moves the rate alone.
    """
    from python_ml.labels.rows import with_audited_rate

    # The order of rows must not depend on how a table was read.
    rows = rows.sort_by([("content_hash", "ascending"), ("record_key", "ascending")])
    hashes, matrix = _matrix(embeddings_of(rule["rule_name"], rule["encoder"]))
    scores = _scored(rows, hashes, matrix, rule)
    if scores.error_rate != scores.error_rate:
        return _without_scores(scores.note)
    audits = _audits(rows)
    if audits:
        scores = with_audited_rate(scores, audits)
    notes = [rule["encoder"], rule["fallback"], scores.note]
    return _of_contents(rows, scores, "; ".join(dict.fromkeys(filter(None, notes))))


def _without_scores(reason: str) -> pa.Table:
    import pyarrow as pa

    schema = scores_schema()
    row = dict.fromkeys(schema.names) | {"reason": reason}
    table = pa.Table.from_pylist([row], schema)
    return table.drop_columns(["rule_name", "fingerprint"])


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


def _scored(
    rows: pa.Table, hashes: pa.ChunkedArray, matrix: np.ndarray, rule: dict
) -> LabelScores:
    import numpy as np

    settings = {"encoder": rule["loader"], "device": rule["device"]}
    labels = np.array(rows["usual_label"].to_pylist(), dtype=object)
    texts = rows["labeled_text"].to_pylist()
    embeddings = _rows_of(matrix, hashes, rows["text_hash"])
    if rows["other_text"].null_count == len(rows):
        from python_ml.labels.texts import score_labels

        return score_labels(texts, labels, embeddings=embeddings, **settings)
    from python_ml.labels.pairs import score_pairs

    return score_pairs(
        texts,
        rows["other_text"].to_pylist(),
        labels,
        left_embeddings=embeddings,
        right_embeddings=_rows_of(matrix, hashes, rows["other_text_hash"]),
        **settings,
    )


def _audits(rows: pa.Table) -> dict | None:
    """The verdicts on rows as `audited_rate` takes them."""
    import numpy as np
    import pyarrow.compute as pc

    audited = pc.is_valid(rows["is_wrong"])
    found = rows.filter(audited)
    if not len(found):
        return None
    audits = {
        "row": np.flatnonzero(audited.to_numpy(zero_copy_only=False)),
        "is_wrong": np.array(found["is_wrong"].to_pylist(), dtype=bool),
    }
    weights = pc.fill_null(found["sampling_weight"], 1.0).to_numpy()
    # Weights of 1 on part of the rows say nothing: they count as drawn alike.
    return audits | {"weight": weights} if (weights > 1).any() else audits


def _matrix(
    embeddings: pa.RecordBatchReader,
) -> tuple[pa.ChunkedArray, np.ndarray]:
    """The hashes of texts and their embeddings as one array [n, d]."""
    import numpy as np
    import pyarrow as pa

    hashes, parts = [], []
    for batch in embeddings:
        hashes.append(batch["text_hash"])
        values = batch["embedding"].flatten().to_numpy()
        parts.append(values.reshape(len(batch), -1))
    return pa.chunked_array(hashes, pa.string()), np.concatenate(parts)


def _rows_of(
    matrix: np.ndarray, hashes: pa.ChunkedArray, wanted: pa.ChunkedArray
) -> np.ndarray:
    import pyarrow.compute as pc

    return matrix[pc.index_in(wanted, value_set=hashes).to_numpy()]


def _of_contents(rows: pa.Table, scores: LabelScores, note: str) -> pa.Table:
    """One row per content: rows that hold the same were scored by the same evidence."""
    import numpy as np
    import pyarrow as pa

    hashes = np.array(rows["content_hash"].to_pylist())
    _, first, content, counts = np.unique(
        hashes, return_index=True, return_inverse=True, return_counts=True
    )
    sums = np.bincount(content, weights=scores.error_probability)
    probability = np.clip(sums / counts, 0, 1)
    is_suspect = np.asarray(scores.is_suspect, dtype=bool)[first]
    length = len(first)
    low = min(scores.error_rate_low, scores.error_rate)
    high = max(scores.error_rate_high, scores.error_rate)
    columns = {
        "content_hash": hashes[first].tolist(),
        "error_probability": _or_null(probability),
        "is_suspect": is_suspect,
        "suggested_label": [_text(scores.suggested_label[row]) for row in first],
        "suggestion_probability": _or_null(scores.suggestion_probability[first]),
        "classifier_disagreement": _or_null(scores.classifier_disagreement[first]),
        "neighbour_disagreement": _or_null(scores.neighbour_disagreement[first]),
        "same_text_disagreement": _or_null(scores.same_text_disagreement[first]),
        "category_distance": _or_null(scores.category_distance[first]),
        "wrong_level": np.asarray(scores.wrong_level, dtype=np.int64)[first],
        "nearest_rows": _nearest_rows(rows, scores, first, is_suspect),
        "error_rate": [float(scores.error_rate)] * length,
        "error_rate_low": [float(low)] * length,
        "error_rate_high": [float(high)] * length,
        "rate_basis": [scores.rate_basis] * length,
        "note": [note] * length,
        "reason": [None] * length,
    }
    types = scores_schema()
    return pa.table(
        {
            name: pa.array(values, types.field(name).type)
            for name, values in columns.items()
        }
    )


def _or_null(values: np.ndarray) -> pa.Array:
    """Numbers, with a null for NaN."""
    import pyarrow as pa

    return pa.array(values, from_pandas=True)


def _text(value: object) -> str | None:
    return None if value is None or value != value else str(value)


def _nearest_rows(
    rows: pa.Table, scores: LabelScores, first: np.ndarray, is_suspect: np.ndarray
) -> list[list[dict]]:
    """The evidence: the rows most like each suspect; none for the other rows."""
    shown: list[list[dict]] = [[] for _ in first]
    for number in is_suspect.nonzero()[0]:
        row = first[number]
        for other, similarity in zip(
            scores.nearest_rows[row].tolist(),
            scores.nearest_similarity[row].tolist(),
            strict=True,
        ):
            if other < 0:
                continue
            found = rows.slice(other, 1).to_pylist()[0]
            texts = filter(None, [found["labeled_text"], found["other_text"]])
            shown[number].append(
                {
                    "record_key": found["record_key"],
                    "text": " | ".join(texts)[:_SHOWN],
                    "label": found["label"],
                    "similarity": similarity,
                }
            )
    return shown


def _fingerprint(rule: dict) -> str:
    """What scores depend on: the rows, the encoder, and the code that scores."""
    names = ("row_state", "encoder", "fallback", "reason")
    given = "".join(f"|{rule[name]}" for name in names)
    return fingerprint(given, "dbt_models.labels", "labels.texts", "labels.pairs")


def propose_audits(rows: pa.Table, size: int) -> pa.Table:
    """Choose the records of each rule that a person should look at next.

    Args:
        rows: One row per rule and record without a verdict: rule_name, record_key,
            error_probability, and random_number (uniform between 0 and 1, another one
            whenever verdicts have been added: samples are then independent draws,
            which may be pooled).
        size: How many of each rule.

    Returns:
        rule_name, record_key, audit_rank (1 is to be judged first) and sampling_weight
        (how many of the rows of the rule a record stands for).
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    schema = pa.schema(
        [
            ("rule_name", pa.string()),
            ("record_key", pa.string()),
            ("audit_rank", pa.int64()),
            ("sampling_weight", pa.float64()),
        ]
    )
    if not_installed():
        return schema.empty_table()  # Nothing was judged.
    from python_ml.labels.audits import audit_sample

    tables = [schema.empty_table()]
    for name in sorted(rows["rule_name"].unique().to_pylist()) if size else []:
        of_rule = rows.filter(pc.equal(rows["rule_name"], name))
        chosen, weights = audit_sample(
            of_rule["error_probability"].to_numpy(),
            of_rule["random_number"].to_numpy(),
            size,
        )
        ranks = range(1, len(chosen) + 1)
        found = of_rule.take(chosen).append_column("audit_rank", pa.array(ranks))
        found = found.append_column("sampling_weight", pa.array(weights))
        tables.append(found.select(schema.names).cast(schema))
    return pa.concat_tables(tables)
