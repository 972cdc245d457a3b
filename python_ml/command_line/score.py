"""`assay score`: wrong labels of texts, or of pairs of texts, in a file."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from python_ml.command_line.arguments import (
    add_data,
    add_pairs_and_label,
    ensure_folder,
    table,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, the encoder, the audits and where to write."""
    add_data(parser)
    add_pairs_and_label(parser)
    parser.add_argument("--out", type=table, required=True, help="file to write to")
    parser.add_argument(
        "--audits",
        type=table,
        help="verdicts on some rows: row (from 0), is_wrong, right_label, weight",
    )
    parser.add_argument(
        "--pair-model",
        help="folder that `train` has written, of a model trained on other pairs",
    )
    parser.add_argument("--seed", type=int, default=0, help="default 0")


def run(options: argparse.Namespace) -> int:
    """Write the rows with their scores, and print rate and suspects."""
    from python_ml.command_line.tables import (
        ADDED_BY_SCORES,
        audits_of,
        ensure_free,
        read_table,
        texts_of,
        values_of,
        with_scores,
        write_table,
    )

    if options.pair_model and not options.right_text:
        raise ValueError(
            "--pair-model is for pairs: name the other texts, --right-text."
        )
    # All that can be wrong is found out before the work, not after hours of it.
    rows = read_table(options.data)
    ensure_free(rows, ADDED_BY_SCORES)
    ensure_folder(options.out)
    columns = [options.text] + ([options.right_text] if options.right_text else [])
    texts = [texts_of(rows, names) for names in columns]
    labels = values_of(rows, options.label)
    audits = None
    if options.audits:
        label_type = rows.schema.field(options.label).type
        audits = audits_of(read_table(options.audits), label_type)
    settings: dict[str, Any] = {
        "audits": audits,
        "encoder": options.encoder,
        "device": options.device,
        "seed": options.seed,
        "progress": sys.stderr.isatty(),
    }
    if options.right_text:
        from python_ml.labels.pairs import score_pairs

        settings["pair_model"] = options.pair_model
        scores = score_pairs(zip(*texts, strict=True), labels, **settings)
    else:
        from python_ml.labels.texts import score_labels

        scores = score_labels(texts[0], labels, **settings)
    write_table(with_scores(rows, scores), options.out)
    print(
        f"Error rate  {scores.error_rate:.2%} (95 % interval "
        f"{scores.error_rate_low:.2%} to {scores.error_rate_high:.2%}, "
        f"by the {scores.rate_basis})\n"
        f"Suspects    {scores.is_suspect.sum():,} of {len(rows):,} rows, "
        f"from error probability {scores.threshold:.2f} on"
    )
    if scores.note:
        print(scores.note)
    return 0
