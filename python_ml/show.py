"""The quality index of the last build as a small table for the terminal."""

from __future__ import annotations

from pathlib import Path

ESTIMATES = {"model": "estimated", "audits": "audited"}
DIMENSIONS = ("completeness", "accuracy", "consistency", "timeliness")


def index_table(database: Path, schema: str = "assay_marts") -> str:
    """Format the index of the shop and its feeds, and the five worst rules.

    Args:
        database: The DuckDB file that `dbt build` wrote; opened read-only.
        schema: The schema of the marts.

    Returns:
        Lines of text. Scores lie in [0, 1]; `-` is what was not measured; `repaired` is
        the index of the repaired data. The rate of a
        rule is the share of failing rows; of a learned rule it is estimated, and says
        so: by the model alone, or from audits too.

    Raises:
        FileNotFoundError: If there is no such file.
        duckdb.Error: If another process is writing the file, or it has no marts.
    """
    import duckdb

    if not database.exists():
        raise FileNotFoundError(f"There is no {database}: run `dbt build` first.")
    with duckdb.connect(str(database), read_only=True) as connection:
        scopes = connection.execute(
            f"""
            select
                coalesce(feed, 'shop'), quality_index, index_low, index_high,
                {", ".join(f"{dimension}_score" for dimension in DIMENSIONS)},
                clean_row_share, measured_weight, rows_checked, issue_count
            from {schema}.fct_quality_index
            where scope_type in ('shop', 'feed') and rows_checked > 0
            order by scope_type = 'feed', quality_index
            """
        ).fetchall()
        worst = connection.execute(
            f"""
            select
                rule_name, feed, verdict, failing_rows, failure_rate, max_rate,
                rate_basis
            from {schema}.fct_quality_rules
            where verdict in ('failed', 'error') and not is_waived
            order by
                verdict = 'error' desc,
                weight * (failure_rate - max_rate) desc,
                rule_name
            limit 5
            """
        ).fetchall()
        repaired, repairs = {}, {}
        if _has_table(connection, schema, "fct_repair_effect"):
            repaired = dict(
                connection.execute(
                    f"""
                    select coalesce(feed, 'shop'), score_after
                    from {schema}.fct_repair_effect
                    where dimension = 'all' and scope_type in ('shop', 'feed')
                    """
                ).fetchall()
            )
            repairs = dict(
                connection.execute(
                    f"select status, count(*) from {schema}.fct_repairs group by all"
                ).fetchall()
            )
        verdicts = dict(
            connection.execute(
                f"select verdict, count(*) from {schema}.fct_quality_rules group by all"
            ).fetchall()
        )
    lines = [
        f"{'':<17}{'index':>6}{'95 % interval':>15}{'repaired':>10}"
        + "".join(f"{dimension:>13}" for dimension in DIMENSIONS)
        + f"{'clean':>7}{'measured':>10}{'rows':>12}{'issues':>11}"
    ]
    for name, index, low, high, *scores, clean, measured, rows, issues in scopes:
        interval = "-" if index is None else f"{low:.3f}-{high:.3f}"
        lines.append(
            f"{name:<17}{_score(index):>6}{interval:>15}{_score(repaired.get(name)):>10}"
            + "".join(f"{_score(score):>13}" for score in scores)
            + f"{clean:>7.1%}{measured:>10.0%}{rows:>12,}{issues:>11,}"
        )
    counted = ", ".join(
        f"{verdicts.get(verdict, 0)} {verdict}"
        for verdict in ("passed", "failed", "error", "not measured")
    )
    lines += ["", f"Rules: {counted}"]
    if repairs:
        counts = ", ".join(
            f"{repairs[status]:,} {status}"
            for status in ("applied", "proposed", "rejected", "waived")
            if status in repairs
        )
        lines.append(f"Repairs: {counts}")
    if worst:
        lines += [
            "",
            f"{'Worst rules':<38}{'feed':<18}{'failing':>9}{'rate':>9}{'limit':>7}",
        ]
    for name, feed, verdict, failing, rate, limit, basis in worst:
        found = "error" if verdict == "error" else f"{rate:.2%}"
        line = f"{name:<38}{feed:<18}{failing or 0:>9,}{found:>9}{limit:>7.2%}"
        lines.append(f"{line}  {ESTIMATES.get(basis, '')}".rstrip())
    return "\n".join(lines)


def _has_table(connection, schema: str, table: str) -> bool:
    """Repairs can be left out of a build."""
    found = connection.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?",
        [schema, table],
    )
    return found.fetchone() is not None


def _score(score: float | None) -> str:
    return "-" if score is None else f"{score:.3f}"
