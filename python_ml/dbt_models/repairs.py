"""What the dbt models of repairs call: Arrow tables in, Arrow tables out."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from python_ml.common.installed import not_installed

if TYPE_CHECKING:
    import pandas as pd

_CANONICAL = pa.schema(
    {
        "rule_name": pa.string(),
        "format_value": pa.string(),
        "canonical_value": pa.string(),
        "confidence": pa.float64(),
        "reason": pa.string(),
    }
)
_EXTRACTED = pa.schema(
    {
        "feed": pa.string(),
        "column_name": pa.string(),
        "record_number": pa.int64(),
        "extracted_value": pa.string(),
        "confidence": pa.float64(),
        "reason": pa.string(),
    }
)


def _bound(
    closer: Callable, included: float | None, excluded: float | None, inwards: float
) -> float | None:
    """Return the end of a range, itself in it: of an excluded one the next number."""
    ends = [] if included is None else [included]
    ends += [] if excluded is None else [math.nextafter(excluded, inwards)]
    return closer(ends, default=None)


def canonical_values(values: pa.Table, vocabularies: pa.Table) -> pa.Table:
    """Find the canonical forms of values, rule by rule.

    Args:
        values: One row per rule and value: rule_name, form (what the rule asks for, as
            JSON), format_value, is_example (a value that passes).
        vocabularies: The seed: vocabulary, term.

    Returns:
        One row per rule and failing value with a canonical form: rule_name,
        format_value, canonical_value, confidence in (0, 1], reason.
    """
    if not_installed():
        print(f"No value is mended: {not_installed()}.", file=sys.stderr)
        return _CANONICAL.empty_table()
    from python_ml.canonical.forms import canonical_forms
    from python_ml.canonical.rule import FormatRule

    terms = vocabularies.to_pandas().groupby("vocabulary")["term"].apply(list)
    tables = [_CANONICAL.empty_table()]
    rules = values.to_pandas().sort_values(["rule_name", "format_value"])
    for (rule, form), rows in rules.groupby(["rule_name", "form"]):
        asked = json.loads(form)
        is_example = rows["is_example"].to_numpy(bool)
        failing = rows["format_value"][~is_example].dropna().tolist()
        if not failing:
            continue
        format_rule = FormatRule(
            form=asked.get("is"),
            pattern=asked.get("pattern"),
            allowed=asked.get("values"),
            minimum=_bound(max, asked.get("min"), asked.get("above"), math.inf),
            maximum=_bound(min, asked.get("max"), asked.get("below"), -math.inf),
            type=asked["type"],
            unclean_pattern=asked.get("unclean"),
            vocabulary=terms.get(asked.get("is")),
        )
        examples = rows["format_value"][is_example].tolist()
        forms = canonical_forms(failing, format_rule, examples)
        found = pa.table(
            [
                [rule] * len(failing),
                failing,
                list(forms.proposed),
                list(forms.confidence),
                list(forms.reason),
            ],
            schema=_CANONICAL,
        )
        tables.append(found.filter(pc.is_valid(found["canonical_value"])))
    return pa.concat_tables(tables)


def extracted_values(told: pa.Table) -> pa.Table:
    """Find missing values in the texts of their rows, column by column.

    Args:
        told: One row per row and column: feed, column_name, record_number, told_value
            (null where it is missing or bad), own_text, text_column (the column of this
            text; null where it is made of several).

    Returns:
        One row per missing value that was found, and per text without a value that had
        slipped into it: feed, column_name, record_number, extracted_value, confidence
        in (0, 1), reason.
    """
    if not_installed():
        return _EXTRACTED.empty_table()
    from python_ml.extraction.values import extract_values

    tables = [_EXTRACTED.empty_table()]
    columns = told.to_pandas().groupby(["feed", "column_name"])
    for (feed, column), rows in columns:
        is_missing = rows["told_value"].isna()
        if is_missing.all() or not is_missing.any():
            continue
        texts, values = (
            rows[name].astype(object).where(rows[name].notna(), None).tolist()
            for name in ("own_text", "told_value")
        )
        tables.extend(_slipped(feed, column, rows, texts, values))
        found = extract_values(texts, values)
        table = pa.table(
            [
                [feed] * len(rows),
                [column] * len(rows),
                rows["record_number"],
                list(found.value),
                list(found.confidence),
                list(found.reason),
            ],
            schema=_EXTRACTED,
        )
        is_found = pc.and_(pc.is_valid(table["extracted_value"]), pa.array(is_missing))
        tables.append(table.filter(is_found))
    return pa.concat_tables(tables)


def _slipped(
    feed: str, column: str, rows: pd.DataFrame, texts: list, values: list
) -> list[pa.Table]:
    """Return the values that slipped into the texts, and the texts without them."""
    text_column = rows["text_column"].iloc[0]
    if not isinstance(text_column, str):
        return []
    from python_ml.extraction.misfielded import slipped_values

    found = slipped_values(texts, values)
    tables = []
    for name, proposed, reason in (
        (column, found.value, f"it slipped into {text_column}"),
        (text_column, found.rest, f"without the {column} that slipped into it"),
    ):
        table = pa.table(
            [
                [feed] * len(rows),
                [name] * len(rows),
                rows["record_number"],
                proposed,
                found.confidence,
                [reason] * len(rows),
            ],
            schema=_EXTRACTED,
        )
        tables.append(table.filter(pc.is_valid(table["extracted_value"])))
    return tables
