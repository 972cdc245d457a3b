"""What dbt needs once per process, done before builds are forked: it parses the project.

It is imported where builds are forked from, and nowhere else.
"""

import contextlib
import io
import tempfile
from pathlib import Path

from dbt.cli.main import dbtRunner

with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
    root = Path(__file__).parents[1]
    options = ["--project-dir", str(root), "--profiles-dir", str(root)]
    # The static parser, once run, waits forever in a fork.
    options += ["--target-path", folder, "--log-path", folder, "--no-static-parser"]
    dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse", *options])
