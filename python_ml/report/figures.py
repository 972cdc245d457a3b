"""How figures are written, and where they stand on a scale."""

from __future__ import annotations

from datetime import date

from python_ml.report.words import Words

_DASH = "–"


def score(value: float | None) -> str:
    """Write a score of [0, 1]."""
    return _DASH if value is None else f"{value:.3f}"


def percent(value: float | None) -> str:
    """Write a share so that all and none are told from nearly that."""
    if value is None:
        return _DASH
    if 0 < value < 0.001:
        return "<0.1%"
    if 0.999 < value < 1:
        return ">99.9%"
    return f"{value:.1%}"


def whole(value: float | None) -> str:
    """Write a count."""
    return _DASH if value is None else f"{round(value):,}"


def gain(value: float | None) -> str:
    """Write what an index would gain, to four places where it is small."""
    if value is None:
        return _DASH
    return f"+{value:.3f}" if value >= 0.001 else f"+{value:.4f}"


def p_value(value: float | None) -> str:
    """Write a p-value with its sign: `p = 0.004`, `p < 0.0001`."""
    if value is None:
        return ""
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.2g}"


def measured(value: float | None, measure: str, words: Words) -> str:
    """Write a value of a series in the unit of its measure."""
    if value is None:
        return _DASH
    if measure in ("failure_rate", "share", "clean_row_share"):
        return percent(value)
    if measure == "quality_index":
        return score(value)
    if measure == "rows":
        return whole(value)
    if measure == "freshness":
        return str(words("{hours} hours", hours=f"{value:,.0f}"))
    return f"{value:,.4g}"


def place(value: float, bottom: float, top: float = 1.0) -> str:
    """Return where a value stands between two ends, in per cent, for SVG."""
    share = (value - bottom) / (top - bottom) if top > bottom else 0.0
    return f"{100 * min(1.0, max(0.0, share)):.4g}%"


def height(value: float, bottom: float, pixels: float) -> str:
    """Return how far below the top of a chart of so many pixels a share stands."""
    share = (value - bottom) / (1 - bottom)
    return f"{pixels * (1 - min(1.0, max(0.0, share))):.1f}"


def span(first: date, last: date) -> str:
    """Write the days from one to another."""
    if first == last:
        return first.isoformat()
    return f"{first.isoformat()} – {last.isoformat()}"
