"""A copy of the project, to build it with other data, files and variables."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

ROOT = Path(__file__).parents[1]
PARTS = [
    "dbt_project.yml",
    "profiles.yml",
    "macros",
    "models",
    "seeds",
    "tests/generic",
]


# A build of tables alone, for what is to be seen in the marts.
MODELS_ONLY = {"DBT_EXCLUDE_RESOURCE_TYPES": "test unit_test"}


def rows_of(sql: str, parameters: list | None = None) -> list[tuple]:
    """The rows of a query over files.

    On a connection of its own: duckdb's default one is shared by all of a process, and
    refuses work while a result of another test is not read to its end.
    """
    with duckdb.connect() as connection:
        return connection.execute(sql, parameters).fetchall()


@dataclass
class Result:
    returncode: int
    output: str


class Project:
    """A copy in `folder`; what it builds lies there too."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.database = folder / "warehouse.duckdb"
        for part in PARTS:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / part, folder / part)

    def write(self, path: str, text: str) -> None:
        """Adds or replaces a file."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def build(self, vars=None, env=None, select=None, check=True) -> Result:
        """Runs `dbt build`; feeds that are files are looked for in the folder.

        Learned rules take most of the time of a build: they are off unless `vars` name
        an encoder.
        """
        vars = {"encoder": "none", **(vars or {})}
        command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()"]
        command += [
            "--no-use-colors",
            "build",
            "--vars",
            json.dumps(vars, ensure_ascii=False),
        ]
        command += ["--select", select] if select else []
        settings = {
            "ASSAY_DATABASE": str(self.database),
            "ASSAY_FOLDER": str(self.folder),
            "DBT_PROFILES_DIR": str(self.folder),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            # The package that is tested, wherever another one is installed.
            "PYTHONPATH": str(ROOT),
        }
        run = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **settings, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        assert not check or run.returncode == 0, run.stdout
        return Result(run.returncode, run.stdout)

    def query(self, sql: str) -> pd.DataFrame:
        """The rows of a query, in which a mart needs no schema before its name."""
        with duckdb.connect(self.database, read_only=True) as connection:
            connection.execute("set search_path = 'assay_marts,assay_seeds'")
            return connection.sql(sql).df()
