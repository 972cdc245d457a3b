"""`assay encode`: the embeddings of texts in a file."""

from __future__ import annotations

import argparse
import sys

from python_ml.command_line.arguments import add_data, ensure_folder, table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, the encoder and where to write."""
    add_data(parser)
    parser.add_argument("--out", type=table, required=True, help="file to write to")


def run(options: argparse.Namespace) -> int:
    """Write the rows of the file with an embedding each."""
    import pyarrow as pa

    from python_ml.command_line.tables import (
        ensure_free,
        read_table,
        texts_of,
        with_columns,
        write_table,
    )
    from python_ml.encoding.encoders import encode

    rows = read_table(options.data)
    ensure_free(rows, ["embedding"])
    ensure_folder(options.out)
    embeddings = encode(
        texts_of(rows, options.text),
        encoder=options.encoder,
        device=options.device,
        progress=sys.stderr.isatty(),
    )
    values = pa.FixedSizeListArray.from_arrays(embeddings.ravel(), embeddings.shape[1])
    write_table(with_columns(rows, {"embedding": values}), options.out)
    return 0
