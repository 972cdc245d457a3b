"""The dbt project in the wheel, and `assay init`."""

import shutil
import subprocess
import sys
from zipfile import ZipFile

import pytest
import yaml

from python_ml.command_line import dbt_project
from python_ml.command_line.dbt_project import PARTS, init
from tests.build import ROOT

PROJECT = """\
name: corner_shop
profile: corner_shop

# Settings of her own.
vars:
    # Indented by four.
    start: "2026-01-01"

models:
  corner_shop:
    +materialized: table  # all of them
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    return tmp_path


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_wheel_carries_the_project_and_the_command(tmp_path):
    # A copy: building writes beside the sources.
    source = tmp_path / "source"
    files = ["setup.py", "MANIFEST.in", "pyproject.toml", "README.md", "python_ml"]
    for part in [*files, *PARTS]:
        (source / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, source / part)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    options = ["--no-build-isolation", "--wheel-dir", str(tmp_path)]
    subprocess.run([*pip, *options, str(source)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (points,) = (name for name in names if name.endswith("entry_points.txt"))
        assert "assay = python_ml.__main__:main" in archive.read(points).decode()
    carried = {
        f"python_ml/_dbt/{path.relative_to(ROOT).as_posix()}"
        for part in PARTS
        for path in [ROOT / part, *(ROOT / part).rglob("*")]
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert carried <= names
    assert {"python_ml/py.typed", "python_ml/weights.txt"} <= names


def test_a_new_project_is_the_one_that_is_tested(tmp_path):
    init(tmp_path / "new")
    written = contents(tmp_path / "new")
    for path, content in written.items():
        if path.name != ".gitignore":
            assert content == (ROOT / path).read_bytes()
    assert {path.parts[0] for path in written} == {
        ".gitignore",
        *(part.split("/")[0] for part in PARTS),
    }


def test_a_project_keeps_what_it_says(project):
    init(project, ["orders"])
    text = (project / "dbt_project.yml").read_text()
    assert set(PROJECT.splitlines()) <= set(text.splitlines())
    assert yaml.safe_load(text) == {
        "name": "corner_shop",
        "profile": "corner_shop",
        "vars": {"start": "2026-01-01", "assay": {"watched": ["orders"]}},
        "models": {
            "corner_shop": {"+materialized": "table"},
            "assay": {"+schema": "assay"},
        },
        "seeds": {"assay": {"+schema": "assay"}},
        "dispatch": [
            {
                "macro_namespace": "dbt",
                "search_order": ["corner_shop", "assay", "dbt"],
            }
        ],
    }
    packages = yaml.safe_load((project / "packages.yml").read_text())
    assert packages == {"packages": [{"local": "assay"}]}
    assert (project / "assay/macros/rules/issues.sql").exists()
    issues = (project / "models/assay/int_orders_issues.sql").read_text()
    assert issues == "{{ assay.issues(ref('orders')) }}\n"


def test_an_issue_model_names_what_the_rules_look_at(project):
    rules = """
models:
  - name: orders
    data_tests:
      - assay.row_count: {arguments: {of: "source('till', 'raw_orders')"}}
    columns:
      - name: customer_id
        data_tests:
          - not_null
          - relationships: {arguments: {to: "ref('customers')", field: customer_id}}
          - relationships: {to: ref('customers'), field: other_id}
      - name: parent_id
        tests:
          - relationships: {to: ref('orders'), field: order_id}
  - name: customers
    columns:
      - name: city_id
        data_tests: [{relationships: {to: ref('cities'), field: city_id}}]
seeds:
  - name: payments
    columns:
      - name: order_id
        data_tests: [{relationships: {to: ref('orders'), field: order_id}}]
"""
    (project / "models/shop").mkdir(parents=True)
    (project / "models/shop/schema.yml").write_text(rules)
    init(project, ["orders", "payments"])
    models = project / "models/assay"
    assert (models / "int_orders_issues.sql").read_text() == (
        "{{ assay.issues(ref('orders'), source('till', 'raw_orders'),"
        " ref('customers')) }}\n"
    )
    assert (models / "int_payments_issues.sql").read_text() == (
        "{{ assay.issues(ref('payments'), ref('orders')) }}\n"
    )


def test_ends_of_lines_stay(project):
    (project / "dbt_project.yml").write_text(PROJECT, newline="\r\n")
    init(project)
    lines = (project / "dbt_project.yml").read_bytes().split(b"\n")
    assert all(line.endswith(b"\r") for line in lines[:-1])


def test_a_second_time_changes_the_package_alone(project):
    init(project, ["orders"])
    before = contents(project)
    (project / "assay/macros/old.sql").write_text("")
    init(project)
    assert contents(project) == before


def test_packages_that_are_there_stay(project):
    listed = "# Ours.\npackages:\n- package: a/b\n  version: 1.0.0\n\n# The end.\n"
    (project / "packages.yml").write_text(listed)
    init(project)
    text = (project / "packages.yml").read_text()
    assert set(listed.splitlines()) <= set(text.splitlines())
    assert yaml.safe_load(text) == {
        "packages": [{"package": "a/b", "version": "1.0.0"}, {"local": "assay"}]
    }


@pytest.mark.parametrize(
    "name, text, said",
    [
        (
            "dbt_project.yml",
            "name: a\nvars: {b: 1}\n",
            "cannot be added to",
        ),
        ("dbt_project.yml", "name: [", "is no YAML"),
        ("dbt_project.yml", "name: assay", "is a project of Assay already"),
        ("packages.yml", "- a\n", "is no mapping"),
        ("assay/notes.txt", "mine", "is there already, and is not Assay"),
    ],
)
def test_what_cannot_be_added_to_stays_as_it_is(project, name, text, said):
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text(text)
    before = contents(project)
    with pytest.raises(ValueError, match=said):
        init(project)
    assert contents(project) == before


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear ...")
    with pytest.raises(ValueError, match="is not empty, and holds no dbt project"):
        init(tmp_path)
    with pytest.raises(ValueError, match="no dbt project .* whose tables to watch"):
        init(tmp_path / "new", ["orders"])
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_table_needs_a_name(project):
    with pytest.raises(ValueError, match="a b is no name of a model"):
        init(project, ["a b"])
    assert dbt_project.project_folder() == ROOT
