"""Intervals and tests of shares: of counted rows, without numpy."""

from __future__ import annotations

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


def same_share_p(
    count: float, rows: float, other: float, other_rows: float
) -> float | None:
    """Return the two-sided p that two groups have one rate (Mantel and Haenszel 1959).

    Args:
        count: Rows of the first group that have it, 0 to `rows`.
        rows: All rows of the first group.
        other: The same of the second group.
        other_rows: All its rows.

    Returns:
        None where nothing can be compared: a group is empty, or all rows are alike.
    """
    both, hits = rows + other_rows, count + other
    if rows <= 0 or other_rows <= 0 or hits <= 0 or hits >= both:
        return None
    variance = rows * other_rows * hits * (both - hits) / (both**2 * (both - 1))
    return erfc(abs(count - rows * hits / both) / sqrt(2 * variance))


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
