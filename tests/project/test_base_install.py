"""The sample where only what rules and the index need is installed."""

import os
import subprocess
import sys

import pytest

from python_ml.common.installed import _PACKAGES
from tests.build import MODELS_ONLY, ROOT, Project

# dbt itself brings babel.
BLOCKED = tuple(package for package in _PACKAGES if package != "babel")
# Python reads it at its start: none of the packages is found, as if it were not there.
BLOCK = f"""
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Blocker())
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name in {BLOCKED} else find(name)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("base"))
    project.write("block/sitecustomize.py", BLOCK)
    paths = os.pathsep.join([str(project.folder / "block"), str(ROOT)])
    environment = {"PYTHONPATH": paths, "ASSAY_DATABASE": str(project.database)}
    project.environment = os.environ | environment | MODELS_ONLY
    project.result = run(project, "build")
    return project


def run(project, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "python_ml", *arguments],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        encoding="utf-8",
    )


def test_the_sample_is_built_and_shown(project):
    assert project.result.returncode == 0, project.result.stdout
    assert "of the shop that was measured" in project.result.stdout
    assert "pip install 'assay-quality[labels]' first" in project.result.stdout


def test_learned_rules_are_not_measured(project):
    rules = project.query("from fct_quality_rules")
    is_learned = rules.rule_name.isin(
        [
            "product_category_is_right",
            "relevance_label_is_right",
            "review_label_is_right",
        ]
    )
    assert set(rules[is_learned].verdict) == {"not measured"}
    assert rules[is_learned].reason.str.contains("assay-quality").all()
    assert set(rules[~is_learned].verdict) == {"passed", "failed"}


def test_what_needs_no_text_is_repaired(project):
    repairs = project.query("from fct_repairs where status = 'applied'")
    assert {"disagreement", "repeat"} <= set(repairs.method)
    assert "near_duplicate" not in set(project.query("from fct_repairs").method)


def test_a_command_that_needs_more_says_so(project):
    project.write("texts.csv", "text\nwool\n")
    arguments = ["--data", "texts.csv", "--text", "text", "--out", "vectors.parquet"]
    done = run(project, "encode", *arguments)
    assert done.returncode == 1
    assert "Error: pip install 'assay-quality[labels]' first" in done.stderr
