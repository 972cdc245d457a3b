"""An incident in one sentence."""

from __future__ import annotations

import math

_LONGEST = 60  # Characters of a value that is shown.
_AS_PERCENT = ("failure_rate", "share")


def summary(incident: dict, history_days: int) -> str:
    """Return what happened, where and how sure it is.

    Args:
        incident: A row of the incidents without its summary.
        history_days: Days that were there to learn from.
    """
    measure = incident["measure"]
    low, high = incident["expected_low"], incident["expected_high"]
    if measure == "rows" and None not in (low, high):
        # The whole numbers between: what is above them is not one of them.
        low, high = math.ceil(low), max(math.floor(high), math.ceil(low))
    low, high = number(low, measure), number(high, measure)
    found = number(incident["found"], measure)
    expected = f"{low} to {high}" if low != high else low
    text = (
        f"{_shown(incident['feed'])}: {_subject(incident)} was {found} on "
        f"{incident['worst_day']}, {incident['direction']} the expected {expected}"
    )
    if incident["first_day"] != incident["last_day"]:
        text += f" ({incident['first_day']} to {incident['last_day']})"
    if incident["slice_type"]:
        kind = incident["slice_type"].replace("_", " ")
        text += (
            f"; {kind} {_shown(incident['slice_value'])} explains "
            f"{incident['explained_share']:.0%} of it"
        )
    if incident["related"]:
        others = (
            "one other series"
            if incident["related"] == 1
            else (f"{incident['related']} other series")
        )
        text += f"; with it {others}"
    if incident["little_history"]:
        text += f"; little history, {history_days} days"
    return text + "."


def number(value: float, measure: str) -> str:
    """Return a value of a measure as a person reads it."""
    if value is None or not math.isfinite(value):
        return "unknown"
    if measure in _AS_PERCENT:
        return f"{100 * value:.3g} %"
    if measure == "rows":
        return f"{value:,.0f}"
    if measure == "freshness":
        return f"{value:.1f} hours"
    if measure == "quality_index":
        return f"{value:.3f}"
    return f"{value:,.4g}"


def _subject(incident: dict) -> str:
    column = _shown(incident["column_name"])
    return {
        "failure_rate": f"the failure rate of {_shown(incident['rule_name'])}",
        "rows": "the number of rows",
        "freshness": "the age of the newest row",
        "quality_index": "the quality index",
        "population_stability": f"the population stability index of {column}",
        "share": f"the share of {_shown(incident['value_of_column'])} in {column}",
        "mean": f"the mean of {column}",
        "spread": f"the spread of {column}",
    }.get(incident["measure"], f"{_shown(incident['measure'])} of {column}")


def _shown(value: str | None) -> str:
    """Return a text from data on one line, without what a terminal would obey."""
    if value is None:
        return "(none)"
    text = "".join(one if one.isprintable() else " " for one in value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
