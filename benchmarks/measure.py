"""Commands in processes of their own, with wall time, CPU time and peak memory."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import yaml

HERE = Path(__file__).parent
REPOSITORY = HERE.parent
ASSAY_PARTS = ["macros", "models", "python_ml", "seeds", "tests/generic"]


class CommandError(RuntimeError):
    """A command of the benchmark failed; the message ends with its last lines."""


@dataclass
class Timing:
    """What one run of a command took."""

    seconds: float
    cpu_seconds: float
    peak_gigabytes: float


@dataclass
class Tool:
    """One of the tools compared: the command to time, and what it yields.

    `start` is the command that only starts the tool: dbt reading the project.
    """

    name: str
    command: list[str]
    yields: str
    start: list[str] | None = None
    folder: Path = HERE
    environment: dict[str, str] = field(default_factory=dict)
    database: Path | None = None


def timed(command: list[str], tool: Tool, log: Path) -> Timing:
    """Run a command of a tool and wait for it; its output goes to `log`."""
    with log.open("w") as output:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=tool.folder,
            env=os.environ | tool.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        # Unlike RUSAGE_CHILDREN, wait4 tells the peak of this process alone.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        last_lines = "\n".join(log.read_text().splitlines()[-25:])
        raise CommandError(f"{' '.join(command)}\n{last_lines}")
    return Timing(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20)


def rounds(
    tools: list[Tool],
    count: int,
    work: Path,
    label: str,
    databases: list[str],
) -> dict[str, list[Timing]]:
    """Run every tool in turn, `count` times, each on a fresh database.

    Starts are timed as well, under "<tool>, start". After the first round compare.py is
    given `databases`; it fails where the tools did not find the same.
    """
    timings: dict[str, list[Timing]] = {}
    for number in range(1, count + 1):
        for tool in tools:
            parts = {tool.name: tool.command}
            if tool.start:
                # Read the project once, so that every start finds it parsed.
                if number == 1:
                    timed(tool.start, tool, work / "start.log")
                parts = {f"{tool.name}, start": tool.start} | parts
            if tool.database:
                tool.database.unlink(missing_ok=True)
            for name, command in parts.items():
                timing = timed(command, tool, work / "command.log")
                timings.setdefault(name, []).append(timing)
                print(
                    f"{label}, round {number} of {count}: {name} "
                    f"{timing.seconds:.1f} s, {timing.peak_gigabytes:.2f} GB",
                    flush=True,
                )
        if number == 1:
            compare = [sys.executable, "compare.py", *databases]
            subprocess.run(compare, cwd=HERE, check=True)
    return timings


def simulate(data: str, folder: Path, rows: int) -> None:
    """Write simulated data in a process of its own, so that this one stays small."""
    print(f"simulating {rows:,} rows of {data}", flush=True)
    command = [sys.executable, "simulate.py", data, str(folder), str(rows)]
    subprocess.run(command, cwd=HERE, check=True)


def assay(work: Path, variables: dict, data: Path, tables: dict[str, dict]) -> Tool:
    """Return Assay in a throwaway copy of the project, with `tables` watched.

    `tables` maps the name of a Parquet file in `data` to the YAML of its model.
    """
    project = work / "assay"
    shutil.rmtree(project, ignore_errors=True)
    for part in ASSAY_PARTS:
        shutil.copytree(
            REPOSITORY / part,
            project / part,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    for file in ["dbt_project.yml", "profiles.yml"]:
        shutil.copy(REPOSITORY / file, project)
    models = project / "models"
    for table, described in tables.items():
        (models / f"{table}.sql").write_text(
            "{{ config(materialized='table') }}\n"
            f"select * from read_parquet('{data}/{table}.parquet')\n"
        )
        (models / f"{table}.yml").write_text(yaml.safe_dump({"models": [described]}))
        (models / f"rules/int_{table}_issues.sql").write_text(
            "{{ issues(ref('" + table + "')) }}\n"
        )
    # No other tool has learned rules or repairs: without them, the same is compared.
    variables = variables | {"watched": list(tables), "encoder": "none"}
    options = ["--vars", yaml.safe_dump(variables, default_flow_style=True, width=1e9)]
    return Tool(
        name="Assay",
        command=[*dbt("build"), *options, "--exclude", "tag:repair"],
        start=[*dbt("parse"), *options],
        yields="failing rows, measures by slice, index with its interval",
        folder=project,
        environment={
            "ASSAY_FOLDER": str(data),
            "ASSAY_DATABASE": str(work / "warehouse.duckdb"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        database=work / "warehouse.duckdb",
    )


def plain_dbt(work: Path, data: Path, selected: str, described: dict | None) -> Tool:
    """Return the plain dbt project in a throwaway copy, with one folder selected.

    `described` is the YAML of the selected model, where the folder has none.
    """
    project = work / "plain_dbt"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(HERE / "plain_dbt", project)
    if described:
        rules = project / f"models/{selected}/rules.yml"
        rules.write_text(yaml.safe_dump({"models": [described]}))
    return Tool(
        name="plain dbt",
        command=[*dbt("build"), "--store-failures", "--select", f"models/{selected}"],
        start=dbt("parse"),
        yields="failing rows of each test in a table of its own, pass or warn",
        folder=project,
        environment={
            "BENCHMARK_FOLDER": str(data),
            "BENCHMARK_DATABASE": str(work / "plain_dbt.duckdb"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        database=work / "plain_dbt.duckdb",
    )


def dbt(command: str) -> list[str]:
    """Return the start of a dbt command line, with the dbt beside this Python."""
    beside = Path(sys.executable).with_name("dbt")
    return [str(beside) if beside.exists() else "dbt", command, "--no-use-colors"]
