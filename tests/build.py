"""A copy of the project, to build it with other data, files and variables."""

import atexit
import json
import os
import shutil
import sys
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import duckdb
import pandas as pd

from python_ml.command_line.dbt_project import PARTS

ROOT = Path(__file__).parents[1]

# dbt takes seconds to be imported: each build is forked from a process that did so.
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "dbt.cli.main",
        "dbt.adapters.duckdb",
        "pandas",
        "sklearn.ensemble",
        "torch",
        "tests.parsed",
    ]
)

# A build of tables alone, for what is to be seen in the marts.
MODELS_ONLY = {"DBT_EXCLUDE_RESOURCE_TYPES": "test unit_test"}


def rows_of(sql: str, parameters: list | None = None) -> list[tuple]:
    """The rows of a query over files.

    On a connection of its own: duckdb's default one is shared by all of a process, and
    refuses work while a result of another test is not read to its end.
    """
    with duckdb.connect() as connection:
        return connection.execute(sql, parameters).fetchall()


def run_dbt(arguments: list[str], folder: Path, environment: dict, output: Path):
    """What the command `dbt` does, in a process of its own."""
    os.setsid()
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = environment["PYTHONPATH"].split(os.pathsep)
    from dbt.cli.main import cli

    try:
        cli(arguments)
    finally:
        # A fork ends without them, and one of them closes the database.
        atexit._run_exitfuncs()


def run_python_ml(arguments: list[str], folder: Path, stdout: Path, stderr: Path):
    """What `python -m python_ml` does, in a process of its own."""
    for number, path in enumerate([stdout, stderr], 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.chdir(folder)
    os.environ["HF_HUB_OFFLINE"] = "1"
    from python_ml.__main__ import main

    sys.exit(main(arguments))


@dataclass
class Result:
    returncode: int
    output: str


class Project:
    """A copy in `folder`; what it builds lies there too."""

    def __init__(self, folder: Path, is_there=False):
        self.folder = folder
        self.database = folder / "warehouse.duckdb"
        for part in [] if is_there else PARTS:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / part, folder / part)

    def write(self, path: str, text: str) -> None:
        """Adds or replaces a file."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def start(self, *arguments, **settings):
        """Starts `dbt`; feeds that are files are looked for in the folder."""
        environment = {
            **os.environ,
            "ASSAY_DATABASE": str(self.database),
            "ASSAY_FOLDER": str(self.folder),
            # Nobody reads more, and it takes a tenth of the time.
            "DBT_LOG_LEVEL_FILE": "info",
            "DBT_PROFILES_DIR": str(self.folder),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_USE_COLORS": "false",
            # The package that is tested, wherever another one is installed.
            "PYTHONPATH": str(ROOT),
            **settings,
        }
        process = FORKS.Process(
            target=run_dbt,
            args=(list(arguments), self.folder, environment, self.folder / "output"),
        )
        process.start()
        return process

    def dbt(self, *arguments, **settings) -> Result:
        """Runs `dbt` and waits for its end."""
        process = self.start(*arguments, **settings)
        process.join()
        output = (self.folder / "output").read_text(encoding="utf-8")
        return Result(process.exitcode, output)

    def build(
        self,
        vars=None,
        env=None,
        select=None,
        check=True,
        repairs=False,
        watching=False,
    ) -> Result:
        """Runs `dbt build`.

        Learned rules take most of the time of a build, and repairs half of the rest:
        the former are off unless `vars` name an encoder; the latter, and what watches,
        unless asked for.
        """
        given = json.dumps({"encoder": "none", **(vars or {})}, ensure_ascii=False)
        selected = ["--select", select] if select else []
        excluded = [] if repairs else ["tag:repair"]
        excluded += [] if watching else ["tag:watching"]
        excluded = ["--exclude", *excluded] if excluded else []
        result = self.dbt("build", "--vars", given, *selected, *excluded, **(env or {}))
        assert not check or result.returncode == 0, result.output
        return result

    def query(self, sql: str, schemas="assay_marts,assay_seeds") -> pd.DataFrame:
        """The rows of a query, in which a mart needs no schema before its name."""
        with duckdb.connect(self.database, read_only=True) as connection:
            connection.execute(f"set search_path = '{schemas}'")
            return connection.sql(sql).df()
