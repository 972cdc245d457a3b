"""What the dbt models of labels do: choose encoders, embed texts, score labels.

Arrow in, Arrow out, one rule or one batch at a time; there is no dbt and no SQL here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from python_ml.label_scores import LabelScores

ROWS_TO_LEARN_FROM = 50
"""A rule with fewer rows is not measured: a rate learned from them would say nothing."""
_SHOWN = 1000  # Characters of a text that is shown as evidence.


def choose_encoders(
    texts: pa.Table, encoder: str = "auto", device: str = "auto"
) -> pa.Table:
    """Decide with which encoder the texts of each rule are read.

    Args:
        texts: Some texts of each rule, by which `auto` tells their language; columns
            rule_name and text.
        encoder: `auto`, or what `python_ml.encode` takes.
        device: `auto`, `cpu` or `cuda`.

    Returns:
        One row per rule: rule_name, encoder (the name under which embeddings are kept;
        null where the encoder has to see all texts at once, and none are kept) and note
        (what it was evaluated with, and what stood in for what is not there).

    Raises:
        ValueError: If there is no such encoder.
    """
    import pyarrow as pa

    from python_ml.encode import load_encoder

    rules: dict[str, list[str]] = {}
    for rule_name, text in zip(
        texts["rule_name"].to_pylist(), texts["text"].to_pylist(), strict=True
    ):
        rules.setdefault(rule_name, []).append(text)
    rows = []
    for rule_name in sorted(rules):
        found = load_encoder(encoder, device=device, texts=rules[rule_name])
        rows.append(
            {
                "rule_name": rule_name,
                "encoder": found.name if found.is_kept else None,
                "note": found.note,
            }
        )
    schema = pa.schema([(name, pa.string()) for name in ("rule_name", "encoder", "note")])
    return pa.Table.from_pylist(rows, schema=schema)


def embed_texts(texts: pa.RecordBatchReader, device: str = "auto") -> pa.RecordBatchReader:
    """Embed texts as they are read, a batch at a time.

    Args:
        texts: Batches with the columns text_hash, encoder and text.
        device: `auto`, `cpu` or `cuda`.

    Returns:
        Batches with text_hash, encoder and embedding (a list of float32, of length 1).
        Reading one makes the next: no more than a batch is held in memory.
    """
    import pyarrow as pa

    schema = pa.schema(
        [
            ("text_hash", pa.string()),
            ("encoder", pa.string()),
            ("embedding", pa.list_(pa.float32())),
        ]
    )
    return pa.RecordBatchReader.from_batches(schema, _embedded(texts, device, schema))


def _embedded(
    texts: pa.RecordBatchReader, device: str, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    import numpy as np
    import pyarrow as pa

    from python_ml.encode import load_encoder

    encoders = {}
    for batch in texts:
        for name in batch["encoder"].unique().to_pylist():
            rows = batch.filter(pa.compute.equal(batch["encoder"], name))
            if name not in encoders:
                encoders[name] = load_encoder(name, device=device)
            embeddings = encoders[name].encode(rows["text"].to_pylist())
            width = embeddings.shape[1]
            ends = np.arange(0, embeddings.size + 1, width, dtype=np.int32)
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
    device: str = "auto",
) -> pa.RecordBatchReader:
    """Score the labels of each rule, one rule at a time.

    Args:
        rules: One row per rule: rule_name, encoder, note, and rows_fingerprint, which
            changes when a row of the rule does.
        rows_of: Gives the rows of a rule: record_key, label, text, other_text,
            text_hash, other_text_hash, content_hash, is_wrong, right_label and
            sampling_weight (the last three null where there is no audit).
        embeddings_of: Gives text_hash and embedding of the texts of a rule, by its name
            and encoder.
        known: Gives what was scored before, by rule name and fingerprint, or no rows.
            It is scored again when a row, the encoder or the code has changed.
        device: `auto`, `cpu` or `cuda`.

    Returns:
        One row per rule and content, columns as in `scores_schema`. Of a rule from whose
        rows nothing can be learned one row, which says why in `reason`.
    """
    import pyarrow as pa

    def batches() -> Iterator[pa.RecordBatch]:
        for rule in rules.to_pylist():
            name, encoder = rule["rule_name"], rule["encoder"]
            fingerprint = _fingerprint(rule["rows_fingerprint"], encoder, rule["note"])
            scores = known(name, fingerprint) if known else None
            if not scores:
                rows = rows_of(name)
                embeddings = None
                if encoder and not _nothing_to_learn(rows):
                    embeddings = embeddings_of(name, encoder)
                scores = score_rows(rows, embeddings, encoder, rule["note"], device)
                for column, value in (("rule_name", name), ("fingerprint", fingerprint)):
                    scores = scores.append_column(
                        column, pa.repeat(pa.scalar(value, pa.string()), len(scores))
                    )
            yield from scores.select(schema.names).cast(schema).to_batches()

    schema = scores_schema()
    return pa.RecordBatchReader.from_batches(schema, batches())


def score_rows(
    rows: pa.Table,
    embeddings: pa.RecordBatchReader | None,
    encoder: str | None,
    note: str = "",
    device: str = "auto",
) -> pa.Table:
    """Score the labels of one rule; arguments and columns as in `score_rules`."""
    import pyarrow as pa

    reason = _nothing_to_learn(rows)
    if reason:
        types = scores_schema()
        row = dict.fromkeys(types.names) | {"note": note, "reason": reason}
        table = pa.Table.from_pylist([row], schema=types)
        return table.drop_columns(["rule_name", "fingerprint"])
    # The order of rows must not depend on how a table was read.
    rows = rows.sort_by([("content_hash", "ascending"), ("record_key", "ascending")])
    scores = _scored(rows, embeddings, encoder, device)
    return _table_of_contents(rows, scores, note)


def _nothing_to_learn(rows: pa.Table) -> str | None:
    """Why nothing can be learned from these rows, in words."""
    import pyarrow.compute as pc

    if len(rows) < ROWS_TO_LEARN_FROM:
        return f"{len(rows)} rows are too few to learn from, {ROWS_TO_LEARN_FROM} needed"
    counts = pc.value_counts(rows["label"])
    if len(counts) == 1:
        return "only one label occurs"
    if pc.sum(pc.greater(counts.field("counts"), 1)).as_py() < 2:
        return "too few labels occur more than once"
    return None


def _scored(
    rows: pa.Table,
    embeddings: pa.RecordBatchReader | None,
    encoder: str | None,
    device: str,
) -> LabelScores:
    import numpy as np

    settings = {"audits": _audits(rows), "encoder": encoder or "auto", "device": device}
    columns = {"text": "text_hash"}
    if rows["other_text"].null_count < len(rows):
        columns["other_text"] = "other_text_hash"
    labels = np.array(rows["label"].to_pylist(), dtype=object)
    texts = [rows[column].to_pylist() for column in columns]
    matrices: list = [None] * len(columns)
    if embeddings is not None:
        hashes, matrix = _matrix(embeddings)
        matrices = [_rows_of(matrix, hashes, rows[name]) for name in columns.values()]
    if len(texts) == 1:
        from python_ml.labels import score_labels

        return score_labels(*texts, labels, embeddings=matrices[0], **settings)
    from python_ml.pairs import score_pairs

    return score_pairs(
        *texts,
        labels,
        left_embeddings=matrices[0],
        right_embeddings=matrices[1],
        **settings,
    )


def _audits(rows: pa.Table) -> dict | None:
    """The verdicts on rows as `score_labels` takes them."""
    import numpy as np
    import pyarrow.compute as pc

    audited = pc.is_valid(rows["is_wrong"])
    found = rows.filter(audited)
    if not len(found):
        return None
    return {
        "row": np.flatnonzero(audited.to_numpy(zero_copy_only=False)),
        "is_wrong": np.array(found["is_wrong"].to_pylist(), dtype=bool),
        "right_label": np.array(found["right_label"].to_pylist(), dtype=object),
        "weight": pc.fill_null(found["sampling_weight"], 1.0).to_numpy(),
    }


def _matrix(embeddings: pa.RecordBatchReader) -> tuple[pa.ChunkedArray, object]:
    """The hashes of texts and their embeddings as one array [n, d]."""
    import numpy as np
    import pyarrow as pa

    hashes, parts = [], []
    for batch in embeddings:
        hashes.append(batch["text_hash"])
        values = batch["embedding"].flatten().to_numpy()
        parts.append(values.reshape(len(batch), -1))
    return pa.chunked_array(hashes, pa.string()), np.concatenate(parts)


def _rows_of(matrix, hashes: pa.ChunkedArray, wanted: pa.ChunkedArray):
    import pyarrow.compute as pc

    return matrix[pc.index_in(wanted, value_set=hashes).to_numpy()]


def _table_of_contents(rows: pa.Table, scores: LabelScores, note: str) -> pa.Table:
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
    notes = [note, scores.note]
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
        "note": ["; ".join(dict.fromkeys(filter(None, notes)))] * length,
        "reason": [None] * length,
    }
    types = scores_schema()
    return pa.table(
        {name: pa.array(values, types.field(name).type) for name, values in columns.items()}
    )


def _or_null(values) -> pa.Array:
    """Numbers, with a null for NaN."""
    import pyarrow as pa

    return pa.array(values, from_pandas=True)


def _text(value: object) -> str | None:
    return None if value is None or value != value else str(value)


def _nearest_rows(rows: pa.Table, scores: LabelScores, first, is_suspect) -> list:
    """The evidence: the rows most like each suspect; none for the other rows."""
    shown = [[] for _ in first]
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
            texts = filter(None, [found["text"], found["other_text"]])
            shown[number].append(
                {
                    "record_key": found["record_key"],
                    "text": " | ".join(texts)[:_SHOWN],
                    "label": found["label"],
                    "similarity": similarity,
                }
            )
    return shown


def _fingerprint(*parts: object) -> str:
    """What scores depend on: the rows, the encoder, and the code of this package."""
    from hashlib import md5
    from pathlib import Path

    digest = md5(usedforsecurity=False)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    digest.update("|".join(map(str, parts)).encode())
    return digest.hexdigest()
