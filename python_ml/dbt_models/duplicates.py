"""What the dbt model of duplicates calls, apart from what it does not depend on."""

from __future__ import annotations

from hashlib import md5

import pyarrow as pa

from python_ml.common.code_version import fingerprint
from python_ml.common.installed import not_installed

_DUPLICATES = pa.schema(
    {
        "product_id": pa.string(),
        "cluster": pa.int64(),
        "proposed_cluster": pa.int64(),
        "confidence": pa.float64(),
        "proposed_confidence": pa.float64(),
        "note": pa.string(),
        "fingerprint": pa.string(),
    }
)


def duplicate_products(
    products: pa.Table,
    before: pa.Table | None = None,
    *,
    device: str = "auto",
    threshold: float | str = 0.99,
) -> pa.Table:
    """Find the products that are listed more than once.

    Args:
        products: One row per product: product_id, source_system, product_text (one
            attribute a line).
        before: What this function returned last time, or None. It is returned as it is
            if nothing has changed since.
        device: As for `encode`.
        threshold: Least probability of each pair that is put together automatically.

    Returns:
        One row per product: product_id, cluster, proposed_cluster, confidence and
        proposed_confidence and note (as of `Duplicates`), fingerprint.
    """
    products = products.sort_by("product_id").combine_chunks()
    if not_installed():
        rows = [
            {"product_id": product, "cluster": number, "proposed_cluster": number}
            | {"note": not_installed()}
            for number, product in enumerate(products["product_id"].to_pylist())
        ]
        return pa.Table.from_pylist(rows, _DUPLICATES)
    from python_ml.duplicates.find import find_duplicates

    written = pa.BufferOutputStream()
    with pa.ipc.new_stream(written, products.schema) as stream:
        stream.write_table(products)
    content = md5(written.getvalue(), usedforsecurity=False).hexdigest()
    state = fingerprint(f"|{threshold}|{content}", "dbt_models.duplicates")
    if before is not None and before.column_names == _DUPLICATES.names:
        if set(before["fingerprint"].to_pylist()) == {state}:
            return before.cast(_DUPLICATES)
    found = find_duplicates(
        products["product_text"].to_pylist(),
        sources=products["source_system"].to_pylist(),
        device=device,
        threshold=float(threshold),
        progress=len(products) > 10_000,
    )
    return pa.table(
        [
            products["product_id"],
            found.cluster,
            found.proposed_cluster,
            found.confidence,
            found.proposed_confidence,
            [found.note] * len(products),
            [state] * len(products),
        ],
        schema=_DUPLICATES,
    )
