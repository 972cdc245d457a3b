"""`assay show`: the quality index of the last build as small tables."""

from __future__ import annotations

import argparse
import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from python_ml.command_line.to_mend import (
    aligned,
    fix_first,
    proposals,
    verdicts,
    worth,
)
from python_ml.common.marts import duckdb_name, has_table, schema_of_marts
from python_ml.report.worth import MARTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DIMENSIONS = ("completeness", "accuracy", "consistency", "timeliness")


def add_marts(parser: argparse.ArgumentParser) -> None:
    """Add where the marts are."""
    parser.add_argument(
        "--database",
        type=Path,
        default=Path(os.environ.get("ASSAY_DATABASE", "warehouse.duckdb")),
        help="default: ASSAY_DATABASE, or warehouse.duckdb",
    )
    parser.add_argument(
        "--schema", help="that of the marts; default: the one that holds them"
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where the marts are, and what dbt says of its last run."""
    add_marts(parser)
    parser.add_argument(
        "--target",
        type=Path,
        default=Path(os.environ.get("DBT_TARGET_PATH", "target")),
        help="where dbt says whether its last run failed; default: DBT_TARGET_PATH, or"
        " target",
    )


def run(options: argparse.Namespace) -> int:
    """Print the index."""
    import duckdb

    try:
        print(index_table(options.database, options.schema, options.target))
    except duckdb.Error as error:
        raise ValueError(
            f"{options.database} has no readable marts: {error}".splitlines()[0]
        ) from error
    return 0


def index_table(
    database: Path, schema: str | None = None, target: Path | None = None
) -> str:
    """Format the index of the shop and its feeds, and the rules to mend first.

    Args:
        database: The DuckDB file that `dbt build` wrote; opened read-only.
        schema: The schema of the marts; by default the one that holds them.
        target: The folder where dbt writes what its last run did, if the reader is to
            learn that it failed.

    Returns:
        Lines of text. The first says what share of the weight was measured, the index
        of that, and the worst that it hides. Scores lie in [0, 1]; `-` is what was not
        measured; `repaired` is the index of the repaired data over the rules that were
        measured before, too; where others became measurable, or ceased to be, a line
        says what both indexes are. Rules that were not measured follow by their reason,
        the largest groups of proposals by their cause, what the repairs are worth to
        the best recommender and the best search, and the rules over their limits
        by what the index would gain if no row failed them: of the shop, or of the feed
        where it has no part in that. The rate of a rule, with its 95 % interval, is the
        share of failing rows; of a learned rule it is estimated, and says so: by the
        model alone, or from audits too.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If several schemas hold marts, and none was named, or the marts are
            empty.
        duckdb.Error: If another process is writing the file, or it has no marts.
    """
    import duckdb

    if not database.exists():
        raise FileNotFoundError(f"There is no {database}: run `dbt build` first.")
    with duckdb.connect(str(database), read_only=True) as connection:
        schema = schema or schema_of_marts(connection)
        connection.execute(f"use {duckdb_name(schema)}")
        has_repairs = has_table(connection, schema, "fct_repair_effect")
        lines = [
            *_head(connection, target, database.stem),
            "",
            *_indexes(connection, has_repairs),
            *_floors(connection),
        ]
        if has_repairs:
            lines += _rebased(connection)
        lines += ["", *verdicts(connection)]
        if has_repairs:
            lines += proposals(connection)
        if all(has_table(connection, schema, mart) for mart in MARTS):
            lines += worth(connection)
        lines += fix_first(connection)
    return "\n".join(lines)


def last_failure(target: Path, database: str, built_at: datetime) -> str | None:
    """Say in a sentence that dbt's last run on a database failed, if it did.

    Args:
        target: The folder with dbt's `run_results.json`; it need not be there.
        database: The name of the database, as in the relations that dbt wrote.
        built_at: When the build of the marts started (UTC).
    """
    try:
        run = json.loads((target / "run_results.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    results = run["results"]
    names = [result.get("relation_name") or "" for result in results]
    if not any(name.startswith(f'"{database}".') for name in names):
        return None
    wrong = [result for result in results if result["status"] in ("error", "fail")]
    if not wrong:
        return None
    started = datetime.fromisoformat(run["metadata"]["invocation_started_at"])
    started = started.replace(tzinfo=None)
    name = wrong[0]["unique_id"].split(".")[2]
    said = " ".join((wrong[0]["message"] or "").split())
    others = f", and {len(wrong) - 1:,} more did" if len(wrong) > 1 else ""
    # The marts note when their run started to the second.
    is_older = built_at < started - timedelta(seconds=2)
    figures = " What follows is of the build before." if is_older else ""
    return (
        f"The last run of dbt ({started:%Y-%m-%d %H:%M} UTC) failed: {name}{others}"
        f" ({said[:200]}).{figures}"
    )


def _last_build(connection: DuckDBPyConnection) -> str:
    """Name the table that says when the marts in use were built."""
    # dbt puts all schemas of a target under one name: `assay_marts`, `assay_...`.
    schema, name = _first_row(
        connection,
        """
        select schema_name, table_name
        from duckdb_tables()
        where table_name = 'int_last_build'
        order by levenshtein(schema_name, current_schema())
        limit 1
        """,
    )
    return f"{duckdb_name(schema)}.{name}"


def _head(
    connection: DuckDBPyConnection, target: Path | None, database: str
) -> list[str]:
    measured, index, low, high, feed, feed_index, rule, rate, as_of = _first_row(
        connection,
        """
        select
            measured_weight, quality_index, index_low, index_high, worst_feed,
            worst_feed_index, worst_rule, worst_rule_rate, as_of
        from fct_quality_index
        where scope_type = 'shop'
        """,
    )
    (built_at,) = _first_row(
        connection, f"select built_at from {_last_build(connection)}"
    )
    lines = []
    failure = last_failure(target, database, built_at) if target else None
    if failure:
        lines += [failure, ""]
    if index is None:
        lines.append("Nothing of the shop was measured.")
    else:
        lines.append(
            f"{index:.3f} of the {_share(measured)} of the shop that was measured;"
            f" with the rest between {low:.3f} and {high:.3f}."
        )
        lines.append(
            f"Worst feed: {feed}, {feed_index:.3f}. Worst rule: {rule}, {rate:.1%}."
        )
    lines.append(f"Built {built_at:%Y-%m-%d %H:%M} UTC, as of {as_of:%Y-%m-%d %H:%M}.")
    return lines


def _indexes(connection: DuckDBPyConnection, has_repairs: bool) -> list[str]:
    repaired = {}
    if has_repairs:
        repaired = dict(
            connection.execute(
                """
                select coalesce(feed, 'shop'), score_after
                from fct_repair_effect
                where dimension = 'all' and scope_type in ('shop', 'feed')
                """
            ).fetchall()
        )
    scopes = connection.execute(
        f"""
        select
            coalesce(feed, 'shop'), measured_weight, quality_index, index_low,
            index_high, {", ".join(f"{dimension}_score" for dimension in DIMENSIONS)},
            clean_row_share, rows_checked, issue_count
        from fct_quality_index
        where scope_type in ('shop', 'feed') and rows_checked > 0
        order by scope_type = 'feed', quality_index
        """
    ).fetchall()
    scored = [
        ("", "measured", "index", "95 % interval", "repaired", *DIMENSIONS)
        + ("clean", "rows", "issues")
    ]
    for name, measured, index, low, high, *scores, clean, rows, issues in scopes:
        scored.append(
            (
                name,
                _share(measured),
                _score(index),
                "-" if index is None else f"{low:.3f}-{high:.3f}",
                *(_score(score) for score in (repaired.get(name), *scores)),
                f"{clean:.1%}",
                f"{rows:,}",
                f"{issues:,}",
            )
        )
    return aligned(scored, 1)


def _floors(connection: DuckDBPyConnection) -> list[str]:
    reached = connection.execute(
        """
        select
            rules.feed, described.floor_index, rules.failure_rate, rules.rule_name,
            described.floor_over
        from fct_quality_rules as rules
        inner join dim_quality_rules as described
            on rules.rule_name = described.rule_name
        where
            rules.failure_rate > described.floor_over
            and rules.weight > 0
            and rules.component_weight is distinct from 0
        order by rules.feed, described.floor_index, rules.rule_name
        """
    ).fetchall()
    return [
        f"{feed}: at most {index:.3f}, because {rate:.1%} fail {rule} (more than"
        f" {over:.0%})"
        for feed, index, rate, rule, over in reached
    ]


def _rebased(connection: DuckDBPyConnection) -> list[str]:
    rebased = connection.execute(
        """
        select
            coalesce(feed, 'shop'), rules_compared, score_before, score_after,
            rules_added, rules_lost, full_score_after
        from fct_repair_effect
        where dimension = 'all' and scope_type in ('shop', 'feed')
            and rules_added + rules_lost > 0
        order by scope_type = 'feed', full_score_after
        """
    ).fetchall()
    return [
        f"{name}: {_score(before)} and {_score(after)} repaired over the {compared}"
        f" rules measured in both; {added} became measurable, {lost} ceased to be:"
        f" {_score(full)} over all that is measured now"
        for name, compared, before, after, added, lost, full in rebased
    ]


def _first_row(connection: DuckDBPyConnection, query: str) -> tuple:
    row = connection.execute(query).fetchone()
    if row is None:
        raise ValueError(
            "The marts are empty: run `dbt build`, with a table to watch in the var"
            " `feeds` or `watched`."
        )
    return row


def _score(score: float | None) -> str:
    return "-" if score is None else f"{score:.3f}"


def _share(share: float | None) -> str:
    """Write a share so that all and nothing are told from nearly that."""
    if share is None or share in (0, 1):
        return f"{share or 0:.0%}"
    return f"{min(max(share, 0.01), 0.99):.0%}"
