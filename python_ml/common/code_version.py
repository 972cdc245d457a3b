"""What a kept result depends on: `fingerprint`."""

from __future__ import annotations

import ast
from functools import lru_cache
from hashlib import md5
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_FOLDER = Path(__file__).parents[1]
# What computes: a new version may give other numbers.
_LIBRARIES = (
    "numpy",
    "py3langid",
    "scipy",
    "scikit-learn",
    "sentence-transformers",
    "sentencepiece",
    "tokenizers",
    "torch",
    "transformers",
)


@lru_cache
def code_version(*modules: str) -> str:
    """Return a text that changes when what some modules compute may have changed.

    It is made of the code of the modules and of all that they import from this package,
    whatever the place of the import, without comments and docstrings, and of the
    versions of the libraries that compute.

    Args:
        modules: Names of modules in this package, such as "labels.texts".

    Returns:
        32 hexadecimal digits.

    Raises:
        FileNotFoundError: If there is no such module.
    """
    digest = md5(usedforsecurity=False)
    for module in sorted(imported(*modules)):
        digest.update(f"{module}|{_code(module)}|".encode())
    for library in _LIBRARIES:
        try:
            digest.update(f"{library}=={version(library)}|".encode())
        except PackageNotFoundError:
            digest.update(f"{library} is missing|".encode())
    return digest.hexdigest()


def fingerprint(given: str, *modules: str) -> str:
    """What a result depends on: what was given, and the modules that compute it."""
    state = code_version(*modules) + given
    return md5(state.encode(), usedforsecurity=False).hexdigest()


def imported(*modules: str) -> set[str]:
    """Return the modules of this package that some of them import, themselves too."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        for node in ast.walk(_tree(module)):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            package, _, name = node.module.partition(".")
            if package != "python_ml":
                continue
            # What is imported from a room is one of its modules.
            names = [name] if _file(name).exists() else []
            names += [f"{name}.{each.name}".lstrip(".") for each in node.names]
            waiting += [each for each in names if _file(each).exists()]
    return found


def _file(module: str) -> Path:
    return (_FOLDER / module.replace(".", "/")).with_suffix(".py")


def _tree(module: str) -> ast.Module:
    return ast.parse(_file(module).read_text(encoding="utf-8"))


def _code(module: str) -> str:
    """Return the code of a module as its syntax says it, without docstrings."""
    tree = _tree(module)
    for node in ast.walk(tree):
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        if isinstance(node, documented) and ast.get_docstring(node, clean=False):
            node.body = node.body[1:]
    return ast.dump(tree)
