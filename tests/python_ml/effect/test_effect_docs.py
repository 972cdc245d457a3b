"""The Python of docs/effect.md runs, and prints a measured row."""

import re
import subprocess
import sys

from tests.build import ROOT


def test_the_example_of_the_documentation():
    page = (ROOT / "docs/effect.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert "'version': 'repaired', 'model': 'ease', 'target': 'new'" in done.stdout
    assert "'value': 0." in done.stdout
