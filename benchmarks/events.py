"""Feeds of N million events: Assay, hand-written SQL, plain dbt and other tools."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

from measure import (
    HERE,
    CommandError,
    Tool,
    assay,
    plain_dbt,
    rounds,
    simulate,
    timed,
)
from simulate import AS_OF

VARIABLES = {
    "as_of": AS_OF,
    "feeds": {"events": {"cycle": "1 day"}, "products": {}, "users": {}},
}
# Peer: its packages, its script, what it yields, and the largest size it is given.
PEERS = {
    "Soda": (
        ["soda-duckdb"],
        "soda_contract.py",
        "counts of 16 checks of the feed events, pass or fail",
        50_000_000,
    ),
    "Great Expectations": (
        ["great-expectations", "pyarrow"],
        "gx_expectations.py",
        "counts of 17 checks of the feed events and 20 sample values, pass or fail",
        1_000_000,
    ),
}


def run(rows: int, count: int, work: Path, peers: Path | None) -> dict:
    """Time all tools on one size. Returns the timings and the tools by name."""
    data = work / "data"
    simulate("events", data, rows)
    by_hand = work / "by_hand.duckdb"
    tools = [
        assay(work, VARIABLES, data, {}),
        Tool(
            name="hand-written SQL",
            command=[sys.executable, "hand_written.py", str(data), str(by_hand)],
            yields="failing rows, measures by slice",
            database=by_hand,
        ),
        plain_dbt(work, data, "events", None),
    ]
    notes = []
    if peers:
        for name in PEERS:
            try:
                tools.append(_peer(name, rows, work, peers))
            except (CommandError, subprocess.CalledProcessError, ValueError) as error:
                notes.append(f"{name}: {str(error).splitlines()[-1]}")

    databases = [str(work / "warehouse.duckdb"), "--by-hand", str(by_hand)]
    databases += ["--plain", str(work / "plain_dbt.duckdb")]
    timings = rounds(tools, count, work, f"{rows / 1e6:g} million events", databases)
    shutil.rmtree(data)
    return {"rows": rows, "tools": tools, "timings": timings, "notes": notes}


def _peer(name: str, rows: int, work: Path, peers: Path) -> Tool:
    """Return a peer in a virtual environment of its own, tried on the data once."""
    packages, script, yields, most_rows = PEERS[name]
    if rows > most_rows:
        raise ValueError(f"not run on more than {most_rows:,} events")
    folder = peers / script.removesuffix(".py")
    if not (folder / "installed").exists():
        print(f"installing {name}", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        pip = [
            str(folder / "bin/pip"),
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        constraints = ["--constraint", str(HERE / "requirements.txt")]
        subprocess.run([*pip, *constraints, *packages], check=True)
        (folder / "installed").touch()
    python = str(folder / "bin/python")
    command = [python, f"peers/{script}", str(work / "data"), str(work), AS_OF]
    tool = Tool(name=name, command=command, yields=yields)
    timed(command, tool, work / "command.log")
    return tool
