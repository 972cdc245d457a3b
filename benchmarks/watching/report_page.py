"""What the report costs: to write, to carry and to open.

    ASSAY_DATABASE=warehouse.duckdb python benchmarks/watching/report_page.py

Opening needs Chromium as the tests of the report do (CONTRIBUTING.md); without it, only
what writing costs is measured.
"""

import argparse
import gzip
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

from report import machine  # noqa: E402

from python_ml.report.page import write_report  # noqa: E402
from tests.python_ml.report.browser import look, missing  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default=os.environ.get("ASSAY_DATABASE"))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        for language in ("en", "zh"):
            seconds = []
            for _ in range(options.rounds):
                start = time.process_time()
                write_report(Path(options.database), page, language=language)
                seconds.append(time.process_time() - start)
            text = page.read_bytes()
            print(
                f"{language}: {len(text) / 1e6:.2f} MB,"
                f" {len(gzip.compress(text)) / 1e6:.2f} MB compressed; written in"
                f" {median(seconds):.2f} CPU s (the first: {seconds[0]:.2f})"
            )
            if missing() is not None:
                print(f"not opened: {missing()}")
                continue
            for throttle in (1, 4):
                ready = [
                    look(page, throttle=throttle)["ready"]
                    for _ in range(options.rounds)
                ]
                print(
                    f"{language}: ready in {median(ready):.2f} s (most"
                    f" {max(ready):.2f}) where the CPU is {throttle} times slower"
                )


if __name__ == "__main__":
    main()
