"""Terms of a closed list: allowed values, truth values, codes of currencies."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

from python_ml.canonical.meaning import is_meaning_kept
from python_ml.canonical.text import Candidate, trimmed

_SEPARATORS = re.compile(r"[\s_\-./]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOISE = re.compile(r"[^\w\s]+|[\s_\-#]*\d+$")
_DELETIONS = 2
_LONGEST = 24  # Characters of a term whose deletions are remembered.
_SHORT = 6  # Letters of a word from which on one more, or one less, is a slip.
_NUMBERED = 0.9  # How sure a term is without the number beside it.
_ANOTHER_WORD = 0.9  # How sure a term is that another word may be.
_LETTERS_AN_ERROR = 8  # Of longer ones, one letter in so many may be wrong.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_BOOLEANS = {
    "true": "true yes on t y ja wahr oui vrai si sì verdadero verdadeiro sim vero да"
    " истина tak prawda evet doğru 是 真 はい 예 ✓ ✔ 1.0",
    "false": "false no off f n nein falsch non faux falso não nao нет ложь nie fałsz"
    " hayır yanlış 否 假 いいえ 아니요 ✗ ✘ 0.0",
}
# Names that the Unicode CLDR does not hold.
_CURRENCY_NAMES = {
    "CNY": ("rmb", "renminbi", "yuan", "元", "人民币", "¥", "cn¥"),
    "JPY": ("yen", "円", "¥", "jp¥"),
    "USD": ("us$", "$", "us dollar", "dollar", "dollars", "us-dollar"),
    "EUR": ("€", "euro", "euros"),
    "GBP": ("£", "gb£", "pound sterling", "pound", "pounds", "quid", "stg"),
    "RUB": ("руб", "руб.", "₽"),
    "INR": ("rs", "rs.", "₹", "rupee", "rupees"),
    "PKR": ("rs", "rs.", "rupee", "rupees"),
    "LKR": ("rs", "rs.", "rupee", "rupees"),
    "CHF": ("sfr", "sfr.", "fr.", "franken"),
    "SEK": ("kr", "kr."),
    "NOK": ("kr", "kr."),
    "DKK": ("kr", "kr."),
    "TRY": ("tl", "₺"),
    "PLN": ("zl", "zł"),
    "BRL": ("r$", "reais"),
    "CAD": ("$", "c$", "ca$", "cdn$", "can$"),
    "AUD": ("$", "a$", "au$"),
    "MXN": ("$", "mx$"),
    "EGP": ("£",),
}
# How sure a sign is of one of its currencies where nothing else is known.
_SIGN = {"$": ("USD", 0.8), "us dollar": ("USD", 0.98), "£": ("GBP", 0.93)}
USUAL_CODES = frozenset("chf cny eur gbp jpy rmb usd yen".split())
_LANGUAGES = "en de es fr it ja ko nl pl pt ru sv tr zh".split()


def folded_width(text: str) -> str:
    """Return a text with ASCII in place of its full-width forms."""
    return text if text.isascii() else text.translate(_FULL_WIDTH)


class Terms:
    """A closed list of terms, and the ways in which each may be written."""

    def __init__(self, allowed: Iterable[str]):
        """Index the terms.

        Args:
            allowed: The terms as they should be.
        """
        self._keys: list[dict[str, set[str]]] = [defaultdict(set) for _ in _KEYS]
        self._deleted: dict[str, set[str]] = defaultdict(set)
        self._initials: dict[str, set[str]] = defaultdict(set)
        self._letters: dict[str, Counter[str]] = {}
        self._longest = 0
        for term in allowed:
            for index, (key, _, _) in zip(self._keys, _KEYS, strict=True):
                index[key(term)].add(term)
            self._initials[_letter_case(term)[:1]].add(term)
            self._longest = max(self._longest, len(term))
            self._letters[term] = Counter(_letter_case(term))
            if len(term) <= _LONGEST:
                for shorter in _deletions(_letter_case(term)):
                    self._deleted[shorter].add(term)

    def candidates(self, value: str) -> list[Candidate]:
        """Return the terms that a value may be meant to be, likeliest first."""
        for index, (key, confidence, reason) in zip(self._keys, _KEYS, strict=True):
            name = key(value)
            if 2 * len(name) < len(trimmed(value)):
                continue  # More was removed than is left.
            found = sorted(index.get(name, ())) if name else ()
            if len(found) == 1:
                if not _is_kept(value, found[0]) and confidence > _NUMBERED:
                    return []  # `3.5` is no 35, `A+` no A, `N/A` no NA.
                return [Candidate(found[0], confidence, reason)]
        return self._nearest(value)

    def _nearest(self, value: str) -> list[Candidate]:
        key = _letter_case(value)
        if len(value.strip(" .")) == 1 and len(self._initials[key]) == 1:
            (term,) = self._initials[key]
            return [Candidate(term, 0.9, "initial of one allowed value")]
        if not 2 < len(key) <= 2 * self._longest:
            return []
        near = self._near(key)
        distances = sorted((edit_distance(key, _letter_case(t)), t) for t in near)
        if not distances:
            return []
        distance, term = distances[0]
        other = distances[1][0] if len(distances) > 1 else None
        length = max(len(key), len(_letter_case(term)))
        if distance > max(_DELETIONS, length // _LETTERS_AN_ERROR):
            return []
        if distance / length > 0.34 or other == distance:
            return []  # Nothing says which.
        if distance == 1:
            confidence = 1 - 0.9 / length**1.8
        else:
            confidence = 1 - 1.9 * (distance / length) ** 2
        if sorted(key) == sorted(_letter_case(term)):
            confidence += 0.6 * (1 - confidence)
        if other is not None:
            confidence -= 0.1 / (other - distance)
        confidence = min(max(confidence, 0.0), 0.985)
        if not _is_slip(key, _letter_case(term)):
            confidence = min(confidence, _ANOTHER_WORD)
        letters = "one letter" if distance == 1 else f"{distance} letters"
        return [Candidate(term, confidence, f"{letters} from an allowed value")]

    def _near(self, key: str) -> set[str]:
        """Return the terms that may be within the errors that are tolerated."""
        near = set().union(*(self._deleted.get(part, ()) for part in _deletions(key)))
        errors = len(key) // _LETTERS_AN_ERROR
        if errors <= _DELETIONS:
            return near
        letters = Counter(key)
        for term, others in self._letters.items():
            # Each error changes the letters by two at most.
            if abs(others.total() - len(key)) <= errors + 1:
                differing = (letters - others).total() + (others - letters).total()
                if differing <= 2 * errors + 2:
                    near.add(term)
        return near


def _is_kept(value: str, term: str) -> bool:
    """Whether a value is written as a term is, but for its form."""
    # Single letters shorten words: `N/A`, `n.a.`, `w/o`.
    is_short = re.search(r"\b[^\W\d_][/.-][^\W\d_]\b", value) and term.isalpha()
    return not is_short and is_meaning_kept(value, term)


def _is_slip(key: str, term: str) -> bool:
    """Whether a hand that slipped makes one text of the other, and no other word does.

    Digits and short words are codes (`vitamin B`, `size 41`), and what is put before a
    word turns it round (`atypical`). Another letter in a short word is another word
    (`black`, `slack`).
    """
    if _signs_and_digits(key) != _signs_and_digits(term):
        return False
    words, others = key.split(), term.split()
    if len(words) != len(others):
        return not ({*map(len, words), *map(len, others)} & {1})
    for word, other in zip(words, others, strict=True):
        if word == other:
            continue
        if len(other) < 4 and len(others) > 1:
            return False
        if any(sign.isdigit() for sign in word + other):
            return False
        if word.endswith(other) or other.endswith(word):
            return False
        is_alone = len(term) < 2 * _LETTERS_AN_ERROR
        is_short = is_alone and len(other) < _SHORT
        is_cut = other.startswith(word) or _is_typed_twice(word, other)
        if is_short and not is_cut and sorted(word) != sorted(other):
            return False  # `bleue` is no slip of `blue`.
        is_other_letter = len(word) == len(other) and sorted(word) != sorted(other)
        # Of a long name the words around say which it is.
        least = _LETTERS_AN_ERROR if is_alone else 0
        if is_other_letter and len(other) < least:
            return False
        # Two other letters make another word of a short one: `north`, `south`.
        changed = sum(one != two for one, two in zip(word, other, strict=False))
        if is_other_letter and changed > 1 and len(other) < _LETTERS_AN_ERROR:
            return False
    return True


def _is_typed_twice(word: str, other: str) -> bool:
    """Whether one letter of a word was typed twice."""
    return any(word == other[:i] + other[i - 1 :] for i in range(1, len(other) + 1))


def _signs_and_digits(text: str) -> str:
    return "".join(sign for sign in text if not sign.isalpha() and not sign.isspace())


def edit_distance(left: str, right: str) -> int:
    """Return the optimal string alignment distance (Damerau 1964, restricted).

    Args:
        left: Any text.
        right: Any text.

    Returns:
        The least number of insertions, deletions, substitutions and exchanges of
        neighbours, none of which touches a place twice.
    """
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, one in enumerate(left, 1):
        current = [i]
        for j, other in enumerate(right, 1):
            cost = min(
                previous[j] + 1, current[-1] + 1, previous[j - 1] + (one != other)
            )
            if i > 1 < j and one == right[j - 2] and other == left[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]


def boolean_candidates(value: str) -> list[Candidate]:
    """Return the truth value that a word of some languages says."""
    return [
        candidate._replace(text=text, reason=f"a word for {text}")
        for text, terms in _truth().items()
        for candidate in terms.candidates(value)
        if candidate.confidence > 0.93
    ] or Terms([*_BOOLEANS]).candidates(value)


@cache
def _truth() -> dict[str, Terms]:
    return {text: Terms(words.split()) for text, words in _BOOLEANS.items()}


class Currencies:
    """The codes of currencies, and the names and signs that mean them."""

    def __init__(self, vocabulary: Sequence[str], examples: Sequence[str] = ()):
        """Index the codes.

        Args:
            vocabulary: The codes that are allowed.
            examples: Right values of the column.
        """
        self._codes = frozenset(vocabulary)
        self._examples = Counter(code for code in examples if code in self._codes)

    def candidates(self, value: str) -> list[Candidate]:
        """Return the codes that a value may mean, likeliest first."""
        name = _currency_key(value)
        if name.upper() in self._codes:
            code = name.upper()
            # Codes in small letters are words, too: `all`, `top`, `try`.
            is_code = code in folded_width(value) or self._examples[code]
            sure = 0.99 if is_code or name in USUAL_CODES else 0.9
            return [Candidate(code, sure, "letter case and white space")]
        codes = sorted(currency_names().get(name, frozenset()) & self._codes)
        if not codes:
            return []
        if len(codes) == 1:
            return [Candidate(codes[0], 0.98, f"{value.strip()} is a name of it")]
        seen = sum(self._examples[code] for code in codes)
        code = max(codes, key=lambda code: (self._examples[code], code))
        reason = f"{value.strip()} means {code} among the right values"
        if seen:
            share = (self._examples[code] + 0.5) / (seen + 1)
            return [Candidate(code, min(share, 0.97), reason)]
        usual, confidence = _SIGN.get(name, ("", 0.0))
        if usual in codes:
            return [Candidate(usual, confidence, "the likeliest of several currencies")]
        return [
            Candidate(code, 0.9 / len(codes), "one of several currencies")
            for code in codes
        ]


@cache
def currency_names() -> dict[str, frozenset[str]]:
    """Return which currencies, as codes, each name, sign or code means.

    From the Unicode CLDR, as Babel packs it, in fourteen languages; in small letters.
    """
    from babel import Locale

    names: dict[str, set[str]] = defaultdict(set)
    for language in _LANGUAGES:
        locale = Locale.parse(language)
        for code, name in locale.currencies.items():
            names[_currency_key(name)].add(code)
            names[code.lower()].add(code)
        for code, sign in locale.currency_symbols.items():
            names[_currency_key(sign)].add(code)
    for code, others in _CURRENCY_NAMES.items():
        for name in others:
            names[name].add(code)
    return {name: frozenset(codes) for name, codes in names.items() if name}


def _currency_key(text: str) -> str:
    return " ".join(trimmed(folded_width(text)).casefold().split())


def _trimmed(text: str) -> str:
    return trimmed(unicodedata.normalize("NFC", text))


def _letter_case(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return trimmed(_SEPARATORS.sub(" ", folded))


def _joined(text: str) -> str:
    apart = _CAMEL.sub(" ", unicodedata.normalize("NFKC", text))
    return _SEPARATORS.sub("", trimmed(apart).casefold())


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text).casefold()
    return _SEPARATORS.sub("", re.sub(r"[^\w\s]+", "", apart).strip("_"))


def _without_number(text: str) -> str:
    return _bare(re.sub(r"[\s_\-#.(\[]*\d+[)\]]?$|^\d+[\s_\-.)]+", "", trimmed(text)))


# From the surest to the least sure; a key that several terms share decides nothing.
_KEYS = (
    (_trimmed, 0.995, "white space removed"),
    (lambda text: _trimmed(folded_width(text)).casefold(), 0.99, "letter case"),
    (_letter_case, 0.985, "letter case and separators"),
    (_joined, 0.98, "letter case and separators"),
    (_bare, 0.97, "punctuation and accents removed"),
    (_without_number, 0.9, "number removed"),
)


def _deletions(text: str) -> set[str]:
    """Return the text with up to two characters deleted (as in Garbe's SymSpell)."""
    result = level = {text}
    if len(text) > _LONGEST + _DELETIONS:
        return result
    for _ in range(min(_DELETIONS, max(len(text) - 2, 0))):
        level = {t[:i] + t[i + 1 :] for t in level for i in range(len(t))}
        result = result | level
    return result
