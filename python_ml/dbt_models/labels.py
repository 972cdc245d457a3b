"""What the dbt models of labels do once texts are embedded: score labels, draw audits.

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

_SHOWN = 1000  # Characters of a text that is shown as evidence.


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
    from python_ml.labels.scoring import with_audited_rate

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
        zip(texts, rows["other_text"].to_pylist(), strict=True),
        labels,
        embeddings=(embeddings, _rows_of(matrix, hashes, rows["other_text_hash"])),
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
    return fingerprint(
        given,
        "dbt_models.labels",
        "dbt_models.encoders",
        "labels.texts",
        "labels.pairs",
    )


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
