"""The words of the page: English as they stand in the templates, or another language.

A sentence is looked up as it is written, with its `{places}`; what a catalogue lacks
stays English. What projects write themselves (names, descriptions, reasons) is shown as
it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from markupsafe import Markup, escape

from python_ml.report.visible import visible

# The files of the catalogues, by the language that they are asked for as.
_CATALOGUES = {"en": None, "zh": "chinese.yml"}
LANGUAGES = tuple(_CATALOGUES)
# As HTML names them.
_TAGS = {"en": "en", "zh": "zh-Hans"}


# Names in the marts that are no words yet.
_NAMES = {
    "clean_row_share": "rows without fault",
    "failure_rate": "share of failing rows",
    "freshness": "age of the newest row",
    "near_duplicate": "near-duplicate",
    "quality_index": "index",
    "share": "share of a value",
    "source_system": "source system",
}


@dataclass(frozen=True)
class Words:
    """What is said in a language: one of `LANGUAGES`."""

    language: str

    def __post_init__(self) -> None:
        """Refuse a language that has no catalogue.

        Raises:
            ValueError: If there is none.
        """
        if self.language not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise ValueError(
                f"The report speaks {known}; there is no language {self.language!r}."
            )

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return _TAGS[self.language]

    def __call__(self, sentence: str, **values: object) -> Markup:
        """Return a sentence with values in its places, escaped."""
        sentence = _NAMES.get(sentence, sentence)
        said = catalogue(self.language).get(sentence, sentence)
        if not values:
            # Of what is not in a catalogue, braces are no places.
            return escape(visible(said))
        return escape(said).format(**{name: _shown(v) for name, v in values.items()})


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return sentences by what they are in English; English has none."""
    name = _CATALOGUES[language]
    if name is None:
        return {}
    text = (files("python_ml.report") / "page" / name).read_text(encoding="utf-8")
    return yaml.safe_load(text)


def _shown(value: object) -> object:
    return visible(value) if type(value) is str else value
