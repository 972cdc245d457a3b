"""Whether days of one group are better than of another: `compare_scores`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
from scipy import stats

from python_ml.statistics.comparisons import Comparison
from python_ml.statistics.periods import DEPENDENT, Days, periods_of
from python_ml.statistics.words import plural

_MOST_PAIRS = 5  # Groups up to which each two are compared.


def compare_scores(
    groups: Mapping[str, Days], *, feed: str, group_column: str
) -> list[Comparison]:
    """Test whether the share of checks that pass differs between groups.

    One observation is a day (or a week, or a month: `periods_of`) of a group: rows of
    one day are not counted as many. Days that all groups share make their difference
    look less certain than it is, not more. Welch's t and analysis of variance ask for
    the means and take no equal variances (Welch 1947, 1951); Levene's test, about the
    median (Brown & Forsythe 1974), whether some scatter more; Kruskal & Wallis and Mann
    & Whitney, by ranks, hold for any distribution.

    Args:
        groups: Checks and failing checks by group and day.
        feed: Of which table.
        group_column: What the groups are: source_system or category.

    Returns:
        Of two groups a t test, Levene's and Mann & Whitney's; of more the analysis of
        variance, Levene's and Kruskal & Wallis's, and up to five groups each pair by t
        and by ranks. Nothing where fewer than two groups have five periods.
    """
    periods = periods_of(groups)
    found = {
        name: np.array(list(scores.values()))
        for name, scores in sorted(periods.scores.items())
    }
    if len(found) < 2:
        return []
    about: dict[str, Any] = {
        "feed": feed,
        "group_column": group_column,
        "observation": periods.unit,
    }
    together = np.concatenate(list(found.values()))
    if np.ptp(together) <= 1e-12:
        return [_all_alike(found, float(together[0]), about)]
    tests = [*_levene(found, about)]
    if len(found) == 2:
        tests += [*_pair(found, about)]
    else:
        tests += [*_welch_anova(found, about), _kruskal(found, about)]
        if len(found) <= _MOST_PAIRS:
            for pair in combinations(found, 2):
                tests += _pair({name: found[name] for name in pair}, about)
    left = len(groups) - len(found)
    notes = [DEPENDENT] if periods.is_dependent else []
    if left:
        verb = "groups have" if left > 1 else "group has"
        notes.append(f"{left:,} further {verb} too few {periods.unit}s.")
    return [test.with_note(" ".join(notes)) for test in tests]


def _all_alike(
    found: Mapping[str, np.ndarray], score: float, about: dict[str, Any]
) -> Comparison:
    said = f"All {about['observation']}s of all groups have the score {score:.3f}"
    return Comparison(
        question=_question(about),
        test="kruskal",
        groups=len(found),
        observations=sum(map(len, found.values())),
        difference=said,
        no_difference=f"{said}: there is nothing to compare",
        **about,
    )


def _question(about: Mapping[str, Any], what: str = "does the score depend on") -> str:
    text = f"{what} the {about['group_column'].replace('_', ' ')}?"
    return text[0].upper() + text[1:]


def _none_seen(about: Mapping[str, Any], names: Mapping[str, Any], what: str) -> str:
    if len(names) == 2:
        one, other = names
        return f"No difference between {one} and {other} was seen in {what}"
    column = plural(about["group_column"])
    return f"No difference between {len(names)} {column} was seen in {what}"


def _ends(by_group: Mapping[str, float]) -> tuple[str, str]:
    return max(by_group, key=by_group.__getitem__), min(
        by_group, key=by_group.__getitem__
    )


def _welch_anova(
    found: Mapping[str, np.ndarray], about: dict[str, Any]
) -> list[Comparison]:
    samples = list(found.values())
    variances = np.array([sample.var(ddof=1) for sample in samples])
    if (variances <= 1e-24).any():
        return []  # A group without variance would have all the weight.
    result = stats.f_oneway(*samples, equal_var=False)
    sizes = np.array([len(sample) for sample in samples])
    weights = sizes / variances
    spread = ((1 - weights / weights.sum()) ** 2 / (sizes - 1)).sum()
    together = np.concatenate(samples)
    between = sum(len(s) * (s.mean() - together.mean()) ** 2 for s in samples)
    means = {name: float(sample.mean()) for name, sample in found.items()}
    high, low = _ends(means)
    return [
        Comparison(
            question=_question(about),
            test="welch_anova",
            groups=len(found),
            observations=len(together),
            difference=(
                f"The mean score differs between {plural(about['group_column'])}: it is"
                f" highest for {high} ({means[high]:.3f}) and lowest for {low}"
                f" ({means[low]:.3f})"
            ),
            no_difference=_none_seen(about, found, "the mean score"),
            statistic=float(result.statistic),
            degrees_of_freedom=len(found) - 1,
            degrees_of_freedom_within=float((len(found) ** 2 - 1) / (3 * spread)),
            p_value=float(result.pvalue),
            p_value_basis="asymptotic",
            effect_name="eta_squared",
            effect=float(between / np.square(together - together.mean()).sum()),
            highest_group=high,
            lowest_group=low,
            **about,
        )
    ]


def _levene(found: Mapping[str, np.ndarray], about: dict[str, Any]) -> list[Comparison]:
    samples = list(found.values())
    away = {n: float(np.abs(s - np.median(s)).mean()) for n, s in found.items()}
    if max(away.values()) <= 1e-12:
        return []
    result = stats.levene(*samples, center="median")
    high, low = _ends(away)
    unit = about["observation"]
    return [
        Comparison(
            question=_question(about, "does the scatter of scores depend on"),
            test="levene",
            groups=len(found),
            observations=sum(map(len, samples)),
            difference=(
                f"Scores of {high} scatter more from {unit} to {unit} (by"
                f" {away[high]:.4f} on average) than those of {low} ({away[low]:.4f})"
            ),
            no_difference=_none_seen(about, found, "how much scores scatter"),
            statistic=float(result.statistic),
            degrees_of_freedom=len(found) - 1,
            degrees_of_freedom_within=sum(map(len, samples)) - len(found),
            p_value=float(result.pvalue),
            p_value_basis="asymptotic",
            highest_group=high,
            lowest_group=low,
            **about,
        )
    ]


def _kruskal(found: Mapping[str, np.ndarray], about: dict[str, Any]) -> Comparison:
    samples = list(found.values())
    result = stats.kruskal(*samples)
    n, k = sum(map(len, samples)), len(samples)
    ranks = stats.rankdata(np.concatenate(samples))
    ends = np.cumsum([len(sample) for sample in samples])
    parts = np.split(ranks, ends[:-1])
    means = {name: float(r.mean()) for name, r in zip(found, parts, strict=True)}
    high, low = _ends(means)
    return Comparison(
        question=_question(about),
        test="kruskal",
        groups=k,
        observations=n,
        difference=(
            f"Scores differ between {plural(about['group_column'])}: they tend to be"
            f" highest for {high} (median {np.median(found[high]):.3f}) and lowest for"
            f" {low} ({np.median(found[low]):.3f})"
        ),
        no_difference=_none_seen(about, found, "the ranks of scores"),
        statistic=float(result.statistic),
        degrees_of_freedom=k - 1,
        p_value=float(result.pvalue),
        p_value_basis="asymptotic",
        effect_name="eta_squared",
        # Tomczak & Tomczak (2014), The need to report effect size estimates revisited.
        effect=max(0.0, float((result.statistic - k + 1) / (n - k))),
        highest_group=high,
        lowest_group=low,
        **about,
    )


def _pair(found: Mapping[str, np.ndarray], about: dict[str, Any]) -> list[Comparison]:
    """Return Welch's t test and Mann & Whitney's of two groups."""
    (first, a), (second, b) = found.items()
    tests = []
    if a.var() + b.var() > 1e-24:
        # Of moments: a group that never changes makes the other form warn.
        moments = [(x.mean(), x.std(ddof=1), len(x)) for x in (a, b)]
        result = stats.ttest_ind_from_stats(*moments[0], *moments[1], equal_var=False)
        high, low = (first, second) if a.mean() >= b.mean() else (second, first)
        tests.append(
            Comparison(
                question=_question(about),
                test="welch_t",
                groups=2,
                observations=len(a) + len(b),
                difference=(
                    f"The mean score of {high} ({found[high].mean():.3f}) is higher"
                    f" than that of {low} ({found[low].mean():.3f})"
                ),
                no_difference=_none_seen(about, found, "the mean score"),
                statistic=abs(float(result.statistic)),
                degrees_of_freedom=_welch_freedom(a, b),
                p_value=float(result.pvalue),
                p_value_basis="asymptotic",
                effect_name="hedges_g",
                effect=hedges_g(found[high], found[low]),
                highest_group=high,
                lowest_group=low,
                **about,
            )
        )
    if np.ptp(np.concatenate([a, b])) <= 1e-12:
        return tests
    result = stats.mannwhitneyu(a, b, alternative="two-sided")
    sign = 2 * float(result.statistic) / (len(a) * len(b)) - 1
    high, low = (first, second) if sign >= 0 else (second, first)
    is_exact = min(len(a), len(b)) <= 8 and len({*a, *b}) == len(a) + len(b)
    tests.append(
        Comparison(
            question=_question(about),
            test="mann_whitney",
            groups=2,
            observations=len(a) + len(b),
            difference=(
                f"A {about['observation']} of {high} has a higher score than one of"
                f" {low} in {(1 + abs(sign)) / 2:.0%} of pairs"
            ),
            no_difference=_none_seen(about, found, "the ranks of scores"),
            statistic=float(result.statistic),
            p_value=float(result.pvalue),
            p_value_basis="exact" if is_exact else "asymptotic",
            effect_name="rank_biserial",
            effect=abs(sign),
            highest_group=high,
            lowest_group=low,
            **about,
        )
    )
    return tests


def _welch_freedom(a: np.ndarray, b: np.ndarray) -> float:
    """Return the degrees of freedom of Welch (1947), for unequal variances."""
    parts = [x.var(ddof=1) / len(x) for x in (a, b)]
    below = sum(p**2 / (len(x) - 1) for p, x in zip(parts, (a, b), strict=True))
    return float(sum(parts) ** 2 / below)


def hedges_g(a: np.ndarray, b: np.ndarray) -> float:
    """Return the difference of means in standard deviations, corrected for its bias.

    Hedges (1981), Distribution theory for Glass's estimator of effect size.
    """
    free = len(a) + len(b) - 2
    pooled = ((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / free
    return float((a.mean() - b.mean()) / np.sqrt(pooled) * (1 - 3 / (4 * free - 1)))
