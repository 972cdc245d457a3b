"""What dbt needs once per process, done before builds are forked from it: a parse.

It is imported where builds are forked from, and nowhere else.
"""

import contextlib
import io
import tempfile
from pathlib import Path

from dbt.cli.main import dbtRunner
from jinja2 import Environment

ROOT = Path(__file__).parents[1]

parse_text, trees = Environment.parse, {}


def parse(self, source, name=None, filename=None):
    """The tree of a template, made once: dbt only reads those that it asks for."""
    key = (type(self), frozenset(self.extensions), source, name, filename)
    if key not in trees:
        trees[key] = parse_text(self, source, name, filename)
    return trees[key]


# Most of the time of a parse goes into macros, which are the same in all builds.
Environment.parse = parse

with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
    options = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT)]
    # The static parser, once run, waits forever in a fork.
    options += ["--target-path", folder, "--log-path", folder, "--no-static-parser"]
    dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse", *options])
