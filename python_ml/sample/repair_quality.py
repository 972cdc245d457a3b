"""Repairs held against the truth of a simulated shop: precision and recall, by method.

A repair that changes a value is right when the value is the true one; one that removes
a row, or empties a key, when the truth says that this row or key is beyond repair. What
can be repaired is what the truth says can be (its column `repair`), except for a group
of rows that disagree: there only those that hold the wrong value need a repair.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Times and numbers are compared as such: 8.5 is 8.50.
_JUDGED = """
with truth as (
    select *, row_number() over () as fact from {truth}
),

repairs as (
    select * from {marts}.fct_repairs where status = 'applied'
),

-- Rows are told by their number. One of two equal rows is as good as the other, and so
-- is one of the two ids of a product that is listed twice.
matched as (
    select
        repairs.repair_id,
        repairs.method,
        truth.fact,
        case
            when repairs.action = 'drop'
                then truth.defect in ('repeat', 'repeat_content')
            when repairs.action = 'merge' then truth.defect = 'duplicate'
            when repairs.action in ('quarantine', 'empty') then
                truth.repair in ('remove', 'empty')
            else repairs.column_name = truth.column_name
                and truth.true_value is not null
                and coalesce(
                    try_cast(repairs.proposed_value as double)
                    = try_cast(truth.true_value as double),
                    try_cast(repairs.proposed_value as timestamp)
                    = try_cast(truth.true_value as timestamp),
                    repairs.proposed_value = truth.true_value
                )
        end as is_right
    from repairs
    left join truth
        on
            repairs.feed = truth.feed
            and (
                repairs.record_number = truth.row_number
                or (
                    repairs.action = 'drop'
                    and repairs.record_key = truth.record_key
                    and truth.column_name is null
                )
                or (
                    repairs.action = 'merge'
                    and least(repairs.found_value, repairs.proposed_value)
                    = least(truth.found_value, truth.true_value)
                    and greatest(repairs.found_value, repairs.proposed_value)
                    = greatest(truth.found_value, truth.true_value)
                )
            )
),

judged as (
    select
        repairs.repair_id,
        repairs.method,
        coalesce(bool_or(matched.is_right), false) as is_right
    from repairs
    left join matched on repairs.repair_id = matched.repair_id
    group by all
),

-- Of a group that disagrees only the rows that hold the wrong value need a repair.
repairable as (
    select
        truth.fact,
        truth.defect,
        exists (
            select 1 from matched
            where matched.fact = truth.fact and matched.is_right
        ) as is_repaired
    from truth
    where
        truth.repair is not null
        and (truth.found_value is null or truth.true_value is null
            or truth.found_value <> truth.true_value)
)
"""
# The method of repair that answers a defect; every other defect is one of form.
_METHODS = {
    "missing": "missing",
    "blank": "missing",
    "placeholder": "missing",
    "repeat": "repeat",
    "repeat_content": "repeat",
    "duplicate": "near_duplicate",
    "orphan": "orphan",
    "disagreement": "disagreement",
    "out_of_range": "impossible",
    "future": "impossible",
    "out_of_order": "impossible",
    "wrong_label": "label",
    "wrong_category": "label",
}


def repair_quality(
    database: Path, truth: Path, schema: str = "assay_marts"
) -> pd.DataFrame:
    """Return how many of the applied repairs are right, and how much is repaired.

    Args:
        database: The DuckDB file that was built on the simulated shop.
        truth: The truth of the shop, as `sample` writes it; Parquet or CSV.
        schema: The schema of `fct_repairs`.

    Returns:
        One row per method, and one named `all`, with the columns method; applied and
        right, numbers of applied repairs, and precision, the share of right ones, in
        [0, 1] or missing; repairable and repaired, numbers of planted defects, and
        recall, the share of repaired ones, in [0, 1] or missing. A repair counts under
        its own method, a defect under the method that answers it by its nature.
    """
    judged = _query(database, truth, schema, "select * from judged")
    repairable = _query(database, truth, schema, "select * from repairable")
    repairable["method"] = repairable["defect"].map(_METHODS).fillna("format")
    table = judged.groupby("method")["is_right"].agg(applied="size", right="sum")
    found = repairable.groupby("method")["is_repaired"].agg(
        repairable="size", repaired="sum"
    )
    table = table.join(found, how="outer").fillna(0).astype(int)
    table.loc["all"] = table.sum()
    table["precision"] = table["right"] / table["applied"].where(table["applied"] > 0)
    table["recall"] = table["repaired"] / table["repairable"].where(
        table["repairable"] > 0
    )
    return table.rename_axis("method").reset_index()


def wrong_repairs(
    database: Path, truth: Path, schema: str = "assay_marts"
) -> pd.DataFrame:
    """Return the applied repairs that are not right, as rows of `fct_repairs`.

    Args:
        database: The DuckDB file that was built on the simulated shop.
        truth: The truth of the shop, as `sample` writes it; Parquet or CSV.
        schema: The schema of `fct_repairs`.
    """
    return _query(
        database,
        truth,
        schema,
        f"""
        select repairs.*
        from {schema}.fct_repairs as repairs
        inner join judged on repairs.repair_id = judged.repair_id
        where not judged.is_right
        order by all""",
    )


def unrepaired_defects(
    database: Path, truth: Path, schema: str = "assay_marts"
) -> pd.DataFrame:
    """Return what could be repaired and was not, with what was proposed for it.

    Args:
        database: The DuckDB file that was built on the simulated shop.
        truth: The truth of the shop, as `sample` writes it; Parquet or CSV.
        schema: The schema of `fct_repairs`.

    Returns:
        The rows of the truth, each with the status, proposed_value, confidence and
        reason of the repairs of the same cell or record, or once without.
    """
    return _query(
        database,
        truth,
        schema,
        f"""
        select
            truth.*,
            repairs.status,
            repairs.proposed_value,
            repairs.confidence,
            repairs.reason
        from repairable
        inner join truth on repairable.fact = truth.fact
        left join {schema}.fct_repairs as repairs
            on
                truth.feed = repairs.feed
                and truth.row_number = repairs.record_number
                and (
                    truth.column_name = repairs.column_name
                    or repairs.column_name is null
                )
        where not repairable.is_repaired
        order by all""",
    )


def _query(database: Path, truth: Path, schema: str, query: str) -> pd.DataFrame:
    import duckdb

    reader = "read_parquet" if str(truth).endswith(".parquet") else "read_csv"
    judged = _JUDGED.format(truth=f"{reader}('{truth}')", marts=schema)
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.sql(judged + query).df()
