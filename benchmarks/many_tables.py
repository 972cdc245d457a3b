"""Many tables of one's own, and one of many columns: how the cost of a build grows."""

import argparse
import shutil
import statistics
import sys
from pathlib import Path

import duckdb
import yaml
from measure import HERE, Tool, assay, simulate, timed
from simulate import AS_OF

VARIABLES = {"as_of": AS_OF, "feeds": {"products": {}}}
ORDERS = """
create table {table} as
select
    range as order_id,
    case when range % 17 > 0 then 'u' || range % 50 end as customer,
    range * 7 % 100 as amount,
    case when range % 29 = 0 then 'x' else 'open' end as state,
    timestamp '2026-01-01' + to_hours(cast(range as int)) as ordered_at
from range(1000)
"""
# Ten rules.
ORDER_RULES = {
    "order_id": ["not_null", "unique", {"in_format": {"min": 0}}],
    "customer": ["not_missing", {"in_format": {"pattern": "^u"}}],
    "amount": ["not_null", {"in_format": {"min": 0, "max": 90}}],
    "state": ["not_missing", {"accepted_values": {"values": ["open", "closed"]}}],
    "ordered_at": ["not_null"],
}


def many_tables(count: int, rounds: int, work: Path) -> dict[str, list[float]]:
    """CPU seconds of builds with `count` tables of ten rules, by what is built."""
    names = [f"orders_{number}" for number in range(count)]
    statements = [ORDERS.format(table=name) for name in names]
    described = dict.fromkeys(names, ORDER_RULES)
    tool, full = prepared(described, statements, "order_id", work)
    models = [*tool.command, "--exclude-resource-type", "test", "unit_test"]
    return measured(
        {"with tests": tool.command, "without": models}, rounds, tool, full, work
    )


def many_columns(count: int, rows: int, rounds: int, work: Path) -> dict:
    """CPU seconds with `count` columns of a rule each, and of as many counts.

    What the smallest shop takes without the table is measured beside it.
    """
    columns = [f"c{number}" for number in range(count)]
    values = ", ".join(
        f"nullif(hash(range, {number}) % 1000, 0) as {column}"
        for number, column in enumerate(columns)
    )
    statements = [
        f"create table broad as select range as row_id, {values} from range({rows})"
    ]
    described = {"broad": {column: ["not_null"] for column in columns}}
    tool, full = prepared(described, statements, "row_id", work)
    script = (
        "import duckdb, sys\n"
        "connection = duckdb.connect(sys.argv[1], config={'threads': 2})\n"
        f"for column in {columns}:\n"
        "    connection.execute(f'select count(*) from broad where {column} is null')"
        ".fetchall()\n"
    )
    counts = [sys.executable, "-c", script, str(tool.database)]
    models = [*tool.command, "--exclude-resource-type", "test", "unit_test"]
    timings = measured({"rules": models, "counts": counts}, rounds, tool, full, work)
    tool, full = prepared({}, [], "row_id", work)
    models = [*tool.command, "--exclude-resource-type", "test", "unit_test"]
    return timings | measured({"no table": models}, rounds, tool, full, work)


def prepared(
    described: dict[str, dict], statements: list[str], key: str, work: Path
) -> tuple[Tool, Path]:
    """Return Assay with sources of these columns and rules, and their database."""
    data = work / "data"
    if not data.exists():
        simulate("events", data, 1_000)
    tool = assay(work, VARIABLES | {"watched": list(described)}, data, {})
    # assay() watches the tables that it makes models of.
    options = yaml.safe_load(tool.start[-1]) | {"watched": list(described)}
    text = yaml.safe_dump(options, default_flow_style=True, width=1e9)
    place = tool.command.index("--vars") + 1
    tool.command[place] = tool.start[-1] = text
    for name in described:
        issue_model = tool.folder / f"models/rules/int_{name}_issues.sql"
        issue_model.write_text("{{ issues(source('shop', '" + name + "')) }}\n")
    tables = [source(name, key, rules) for name, rules in described.items()]
    sources = [{"name": "shop", "schema": "main", "tables": tables}] if tables else []
    (tool.folder / "models/shop.yml").write_text(yaml.safe_dump({"sources": sources}))
    full = work / "full.duckdb"
    full.unlink(missing_ok=True)
    with duckdb.connect(full) as connection:
        for statement in statements:
            connection.execute(statement)
    timed(tool.start, tool, work / "start.log")
    return tool, full


def source(table: str, key: str, rules: dict[str, list]) -> dict:
    """Return the YAML of one table."""
    columns = []
    for column, kinds in rules.items():
        tests = []
        for kind in kinds:
            name, arguments = (
                (kind, {}) if isinstance(kind, str) else [*kind.items()][0]
            )
            described = {"name": f"{table}_{column}_{name}"}
            tests.append({name: described | {"arguments": arguments}})
        columns.append({"name": column, "data_tests": tests})
    return {"name": table, "config": {"meta": {"key": key}}, "columns": columns}


def measured(
    commands: dict[str, list[str]], rounds: int, tool: Tool, full: Path, work: Path
) -> dict[str, list[float]]:
    """Return CPU seconds by command, each on a fresh copy of the database."""
    seconds: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, command in commands.items():
            shutil.copy(full, tool.database)
            timing = timed(command, tool, work / "command.log")
            seconds.setdefault(name, []).append(timing.cpu_seconds)
            print(f"{name}: {timing.cpu_seconds:.1f} CPU seconds", flush=True)
    return seconds


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, nargs="+", default=[10, 50, 150])
    parser.add_argument("--columns", type=int, default=500)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    options = parser.parse_args()
    work = options.out.resolve() / "work"
    work.mkdir(parents=True, exist_ok=True)
    for count in options.tables:
        for name, seconds in many_tables(count, options.rounds, work).items():
            median = statistics.median(seconds)
            print(f"| {count} tables, {name} | {median:.1f} |", flush=True)
    if options.columns:
        found = many_columns(options.columns, options.rows, options.rounds, work)
        rules, counts, base = (
            statistics.median(found[name]) for name in ["rules", "counts", "no table"]
        )
        ratio = (rules - base) / counts
        print(
            f"| {options.columns} columns | {rules:.1f} - {base:.1f} | {counts:.1f} |"
        )
        print(f"rules / counts = {ratio:.2f}")


if __name__ == "__main__":
    main()
