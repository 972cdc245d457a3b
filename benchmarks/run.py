"""Benchmarks of Assay: python benchmarks/run.py --help."""

import argparse
from pathlib import Path

import events
import hundred_rules
import report
import worked_example
from measure import HERE


def main() -> None:
    """Run the chosen benchmarks and write their results."""
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    work = options.out.resolve() / "work"
    work.mkdir(exist_ok=True)
    print(report.machine())
    if options.only in (None, "events"):
        rows, remarks = [], []
        for millions in options.sizes:
            size = round(millions * 1e6)
            result = events.run(size, options.rounds, work, options.peers)
            rows += report.summary(result, "hand-written SQL")
            remarks += [f"{size:,} rows: {note}." for note in result["notes"]]
            text = report.write(rows, options.out / "events", remarks)
        for tool, exponent in report.exponents(rows).items():
            remarks.append(f"{tool}: seconds less start grow as rows ^ {exponent:.2f}.")
            text = report.write(rows, options.out / "events", remarks)
        report.chart(rows, options.out / "events.png")
        print(text)
    if options.only in (None, "hundred_rules"):
        result = hundred_rules.run(options.rows, options.rounds, work)
        rows = report.summary(result, "plain dbt")
        ratio = rows[0]["median_seconds"] / rows[1]["median_seconds"]
        remarks = [f"Whole builds, starts included: Assay / plain dbt = {ratio:.2f}."]
        print(report.write(rows, options.out / "hundred_rules", remarks))
    if options.only in (None, "worked_example"):
        score = worked_example.run(work)
        path = options.out / "worked_example.md"
        path.write_text(f"completeness_score = {score!r}, expected 0.855\n")


def parse() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add(
        "--sizes",
        type=lambda text: [float(part) for part in text.split(",")],
        default=[1, 10, 50],
        help="millions of events, as in 1,10,50",
    )
    add("--rounds", type=int, default=3, help="runs of each tool, in turn")
    add("--rows", type=int, default=2_000_000, help="rows of the table of 100 rules")
    add("--out", type=Path, default=HERE / "results", help="folder of the results")
    add(
        "--peers",
        type=Path,
        nargs="?",
        const=HERE / "peers/environments",
        help="measure other tools too; the folder of their virtual environments",
    )
    add("--only", choices=["events", "hundred_rules", "worked_example"])
    return parser.parse_args()


if __name__ == "__main__":
    main()
