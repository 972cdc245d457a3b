"""The words of the page: English as they stand in the templates, or another language.

A sentence is looked up as it is written, with its `{places}`; what a catalogue lacks
stays English. What projects write themselves (names, descriptions, reasons) is shown as
it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from python_ml.report.chinese import CHINESE
from python_ml.report.visible import visible

CATALOGUES: dict[str, dict[str, str]] = {"en": {}, "zh": CHINESE}
# As HTML names them.
_TAGS = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True)
class Words:
    """What is said in a language: one of `CATALOGUES`."""

    language: str

    def __post_init__(self) -> None:
        """Refuse a language that has no catalogue.

        Raises:
            ValueError: If there is none.
        """
        if self.language not in CATALOGUES:
            known = ", ".join(CATALOGUES)
            raise ValueError(
                f"The report speaks {known}; there is no language {self.language!r}."
            )

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return _TAGS[self.language]

    def __call__(self, sentence: str, **values: object) -> Markup:
        """Return a sentence with values in its places, escaped."""
        said = CATALOGUES[self.language].get(sentence, sentence)
        return escape(said).format(**{name: _shown(v) for name, v in values.items()})


def _shown(value: object) -> object:
    return visible(value) if type(value) is str else value
