"""Counts of right and wrong answers, CPU seconds, and tables of both."""

import csv
import os
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

SURE = 0.95  # The confidence from which a repair is applied unasked.
SEED = 20261128


@dataclass(frozen=True)
class Case:
    """A text and what it says.

    Attributes:
        text: As it would be found.
        truth: What was written there, None where it says nothing of the kind.
        kind: Of the writing.
        column: The values that were written by one hand.
    """

    text: str
    truth: object
    kind: str
    column: str = ""


Answers = list[tuple[object, float]]
Reader = Callable[[Sequence[str]], Answers]


@dataclass(frozen=True)
class Tool:
    """What reads texts.

    Attributes:
        name: As it stands in the table.
        read: Texts in, an answer (None for none) and a confidence for each.
        by_column: Whether it sees a column at once, not each text alone.
        meant: Turns answers into what cases are compared with; not timed.
    """

    name: str
    read: Reader
    by_column: bool = False
    meant: Callable[[list], list] = list


def library(name: str, package: str | None = None):
    """Import a library that only this benchmark uses."""
    try:
        return import_module(name)
    except ImportError as error:
        raise SystemExit(
            f"{package or name} is not installed: pip install {package or name}, in "
            "the version of benchmarks/requirements.txt."
        ) from error


def compared(cases: list[Case], tools: list[Tool], same=None) -> list[dict]:
    """Return one row per tool, case and answer.

    Args:
        cases: What to read.
        tools: Who reads it.
        same: Whether an answer is the truth; default: equality.
    """
    same = same or (lambda answer, truth: answer == truth)
    rows = []
    for tool in tools:
        groups: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            groups[case.column if tool.by_column else ""].append(case)
        tool.read([cases[0].text])  # What is loaded once is not counted.
        for group in groups.values():
            started = time.process_time()
            answers = tool.read([case.text for case in group])
            seconds = (time.process_time() - started) / len(group)
            meant = tool.meant([answer for answer, _ in answers])
            for case, answer, (found, confidence) in zip(
                group, meant, answers, strict=True
            ):
                if found is None:
                    result = "none"
                elif case.truth is not None and same(answer, case.truth):
                    result = "right"
                else:
                    result = "wrong"
                rows.append(
                    {
                        "tool": tool.name,
                        "kind": case.kind,
                        "column": case.column,
                        "text": case.text,
                        "truth": case.truth,
                        "answer": answer,
                        "confidence": confidence,
                        "as_found": found == case.text,
                        "says": case.truth is not None,
                        "result": result,
                        "seconds": seconds,
                    }
                )
    return rows


def summary(rows: list[dict]) -> str:
    """Return a Markdown table with one row per tool."""
    says = len({row["text"] for row in rows if row["says"]})
    silent = len({row["text"] for row in rows if not row["says"]})
    lines = [
        f"{says:,} texts that say it, {silent:,} that do not; in brackets at .95 or "
        "more, of which `(p ...)` pass the rule as found.",
        "",
        "| tool | right | wrong | none | made up | CPU s per 1,000 |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in dict.fromkeys(row["tool"] for row in rows):
        own = [row for row in rows if row["tool"] == name]
        cells = [
            _cell(own, True, "right"),
            _cell(own, True, "wrong"),
            str(sum(row["says"] and row["result"] == "none" for row in own)),
            _cell(own, False, "wrong"),
            f"{1000 * sum(row['seconds'] for row in own) / len(own):.2f}",
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(rows: list[dict], says: bool, result: str) -> str:
    kept = [row for row in rows if row["says"] == says and row["result"] == result]
    sure = [row for row in kept if row["confidence"] >= SURE]
    if all(row["confidence"] == 1 for row in rows):
        return f"{len(kept)}"  # The tool has no confidence.
    passed = sum(row["as_found"] and row["confidence"] == 1 for row in sure)
    return f"{len(kept)} ({len(sure)}{f', p {passed}' if passed else ''})"


def by_kind(rows: list[dict]) -> str:
    """Return a table of right, wrong and none per kind of text and tool."""
    tools = list(dict.fromkeys(row["tool"] for row in rows))
    lines = [
        f"| right / wrong / none | n | {' | '.join(tools)} |",
        f"| --- | ---: |{' --- |' * len(tools)}",
    ]
    for kind in dict.fromkeys(row["kind"] for row in rows):
        own = [row for row in rows if row["kind"] == kind]
        cells = []
        for tool in tools:
            found = [row["result"] for row in own if row["tool"] == tool]
            counts = (found.count(one) for one in ("right", "wrong", "none"))
            cells.append(" / ".join(map(str, counts)))
        lines.append(f"| {kind} | {len(own) // len(tools)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write(name: str, out: Path, rows: list[dict], text: str) -> None:
    """Print the tables, and leave them and every answer in a folder."""
    head = f"# {name}\n\nSeed {SEED}, {_versions()}, one thread of {os.cpu_count()}.\n"
    print(text := f"{head}\n{text}")
    out.mkdir(parents=True, exist_ok=True)
    (out / f"libraries_{name}.md").write_text(text, encoding="utf-8")
    if rows:
        path = out / f"libraries_{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)


def _versions() -> str:
    found = []
    for package in (
        "dateparser python-dateutil price-parser babel quantulum3 json-repair"
        " lingua-language-detector py3langid splink duckdb sentencepiece tokenizers"
    ).split():
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)
