"""Back-translation: the same said otherwise, by way of another language.

The translator is what the user has installed: language packages of `argostranslate`, or
two folders of `transformers`. Nothing is downloaded (Sennrich et al. 2016).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

_BATCH = 32
_LONGEST = 256  # Tokens after which a text is cut.
_NONE = (
    "back-translation needs a translator: install argostranslate with a language "
    "package there and one back, or give two folders of translation models"
)


@dataclass(frozen=True)
class BackTranslation:
    """Takes texts, and returns them as they come back from another language.

    Attributes:
        there: Takes texts, and returns as many in the other language.
        back: The same for the way back.
        name: What translates.
    """

    there: Callable[[list[str]], list[str]]
    back: Callable[[list[str]], list[str]]
    name: str

    def __call__(self, texts: list[str]) -> list[str]:
        """Translate; a text of which nothing came back stays as it was."""
        found = texts
        for translate in (self.there, self.back):
            found = list(translate(found))
            if len(found) != len(texts):
                raise ValueError(
                    f"The translator returned {len(found)} texts for {len(texts)}."
                )
        pairs = zip(texts, found, strict=True)
        return [other if other.strip() else text for text, other in pairs]


def installed_back_translation(texts: list[str]) -> BackTranslation:
    """Find the packages of `argostranslate` for the language of most of some texts.

    Raises:
        ImportError: If it is not installed, or has no package there and back.
    """
    from python_ml.encoding.languages import language_shares

    try:
        from argostranslate import package, translate
    except ImportError as error:
        raise ImportError(f"{_NONE}.") from error
    shares = language_shares(texts)
    name = max(shares, key=shares.__getitem__, default="English")
    installed = [p for p in package.get_installed_packages() if p.type == "translate"]
    found = {(one.from_code, one.to_code): one for one in installed}
    own = sorted(codes for codes, one in found.items() if one.from_name == name)
    both = [codes for codes in own if codes[::-1] in found]
    if not both:
        raise ImportError(f"{_NONE}: there is none for {name}.")

    def translation(codes: tuple[str, str]) -> Callable[[list[str]], list[str]]:
        ends = (translate.Language(code, code) for code in codes)
        one = translate.PackageTranslation(*ends, found[codes])
        # Its own splitters of sentences fetch their models when they are first used.
        one.sentencizer = SimpleNamespace(split_sentences=lambda text: [text])
        return lambda texts: [one.translate(text) for text in texts]

    name = f"argostranslate: {', '.join(both[0])}"
    return BackTranslation(translation(both[0]), translation(both[0][::-1]), name)


def translation_model(folder: str, device: str) -> Callable[[list[str]], list[str]]:
    """Load a translation model of `transformers`; it is greedy, so that it repeats.

    Raises:
        ValueError: If the folder holds no such model.
    """
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    from python_ml.encoding.transformer import quiet_transformers

    try:
        with quiet_transformers():
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model = AutoModelForSeq2SeqLM.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"{folder} is no translation model: {reason}") from error
    model.to(device).eval()
    cut: dict = {"padding": True, "truncation": True, "max_length": _LONGEST}
    cut |= {"return_tensors": "pt", "return_token_type_ids": False}
    greedy = {"max_new_tokens": _LONGEST, "num_beams": 1, "do_sample": False}

    def translated(texts: list[str]) -> list[str]:
        found: list[str] = []
        for start in range(0, len(texts), _BATCH):
            tokens = tokenizer(texts[start : start + _BATCH], **cut).to(device)
            ids = model.generate(**tokens, **greedy)
            found += tokenizer.batch_decode(ids, skip_special_tokens=True)
        return found

    return translated
