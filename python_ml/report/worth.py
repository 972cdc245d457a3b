"""What are repairs worth in recommendation and search? A part of question 9."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_MARTS = {
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
MARTS = tuple(mart for mart, *_ in _MARTS.values())
"""What is read."""


@dataclass(frozen=True)
class Best:
    """The best on what was found, and what repairs change of it.

    Attributes:
        part: "recommendation" or "search".
        group: The target, or the scope.
        name: The model, or the system.
        metric: As in the mart.
        found: The value on what was found.
        repaired: The value on what is repaired.
        difference: The second less the first.
        low: Lower end of the 95 % interval of the difference.
        high: Upper end.
        p_value: Adjusted for all comparisons of the mart.
        smallest: The difference that such data show.
        counted: How many users or queries.
    """

    part: str
    group: str
    name: str
    metric: str
    found: float
    repaired: float
    difference: float
    low: float
    high: float
    p_value: float
    smallest: float
    counted: int


@dataclass(frozen=True)
class Worth:
    """What repairs are worth.

    Attributes:
        best: Of each target of recommendation, and of search.
        notes: Of what was not measured, {part: why}.
    """

    best: list[Best]
    notes: dict[str, str]


def worth(rows: Callable[[str], list[dict]]) -> Worth:
    """Return what the best models and systems gain.

    Args:
        rows: Of a query, in the schema of the marts, all of which must be there.
    """
    best, notes = [], {}
    for part, (mart, (group, named, counted), metrics) in _MARTS.items():
        listed = ", ".join(f"'{metric}'" for metric in metrics)
        found = rows(
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
                and metric in ({listed})
                and best_of not like 'locale %'
            order by best_of, metric
            """
        )
        best += [Best(part, *row.values()) for row in found]
        if not found:
            why = rows(
                f"select note from {mart} group by note order by count(*) desc, note"
                " limit 1"
            )
            notes[part] = why[0]["note"] if why else "not measured"
    return Worth(best, notes)
