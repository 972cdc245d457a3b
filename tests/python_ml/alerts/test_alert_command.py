"""`assay alert`, as a scheduler calls it."""

import json
import os
import signal
import subprocess
import sys

import duckdb
import pytest

from python_ml.__main__ import main
from tests.build import ROOT
from tests.python_ml.alerts.test_alert_delivery import Server


@pytest.fixture
def warehouse(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema assay_marts")
        connection.execute(
            "create table assay_marts.fct_alerts as select 'a' || i as alert_id,"
            " 'open' as state, 'orders' as feed, 'It is so.' as summary,"
            " date '2026-07-01' as first_day, 0.5 as found, 'unread' as further"
            " from range(3) as t(i)"
        )
    return path


def change(warehouse, sql):
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(sql)


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


def alert(warehouse, *arguments):
    return main(["alert", "--database", str(warehouse), *map(str, arguments)])


def test_each_incident_is_told_once(warehouse, capsys):
    assert alert(warehouse, "--to", "-") == 0
    said = capsys.readouterr()
    assert said.out.count("Data quality incident: orders\n  It is so.") == 3
    assert said.err == "Delivered to -: 3 of 3.\n"
    assert alert(warehouse, "--to", "-") == 0
    assert capsys.readouterr() == ("", "Delivered to -: 0 of 0.\n")
    change(
        warehouse,
        "update assay_marts.fct_alerts set state = 'resolved' where alert_id = 'a1'",
    )
    assert alert(warehouse, "--to", "-") == 0
    assert "Data quality incident resolved: orders" in capsys.readouterr().out


def test_a_warehouse_that_is_built_anew_tells_nothing_anew(warehouse, capsys):
    alert(warehouse, "--to", "-")
    change(
        warehouse,
        "create or replace table assay_marts.fct_alerts as"
        " select * from assay_marts.fct_alerts",
    )
    capsys.readouterr()
    alert(warehouse, "--to", "-")
    assert capsys.readouterr().out == ""


def test_a_dry_run_delivers_and_marks_nothing(warehouse, server, monkeypatch, capsys):
    monkeypatch.setenv("HOOK", server.url)
    assert alert(warehouse, "--to", "env:HOOK", "--dry-run") == 0
    said = capsys.readouterr()
    assert said.out.count("Data quality incident") == 3
    assert said.err == "Due: 3. Nothing was sent.\n"
    assert not server.received
    assert sorted(path.name for path in warehouse.parent.iterdir()) == ["shop.duckdb"]


def test_what_could_not_be_delivered_is_said_by_the_exit_code(
    warehouse, server, monkeypatch, capsys
):
    monkeypatch.setenv("HOOK", server.url)
    server.what = [404, 200, 403]
    assert alert(warehouse, "--to", "env:HOOK") == 3
    said = capsys.readouterr()
    assert "SECRET" not in said.out + said.err
    assert said.err == (
        "Delivered to http://127.0.0.1/… (from HOOK): 1 of 3.\n"
        "Not delivered: 1, HTTP 403.\n"
        "Not delivered: 1, HTTP 404.\n"
        "The next call tries them again, with the same ids.\n"
    )
    assert alert(warehouse, "--to", "env:HOOK") == 0
    assert len(set(server.received)) == 3
    log = (warehouse.parent / "shop.duckdb.alerts.jsonl").read_text()
    assert "SECRET" not in log
    assert [json.loads(line)["destination"] for line in log.splitlines()] == [
        "env:HOOK"
    ] * 3


def test_a_process_that_is_killed_tells_it_again_with_the_same_id(warehouse, server):
    environment = {**os.environ, "HOOK": server.url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "python_ml", "alert", "--to", "env:HOOK"]
    command += ["--database", str(warehouse)]

    def start():
        process = subprocess.Popen(
            command, env=environment, stderr=subprocess.PIPE, cwd=warehouse.parent
        )
        return process, process.communicate

    killed = []

    def kill():
        killed.append(os.kill(process.pid, signal.SIGKILL))
        return 200

    for _ in range(2):
        server.what = [200, kill] if not killed else [kill]
        process, wait = start()
        wait()
        assert process.returncode == -signal.SIGKILL
    process, wait = start()
    wait()
    assert process.returncode == 0
    assert len(killed) == 2
    assert len(set(server.received)) == 3
    assert len(server.received) == 5


def test_what_is_in_the_way_is_said_in_a_sentence(warehouse, tmp_path, capsys):
    def sentence(*arguments, database=warehouse):
        assert alert(database, "--to", "-", *arguments) == 1
        return capsys.readouterr().err

    assert "run `dbt build` first" in sentence(database=tmp_path / "absent.duckdb")
    (tmp_path / "text.duckdb").write_text("no database")
    assert "no readable alerts" in sentence(database=tmp_path / "text.duckdb")
    assert "no readable alerts" in sentence("--schema", "other")
    log = tmp_path / "folder"
    log.mkdir()
    said = sentence("--log", log)
    assert "cannot be written (Is a directory)" in said and "--log" in said
    change(warehouse, "create schema b; create table b.fct_alerts (alert_id varchar)")
    assert "There are marts in assay_marts, b" in sentence()
    change(warehouse, "drop table b.fct_alerts; drop table assay_marts.fct_alerts")
    assert "has no fct_alerts" in sentence()


def test_a_warehouse_that_is_written_meanwhile_is_said(warehouse):
    with duckdb.connect(str(warehouse)):
        done = subprocess.run(
            [sys.executable, "-m", "python_ml", "alert", "--to", "-"],
            env={**os.environ, "PYTHONPATH": str(ROOT), "ASSAY_DATABASE": warehouse},
            capture_output=True,
            encoding="utf-8",
            cwd=warehouse.parent,
        )
    assert done.returncode == 1
    assert "shop.duckdb has no readable alerts" in done.stderr
    assert len(done.stderr.splitlines()) == 1
