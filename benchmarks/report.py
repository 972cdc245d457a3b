"""The results as tables (Markdown and CSV) and as a chart."""

import csv
import os
import platform
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np

COLUMNS = [
    "rows",
    "tool",
    "median_seconds",
    "least_seconds",
    "most_seconds",
    "seconds_less_start",
    "median_cpu_seconds",
    "peak_gigabytes",
    "ratio",
    "yields",
]


def machine() -> str:
    """Return one line on the machine and the versions."""
    processor = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            processor = line.split(":")[1].strip()
            break
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    packages = ["dbt-core", "dbt-duckdb", "duckdb"]
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return (
        f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, "
        f"{platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {versions}"
    )


def summary(result: dict, reference: str) -> list[dict]:
    """Return one row per tool; ratios are of seconds less start, to `reference`."""
    rows = []
    for tool in result["tools"]:
        timings = result["timings"][tool.name]
        starts = result["timings"].get(f"{tool.name}, start", [])
        seconds = [timing.seconds for timing in timings]
        start = median(timing.seconds for timing in starts) if starts else 0.0
        rows.append(
            {
                "rows": result["rows"],
                "tool": tool.name,
                "median_seconds": median(seconds),
                "least_seconds": min(seconds),
                "most_seconds": max(seconds),
                "seconds_less_start": median(seconds) - start,
                "median_cpu_seconds": median(timing.cpu_seconds for timing in timings),
                "peak_gigabytes": max(timing.peak_gigabytes for timing in timings),
                "yields": tool.yields,
            }
        )
    base = next(row for row in rows if row["tool"] == reference)
    for row in rows:
        row["ratio"] = row["seconds_less_start"] / base["seconds_less_start"]
    return rows


def exponents(rows: list[dict]) -> dict[str, float]:
    """Fit seconds less start = c * rows ** exponent for each tool, by least squares."""
    fitted = {}
    for tool in dict.fromkeys(row["tool"] for row in rows):
        points = [row for row in rows if row["tool"] == tool]
        if len(points) > 1:
            sizes = np.log([row["rows"] for row in points])
            seconds = np.log([row["seconds_less_start"] for row in points])
            fitted[tool] = float(np.polyfit(sizes, seconds, 1)[0])
    return fitted


def write(rows: list[dict], path: Path, remarks: list[str]) -> str:
    """Write `path`.csv and `path`.md; return the Markdown."""
    lines = [
        "| rows | tool | seconds (least to most) | less start | CPU seconds | peak GB |"
        " ratio | yields |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in rows:
        lines.append(
            f"| {row['rows']:,} | {row['tool']} | {row['median_seconds']:.1f} "
            f"({row['least_seconds']:.1f} to {row['most_seconds']:.1f}) "
            f"| {row['seconds_less_start']:.1f} | {row['median_cpu_seconds']:.1f} "
            f"| {row['peak_gigabytes']:.2f} | {row['ratio']:.2f} | {row['yields']} |"
        )
    listed = [f"* {remark}" for remark in remarks]
    return save(rows, COLUMNS, [machine(), "", *lines, "", *listed], path)


def save(rows: list[dict], columns: list[str], lines: list[str], path: Path) -> str:
    """Write rows to `path`.csv and lines to `path`.md; return the lines as one text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    text = "\n".join(lines)
    path.with_suffix(".md").write_text(text + "\n")
    return text


def drawing():
    """Return `pyplot`, to draw to files; None where matplotlib is not installed."""
    try:
        import matplotlib
    except ImportError:
        print("no chart: matplotlib is not installed")
        return None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def chart(rows: list[dict], path: Path) -> None:
    """Draw seconds less start and peak memory over rows, a line for each tool."""
    pyplot = drawing()
    if pyplot is None:
        return
    figure, axes = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    panels = {
        "seconds_less_start": "seconds, start of the tool aside",
        "peak_gigabytes": "peak memory, GB",
    }
    for axis, (column, title) in zip(axes, panels.items(), strict=True):
        for tool in dict.fromkeys(row["tool"] for row in rows):
            points = [row for row in rows if row["tool"] == tool]
            millions = [row["rows"] / 1e6 for row in points]
            values = [row[column] for row in points]
            axis.plot(millions, values, marker="o", label=tool)
        axis.set(xscale="log", yscale="log", xlabel="million events", title=title)
        axis.grid(which="both", alpha=0.3)
    axes[0].legend()
    figure.savefig(path, dpi=150)
