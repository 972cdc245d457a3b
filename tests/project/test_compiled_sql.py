"""What macros write is read by a linter, as what stands in models is."""

import subprocess
import sys

import pytest

pytestmark = [pytest.mark.build, pytest.mark.slow]

RULES = (
    "structure.unused_cte,aliasing.unique.column,convention,"
    "capitalisation.keywords,capitalisation.functions"
)
# Written by the macros of int_*_issues, int_rows_checked and the index once more.
AGAIN = (
    "int_repaired_issues",
    "int_repaired_rows_checked",
    "int_compared_quality_index",
)


def test_compiled_models_are_clean(sample_build, tmp_path):
    config = tmp_path / "compiled.cfg"
    config.write_text(
        "[sqlfluff]\ndialect = duckdb\ntemplater = raw\n"
        f"large_file_skip_byte_limit = 0\nrules = {RULES}\n"
    )
    folder = sample_build.folder / "target/compiled/assay/models"
    files = [
        path
        for path in sorted(folder.rglob("*.sql"))
        if path.is_file() and ".yml" not in str(path) and path.stem not in AGAIN
    ]
    assert len(files) > 60
    command = [sys.executable, "-m", "sqlfluff", "lint", "--processes", "2"]
    done = subprocess.run(
        [*command, "--config", str(config), *map(str, files)],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout
