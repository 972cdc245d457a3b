"""Intervals and tests of shares: of counted rows, without numpy.

Days differ by more than chance: rows of one day fail together. A test that does not
know it takes every large day for a strange one.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, erfc, sqrt

_Z = 1.959963984540054
# Up to here the tail of a binomial is summed; above it is a normal one's.
_SUMMED = 200


def wilson(count: float, rows: float) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927), in [0, 1].

    Args:
        count: Rows that have it, 0 to `rows`.
        rows: All rows; of none the interval is 0 to 1.
    """
    if rows <= 0:
        return 0.0, 1.0
    share, spread = count / rows, _Z**2 / rows
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * sqrt(share * (1 - share) / rows + spread / (4 * rows))
    # Rounding must not put the share outside.
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def true_spread(counts: Sequence[tuple[float, float]]) -> float:
    """Return the standard deviation of the true shares of groups, 0 if all is chance.

    By moments (DerSimonian and Laird 1986).

    Args:
        counts: Of each group the rows that have it, and all its rows, at least 1.
    """
    total = sum(rows for _, rows in counts)
    share = sum(count for count, _ in counts) / total
    unit = share * (1 - share)
    weight = total - sum(rows**2 for _, rows in counts) / total
    if unit <= 0 or weight <= 0:
        return 0.0
    off = sum(rows * (count / rows - share) ** 2 for count, rows in counts) / unit
    return sqrt(max(0.0, unit * (off - (len(counts) - 1)) / weight))


def same_share_p(
    one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]
) -> float | None:
    """Return the two-sided p that two sets of days have one share.

    The test of Mantel and Haenszel (1959), with the variance as much larger as days of
    one set differ by more than chance (quasi-likelihood; McCullagh and Nelder 1989).

    Args:
        one: Of each day the rows that have it, and all its rows, at least 1.
        other: The same of the other days.

    Returns:
        None where nothing can be compared: a set is empty, or all rows are alike.
    """
    (hits, rows), (other_hits, other_rows) = (
        (sum(count for count, _ in days), sum(rows for _, rows in days))
        for days in (one, other)
    )
    both, found = rows + other_rows, hits + other_hits
    if rows <= 0 or other_rows <= 0 or found <= 0 or found >= both:
        return None
    variance = rows * other_rows * found * (both - found) / (both**2 * (both - 1))
    off = 0.0
    for days, share in ((one, hits / rows), (other, other_hits / other_rows)):
        off += sum(size * (count / size - share) ** 2 for count, size in days)
    free = max(1, len(one) + len(other) - 2)
    excess = max(1.0, off / (found / both * (1 - found / both)) / free)
    z = abs(hits - rows * found / both) / sqrt(variance * excess)
    return erfc(z / sqrt(2))


def share_p(count: float, rows: float, share: float, spread: float) -> float:
    """Return the two-sided p of a day whose true share varies by `spread` around one.

    The larger of that of a binomial, which is exact for few rows, and of a normal with
    both variances.

    Args:
        count: 0 to `rows`.
        rows: At least 1.
        share: In [0, 1].
        spread: As `true_spread` returns it.
    """
    by_chance = binomial_p(round(count), round(rows), share)
    if spread <= 0:
        return by_chance
    variance = share * (1 - share) / rows + spread**2
    return max(by_chance, erfc(abs(count / rows - share) / sqrt(2 * variance)))


def binomial_p(count: int, rows: int, share: float) -> float:
    """Return the two-sided p of a count of `rows` with that share: twice the less tail.

    Args:
        count: 0 to `rows`.
        rows: At least 1.
        share: In [0, 1].
    """
    if share <= 0 or share >= 1:
        return 1.0 if count == round(rows * share) else 0.0
    if rows > _SUMMED:
        spread = sqrt(rows * share * (1 - share))
        off = max(abs(count - rows * share) - 0.5, 0.0) / spread
        return min(1.0, erfc(off / sqrt(2)))
    terms = [
        comb(rows, hit) * share**hit * (1 - share) ** (rows - hit)
        for hit in range(rows + 1)
    ]
    return min(1.0, 2 * min(sum(terms[: count + 1]), sum(terms[count:])))
