"""The command line, as a shell calls it."""

import subprocess
import sys

import duckdb
import pytest

from tests.build import ROOT


def run(*arguments, **settings):
    return subprocess.run(
        [sys.executable, "-m", "python_ml", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        **settings,
    )


def test_sample_writes_feeds_and_truth(tmp_path):
    done = run("sample", "--out", tmp_path, "--products", 40, "--events", 200)
    assert done.returncode == 0, done.stderr
    files = sorted(file.name for file in tmp_path.iterdir())
    assert len(files) == 8
    assert {"events.parquet", "products.parquet", "truth.parquet"} < set(files)


def test_sample_plants_the_defects_it_is_told(tmp_path):
    defects = tmp_path / "defects.yml"
    defects.write_text("products: {title: {missing: 0.5}}")
    options = ["--products", 40, "--events", 200, "--defects", defects, "--seed", 3]
    done = run("sample", "--out", tmp_path / "shop", *options)
    assert done.returncode == 0, done.stderr
    truth = tmp_path / "shop" / "truth.parquet"
    planted = duckdb.execute(
        f"select distinct feed, column_name, defect from '{truth}' where defect <> ?",
        ["uncovered"],
    ).fetchall()
    assert planted == [("products", "title", "missing")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sample"], "--out"),
        (["sample", "--out", "x", "--events", "0"], "0 is not at least 1"),
        (["sample", "--out", "x", "--events", "many"], "many"),
        (["sample", "--out", "x", "--defects", "absent.yml"], "absent.yml"),
        (["show", "--database", "absent.duckdb"], "run `dbt build` first"),
        (["show", "--database", "README.md"], "README.md has no readable marts"),
        (["whatever"], "whatever"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(arguments, sentence):
    done = run(*arguments)
    assert done.returncode in (1, 2)
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_show_prints_what_the_marts_say(sample_build):
    done = run("show", "--database", sample_build.database)
    assert done.returncode == 0, done.stderr
    shop = sample_build.query("from fct_quality_index where scope_type = 'shop'").iloc[
        0
    ]
    line = next(line for line in done.stdout.splitlines() if line.startswith("shop"))
    assert f"{shop.quality_index:.3f}" in line
    assert f"{shop.issue_count:,}" in line
    verdicts = sample_build.query(
        "select verdict, count(*) as rules from fct_quality_rules group by all"
    ).set_index("verdict")
    assert f"{verdicts.rules['failed']} failed" in done.stdout
