"""The truth of a feed: what was planted, and what can be repaired."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_ml.sample.feed import Feed
from python_ml.sample.repairability import repair_of, repairs
from python_ml.sample.schema import TEXT, TRUTH

# No rule can be sure of these.
_LEARNED = {"wrong_category", "wrong_label", "duplicate"}


def truth_of(feed: Feed) -> pa.Table:
    """Return one row per planted defect of a settled feed (TRUTH), by place."""
    tables = [TRUTH.empty_table(), *(_facts(*noted) for noted in feed.noted)]
    for rows, column, defect, is_told in feed.planted:
        places = feed.places_of(rows)
        found, true = feed.found(column, rows), feed.clean_text(column, rows)
        if defect == "stale":
            true = pa.nulls(len(rows), TEXT)
        repair = repairs(feed, rows, column, defect, is_told)
        if defect == "orphan":  # where the profile is gone, the id itself is right
            is_gone = pc.equal(found, true)
            true = pc.if_else(is_gone, None, true)
            repair = pc.if_else(is_gone, None, repair)
        keys = feed.keys(places)
        tables.append(
            _facts(feed.name, column, defect, keys, found, true, places, repair)
        )
    for defect, has_new_id in {"repeat": False, "repeat_content": True}.items():
        places = feed.copies(has_new_id=has_new_id)
        keys = feed.keys(places)
        repair = repair_of(feed.name, None, defect, is_known=False)
        tables.append(
            _facts(feed.name, None, defect, keys, places=places, repair=repair)
        )
    return pa.concat_tables(tables).sort_by("row_number")


def _facts(
    feed: str,
    column: str | None,
    defect: str,
    keys: pa.Array,
    found: pa.Array | None = None,
    true: pa.Array | None = None,
    places: np.ndarray | None = None,
    repair: pa.Array | str | None = None,
) -> pa.Table:
    """Rows of the truth, one per key; what is no array is the same in all of them."""
    places = None if places is None else pa.array(places)
    is_deterministic = defect not in _LEARNED
    columns: list = [feed, places, keys, column, defect, found, true]
    columns += [repair, is_deterministic]
    for i, (value, type) in enumerate(zip(columns, TRUTH.types, strict=True)):
        if not isinstance(value, pa.Array):
            columns[i] = pa.repeat(pa.scalar(value, type), len(keys))
    return pa.table(columns, schema=TRUTH)
