"""What a test found: `Comparison`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import md5
from typing import Any

LARGEST_P = 0.05
"""Up to this adjusted p value a difference is said to be seen."""

COLUMNS = {
    "comparison_id": str,
    "feed": str,
    "question": str,
    "rule_name": str,
    "component": str,
    "group_column": str,
    "test": str,
    "observation": str,
    "groups": int,
    "observations": int,
    "statistic": float,
    "degrees_of_freedom": float,
    "degrees_of_freedom_within": float,
    "p_value": float,
    "p_value_basis": str,
    "adjusted_p_value": float,
    "is_different": bool,
    "effect_name": str,
    "effect": float,
    "highest_group": str,
    "lowest_group": str,
    "sentence": str,
}


@dataclass(frozen=True)
class Comparison:
    """One test, before its p value is adjusted for their number."""

    feed: str
    question: str
    test: str
    """chi_square, welch_anova, welch_t, levene, kruskal, mann_whitney, spearman or
    pearson."""
    observation: str
    """What counts as one: row, day, week or month."""
    groups: int
    observations: int
    difference: str
    """The sentence if a difference was seen, without its figures in brackets."""
    no_difference: str
    """The sentence if none was."""
    rule_name: str | None = None
    component: str | None = None
    group_column: str | None = None
    statistic: float | None = None
    degrees_of_freedom: float | None = None
    degrees_of_freedom_within: float | None = None
    p_value: float | None = None
    """None where there was nothing to test."""
    p_value_basis: str | None = None
    """asymptotic, exact or simulated."""
    effect_name: str | None = None
    effect: float | None = None
    highest_group: str | None = None
    lowest_group: str | None = None
    note: str = ""
    """What else a reader has to know, as a sentence."""

    @property
    def comparison_id(self) -> str:
        """The same in each build for the same question: 32 hexadecimal digits."""
        # Of several pairs of groups whatever their order.
        pair = sorted(filter(None, [self.highest_group, self.lowest_group]))
        said = [self.feed, self.question, self.rule_name, self.component]
        said += [self.group_column, self.test]
        if self.test in ("welch_t", "mann_whitney"):
            said += pair
        text = "|".join(part or "" for part in said)
        return md5(text.encode(), usedforsecurity=False).hexdigest()

    def row(self, adjusted: float | None) -> dict[str, Any]:
        """Return what the mart says of it, given its adjusted p value."""
        is_different = adjusted is not None and adjusted <= LARGEST_P
        figures = [f"n = {self.observations:,} {_many(self)}"]
        if adjusted is not None:
            figures.append(f"adjusted p {_p(adjusted)}")
        if is_different and self.effect is not None:
            name = (self.effect_name or "").replace("_", " ")
            figures.append(f"{name} {self.effect:.2f}")
        words = self.difference if is_different else self.no_difference
        sentence = f"{words} ({', '.join(figures)})."
        found = {
            **{name: getattr(self, name, None) for name in COLUMNS},
            "adjusted_p_value": adjusted,
            "is_different": is_different if adjusted is not None else None,
            "sentence": " ".join(filter(None, [sentence, self.note])),
        }
        return {name: _plain(found[name], kind) for name, kind in COLUMNS.items()}

    def with_note(self, note: str) -> Comparison:
        """Return the same with one more sentence."""
        return replace(self, note=" ".join(filter(None, [self.note, note])))


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Adjust p values of a family so that of those up to q a share of q is by chance.

    Benjamini & Hochberg (1995), Controlling the false discovery rate.
    """
    from scipy.stats import false_discovery_control

    return false_discovery_control(p_values).tolist() if len(p_values) else []


def _many(comparison: Comparison) -> str:
    one = comparison.observation
    return one if comparison.observations == 1 else f"{one}s"


def _p(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"= {value:.2g}"


def _plain(value: Any, kind: type) -> Any:
    """Return a value of Python; no number that is none."""
    if value is None or (kind is float and not abs(float(value)) < float("inf")):
        return None
    return kind(value)
