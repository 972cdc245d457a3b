"""What `assay show` lists below the index: verdicts, proposals, what to fix first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from python_ml.report.worth import worth as worth_of_repairs

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ESTIMATES = {"counted": "", "model": "estimated", "audits": "audited"}
_LONGEST = 44  # characters of a rule in words
_LISTED = 5


def verdicts(connection: DuckDBPyConnection) -> list[str]:
    """Count the rules by verdict; those that were not measured follow by reason."""
    counts = dict(
        connection.execute(
            "select verdict, count(*) from fct_quality_rules group by all"
        ).fetchall()
    )
    names = ("passed", "failed", "error", "not measured", "not applicable")
    counted = ", ".join(f"{counts.get(name, 0)} {name}" for name in names)
    lines = [f"Rules: {counted}"]
    reasons = connection.execute(
        """
        select
            count(*),
            feed,
            case
                when bool_and(is_absent) then 'the feed is not supplied'
                else any_value(kind) || string_agg(distinct said, ', ' order by said)
            end as reason
        from (
            select
                rules.feed,
                verdict,
                case when reason like '% is not supplied'
                    then 'not supplied: ' else '' end as kind,
                replace(replace(reason, ' is not supplied', ''), rules.feed || '.', '')
                    as said,
                bool_or(reason like '% is not supplied') over (partition by rules.feed)
                and scopes.rows_checked = 0 as is_absent
            from fct_quality_rules as rules
            inner join fct_quality_index as scopes
                on rules.feed = scopes.feed and scopes.scope_type = 'feed'
            where verdict in ('not measured', 'error')
        )
        group by
            feed, verdict, is_absent,
            case when not is_absent then kind end,
            case when not is_absent and kind = '' then said end
        order by count(*) desc, feed, reason
        """
    ).fetchall()
    if reasons:
        lines += ["", "Not measured, and in error"]
        listed = [(f"{count:>7,}", feed, _cut(why, 90)) for count, feed, why in reasons]
        lines += [line.rstrip() for line in aligned(listed, 3)]
    return lines


def proposals(connection: DuckDBPyConnection) -> list[str]:
    """Count the repairs by status, and list the largest causes of proposals."""
    repairs = dict(
        connection.execute(
            "select status, count(*) from fct_repairs group by all"
        ).fetchall()
    )
    counts = ", ".join(
        f"{repairs[status]:,} {status}"
        for status in ("applied", "proposed", "rejected", "waived")
        if status in repairs
    )
    lines = [f"Repairs: {counts}"] if repairs else []
    causes = connection.execute(
        """
        select count(*), feed, cause, cause_id
        from fct_repairs
        where status = 'proposed'
        group by all
        order by count(*) desc, cause_id
        """
    ).fetchall()
    if causes:
        lines += ["", f"Proposals by cause, the largest of {len(causes):,}"]
        largest = [(f"{count:>7,}", *names) for count, *names in causes[:_LISTED]]
        lines += [line.rstrip() for line in aligned(largest, 4)]
    return lines


def fix_first(connection: DuckDBPyConnection) -> list[str]:
    """List the rules over their limits by what the index gains without failing rows."""
    rules = connection.execute(
        f"""
        select
            coalesce(shop_index_gain, feed_index_gain), rules.rule_name, rules.feed,
            description, failing_rows, failure_rate, rate_low, rate_high,
            rules.max_rate, rate_basis, verdict
        from fct_quality_rules as rules
        inner join dim_quality_rules as described
            on rules.rule_name = described.rule_name
        where
            verdict in ('failed', 'error') and not is_waived
        order by
            verdict = 'error' desc, 1 desc nulls last, rules.rule_name
        limit {_LISTED}
        """
    ).fetchall()
    if not rules:
        return []
    lines = [("Fix first", "feed", "", "gain", "failing", "rate", "95 %", "limit", "")]
    for gain, name, feed, words, failing, rate, low, high, limit, basis, kind in rules:
        lines.append(
            (
                name,
                feed,
                _cut(words, _LONGEST),
                "-" if gain is None else f"{gain:+.4f}",
                f"{failing or 0:,}",
                "error" if kind == "error" else f"{rate:.2%}",
                "-" if kind == "error" else f"{low:.1%}-{high:.1%}",
                f"{limit:.2%}",
                ESTIMATES.get(basis, ""),
            )
        )
    return ["", *(line.rstrip() for line in aligned(lines, 3))]


def aligned(rows: Sequence[tuple[str, ...]], names: int) -> list[str]:
    """Lines whose columns are as wide as they must be; names first, then numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place < names else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _cut(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def worth(connection: DuckDBPyConnection) -> list[str]:
    """List what the repairs are worth to the best recommender and the best search.

    Of each target the model is listed that was best on what was found, of search the
    best system; where nothing was measured, why not.
    """

    def rows(query: str) -> list[dict]:
        found = connection.execute(query)
        names = [name for name, *_ in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    found = worth_of_repairs(rows)
    listed: list[tuple[str, ...]] = [
        ("What repairs are worth", "", "", "found", "repaired", "difference")
        + ("95 %", "adjusted p", "visible from", "of")
    ]
    listed += [
        (
            f"{each.part}, {each.group}",
            each.name,
            each.metric,
            f"{each.found:.4f}",
            f"{each.repaired:.4f}",
            f"{each.difference:+.4f}",
            f"{each.low:+.4f} to {each.high:+.4f}",
            f"{each.p_value:.3f}",
            f"{each.smallest:.4f}",
            f"{each.counted:,} {'queries' if each.part == 'search' else 'users'}",
        )
        for each in found.best
    ]
    lines = aligned(listed, 3) if found.best else [listed[0][0]]
    notes = [f"{part}: {why}" for part, why in found.notes.items()]
    return ["", *(line.rstrip() for line in lines), *notes]
