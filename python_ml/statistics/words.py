"""Words that several sentences have."""

from __future__ import annotations


def plural(column: str) -> str:
    """Return what the groups of a column are called."""
    words = column.replace("_", " ")
    if words.endswith("y"):
        return f"{words[:-1]}ies"
    return f"{words}s"


def fails(rule_name: str | None) -> str:
    """Return what rows do that a rule finds fault with; None: any rule."""
    return f"fail {rule_name}" if rule_name else "have issues"


def rate(failing: float, rows: float) -> str:
    """Return a rate with what it is made of."""
    return f"{failing / rows:.2%} of {rows:,.0f}"
