"""Canonical forms of values that break the rule `in_format`: `canonical_forms`.

A value such as `1.234,50 €` or `Ã¼ber` says something, only not in the form that is
asked for. Here it is written in that form, with the probability that this is what it
says. No value is made up: what a text does not say, and what could be two things, is
left alone or gets a confidence that says so. Every proposal passes the rule.

`rule` asks DuckDB what passes; each kind of value has a module of its own:
`text`, `terms`, `patterns`, `numbers`,
`units`, `times`, `json`. What none of them may change,
`meaning` says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from python_ml.canonical.json import Objects
from python_ml.canonical.numbers import (
    Numbers,
    are_misread,
    integer_candidates,
    measurement_candidates,
)
from python_ml.canonical.patterns import pattern_candidates
from python_ml.canonical.rule import FormatRule
from python_ml.canonical.terms import Currencies, Terms, boolean_candidates
from python_ml.canonical.text import Candidate, Words, clean_text, trimmed
from python_ml.canonical.times import Times
from python_ml.canonical.units import Units

_EXAMPLES = 10_000  # Right values of which more say no more.
_FAMILIES = {
    "number": ("double", "float", "real", "decimal", "numeric", "hugeint"),
    "integer": ("bigint", "integer", "int", "smallint", "tinyint"),
    "boolean": ("boolean",),
    "date": ("date",),
    "timestamp": ("timestamp", "datetime"),
}


@dataclass(frozen=True)
class CanonicalForms:
    """What values are meant to be, in their order.

    Attributes:
        proposed: The canonical form, which passes the rule; None where none is known.
        confidence: float64 [values], the share of such proposals that are right, in
            [0, 1]; 0 where there is none.
        reason: What was done, in words; where nothing was proposed, why.
    """

    proposed: list[str | None]
    confidence: np.ndarray
    reason: list[str]


def canonical_forms(
    values: Sequence[str], rule: FormatRule, examples: Sequence[str] | None = None
) -> CanonicalForms:
    """Write values that fail a rule in the form that it asks for.

    Args:
        values: Distinct texts that fail, as they were found; they are judged by one
            another, too.
        rule: What they fail.
        examples: Values of the column that pass, a sample of some thousands; they
            decide what could be two things. None is to have none.

    Returns:
        For each value what it is meant to be. A value that passes stays as it is, at a
        confidence of 1.

    Raises:
        duckdb.Error: If the pattern or the type of the rule is none of DuckDB.
    """
    values = list(values)
    examples = list(examples or ())[:_EXAMPLES]
    result = CanonicalForms(
        [None] * len(values),
        np.zeros(len(values)),
        ["no canonical form is known"] * len(values),
    )
    passing = rule.passes(values)
    if _kind(rule) == "number":
        passing &= ~np.array(are_misread(values), bool)
    failing = np.flatnonzero(~passing).tolist()
    for place in np.flatnonzero(passing).tolist():
        _put(result, place, Candidate(values[place], 1.0, "it passes as it is"))
    texts = [values[place] for place in failing]
    for place, best in zip(failing, _best(texts, rule, examples), strict=True):
        if isinstance(best, Candidate):
            _put(result, place, best)
        else:
            result.reason[place] = best
    return result


def _put(result: CanonicalForms, place: int, candidate: Candidate) -> None:
    result.proposed[place] = candidate.text
    result.confidence[place] = candidate.confidence
    result.reason[place] = candidate.reason


def _best(
    values: list[str], rule: FormatRule, examples: list[str]
) -> list[Candidate | str]:
    """Return the surest candidate of each value that passes, or why there is none."""
    kind = _kind(rule)
    if kind == "pattern":
        found = pattern_candidates(values, rule.passes, examples)
        return [one[0] if one else "no way of writing it passes" for one in found]
    candidates_of = _reader(kind, values, rule, examples)
    found = [candidates_of(value) for value in values]
    texts = list({one.text: None for candidates in found for one in candidates})
    is_right = dict(zip(texts, rule.passes(texts).tolist(), strict=True))
    result: list[Candidate | str] = []
    for value, candidates in zip(values, found, strict=True):
        # What is blank is missing, and no value.
        passing = [
            one for one in candidates if is_right[one.text] and trimmed(one.text)
        ]
        if passing:
            result.append(passing[0])
        elif candidates:
            result.append(f"{candidates[0].text!r} breaks the rule, too")
        elif not trimmed(value):
            result.append("there is nothing to read")
        else:
            result.append("no canonical form is known")
    return result


def _kind(rule: FormatRule) -> str:
    """Return what the values of a rule are: a form, `values` or `pattern`."""
    if rule.form:
        return rule.form
    if rule.allowed is not None:
        return "values"
    type = rule.type.lower().split("(")[0].split(" ")[0]
    for kind, types in _FAMILIES.items():
        if type in types:
            return kind
    return "pattern" if rule.pattern is not None else "number"


def _reader(
    kind: str, values: list[str], rule: FormatRule, examples: list[str]
) -> Callable[[str], list[Candidate]]:
    """Return what reads the values of a column."""
    if kind == "clean_text":
        words = Words(examples)
        return lambda value: [clean_text(value, words)]
    if kind == "values":
        return Terms(rule.allowed or ()).candidates
    if kind == "boolean":
        return boolean_candidates
    vocabulary = rule.vocabulary or ()
    if kind == "currency":
        return Currencies(vocabulary, examples).candidates
    if kind == "measurement":
        units = Units(vocabulary, [text.lstrip("0123456789., ") for text in examples])
        return lambda value: measurement_candidates(value, units)
    if kind == "json":
        return Objects(examples).candidates
    if kind in ("date", "timestamp"):
        times = Times(values, examples)
        return lambda value: times.candidates(value, as_date=kind == "date")
    whole = kind == "integer"
    numbers = Numbers(values, examples, rule.minimum, rule.maximum, whole=whole)
    if whole:
        return lambda value: integer_candidates(numbers.candidates(value))
    return numbers.candidates
