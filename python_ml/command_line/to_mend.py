"""What `assay show` lists below the index: verdicts, proposals, what to fix first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

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


_EFFECTS = {
    "recommendation": (
        "fct_recommender_effect",
        ("target", "model", "users"),
        ("ndcg_at_100",),
    ),
    "search": (
        "fct_search_effect",
        ("scope", "system", "queries"),
        ("ndcg_at_10", "recall_at_100"),
    ),
}


def worth(connection: DuckDBPyConnection) -> list[str]:
    """List what the repairs are worth to the best recommender and the best search.

    Of each target the model is listed that was best on what was found, of search the
    best system; where nothing was measured, why not.
    """
    listed: list[tuple[str, ...]] = [
        ("What repairs are worth", "", "", "found", "repaired", "difference")
        + ("95 %", "adjusted p", "visible from", "of")
    ]
    notes = []
    for what, (mart, (group, named, counted), metrics) in _EFFECTS.items():
        rows = connection.execute(
            f"""
            with best as (
                select
                    {group} as best_of,
                    first({named} order by value desc, {named}) as name
                from {mart}
                where
                    version = 'found'
                    and metric = 'ndcg_at_100'
                    and value is not null
                group by {group}
            )

            select
                best_of, name, metric, value_found, value, difference, difference_low,
                difference_high, p_adjusted, smallest_difference, {counted}
            from {mart}
            inner join best on {group} = best_of and {named} = name
            where
                version = 'repaired'
                and list_contains(?, metric)
                and best_of not like 'locale %'
            order by best_of, metric
            """,
            [list(metrics)],
        ).fetchall()
        for best_of, name, metric, found, value, *rest in rows:
            difference, low, high, p_value, smallest, count = rest
            listed.append(
                (
                    f"{what}, {best_of}",
                    name,
                    metric,
                    f"{found:.4f}",
                    f"{value:.4f}",
                    f"{difference:+.4f}",
                    f"{low:+.4f} to {high:+.4f}",
                    f"{p_value:.3f}",
                    f"{smallest:.4f}",
                    f"{count:,} {counted}",
                )
            )
        if not rows:
            why = connection.execute(
                f"select note from {mart} group by note order by count(*) desc, note"
            ).fetchone()
            notes.append(f"{what}: {why[0] if why else 'not measured'}")
    lines = aligned(listed, 3) if len(listed) > 1 else [listed[0][0]]
    return ["", *(line.rstrip() for line in lines), *notes]
