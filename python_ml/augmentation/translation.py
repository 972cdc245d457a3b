"""Back-translation: the same said otherwise, by way of another language.

Sennrich et al. (2016, "Improving Neural Machine Translation Models with Monolingual
Data"). The translator is what the user has installed: language packages of
`argostranslate`, or two folders of `transformers`. Nothing is downloaded.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

_BATCH = 32
_LONGEST = 256  # Tokens after which a text is cut.
_CODES = {
    "Arabic": "ar",
    "Chinese": "zh",
    "Dutch": "nl",
    "English": "en",
    "French": "fr",
    "German": "de",
    "Italian": "it",
    "Japanese": "ja",
    "Korean": "ko",
    "Polish": "pl",
    "Portuguese": "pt",
    "Russian": "ru",
    "Spanish": "es",
    "Thai": "th",
    "Turkish": "tr",
}
_NONE = (
    "back-translation needs a translator: install argostranslate with a language "
    "package there and one back, or give two folders of translation models"
)


class Translator(Protocol):
    """Whatever translates texts."""

    def translate(
        self, texts: list[str], from_language: str, to_language: str
    ) -> list[str]:
        """Translate texts; languages are ISO 639-1 codes such as "en"."""


@dataclass(frozen=True)
class BackTranslation:
    """Translates texts into another language and back.

    Attributes:
        translator: What translates.
        language: ISO 639-1 code of the language of the texts, such as "en".
        through: Of the language in between.
    """

    translator: Translator
    language: str
    through: str

    @property
    def name(self) -> str:
        """What translates, and by way of which language."""
        return f"{_name_of(self.translator)}: {self.language}, {self.through}"

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """Return the texts said otherwise; as they were where nothing came back.

        Raises:
            ValueError: If the translator returns another number of texts.
        """
        there = self._translated(list(texts), self.language, self.through)
        back = self._translated(there, self.through, self.language)
        return [
            other if other.strip() else text
            for text, other in zip(texts, back, strict=True)
        ]

    def _translated(self, texts: list[str], *languages: str) -> list[str]:
        found = list(self.translator.translate(texts, *languages))
        if len(found) != len(texts):
            raise ValueError(
                f"The translator returned {len(found)} texts for {len(texts)}."
            )
        return found


def _name_of(translator: Translator) -> str:
    return getattr(translator, "name", type(translator).__name__)


def installed_back_translation(texts: Sequence[str]) -> BackTranslation:
    """Find the language packages of `argostranslate` for texts.

    Args:
        texts: The texts; most of them are in the language that is looked for.

    Raises:
        ImportError: If it is not installed, or has no package for the language there
            and back.
    """
    from python_ml.encoding.languages import language_shares

    try:
        from argostranslate import package, translate
    except ImportError as error:
        raise ImportError(f"{_NONE}.") from error
    shares = language_shares(list(texts))
    name = max(shares, key=shares.__getitem__) if shares else "English"
    own = _CODES.get(name, "")
    found = {
        (one.from_code, one.to_code): one
        for one in package.get_installed_packages()
        if one.type == "translate"
    }
    others = sorted(end for start, end in found if start == own and (end, own) in found)
    if not others:
        raise ImportError(f"{_NONE}: there is none for {name}.")
    through = others[0]
    translations = {}
    for start, end in ((own, through), (through, own)):
        languages = (translate.Language(code, code) for code in (start, end))
        one = translate.PackageTranslation(*languages, found[start, end])
        # Its own splitters of sentences fetch their models when they are first used.
        one.sentencizer = _Whole()
        translations[start, end] = one.translate
    return BackTranslation(_Argos(translations), own, through)


class _Whole:
    """Takes a text for one sentence: titles and reviews are short."""

    def split_sentences(self, text: str) -> list[str]:
        return [text]


class _Argos:
    """Packages of `argostranslate` by the languages that they translate between."""

    name = "argostranslate"

    def __init__(self, translations: dict[tuple[str, str], Callable[[str], str]]):
        self.translations = translations

    def translate(
        self, texts: list[str], from_language: str, to_language: str
    ) -> list[str]:
        return [*map(self.translations[from_language, to_language], texts)]


def back_translation_of(
    there: str | os.PathLike, back: str | os.PathLike, device: str = "cpu"
) -> BackTranslation:
    """Load two translation models, such as Marian's, from their folders.

    Args:
        there: Folder of a `transformers` model from the language of the texts into
            another one.
        back: Of one from that language back.
        device: Of PyTorch.

    Raises:
        ValueError: If a folder holds no such model.
    """
    models = {
        ("own", "other"): _Model(os.fspath(there), device),
        ("other", "own"): _Model(os.fspath(back), device),
    }
    return BackTranslation(_Models(models), "own", "other")


class _Models:
    """Translation models by the languages that they translate between."""

    def __init__(self, models: dict[tuple[str, str], _Model]):
        self.models = models
        self.name = ", ".join(model.folder for model in models.values())

    def translate(
        self, texts: list[str], from_language: str, to_language: str
    ) -> list[str]:
        return self.models[from_language, to_language](texts)


class _Model:
    """A translation model of `transformers`; greedy, so that it repeats itself."""

    def __init__(self, folder: str, device: str):
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        from python_ml.encoding.transformer import quiet_transformers

        self.folder = folder
        try:
            with quiet_transformers():
                self._tokenizer = AutoTokenizer.from_pretrained(
                    folder, local_files_only=True
                )
                model = AutoModelForSeq2SeqLM.from_pretrained(
                    folder, local_files_only=True
                )
        except (OSError, ValueError, KeyError, ImportError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ValueError(f"{folder} is no translation model: {reason}") from error
        self._model = model.to(device).eval()

    def __call__(self, texts: list[str]) -> list[str]:
        import torch

        found = []
        for start in range(0, len(texts), _BATCH):
            tokens = self._tokenizer(
                texts[start : start + _BATCH],
                padding=True,
                truncation=True,
                max_length=_LONGEST,
                return_tensors="pt",
                return_token_type_ids=False,
            ).to(self._model.device)
            with torch.inference_mode():
                ids = self._model.generate(
                    **tokens, max_new_tokens=_LONGEST, num_beams=1, do_sample=False
                )
            found += self._tokenizer.batch_decode(ids, skip_special_tokens=True)
        return found
