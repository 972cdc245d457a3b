"""Which encoder knows the languages of the texts: `encoder="auto"`.

Scripts are told by their letters. Languages that share the Latin, Cyrillic or Arabic
script are told by a handful of frequent words (function words, and what stands in
titles of products: colours, man and woman) and by letters of their own. That is crude
for one text and enough for many; a text without such signs goes with the rest.
"""

from __future__ import annotations

import heapq
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable

from python_ml.encoding.transformer import MINILM_PACKAGE
from python_ml.encoding.use import PIECES_PACKAGE, USE_PACKAGE
from python_ml.encoding.weights import package_folder

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

# Words of three letters and more, as shorter ones are abbreviations in titles of
# products; then letters of its own. The first are those of USE-multilingual-v3.
_KNOWN = {
    "English": ("the and with for this that you your was are very not from has have "
                "all black white red blue green grey men women", ""),
    "Dutch": ("het een van met voor niet zijn zwart zwarte wit witte rood blauw grijs "
              "groen heren dames zeer goed maat", ""),
    "French": ("les des avec pour une est pas très dans sur noir noire blanc blanche "
               "rouge bleu bleue gris vert homme femme taille", "èêçœë"),
    "German": ("der die das und mit für nicht ist ein eine von aus sehr schwarz weiß "
               "rot blau grau grün herren damen größe", "ßäöü"),
    "Italian": ("gli con per non una che molto della nel nero nera bianco bianca rosso "
                "rossa blu grigio uomo donna taglia", "ìò"),
    "Polish": ("nie jest dla się bardzo czarny czarna biały biała czerwony czerwona "
               "niebieski niebieska szary męski męskie damski damskie rozmiar",
               "łąęśćźżń"),
    "Portuguese": ("com para não uma muito dos das preto preta branco branca vermelho "
                   "azul cinza homem mulher masculino feminino tamanho", "ãõ"),
    "Spanish": ("los las con para una muy del por negro negra blanco blanca rojo roja "
                "azul gris hombre mujer talla", "ñ¿¡"),
    "Turkish": ("bir için ile çok değil siyah beyaz kırmızı mavi gri yeşil erkek kadın "
                "beden", "ğışİ"),
}  # fmt: skip
_UNKNOWN = {
    "Czech or Slovak": ("velmi jako nebo černá černé bílá bílé červená modrá pánské "
                        "pánská dámské dámská velikost", "řěůčťďľ"),
    "Danish or Norwegian": ("med til ikke meget svart hvid hvit rød grå blå herre dame "
                            "størrelse", "æøå"),
    "Finnish": ("joka kanssa erittäin ovat musta valkoinen punainen sininen harmaa "
                "miesten naisten koko", "äö"),
    "Hungarian": ("és nem egy van nagyon fekete fehér piros kék szürke férfi női méret",
                  "őű"),
    "Indonesian or Malay": ("dan yang untuk dengan tidak ini sangat hitam putih merah "
                            "biru pria wanita ukuran", ""),
    "Romanian": ("pentru este foarte sau negru neagră alb albă roșu albastru bărbați "
                 "femei mărime", "țșăâî"),
    "Swedish": ("och med för inte mycket som svart vit röd blå grå herr dam storlek",
                "åäö"),
    "Vietnamese": ("của cho không rất với màu đen trắng xanh nam",
                   "ơưđạảấầẩậắằẵặẹẻẽếềệọỏốồộớờợụủứừựỳỵỷỹ"),
}  # fmt: skip
_SIGN_WORDS = {
    name: frozenset(words.split()) for name, (words, _) in (_KNOWN | _UNKNOWN).items()
}
_SIGN_LETTERS = {
    name: frozenset(letters) for name, (_, letters) in (_KNOWN | _UNKNOWN).items()
}
# Letters that Russian and Arabic do not have.
_NOT_RUSSIAN = re.compile("[іїєґўђѓјљњћќџ]")
_NOT_ARABIC = re.compile("[پچژگکیےٹڈڑں]")
_WORD = re.compile(r"[^\W\d_]+")


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
        if name != "English" and name not in _UNKNOWN and name != "other"
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
    latin = {name: found[name] for name in _SIGN_WORDS if name in found}
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
    words, letters = set(_WORD.findall(text)), set(text)
    scores = {
        name: len(words & _SIGN_WORDS[name]) + len(letters & _SIGN_LETTERS[name])
        for name in _SIGN_WORDS
    }
    best = max(scores.values())
    leaders = [name for name, score in scores.items() if score == best]
    # One word can stand in a name, as in "Crème de la Mer".
    is_clear = best >= (1 if leaders[0] == "English" else 2) and len(leaders) == 1
    return leaders[0] if is_clear else "latin"
