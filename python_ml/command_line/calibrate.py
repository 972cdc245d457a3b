"""`assay calibrate`: weights of the index, learned from what defects cost the shop."""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from python_ml.command_line.arguments import count, ensure_folder
from python_ml.command_line.show import add_marts
from python_ml.common.marts import duckdb_name, schema_of_marts, where_is

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from python_ml.calibration.costs import Cost
    from python_ml.calibration.runs import Measured, Run, RunLog
    from python_ml.calibration.shop import Loss, ShopRecommendations, ShopSearch
    from python_ml.calibration.weights import Rule

_SEED = "quality_weights_calibrated.csv"
_NOT_DONE = 3
_MODELS = (
    "int_recommender_events",
    "int_search_products",
    "int_search_queries",
    "int_search_labels",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to write, and how much to measure."""
    parser.epilog = (
        "The exit code is 0 if weights were written, 3 if --budget was over before: the"
        " next call goes on where this one stopped; 1 if something is wrong."
    )
    add_marts(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("seeds") / _SEED,
        help=f"the seed to write; default: seeds/{_SEED}",
    )
    parser.add_argument(
        "--costs",
        type=Path,
        help="CSV file of what each kind of defect costs; default: beside the"
        " database, <database>.costs.csv",
    )
    parser.add_argument(
        "--runs",
        type=Path,
        help="the file that says what was measured already; default: beside the"
        " database, <database>.calibration.jsonl",
    )
    parser.add_argument(
        "--rates",
        type=_rates,
        default=(0.05, 0.1, 0.2),
        help="of each kind of damage; default: .05,.1,.2",
    )
    parser.add_argument(
        "--seeds", type=count, default=2, help="runs of each rate; default: 2"
    )
    parser.add_argument(
        "--mixes",
        type=int,
        default=12,
        help="mixes of several kinds to test what was learned with; default: 12",
    )
    parser.add_argument(
        "--search-share",
        type=float,
        default=0.5,
        metavar="SHARE",
        help="what search counts beside recommendation, 0 to 1; default: .5",
    )
    parser.add_argument(
        "--budget", type=float, metavar="MINUTES", help="to stop after; default: none"
    )


def run(options: argparse.Namespace) -> int:
    """Measure, learn, and write the seed."""
    import duckdb

    from python_ml.calibration.costs import calibrate, check, costs_of
    from python_ml.calibration.runs import RECOMMENDATION, SEARCH, RunLog
    from python_ml.calibration.weights import visible_share

    if not 0 <= options.search_share <= 1:
        raise ValueError(f"--search-share is {options.search_share}: 0 to 1 is meant.")
    costs_file = options.costs or Path(f"{options.database}.costs.csv")
    log_file = options.runs or Path(f"{options.database}.calibration.jsonl")
    for path in (options.out, costs_file, log_file):
        ensure_folder(path)
    if not options.database.exists():
        raise FileNotFoundError(
            f"There is no {options.database}: run `dbt build` first."
        )
    try:
        with duckdb.connect(str(options.database), read_only=True) as connection:
            shop = _Shop(connection, options.schema)
    except duckdb.Error as error:
        raise ValueError(
            f"{options.database} cannot be read: {error}".splitlines()[0]
        ) from error
    for note in shop.notes:
        print(note, file=sys.stderr)
    runs = shop.plan(options)
    log = RunLog(log_file, shop.state)
    end = time.monotonic() + 60 * (options.budget or 0)
    results = calibrate(
        runs,
        log,
        shop.measure,
        _progress(runs, log),
        lambda: options.budget is not None and time.monotonic() > end,
    )
    if len(results) < len(runs):
        print(
            f"{len(results):,} of {len(runs):,} runs are measured ({log_file}): the"
            " next call goes on from there.",
            file=sys.stderr,
        )
        return _NOT_DONE
    costs = costs_of(results)
    _write_costs(costs, shop.rules, costs_file)
    for part in (RECOMMENDATION, SEARCH):
        if any(cost.part == part for cost in costs):
            share = visible_share(costs, shop.rules, part)
            print(f"Of the priced loss of {part}, {share:.0%} is seen by a rule.")
            found = check(results, costs, part)
            if found:
                print(
                    f"{found.mixes} mixes never seen, of {part}: rank correlation of"
                    f" predicted and measured loss {found.order:.3f} (all kinds alike"
                    f" {found.order_of_equal:.3f}, those that cost anything alike"
                    f" {found.order_of_costly:.3f}); off by {found.error:.2%} in the"
                    " middle."
                )
    _write_weights(costs, shop.rules, options)
    print(
        f"Written: {options.out}, {costs_file}. Use: var quality_weights: calibrated."
    )
    return 0


class _Shop:
    """What is read of the last build, and measured."""

    def __init__(self, connection: DuckDBPyConnection, schema: str | None) -> None:
        from python_ml.calibration.shop import ShopRecommendations, ShopSearch
        from python_ml.calibration.weights import Rule
        from python_ml.common.code_version import fingerprint

        marts = duckdb_name(schema or schema_of_marts(connection))
        self.rules: list[Rule] = [
            Rule(*row)
            for row in connection.execute(
                f"""
                select rule_name, feed, dimension, component
                from {marts}.dim_quality_rules
                order by rule_name
                """
            ).fetchall()
        ]
        tables, content = {}, ""
        for model in _MODELS:
            relation = f"{where_is(connection, model)} as read"
            if model != "int_search_labels":
                relation += " where version = 'repaired'"
            tables[model] = connection.sql(f"from {relation}").to_arrow_table()
            # What rows it holds, in whatever order.
            content += "|" + str(
                connection.execute(
                    f"select count(*), sum(hash(read)::hugeint) from {relation}"
                ).fetchone()
            )
        events, products, queries, labels = tables.values()
        self.state = fingerprint(content, "calibration.shop", "calibration.runs")
        self.notes: list[str] = []
        self._recommendations: ShopRecommendations | None = None
        self._search: ShopSearch | None = None
        try:
            self._recommendations = ShopRecommendations(events)
            self.notes.append(f"Measured: {self._recommendations.note}.")
        except ValueError as error:
            self.notes.append(f"Not measured: {error}")
        try:
            self._search = ShopSearch(products, queries, labels)
            self.notes.append(f"Measured: {self._search.note}.")
        except ValueError as error:
            self.notes.append(f"Not measured: {error}")
        if self._recommendations is None and self._search is None:
            raise ValueError(" ".join(self.notes))

    def plan(self, options: argparse.Namespace) -> list[Run]:
        """List what is to be measured: single kinds first."""
        from python_ml.calibration.damage import EVENT_KINDS, TEXT_KINDS
        from python_ml.calibration.runs import RECOMMENDATION, SEARCH, plan

        rates, seeds, mixes = options.rates, options.seeds, options.mixes
        runs = []
        if self._recommendations is not None:
            runs += plan(RECOMMENDATION, EVENT_KINDS, rates, seeds, mixes)
        if self._search is not None:
            runs += plan(SEARCH, TEXT_KINDS, rates, seeds, mixes)
        return sorted(runs, key=lambda run: run.name.startswith("mix "))

    def measure(self, run: Run) -> Loss:
        """Damage, and measure what that costs."""
        part = self._search if run.part == "search" else self._recommendations
        if part is None:
            raise ValueError(f"The part {run.part} cannot be measured.")
        return part.loss(run.rates, run.seed)


def _progress(runs: list[Run], log: RunLog) -> Callable[[Run, Measured], None]:
    begin, known = time.monotonic(), len(log)

    def said(run: Run, measured: Measured) -> None:
        done = len(log)
        each = (time.monotonic() - begin) / max(done - known, 1)
        left = max(len(runs) - done, 0) * each / 60
        rate = f" {run.rates[run.name]:.0%}" if run.name in run.rates else ""
        print(
            f"{done:>4} of {len(runs)}  {run.part}, {run.name}{rate}, seed {run.seed}:"
            f" {measured.loss:+.2%} lost; about {left:.0f} min left",
            file=sys.stderr,
        )

    return said


def _write_costs(costs: list[Cost], rules: list[Rule], path: Path) -> None:
    from python_ml.calibration.weights import seen_by

    header = ("part", "kind", "slope", "slope_low", "slope_high", "runs", "seen_by")
    rows = [
        (c.part, c.kind, f"{c.slope:.4f}", f"{c.low:.4f}", f"{c.high:.4f}", c.runs)
        + (" ".join(seen_by(c.kind, rules)),)
        for c in costs
    ]
    _write(path, header, rows)
    for part, kind, slope, low, high, _, seen in rows:
        print(f"{part}, {kind}: {slope} ({low} to {high}) a unit; {seen or 'unseen'}")


def _write_weights(
    costs: list[Cost], rules: list[Rule], options: argparse.Namespace
) -> None:
    from python_ml.calibration.weights import rule_costs, weights_of

    weights = weights_of(rule_costs(costs, rules, options.search_share), rules)
    header = ("feed", "dimension", "component", "rule_name", "weight")
    rows = [
        (
            w.feed,
            w.dimension or "",
            w.component or "",
            w.rule_name or "",
            repr(w.weight),
        )
        for w in weights
    ]
    _write(options.out, header, rows)


def _write(path: Path, header: tuple[str, ...], rows: list[tuple]) -> None:
    """Write a CSV file; no half-written one."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    partial.replace(path)


def _rates(text: str) -> tuple[float, ...]:
    rates = tuple(float(part) for part in text.split(","))
    if not all(0 < rate <= 1 for rate in rates):
        raise argparse.ArgumentTypeError(f"{text} are no rates above 0, up to 1")
    return rates
