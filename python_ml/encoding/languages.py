"""Which encoder knows the languages of the texts: `encoder="auto"`.

Scripts are told by their letters; languages that share the Latin one by the library
py3langid (Lui and Baldwin 2012), where it is sure. A text of which it is not goes with
the rest.
"""

from __future__ import annotations

import heapq
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from python_ml.encoding.transformer import MINILM_PACKAGE
from python_ml.encoding.use import PIECES_PACKAGE, USE_PACKAGE
from python_ml.encoding.weights import package_folder

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SAMPLE = 1000  # texts looked at
# From this share of texts in its other languages on, the multilingual encoder is worth
# more than what the English one does better in English.
FOREIGN_SHARE = 0.10
# Of texts in Latin letters, the share that must show a language to be believed.
_SIGNS = 0.02
_CHARACTERS = 400  # looked at of each text

_LETTERS = {
    "latin": "a-zà-öø-ɏḁ-ỿ",
    "cyrillic": "а-џ",
    "arabic": "ء-ۿ",
    "Chinese": "㐀-鿿豈-﫿",
    "Japanese": "ぁ-ヺ",
    "Korean": "가-힣ᄀ-ᇿ㄰-㆏",
    "Thai": "ก-๎",
}
_SCRIPT = {name: re.compile(f"[{letters}]") for name, letters in _LETTERS.items()}
_ANY_LETTER = re.compile(r"[^\W\d_]")
_DENSE = ("Chinese", "Japanese", "Korean")  # One letter stands for about three.

# The codes of languages in Latin letters; the first are those of USE-multilingual-v3.
_KNOWN = {
    "en": "English", "nl": "Dutch", "fr": "French", "de": "German", "it": "Italian",
    "pl": "Polish", "pt": "Portuguese", "es": "Spanish", "tr": "Turkish",
}  # fmt: skip
_UNKNOWN = {
    "cs": "Czech or Slovak", "sk": "Czech or Slovak", "da": "Danish or Norwegian",
    "no": "Danish or Norwegian", "nb": "Danish or Norwegian",
    "nn": "Danish or Norwegian", "fi": "Finnish", "hu": "Hungarian",
    "id": "Indonesian or Malay", "ms": "Indonesian or Malay", "ro": "Romanian",
    "sv": "Swedish", "vi": "Vietnamese",
}  # fmt: skip
_LATIN = _KNOWN | _UNKNOWN
# Below, a quarter of English titles would be something else.
_SURE = 0.9
# Letters that Russian and Arabic do not have.
_NOT_RUSSIAN = re.compile("[іїєґўђѓјљњћќџ]")
_NOT_ARABIC = re.compile("[پچژگکیےٹڈڑں]")


def choose_encoder(texts: Iterable[str | None]) -> tuple[str, str]:
    """Choose the encoder that knows the languages of most texts.

    In English (and where nothing tells) it is `minilm`. Where at least a tenth of the
    texts is in another of the 16 languages of `use-multilingual`, it is that one, which
    knows English too: so also for an English catalogue with some Chinese. Where more
    than half is in languages that neither knows, it is `ngrams`. An encoder of which
    the weights are not installed gives way to the next best.

    Args:
        texts: Any texts; missing and blank ones do not count. Of the distinct ones a
            sample of 1,000 is looked at, which depends neither on chance nor on order.

    Returns:
        The encoder, and a sentence on why it is not the first choice ("" if it is).
    """
    distinct = {text for text in texts if isinstance(text, str) and not text.isspace()}
    sample = heapq.nsmallest(SAMPLE, distinct, key=_draw)
    shares = language_shares(sample)
    foreign = {
        name: share
        for name, share in shares.items()
        if name != "English" and name not in _UNKNOWN.values() and name != "other"
    }
    known = shares.get("English", 0.0) + sum(foreign.values())
    if shares and known < 0.5:
        return "ngrams", ""
    has_use = None not in map(package_folder, (USE_PACKAGE, PIECES_PACKAGE))
    has_minilm = package_folder(MINILM_PACKAGE) is not None
    if sum(foreign.values()) >= FOREIGN_SHARE:
        if has_use:
            return "use-multilingual", ""
        is_mostly_english = shares.get("English", 0.0) >= 0.5
        instead = "minilm" if has_minilm and is_mostly_english else "ngrams"
        share, most = sum(foreign.values()), max(foreign, key=foreign.__getitem__)
        return instead, (
            f"{share:.0%} of the texts are in languages such as {most}, "
            "and what use-multilingual needs is not installed (extra "
            f"`multilingual`): {instead} was used instead."
        )
    if has_minilm:
        return "minilm", ""
    instead = "use-multilingual" if has_use else "ngrams"
    return instead, (
        "The weights of minilm are not installed (python_ml/weights.txt): "
        f"{instead} was used instead."
    )


def _draw(text: str) -> tuple[int, str]:
    return zlib.crc32(text.encode("utf-8", "surrogatepass")), text


def language_shares(texts: list[str]) -> dict[str, float]:
    """Estimate the languages of texts.

    Args:
        texts: Any; those without a letter do not count.

    Returns:
        Share of the texts by language in English words, "other" for what has no name
        here; they sum to 1, or there are none.
    """
    counts = Counter(_language(text[:_CHARACTERS].lower()) for text in texts)
    found: defaultdict[str, float] = defaultdict(float, counts)
    found.pop("none", None)
    silent = found.pop("latin", 0)
    latin = {name: found[name] for name in counts if name in _LATIN.values()}
    signs = sum(latin.values())
    if silent and signs >= _SIGNS * (silent + signs):
        # A title of few words shows nothing; it goes with those that do.
        for name, count in latin.items():
            found[name] += silent * count / signs
    elif silent:
        found["English"] += silent
    total = sum(found.values())
    return {name: count / total for name, count in found.items()} if total else {}


def _language(text: str) -> str:
    """Return a language, "other", "latin" if the language is open, or "none"."""
    counts = {name: len(letter.findall(text)) for name, letter in _SCRIPT.items()}
    counts["other"] = len(_ANY_LETTER.findall(text)) - sum(counts.values())
    for name in _DENSE:
        counts[name] *= 3
    if counts["Japanese"]:
        counts["Japanese"] += counts.pop("Chinese")
    script = max(counts, key=counts.__getitem__)
    if counts[script] <= 0:
        return "none"
    if script == "cyrillic":
        return "other" if _NOT_RUSSIAN.search(text) else "Russian"
    if script == "arabic":
        return "other" if _NOT_ARABIC.search(text) else "Arabic"
    if script != "latin":
        return script
    code, probability = _identifier().classify(text)
    return _LATIN[code] if probability >= _SURE else "latin"


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    found = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    found.set_languages([code for code in _LATIN if code in found.nb_classes])
    return found
