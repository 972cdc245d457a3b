"""Question 8: which labels are probably wrong?"""

from __future__ import annotations

from dataclasses import dataclass

from python_ml.report.marts import Marts
from python_ml.report.visible import Personal, clipped

SHOWN = 8
_KEPT_OF_RULE = 8


@dataclass(frozen=True)
class LearnedRule:
    """A rule of labels: what share is wrong, how that is known, and its suspects."""

    name: str
    feed: str
    rate: float | None
    low: float | None
    high: float | None
    basis: str | None
    note: str | None
    reason: str | None
    suspects: int


@dataclass(frozen=True)
class Suspect:
    """A label that is probably wrong."""

    rule_name: str
    feed: str
    record_key: str
    text: str
    other_text: str | None
    given: str
    suggested: str | None
    probability: float
    neighbours: float | None
    is_audited: bool


@dataclass(frozen=True)
class Labels:
    """Learned rules, and the suspects most likely wrong, of how many by feed."""

    rules: list[LearnedRule]
    suspects: list[Suspect]
    totals: dict[str, int]


def labels(marts: Marts, personal: Personal) -> Labels:
    """Return what the page says of labels."""
    rules = [
        LearnedRule(*row.values())
        for row in marts.rows(
            """
            select
                rule_name, feed, failure_rate, rate_low, rate_high, rate_basis, note,
                reason,
                (
                    select count(*) from fct_suspect_labels as suspects
                    where suspects.rule_name = rules.rule_name
                ) as suspects
            from fct_quality_rules as rules
            inner join (
                select rule_name, rule_kind from dim_quality_rules
            ) as described using (rule_name)
            where rule_kind in (
                'label_is_right', 'category_is_right', 'relation_is_right'
            )
            order by failure_rate desc nulls last, rule_name
            """
        )
    ]
    found = marts.rows(
        f"""
        select
            *, count(*) over (partition by feed) as of_feed, count(*) over () as total
        from fct_suspect_labels
        qualify row_number() over (
            partition by rule_name order by suspect_rank
        ) <= {_KEPT_OF_RULE}
        order by error_probability desc, rule_name, suspect_rank
        """
    )
    totals = {row["feed"]: row["of_feed"] for row in found}
    totals[""] = found[0]["total"] if found else 0
    return Labels(rules, [_suspect(row, personal) for row in found], totals)


def _suspect(row: dict, personal: Personal) -> Suspect:
    feed = row["feed"]
    text, other = (
        value and clipped(personal.value(feed, "text", value) or "")
        for value in (row["labeled_text"], row["other_text"])
    )
    return Suspect(
        rule_name=row["rule_name"],
        feed=feed,
        record_key=clipped(personal.key(feed, row["record_key"]) or ""),
        text=text or "",
        other_text=other,
        given=row["given_label"],
        suggested=row["suggested_label"],
        probability=row["error_probability"],
        neighbours=row["neighbour_disagreement"],
        is_audited=bool(row["is_audited"]),
    )
