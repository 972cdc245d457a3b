"""Values that a pattern should have matched: a ladder of ways to write them again.

Each step changes how a value is written and not what it says; the first step, or pair
or triple of steps, after which the pattern matches is proposed. Which steps there are
does not depend on the pattern: e-mail addresses, telephone numbers, locales, codes.

A pattern such as `^[0-9]+$` would be as content with 25 as with 2.5. So numbers and
signs stay as they are, and a separator between digits goes only where the column shows
that it groups them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from python_ml.canonical.meaning import Groups, is_meaning_kept
from python_ml.canonical.terms import folded_width
from python_ml.canonical.text import Candidate, clean_text

_LONGEST = 300  # Characters of a value that is written anew.
_DEPTH = 3
_AGAIN = 0.995  # For each step after the first.
_OTHER = 0.3  # Most that a value is worth which may say something else.
_RIVAL = 0.06  # By how much less sure a candidate may be and still be one.
_DIGITS = str.maketrans("OolI", "0011")

Step = tuple[Callable[[str], str], float, str]


def _spaceless(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _without_separators(text: str) -> str:
    # The (0) of +49 (0)151 is dialled within the country only.
    text = re.sub(r"(?<=\d)\s*\(0\)\s*", "", text)
    return re.sub(r"(?<=[\d+)])[\s\-./()]+|^\(", "", text)


def _locale(text: str) -> str:
    found = re.fullmatch(r"([A-Za-z]{2,3})([-_ ])([A-Za-z]{2})", text)
    return found[1].lower() + found[2] + found[3].upper() if found else text


def _digits(text: str) -> str:
    if sum(character.isdigit() for character in text) * 2 < len(text):
        return text
    return re.sub(
        r"[OolI](?=.*\d)|(?<=\d)[OolI]", lambda o: o[0].translate(_DIGITS), text
    )


def _unbracketed(text: str) -> str:
    found = re.fullmatch(r"(?s)([<(\[\"'`]+)(.*?)([>)\]\"'`]+)", text)
    pairs = dict(zip("<([\"'`", ">)]\"'`", strict=True))
    if not found or "".join(pairs[sign] for sign in found[1][::-1]) != found[3]:
        return text
    return found[2]


def _sub(pattern: str, replacement: str, flags: int = 0) -> Callable[[str], str]:
    compiled = re.compile(pattern, flags)
    return lambda text: compiled.sub(replacement, text)


_STEPS: tuple[Step, ...] = (
    (folded_width, 0.99, "full-width characters"),
    (_sub(r"^(?:mailto|tel|sms):/{0,2}", "", re.I), 0.99, "prefix removed"),
    (_unbracketed, 0.985, "brackets or quotes removed"),
    (str.lower, 0.985, "letter case"),
    (_locale, 0.99, "letter case of a locale"),
    (str.upper, 0.97, "letter case"),
    (_sub(r"(?<=\w)([@._-])\1+(?=\w)", r"\1"), 0.975, "repeated character"),
    (_sub(r"\s+at\s+|\s*[(\[{]\s*at\s*[)\]}]\s*", "@", re.I), 0.975, "`at` for `@`"),
    (_sub(r"\s+dot\s+|\s*[(\[{]\s*dot\s*[)\]}]\s*", ".", re.I), 0.97, "`dot` for `.`"),
    (_sub(r"\s+([@.])\s*|([@.])\s+", r"\1\2"), 0.98, "spaces removed"),
    (_sub(r"^\+?00(?=[1-9])", "+"), 0.975, "international prefix"),
    # +0151 may have lost its country.
    (_sub(r"^\+0+(?=[1-9])", "+"), 0.6, "international prefix"),
    (_without_separators, 0.975, "separators between digits removed"),
    # Three points say that something is cut off.
    (_sub(r"(?<![.,;:!?])[.,;:]$", ""), 0.975, "punctuation removed"),
    (_sub("_", "-"), 0.98, "`-` for `_`"),
    (_sub(r"(?<=\w)-(?=\w)", "_"), 0.97, "`_` for `-`"),
    (_sub("[‐‑‒–—−]", "-"), 0.985, "dash of ASCII"),
    (_sub(r"(?<=\w) +(?=\w)", "-"), 0.95, "`-` for a space"),
    (_sub(r"(?<=\w) +(?=\w)", "_"), 0.95, "`_` for a space"),
    (_spaceless, 0.95, "spaces removed"),
    (_sub(r"(?<=\w)-(?=\w)", ""), 0.93, "dashes removed"),
    (_sub(",", "."), 0.95, "point for a comma"),
    (_digits, 0.9, "letter read as a digit"),
    (_sub(r"^(?=[1-9]\d{9,})", "+"), 0.6, "`+` put first"),
)


def _steps(examples: Sequence[str]) -> tuple[Step, ...]:
    """Return the steps, with those that right values of the column teach."""
    domains = Counter(
        text.rsplit("@", 1)[1] for text in examples if text.count("@") == 1
    )
    if sum(domains.values()) < 0.5 * len(examples) or not domains:
        return _STEPS
    return (
        *_STEPS,
        (_at_put_in(domains), 0.97, "`@` put before a domain that is usual here"),
        (_ended(domains), 0.96, "end of a domain that is usual here"),
    )


def _at_put_in(domains: Counter) -> Callable[[str], str]:
    usual = {domain for domain, count in domains.items() if count > 1}
    longest = max(map(len, usual), default=0)

    def put_in(text: str) -> str:
        if "@" in text or text.lower() in usual:
            return text
        # From the longest domain on: `gmail.com` before `mail.com`.
        for size in range(min(longest, len(text) - 1), 0, -1):
            if text[-size:].lower() in usual:
                name = text[:-size]
                # `www.web.de`, `see web.de` and `https://web.de` name no one.
                is_name = re.fullmatch(r"[\w.+%-]*[\w+]", name)
                return f"{name}@{text[-size:]}" if is_name else text
        return text

    return put_in


def _ended(domains: Counter) -> Callable[[str], str]:
    by_name: dict[str, Counter] = {}
    for domain, count in domains.items():
        by_name.setdefault(domain.split(".")[0], Counter())[domain] += count

    def ended(text: str) -> str:
        name, at, domain = text.rpartition("@")
        whole = by_name.get(domain.lower().rstrip("."))
        if not at or not whole:
            return text
        (usual, count), *_ = whole.most_common(1)
        # A name that ends in several ways says nothing.
        return f"{name}@{usual}" if count >= 0.95 * whole.total() else text

    return ended


def pattern_candidates(
    values: Sequence[str],
    passes: Callable[[Sequence[str]], Iterable[bool]],
    examples: Sequence[str] = (),
) -> list[list[Candidate]]:
    """Write values in other ways until they pass.

    Args:
        values: Failing values.
        passes: Whether each of some texts passes.
        examples: Right values of the column.

    Returns:
        For each value the candidates that pass after the same number of steps, the
        surest first.
    """
    steps = _steps(examples)
    groups = Groups(values, examples)
    result: list[list[Candidate]] = [[] for _ in values]
    level = {
        place: [clean_text(value)]
        for place, value in enumerate(values)
        if len(value) <= _LONGEST
    }
    seen: dict[int, set[str]] = {place: {values[place]} for place in level}
    for depth in range(_DEPTH + 1):
        if depth:
            level = {
                place: _written(found, steps, seen[place])
                for place, found in level.items()
                if not result[place]
            }
        texts = list({one.text: None for found in level.values() for one in found})
        is_right = dict(zip(texts, passes(texts), strict=True))
        for place, found in level.items():
            result[place] = [
                checked
                for one in found
                if is_right[one.text]
                and (checked := _as_sure_as_it_keeps(values[place], one, groups))
            ]
    return [without_doubt(found) for found in result]


def _written(
    candidates: Sequence[Candidate], steps: Sequence[Step], seen: set[str]
) -> list[Candidate]:
    """Write candidates in other ways by one step each, each text once."""
    best: dict[str, Candidate] = {}
    for before in candidates:
        for step, confidence, reason in steps:
            text = step(before.text)
            # Removing all is no way of writing.
            if text == before.text or text in seen or not _is_same(before.text, text):
                continue
            sure = min(before.confidence, confidence)
            if before.reason:
                sure *= _AGAIN
                reason = f"{before.reason}, {reason}"
            if text not in best or sure > best[text].confidence:
                best[text] = Candidate(text, sure, reason)
    seen.update(best)
    return sorted(best.values(), key=lambda one: -one.confidence)


def _as_sure_as_it_keeps(
    value: str, candidate: Candidate, groups: Groups
) -> Candidate | None:
    """Return a candidate, less sure or None where it may say something else."""
    if is_meaning_kept(value, candidate.text):
        return candidate
    sure = groups.confidence(value, candidate.text)
    if re.sub(r"\D", "", value) != re.sub(r"\D", "", candidate.text):
        # Letters read as digits, `(0)` and prefixes of telephone numbers.
        is_telephone = candidate.text.startswith("+")
        sure = max(sure if is_telephone else 0.0, _OTHER)
    if not sure:
        return None
    return candidate._replace(confidence=min(candidate.confidence, sure))


def without_doubt(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Halve the confidence of a candidate that has a rival.

    Args:
        candidates: Of one value; they pass.

    Returns:
        The same, the surest first.
    """
    found = sorted(candidates, key=lambda one: -one.confidence)
    if len(found) > 1 and found[1].confidence > found[0].confidence - _RIVAL:
        first = found[0]
        reason = f"{first.reason}, another form would fit, too"
        found[0] = first._replace(confidence=first.confidence / 2, reason=reason)
    return found


def _is_same(before: str, after: str) -> bool:
    """Whether a step left the letters and digits, but for what it may change."""
    return sum(map(str.isalnum, after)) >= 0.6 * sum(map(str.isalnum, before)) > 0
