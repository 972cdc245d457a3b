"""A headless Chromium, where there is one."""

import json
import os
import shutil
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).with_name("look.cjs")
_BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


def browser() -> str | None:
    """The program: what CHROMIUM names, or the first on PATH."""
    given = os.environ.get("CHROMIUM")
    return given or next(filter(None, map(shutil.which, _BROWSERS)), None)


def missing() -> str | None:
    """What is not there to look at a page with, in words; None if all is."""
    if browser() is None:
        return "no chromium on PATH, and none in CHROMIUM: CONTRIBUTING.md"
    if shutil.which("node") is None:
        return "no node on PATH: CONTRIBUTING.md"
    for package in ("playwright-core", "axe-core"):
        command = ["node", "-e", f"require.resolve({package!r})"]
        if subprocess.run(command, capture_output=True).returncode:
            return f"node finds no {package} by NODE_PATH: CONTRIBUTING.md"
    return None


def look(page: Path, **wanted: object) -> dict:
    """What is seen of a page; look.cjs says what may be wanted."""
    done = subprocess.run(
        ["node", str(SCRIPT), json.dumps({"url": page.as_uri(), **wanted})],
        env={**os.environ, "CHROMIUM": str(browser())},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
