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
        the index of the repaired data over the rules that were measured before, too;
        where others became measurable, or ceased to be, a line says what both indexes
        are. The largest groups of proposals follow, by their cause. The rate of a rule
        is the share of failing rows; of a learned rule it is estimated, and says so: by
        the model alone, or from audits too.

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
        repaired, repairs, rebased, causes = {}, {}, [], []
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
            rebased = connection.execute(
                f"""
                select
                    coalesce(feed, 'shop'), rules_compared, score_before, score_after,
                    rules_added, rules_lost, full_score_after
                from {schema}.fct_repair_effect
                where dimension = 'all' and scope_type in ('shop', 'feed')
                    and rules_added + rules_lost > 0
                order by scope_type = 'feed', full_score_after
                """
            ).fetchall()
            causes = connection.execute(
                f"""
                select count(*), feed, cause, cause_id
                from {schema}.fct_repairs
                where status = 'proposed'
                group by all
                order by count(*) desc, cause_id
                """
            ).fetchall()
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
    scored = [
        ("", "index", "95 % interval", "repaired", *DIMENSIONS)
        + ("clean", "measured", "rows", "issues")
    ]
    for name, index, low, high, *scores, clean, measured, rows, issues in scopes:
        scored.append(
            (
                name,
                _score(index),
                "-" if index is None else f"{low:.3f}-{high:.3f}",
                *(_score(score) for score in (repaired.get(name), *scores)),
                f"{clean:.1%}",
                f"{measured:.0%}",
                f"{rows:,}",
                f"{issues:,}",
            )
        )
    counted = ", ".join(
        f"{verdicts.get(verdict, 0)} {verdict}"
        for verdict in ("passed", "failed", "error", "not measured")
    )
    lines = _aligned(scored, 1)
    for name, compared, before, after, added, lost, full in rebased:
        lines.append(
            f"{name}: {_score(before)} and {_score(after)} repaired over the {compared}"
            f" rules measured in both; {added} became measurable, {lost} ceased to be:"
            f" {_score(full)} over all that is measured now"
        )
    lines += ["", f"Rules: {counted}"]
    if repairs:
        counts = ", ".join(
            f"{repairs[status]:,} {status}"
            for status in ("applied", "proposed", "rejected", "waived")
            if status in repairs
        )
        lines.append(f"Repairs: {counts}")
    if causes:
        lines += ["", f"Proposals by cause, the largest of {len(causes):,}"]
        largest = [(f"{count:>7,}", *names) for count, *names in causes[:5]]
        lines += [line.rstrip() for line in _aligned(largest, 4)]
    failed = [("Worst rules", "feed", "failing", "rate", "limit")]
    for name, feed, verdict, failing, rate, limit, _ in worst:
        found = "error" if verdict == "error" else f"{rate:.2%}"
        failed.append((name, feed, f"{failing or 0:,}", found, f"{limit:.2%}"))
    if worst:
        bases = ["", *(ESTIMATES.get(basis, "") for *_, basis in worst)]
        rules = zip(_aligned(failed, 2), bases, strict=True)
        lines += ["", *(f"{rule}  {basis}".rstrip() for rule, basis in rules)]
    return "\n".join(lines)


def _aligned(rows: list[tuple[str, ...]], names: int) -> list[str]:
    """Lines whose columns are as wide as they must be; names first, then numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place < names else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _has_table(connection, schema: str, table: str) -> bool:
    """Repairs can be left out of a build."""
    found = connection.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?",
        [schema, table],
    )
    return found.fetchone() is not None


def _score(score: float | None) -> str:
    return "-" if score is None else f"{score:.3f}"
