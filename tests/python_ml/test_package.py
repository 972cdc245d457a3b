"""The package as it is imported."""

import subprocess
import sys
from pathlib import Path

import pytest

import python_ml
from tests.build import ROOT


def python(code):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_the_package_loads_nothing_heavy():
    heavy = {"numpy", "sklearn", "torch", "transformers"}
    found = python("import sys, python_ml; print(*sys.modules)").split()
    assert "python_ml" in found
    assert not heavy & set(found)


def test_public_names_are_there_whatever_was_imported_before():
    modules = sorted(path.stem for path in Path(python_ml.__path__[0]).glob("*.py"))
    assert not set(modules) & set(python_ml.__all__)
    imports = "\n".join(f"import python_ml.{m}" for m in modules if m[0] != "_")
    names = python(
        f"{imports}\nimport python_ml\nfrom python_ml import *\n"
        "print(*(globals()[name].__name__ for name in python_ml.__all__))"
    )
    assert names.split() == python_ml.__all__


def test_the_docstring_names_every_module():
    for path in Path(python_ml.__path__[0]).glob("[a-z]*.py"):
        if not path.stem.startswith("sample_"):
            assert f"`{path.stem}`" in python_ml.__doc__, path.stem


def test_a_name_that_is_not_there_is_missing_as_in_any_module():
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        _ = python_ml.absent
    assert set(python_ml.__all__) <= set(dir(python_ml))
