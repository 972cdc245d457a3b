"""Runs what is in on_gpu.py, in a process of its own: a pretended GPU stays in it."""

import subprocess
import sys

import pytest

from tests.build import ROOT

pytestmark = pytest.mark.slow


def test_on_a_gpu():
    file = ROOT / "tests/python_ml/on_gpu.py"
    arguments = ["-m", "pytest", "-q", "-rs", "-p", "no:xdist", file]
    run = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    print(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr
