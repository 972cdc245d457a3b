"""Every command of the README and of docs/ does what it says, in a clone."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import duckdb
import pytest
import yaml

from python_ml.sample.simulate import FEEDS
from tests.build import MODELS_ONLY, ROOT, rows_of
from tests.forked import write_command
from tests.project.watching.test_metrics import needs_metricflow
from tests.python_ml.alerts.test_alert_delivery import Server

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
COMMANDS = re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)
# They ran in the first build.
NO_UNIT_TESTS = {"DBT_EXCLUDE_RESOURCE_TYPES": "unit_test"}
SNIPPETS = re.findall(r"`(models/[\w/]+\.\w+)`:\n\n```\w+\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """The working tree as git sees it, with this environment as its `.venv`."""
    folder = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    binaries = folder / ".venv" / "bin"
    binaries.mkdir(parents=True)
    for tool in ("python", "pytest", "ruff", "mypy", "sqlfluff", "assay"):
        command = f'exec "{Path(sys.executable).parent / tool}" "$@"'
        if tool == "assay":
            command = f'exec "{sys.executable}" -m python_ml "$@"'
        if tool in ["ruff", "mypy", "sqlfluff"]:
            command = f'echo {tool} "$@"'  # `make lint` is what runs before this test.
        (binaries / tool).write_text(f"#!/bin/sh\n{command}\n")
        (binaries / tool).chmod(0o755)
    (binaries / "activate").write_text(f'export PATH="{binaries}:$PATH"\n')
    for stamp in ("installed", "installed-dev"):
        (folder / ".venv" / stamp).touch()
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute(
            """
            create table main.orders as
            from (values
                ('A', 12.5, timestamp '2026-06-01 10:00:00', 'web'),
                ('A', 12.5, timestamp '2026-06-01 10:00:00', 'web'),
                ('B', -1, timestamp '2026-06-02 10:00:00', 'app')
            ) as orders (order_id, amount, ordered_at, channel)
            """
        )
    # A path of a socket is short.
    with tempfile.TemporaryDirectory() as short:
        server = write_command(binaries / "dbt", Path(short) / "dbt")
        yield folder
        server.shutdown()


def run(folder, command, activate=". .venv/bin/activate", **settings):
    """Run a block of the README; return the exit code and what it printed."""
    script = f"set -e\n{activate}\n{command}"
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", **settings}
    for name in ("ASSAY_DATABASE", "ASSAY_FOLDER", "ASSAY_GATE", "MAKEFLAGS"):
        environment.pop(name, None)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return done.returncode, done.stdout


def block(start):
    (found,) = [command for command in COMMANDS if start in command]
    return found


def query(folder, sql):
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_every_block_is_run_by_a_test_here():
    tests = Path(__file__).read_text(encoding="utf-8")
    run_here = re.findall(r'[( ]block\(["\'](.+?)["\']\)', tests)
    for command in COMMANDS:
        assert any(start in command for start in run_here), command


@pytest.fixture(scope="module")
def built(clone):
    """The clone after the first block; what dbt knows of the build lies in `known`."""
    # Tests that run the tests would never end: here they are only collected.
    code, output = run(clone, block("make build"), PYTEST_ADDOPTS="--collect-only -q")
    assert code == 0, output
    shutil.copytree(clone / "target", clone / "known")
    (clone / "output").write_text(output, encoding="utf-8")
    return clone


def test_make_build_and_make_test(built):
    output = (built / "output").read_text(encoding="utf-8")
    assert "Fix first" in output
    assert "sqlfluff lint" in output
    assert "tests/rules/test_rules.py" in output


def test_all_repairs_of_the_sample_are_right(built):
    code, output = run(built, block("import repair_quality"))
    assert code == 0, output
    (applied, right) = re.search(r" all +(\d+) +(\d+) ", output).groups()
    assert applied == right != "0"
    assert f"{applied} repairs are applied, all of" in TEXT
    assert "deprecat" not in output.lower()


def test_alerts_are_told(built):
    with duckdb.connect(str(built / "warehouse.duckdb")) as connection:
        connection.execute(
            """
            insert into assay_marts.fct_alerts by name
            select 'a1' as alert_id, 'open' as state, 'As it is.' as summary
            """
        )
    server = Server()
    try:
        code, output = run(built, block("assay alert --to -"), SLACK_WEBHOOK=server.url)
    finally:
        server.close()
    assert code == 0, output
    due = int(re.search(r"Delivered to -: (\d+) of", output)[1])
    assert due > 0 and output.count(f": {due} of {due}.") == 3
    assert output.endswith("Due: 0. Nothing was sent.\n")
    assert len(set(server.received)) == len(server.received) == due
    assert (built / "alerts.jsonl").read_text().count("As it is.") == 2


@needs_metricflow
def test_metrics_are_answered(built):
    settings = built / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("\n  metrics: false\n", "\n  metrics: true\n"))
    try:
        mf = built / ".venv" / "bin" / "mf"
        mf.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -m dbt_metricflow.cli.main "$@"\n'
        )
        mf.chmod(0o755)
        code, output = run(built, "dbt run --select days_of_metrics")
        assert code == 0, output
        code, output = run(
            built, block("mf query"), DBT_PROFILES_DIR=str(built), HTTPS_PROXY="none"
        )
        assert code == 0, output
        ((rate,),) = query(
            built,
            """
            select sum(rows_checked * failure_rate) / sum(rows_checked)
            from assay_marts.fct_quality_measures
            where slice_type = 'all' and feed = 'users'
            """,
        )
        assert f"{rate:.7f}"[:8] in output
    finally:
        settings.write_text(text)


def test_in_a_project_of_ones_own(clone, tmp_path):
    shop = tmp_path / "shop"
    shutil.copytree(ROOT / "integration_tests", shop)
    for name in ("packages.yml", "models/repaired_customers.sql"):
        (shop / name).unlink()
    for issues in shop.glob("models/int_*_issues.sql"):
        issues.unlink()
    # As it was before, with dbt's tests.
    settings = yaml.safe_load((shop / "dbt_project.yml").read_text())
    kept = {key: settings[key] for key in ("name", "config-version", "profile")}
    (shop / "dbt_project.yml").write_text(yaml.safe_dump(kept))
    models = yaml.safe_load((shop / "models/schema.yml").read_text())
    for model in models["models"]:
        for column in model["columns"]:
            column["data_tests"] = [
                test
                for test in column["data_tests"]
                if test in ("unique", "not_null") or "relationships" in test
            ]
    (shop / "models/schema.yml").write_text(yaml.safe_dump(models))
    activate = f". {clone}/.venv/bin/activate"
    code, output = run(shop, block("assay init --watch"), activate)
    assert code == 0, output
    assert "customers" in output
    assert "Worst rule: unique_customers_customer_id, 20.0%" in output


def test_dbt_in_the_environment(built):
    code, output = run(built, block(". .venv/bin/activate"), **MODELS_ONLY)
    assert code == 0, output
    assert "shop " in output
    for sql in re.findall(r"```sql\n(select.*?)```", TEXT, re.DOTALL):
        assert query(built, sql), sql


def test_the_gate_fails_after_every_mart_is_built(built):
    clone = built
    before = query(clone, "from assay_marts.fct_quality_rules order by all")
    code, output = run(clone, block("ASSAY_GATE=error dbt build"), **NO_UNIT_TESTS)
    assert code == 1
    failed = query(
        clone,
        """
        select rule_name from assay_marts.fct_quality_rules where verdict = 'failed'
        """,
    )
    assert failed
    for (rule,) in failed:
        assert f"Failure in test {rule} " in output
    assert "SKIP=0" in output
    assert query(clone, "from assay_marts.fct_quality_rules order by all") == before


def test_slim_ci_sees_a_new_rule(built):
    clone = built
    shutil.rmtree(clone / "target")
    shutil.copytree(clone / "known", clone / "target")
    copy, build = block("cp -r target production").strip().splitlines()
    assert run(clone, copy)[0] == 0
    yaml = clone / "models/staging/stg_users.yml"
    text = yaml.read_text(encoding="utf-8")
    before, column, after = text.partition("      - name: city\n")
    described, tests, after = after.partition("        data_tests:\n")
    assert "- name:" not in described
    rule = "          - not_null: {name: user_city_not_null}\n"
    yaml.write_text("".join([before, column, described, tests, rule, after]))
    try:
        code, output = run(clone, build, **NO_UNIT_TESTS)
        assert code == 0, output
        sql = """
            select count(*) from assay_marts.fct_quality_rules
            where rule_name = 'user_city_not_null' and verdict <> 'not measured'
        """
        assert query(clone, sql) == [(1,)]
        assert "sample_events" not in output, "the seeds did not change"
    finally:
        yaml.write_text(text)


def test_the_report_is_written(built):
    report, docs = block("assay report").strip().splitlines()
    assert docs.startswith("make docs")
    code, output = run(built, report)
    assert code == 0, output
    assert "</html>" in (built / "target/report.html").read_text(encoding="utf-8")


def test_lists_of_recommendations_are_written(built):
    code, output = run(built, block("assay recommend"))
    assert code == 0, output
    assert "nothing was measured, so it is a guess" in output
    header, *rows = (built / "lists.csv").read_text(encoding="utf-8").splitlines()
    assert header.startswith('"user_id","rank","product_id"')
    assert len(rows) > 100


def test_weights_are_calibrated(built):
    """The sample has too few users, and enough judged queries."""
    code, output = run(built, block("assay calibrate"))
    assert code == 0, output
    assert "test users; recommendations need 200 to be measured" in output
    header, *rows = (built / "weights.csv").read_text(encoding="utf-8").splitlines()
    assert header == "feed,dimension,component,rule_name,weight"
    assert "queries,completeness,missing,query_text_present,1.0" in rows


def test_make_docs_serves_the_site(clone):
    assert "`make docs`" in TEXT
    server = subprocess.Popen(["make", "docs"], cwd=clone, start_new_session=True)
    try:
        deadline = time.monotonic() + 240
        while True:
            try:
                page = urllib.request.urlopen("http://127.0.0.1:8080/").read()
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < deadline
                time.sleep(0.5)
        assert b"dbt" in page
        catalog = urllib.request.urlopen("http://127.0.0.1:8080/manifest.json").read()
        assert b"fct_quality_index" in catalog
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def test_a_watched_table(clone):
    for path, text in SNIPPETS:
        (clone / path).write_text(text, encoding="utf-8")
    assert len(SNIPPETS) == 3
    try:
        command = block("{watched: [orders], repaired: [orders]}")
        code, output = run(clone, command, **MODELS_ONLY)
        assert code == 0, output
        found = query(
            clone,
            """
            select rule_name, record_key, occurrence, found_value, category
            from assay_marts.fct_quality_issues where feed = 'orders' order by all
            """,
        )
        assert found == [
            ("order_amount_in_range", "B", 1, "-1", "app"),
            ("order_is_unique", "A", 2, "A", "web"),
        ]
        orders = "select order_id from assay_repaired.repaired_orders order by all"
        assert query(clone, orders) == [("A",), ("B",)]
    finally:
        for path, _ in SNIPPETS:
            (clone / path).unlink()


def test_own_feeds(clone):
    command = block("python -m python_ml sample --out shop")
    code, output = run(clone, command, **MODELS_ONLY)
    assert code == 0, output
    index = dict(
        query(
            clone,
            """
            select feed, quality_index from assay_marts.fct_quality_index
            where scope_type = 'feed'
            """,
        )
    )
    supplied = {feed for feed, value in index.items() if value is not None}
    assert supplied == {"products", "events", "users"}
    code, output = run(clone, block("python -m python_ml map shop"))
    assert code == 0, output
    assert set(FEEDS) == set(yaml.safe_load(output)["feeds"])


def test_labels_from_the_command_line(clone):
    run(clone, "python -m python_ml sample --out shop --products 120 --events 400")
    code, output = run(clone, block("python -m python_ml score --data"))
    assert code == 0, output
    assert "Suspects" in output
    vectors = rows_of(f"from '{clone}/vectors.parquet'")
    scores = rows_of(f"from '{clone}/scores.parquet'")
    assert len(vectors) == len(scores) > 100
    assert (clone / "model" / "report.json").exists()


def test_a_classifier_is_trained(clone):
    run(clone, "python -m python_ml sample --out shop --products 120 --events 400")
    code, output = run(clone, block("--out trained/categories"))
    assert code == 0, output
    assert "log loss" in output
    assert (clone / "trained" / "categories" / "report.json").exists()
