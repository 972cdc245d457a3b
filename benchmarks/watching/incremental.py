"""What a day more costs a build that reads a file a day, and whether it finds the same.

    python benchmarks/watching/incremental.py cost --events events.parquet
    python benchmarks/watching/incremental.py edits --scripts 50

`cost`: CPU seconds of the models of a build, one thread: all read without anything
being kept, all read, a day appended, nothing new. `edits`: after random edits of files
a build that reads what has changed beside one that reads everything, over rules of all
kinds.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))

from measure import REPOSITORY  # noqa: E402

CHILD = """
import json, sys, time
from dbt.cli.main import dbtRunner

started, spent = {}, {}

def on(event):
    if event.info.name in ("NodeStart", "NodeFinished"):
        node = event.data.node_info.node_name
        if event.info.name == "NodeStart":
            started[node] = time.process_time()
        else:
            spent[node] = time.process_time() - started[node]

result = dbtRunner(callbacks=[on]).invoke(sys.argv[1:])
if not result.success:
    sys.exit(str([(each.node.name, each.message) for each in result.result or []
                  if each.status not in ("success", "pass")] or result.exception))
print("SPENT", json.dumps(spent))
"""
DAY = """
select * replace (
    {key} || '+' as {key},
    {time} + interval (datediff('day', cast({time} as date), date '{day}')) day
        as {time}
)
from read_parquet('{file}')
"""


def spent(folder: Path, variables: dict, select: str | None, *arguments) -> dict:
    """CPU seconds by model of one build."""
    command = [sys.executable, "-c", CHILD, "build", "--threads", "1", "--quiet"]
    command += ["--project-dir", str(REPOSITORY), "--profiles-dir", str(REPOSITORY)]
    command += ["--vars", json.dumps(variables), *arguments]
    command += ["--select", *select.split()] if select else []
    run = subprocess.run(
        command,
        env=os.environ
        | {
            "ASSAY_DATABASE": str(folder / "shop.duckdb"),
            "ASSAY_FOLDER": str(folder),
            "DBT_EXCLUDE_RESOURCE_TYPES": "test unit_test",
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "PYTHONPATH": str(REPOSITORY),
        },
        capture_output=True,
        text=True,
    )
    if run.returncode:
        sys.exit(run.stdout[-3000:] + run.stderr[-3000:])
    return json.loads(run.stdout.split("SPENT ")[-1])


def files_by_day(arguments, copies: int, folder: Path) -> list:
    """Writes the events, of `copies` shops, into a file a day; returns the days."""
    (folder / "events").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(f"""
            create table events as
            select * replace ({arguments.key} || '-' || copy as {arguments.key})
            from read_parquet('{arguments.events}'), range({copies}) as copies (copy)
        """)
        days = connection.execute(f"""
            select distinct cast({arguments.time} as date) from events order by 1
        """).fetchall()
        for (day,) in days:
            connection.execute(f"""
                copy (
                    select * from events where cast({arguments.time} as date) = '{day}'
                ) to '{folder}/events/{day}.parquet'
            """)
        for name in ["products", "users"]:
            beside = Path(arguments.events).with_name(f"{name}.parquet")
            connection.execute(f"copy (from '{beside}') to '{folder}/{name}.parquet'")
        rows = connection.execute("select count(*) from events").fetchone()[0]
    print(f"\n{rows:,} events in {len(days)} files")
    return [day for (day,) in days]


def cost(arguments) -> None:
    for copies in map(int, arguments.copies.split(",")):
        with tempfile.TemporaryDirectory(dir=arguments.work) as work:
            folder = Path(work)
            days = files_by_day(arguments, copies, folder)
            variables = {
                "encoder": "none",
                "feeds": {
                    "products": {},
                    "users": {},
                    "events": {
                        "file": "events/*.parquet",
                        "columns": json.loads(arguments.columns),
                    },
                },
            }

            def built(as_of, *more, folder=folder, variables=variables, **changed):
                given = {**variables, "as_of": str(as_of), **changed}
                return spent(folder, given, arguments.select, *more)

            last, found = days[-1], {}
            one_day = last.resolution
            found["all, nothing kept"] = built(last + one_day, incremental=False)
            found["all"] = built(last + one_day, "--full-refresh")
            for number in range(arguments.rounds):
                day = last + (number + 1) * one_day
                with duckdb.connect() as connection:
                    source = folder / "events" / f"{days[-8 - number]}.parquet"
                    rows = DAY.format(
                        key=arguments.key, time=arguments.time, day=day, file=source
                    )
                    connection.execute(
                        f"copy ({rows}) to '{folder}/events/{day}.parquet'"
                    )
                found[f"a day more, {number + 1}"] = built(day + one_day)
            found["nothing new"] = built(day + one_day)
            print(f"{'CPU seconds':24}{'staging':>9}{'issues':>9}{'all models':>12}")
            for name, seconds in found.items():
                staging = sum(v for k, v in seconds.items() if k == "stg_events")
                issues = sum(v for k, v in seconds.items() if k == "int_events_issues")
                print(
                    f"{name:24}{staging:9.2f}{issues:9.2f}{sum(seconds.values()):12.1f}"
                )


def edits(arguments) -> None:
    sys.path.insert(0, str(REPOSITORY))
    from tests.build import MODELS_ONLY, Project
    from tests.edits import Shop
    from tests.project.test_incremental import CONTRACT, SELECT, TABLES, compared

    choice = random.Random(arguments.seed)
    print("seed", arguments.seed)
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        project = Project(Path(work))
        shop = Shop(project.folder, arguments.seed)
        contract = (project.folder / CONTRACT).read_text(encoding="utf-8")
        different = 0
        for number in range(arguments.scripts):
            script = choice.sample(sorted(shop.edits), choice.randint(1, 4))
            for edit in script if number else []:
                shop.edits[edit]()
            shop.write()
            shop.more_rules = number % 2 == 1
            project.write(CONTRACT, shop.rules(contract))
            databases = [
                project.folder / f"{name}.duckdb" for name in ("kept", "whole")
            ]
            for database, refresh in zip(databases, ["false", "true"], strict=True):
                project.build(
                    shop.vars(),
                    MODELS_ONLY
                    | {"ASSAY_DATABASE": str(database), "DBT_FULL_REFRESH": refresh},
                    select=SELECT,
                )
            found = compared(*databases, TABLES)
            different += bool(found)
            print(number, *script, found or "equal", flush=True)
    print(f"{different} of {arguments.scripts} different")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["cost", "edits"])
    parser.add_argument("--events", help="Parquet, with products and users beside it")
    parser.add_argument("--key", default="session_id", help="made another in a copy")
    parser.add_argument("--time", default="occurred_at")
    parser.add_argument("--columns", default="{}", help="of the feed, as JSON")
    parser.add_argument("--copies", default="1,3,7")
    parser.add_argument("--rounds", type=int, default=3, help="days appended")
    parser.add_argument("--select", help="default: all models")
    parser.add_argument("--scripts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--work", help="where the files are written")
    arguments = parser.parse_args()
    {"cost": cost, "edits": edits}[arguments.part](arguments)


if __name__ == "__main__":
    main()
