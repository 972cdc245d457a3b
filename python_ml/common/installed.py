"""Whether the packages that judge texts are there: the extra `labels`."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec

_PACKAGES = (
    "babel",
    "ftfy",
    "json_repair",
    "pandas",
    "py3langid",
    "sentence_transformers",
    "sklearn",
    "threadpoolctl",
    "tokenizers",
    "torch",
    "transformers",
)


@lru_cache
def not_installed() -> str | None:
    """Say in words which of the packages is missing; None if all are there."""
    for package in _PACKAGES:
        if find_spec(package) is None:
            return f"pip install 'assay-quality[labels]' first: {package} is missing"
    return None
