"""Each home-made part beside the library that does the same.

    python benchmarks/libraries.py dates --data FOLDER

FOLDER holds the public data sets named in the modules of `libraries/`. The libraries
are those of `requirements.txt`; no one of them downloads anything when it is run.
"""

import argparse
import logging
import warnings
from pathlib import Path

from libraries import measure

HERE = Path(__file__).parent


def dates(folder: Path) -> tuple[list[dict], str]:
    from libraries import dates as subject

    rows = measure.compared(subject.cases(folder), subject.tools())
    return rows, _both(rows)


def numbers(folder: Path) -> tuple[list[dict], str]:
    from libraries import amounts as subject

    cases = subject.number_cases(folder)
    rows = measure.compared(cases, subject.number_tools(cases), subject.same_number)
    return rows, _both(rows)


def measurements(folder: Path) -> tuple[list[dict], str]:
    from libraries import amounts as subject

    cases, tools = subject.measurement_cases(folder), subject.measurement_tools()
    rows = measure.compared(cases, tools, subject.same_measurement)
    return rows, _both(rows)


def json(folder: Path) -> tuple[list[dict], str]:
    from libraries import json_texts as subject

    rows = measure.compared(subject.cases(folder), subject.tools())
    return rows, _both(rows)


def languages(folder: Path) -> tuple[list[dict], str]:
    from libraries import languages as subject

    cases = subject.cases(folder)
    rows = measure.compared(cases, subject.tools())
    text = f"{_both(rows)}\n{subject.shares(folder, cases)}"
    # Reviews were written by real people, and are kept nowhere.
    return [row for row in rows if row["truth"] != "Chinese"], text


def linkage(folder: Path) -> tuple[list[dict], str]:
    from libraries import linkage as subject

    return [], subject.compared(folder)


def pieces(folder: Path) -> tuple[list[dict], str]:
    from libraries import pieces as subject

    return [], subject.compared(folder)


def _both(rows: list[dict]) -> str:
    return f"{measure.summary(rows)}\n{measure.by_kind(rows)}"


SUBJECTS = {
    one.__name__: one
    for one in (dates, numbers, measurements, json, languages, linkage, pieces)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("subject", choices=SUBJECTS)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    chosen = parser.parse_args()
    # Of zones that dateutil does not know, and of pickles in quantulum3.
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    rows, text = SUBJECTS[chosen.subject](chosen.data)
    measure.write(chosen.subject, chosen.out, rows, text)


if __name__ == "__main__":
    main()
