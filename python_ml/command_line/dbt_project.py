"""The dbt project that Assay is: where it lies, how to begin with it and build it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import yaml

PARTS = [
    "dbt_project.yml",
    "profiles.yml",
    "macros",
    "models",
    "seeds",
    "tests/generic",
]
_IGNORED = [
    "target/",
    "logs/",
    "dbt_packages/",
    "*.duckdb",
    "*.duckdb.wal",
    ".user.yml",
]
_FOLDER = "assay"  # Of the package, in the project of a user.


def project_folder() -> Path:
    """Return the folder of the dbt project: in the wheel, or the checkout."""
    package = Path(__file__).parents[1]
    inside = package / "_dbt"
    return inside if inside.is_dir() else package.parent


def build(arguments: list[str]) -> tuple[bool, Path | None]:
    """Run `dbt build` in the folder that this process is in.

    Args:
        arguments: What follows on the command line, as for dbt.

    Returns:
        Whether all went well, as dbt says, and the database file; None if dbt did not
        come so far, which it says on stderr.
    """
    # In a process of its own: dbt keeps the database open until its process ends.
    with ProcessPoolExecutor(1, get_context("spawn")) as processes:
        went_well, database = processes.submit(_run_dbt, arguments).result()
    return went_well, Path(database) if database else None


def _run_dbt(arguments: list[str]) -> tuple[bool, str | None]:
    from dbt.adapters.factory import get_adapter_by_type
    from dbt.cli.main import dbtRunner

    result = dbtRunner().invoke(["build", *arguments])
    if result.exception:
        print("Error:", result.exception, file=sys.stderr)
        return False, None
    credentials = get_adapter_by_type("duckdb").config.credentials
    return result.success, str(credentials.path)


def init(folder: Path, watch: Sequence[str] = ()) -> list[str]:
    """Write a dbt project, or add Assay as a package to the one that is there.

    Args:
        folder: Where to; it need not exist. With a `dbt_project.yml` it is a project:
            the package is written to `assay/` in it, `packages.yml` and
            `dbt_project.yml` name it, and what else stands in them is kept. A package
            that is there already is replaced by this version.
        watch: Tables of that project to watch, each with an issue model.

    Returns:
        What was written and what comes next, as lines of text.

    Raises:
        ValueError: If the folder holds something else, a name is no name of a model,
            or a file is written in a way that cannot be added to; nothing is changed
            then.
    """
    for name in watch:
        if not re.fullmatch(r"\w+", name):
            raise ValueError(f"{name} is no name of a model.")
    if (folder / "dbt_project.yml").exists():
        return _add_package(folder, list(watch))
    if watch:
        raise ValueError(f"There is no dbt project in {folder} whose tables to watch.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"{folder} is not empty, and holds no dbt project.")
    _copy(folder, PARTS)
    (folder / ".gitignore").write_text("\n".join(_IGNORED) + "\n", encoding="utf-8")
    return [
        f"{folder} holds a dbt project with the feeds of a simulated shop.",
        f"Next: cd {folder} && assay build",
    ]


def _copy(folder: Path, parts: Sequence[str]) -> None:
    for part in parts:
        found = project_folder() / part
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        if found.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(found, folder / part, ignore=ignored)
        else:
            shutil.copy(found, folder / part)


def _add_package(folder: Path, watch: list[str]) -> list[str]:
    settings = _read(folder / "dbt_project.yml")
    name = settings.get("name")
    if name == "assay":
        raise ValueError(f"{folder} is a project of Assay already.")
    package = folder / _FOLDER
    if package.exists() and (
        not (package / "dbt_project.yml").exists()
        or _read(package / "dbt_project.yml").get("name") != "assay"
    ):
        raise ValueError(f"{package} is there already, and is not Assay.")
    additions: dict[str, Any] = {
        "dispatch": [
            {"macro_namespace": "dbt", "search_order": [name, "assay", "dbt"]}
        ],
        "vars": {"assay": {"watched": watch}},
        "models": {"assay": {"+schema": "assay"}},
        "seeds": {"assay": {"+schema": "assay"}},
    }
    texts = {folder / "dbt_project.yml": _with(folder / "dbt_project.yml", additions)}
    listed = folder / "packages.yml"
    if (folder / "dependencies.yml").exists() and not listed.exists():
        listed = folder / "dependencies.yml"
    texts[listed] = _with(listed, {"packages": [{"local": _FOLDER}]})
    paths = settings.get("model-paths") or ["models"]
    for table in watch:
        issues = folder / paths[0] / "assay" / f"int_{table}_issues.sql"
        if not issues.exists():
            read = [f"ref('{table}')", *_read_by_tests(folder, paths, table)]
            texts[issues] = f"{{{{ assay.issues({', '.join(read)}) }}}}\n"
    shutil.rmtree(package, ignore_errors=True)
    _copy(package, [part for part in PARTS if part != "profiles.yml"])
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    written = ", ".join(str(path.relative_to(folder)) for path in texts)
    return [
        f"{package} is a dbt package now; written: {written}.",
        "Next: dbt deps && assay build",
        "What is watched stands in `vars: {assay: {watched: [...]}}`, with a model"
        " int_<table>_issues.sql: {{ assay.issues(ref('<table>')) }}.",
    ]


def _read_by_tests(folder: Path, paths: Sequence[str], table: str) -> list[str]:
    """Return the other tables that tests of a model look at, as the YAML names them."""
    named: list[str] = []

    def look_into(value: Any) -> None:
        if isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                look_into(item)
        elif isinstance(value, str) and re.fullmatch(
            r"\s*(?:ref|source)\([^()]*\)\s*", value
        ):
            named.append(value.strip())

    for path in paths:
        for file in sorted((folder / path).rglob("*.y*ml")):
            found = _read(file)
            for kind in ("models", "seeds", "snapshots"):
                for node in found.get(kind) or []:
                    if node.get("name") == table:
                        for part in [node, *(node.get("columns") or [])]:
                            look_into([part.get("data_tests"), part.get("tests")])
    own = re.compile(rf"ref\(\s*['\"]{table}['\"]\s*\)")
    return [name for name in dict.fromkeys(named) if not own.fullmatch(name)]


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is no YAML: {error}") from error
    if not isinstance(found, dict | None):
        raise ValueError(f"{path} is no mapping.")
    return found or {}


def _with(path: Path, additions: dict[str, Any]) -> str:
    """Return the text of a YAML file with more in it, and all that was in it.

    A mapping takes the keys that it lacks, a list the items: what is there goes before.
    """
    before = _read(path)
    expected = dict(before)
    # As it is, with its ends of lines.
    text = path.read_bytes().decode() if path.exists() else ""
    for key, added in additions.items():
        found = before.get(key)
        if isinstance(added, list):
            new: Any = [item for item in added if item not in (found or [])]
            if key == "dispatch" and any(
                item.get("macro_namespace") == "dbt" for item in found or []
            ):
                new = []
            expected[key] = [*(found or []), *new]
        else:
            new = {name: of for name, of in added.items() if name not in (found or {})}
            expected[key] = {**(found or {}), **new}
        if new:
            text = _inserted(text, key, new)
    try:
        is_right = yaml.safe_load(text) == expected
    except yaml.YAMLError:
        is_right = False
    if not is_right:
        wanted = yaml.safe_dump(additions, sort_keys=False).strip()
        raise ValueError(f"{path} cannot be added to; write into it:\n{wanted}")
    return text


def _inserted(text: str, key: str, new: Any) -> str:
    """Return YAML with a block under a key of the first level, at its end."""
    lines, newline = text.splitlines(), "\r\n" if "\r\n" in text else "\n"
    block = yaml.safe_dump(new, sort_keys=False).splitlines()
    heads = [
        at for at, line in enumerate(lines) if re.match(rf"{key}:\s*(#.*)?$", line)
    ]
    if not heads:
        indented = [f"  {line}" for line in block]
        gap = [""] if lines and lines[-1].strip() else []
        return newline.join([*lines, *gap, f"{key}:", *indented, ""])
    end = heads[0] + 1
    indent = "  "
    for at in range(heads[0] + 1, len(lines)):
        line = lines[at]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line.startswith((" ", "-")):
            break
        if end == heads[0] + 1:
            indent = line[: len(line) - len(line.lstrip())]
        end = at + 1
    indented = [f"{indent}{line}" for line in block]
    return newline.join([*lines[:end], *indented, *lines[end:], ""])
