"""The package as it is imported, and its rooms."""

import ast
import pkgutil
import subprocess
import sys
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import python_ml
from tests.build import ROOT

FOLDER = Path(python_ml.__path__[0])
# What each room may import from; itself always.
DOWN = {
    "common": set(),
    "canonical": set(),
    "report": {"common"},
    "sample": set(),
    "alerts": set(),
    "anomalies": {"common"},
    "statistics": set(),
    "encoding": {"common"},
    "matching": {"common"},
    "labels": {"common", "encoding", "matching"},
    "duplicates": {"common", "encoding", "matching"},
    "extraction": {"canonical", "common", "encoding", "matching"},
    "augmentation": {"common", "encoding"},
    "training": {"augmentation", "common", "encoding"},
    "effect": {"common"},
    "calibration": {"common", "effect"},
    "dbt_models": {
        "anomalies",
        "canonical",
        "common",
        "duplicates",
        "effect",
        "encoding",
        "extraction",
        "labels",
        "statistics",
    },
}
MODULES = {
    name.removeprefix("python_ml.")
    for _, name, is_package in pkgutil.walk_packages(python_ml.__path__, "python_ml.")
    if not is_package
}


def imports():
    """Return {module: modules of this package that its code names}."""
    found = {}
    for module in MODULES:
        path = (FOLDER / module.replace(".", "/")).with_suffix(".py")
        found[module] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                package, _, name = node.module.partition(".")
                if package == "python_ml":
                    one = {f"{name}.{each.name}" for each in node.names} & MODULES
                    found[module] |= one or {name}
    return found


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
    rooms = sorted(path.parent.name for path in FOLDER.glob("*/__init__.py"))
    assert not set(rooms) & set(python_ml.__all__)
    modules = sorted(MODULES - {"__main__"})
    lines = "\n".join(f"import python_ml.{module}" for module in modules)
    names = python(
        f"{lines}\nimport python_ml\nfrom python_ml import *\n"
        "print(*(globals()[name].__name__ for name in python_ml.__all__))"
    )
    assert names.split() == python_ml.__all__


def test_imports_go_downwards_only():
    assert {module.split(".")[0] for module in MODULES} == {
        *DOWN,
        "__main__",
        "command_line",
    }
    for module, names in imports().items():
        room = module.split(".")[0]
        assert "python_ml.__main__" not in names
        if room in DOWN:
            entered = {name.split(".")[0] for name in names} - {room}
            assert entered <= DOWN[room], module


def test_no_module_imports_itself_by_way_of_others():
    TopologicalSorter(imports()).prepare()  # Raises CycleError.


def test_the_docstrings_name_every_room_and_every_module():
    for room in {module.split(".")[0] for module in MODULES} - {"__main__"}:
        assert room in python_ml.__doc__
        said = ast.get_docstring(ast.parse((FOLDER / room / "__init__.py").read_text()))
        for path in (FOLDER / room).glob("[a-z]*.py"):
            assert f"`{path.stem}`" in said, f"{room}.{path.stem}"


def test_a_name_that_is_not_there_is_missing_as_in_any_module():
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        _ = python_ml.absent
    assert set(python_ml.__all__) <= set(dir(python_ml))


def test_no_folder_is_crowded():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    count = Counter(Path(name).parent for name in tracked.stdout.splitlines())
    assert {folder: files for folder, files in count.items() if files > 20} == {}
