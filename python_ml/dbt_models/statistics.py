"""What the dbt model of statistics calls."""

from __future__ import annotations

import pyarrow as pa

_TYPES = {
    "groups": pa.int64(),
    "observations": pa.int64(),
    "statistic": pa.float64(),
    "degrees_of_freedom": pa.float64(),
    "degrees_of_freedom_within": pa.float64(),
    "p_value": pa.float64(),
    "adjusted_p_value": pa.float64(),
    "is_different": pa.bool_(),
    "effect": pa.float64(),
}
_NAMES = (
    "comparison_id feed question rule_name component group_column test observation"
    " groups observations statistic degrees_of_freedom degrees_of_freedom_within"
    " p_value p_value_basis adjusted_p_value is_different effect_name effect"
    " highest_group lowest_group sentence"
).split()


def quality_statistics(slices: pa.Table, days: pa.Table) -> pa.Table:
    """Compare groups, and components over time.

    Args:
        slices: As `compare` takes them, as columns.
        days: Likewise.

    Returns:
        One row per test, as `compare` gives them.
    """
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in _NAMES])
    from python_ml.statistics.compare import compare

    return pa.Table.from_pylist(compare(slices.to_pylist(), days.to_pylist()), schema)
