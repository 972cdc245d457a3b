"""Clean text: the damage that programs do to texts, undone.

What is no damage stays as it is: typographic quotes, full-width punctuation of Chinese
texts, line breaks inside, superscripts.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from html.entities import html5
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ftfy import ExplainedText


class Candidate(NamedTuple):
    """What a value may be meant to be.

    Attributes:
        text: The canonical form.
        confidence: The share of such candidates that are right, in [0, 1].
        reason: What was done, in words.
    """

    text: str
    confidence: float
    reason: str


# Python calls the separators \x1c to \x1f white space, RE2 does not.
_SPACE = (
    "[ \t\n\r\f\x0b\x85\xa0\u1680\u2000-\u200d"
    "\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]"
)
_ENDS = re.compile(f"^{_SPACE}+|{_SPACE}+$")
_DOUBLED = re.compile(" {2,}")
# Thai, Lao, Khmer and Burmese part their words by spaces of no width.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_JOINED = "[a-zA-Z0-9\u00c0-\u052f\u1e00-\u1fff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"
_INVISIBLE = re.compile(
    "[\xad\u2060-\u2064\ufeff]"
    f"|(?<![{_SPACELESS}])\u200b(?![{_SPACELESS}])"
    f"|(?<={_JOINED})[\u200c-\u200f\u202a-\u202e]+(?={_JOINED})"
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]+")
_BREAKS = re.compile("[\x0b\x0c]+")
_ENTITY = re.compile(
    "&(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});"
)
_UNSEEN = re.compile("(?is)<(script|style)\\b[^<>]*>.*?</\\1\\s*>")
_INLINE = frozenset(
    "a abbr b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span"
    " strike strong sub sup tt u var wbr".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body br button canvas center col colgroup dd"
    " details div dl dt fieldset figcaption figure footer form frame h1 h2 h3 h4 h5 h6"
    " head header hr html iframe img input label legend li link main meta nav noscript"
    " object ol optgroup option p param picture pre section select source summary svg"
    " script style table tbody td textarea tfoot th thead title tr ul video".split()
)
# In `a<b and c>d` nothing has a value: the signs compare.
_TAG = re.compile(
    rf"</?({'|'.join(sorted(_INLINE | _BLOCKS, key=len, reverse=True))})"
    r"(?:\s+[a-z_:@][\w:.-]*\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=]+)"
    r"|\s+(?:async|autoplay|checked|controls|default|defer|disabled|hidden|loop"
    r"|multiple|muted|noshade|nowrap|open|readonly|required|selected))*\s*/?>"
    r"|<!--[^<>]*-->",
    re.IGNORECASE,
)
_LOST = "\ufffd"
_WORD = re.compile(f"[\\w{_LOST}'’-]+")
_SPOKEN_OF = 0.9  # A text may speak of a tag: `use &lt;b&gt;`.
# Cyrillic or Greek letters in a word with those that only another encoding puts there.
_MIXED = re.compile("[\u0370-\u04ff][ÂÃÐÑÎÏ]|[ÂÃÐÑÎÏ][\u0370-\u04ff]")
_ROUNDS = 4  # Damage may lie under damage: `&amp;nbsp;`.


class Words:
    """The words of clean texts of the same column, as evidence of what a word is."""

    def __init__(self, texts: Sequence[str] = ()):
        """Remember the texts; they are read when they are asked for the first time.

        Args:
            texts: Clean ones.
        """
        self._texts = texts

    @cached_property
    def known(self) -> frozenset[str]:
        """All words, in lower case."""
        return frozenset(
            word.lower() for text in self._texts for word in _WORD.findall(text)
        )

    @cached_property
    def _beyond_ascii(self) -> dict[int, list[str]]:
        """Words of which a letter can be lost, by length."""
        result = defaultdict(list)
        for word in sorted(self.known):
            if not word.isascii():
                result[len(word)].append(word)
        return result

    def restored(self, word: str) -> str | None:
        """Return the only known word that a word with lost letters can be.

        Args:
            word: With U+FFFD in place of one letter, or of each of its two or three
                bytes.
        """
        parts = re.findall(f"{_LOST}+|[^{_LOST}]+", word.lower())
        pattern = re.compile(
            "".join(
                f"[^\x00-\x7f]{{1,{len(part)}}}"
                if part[0] == _LOST
                else re.escape(part)
                for part in parts
            )
        )
        found = [
            known
            for length in range(len(word) - 3 * word.count(_LOST), len(word) + 1)
            for known in self._beyond_ascii.get(length, ())
            if pattern.fullmatch(known)
        ]
        return found[0] if len(found) == 1 else None


def clean_text(text: str, words: Words | None = None) -> Candidate:
    """Undo the damage that programs do to a text.

    Args:
        text: Any text.
        words: Of clean texts of the same column.

    Returns:
        The text; whether it is clean now is for the rule to say.
    """
    words = words or Words()
    confidence = 1.0
    reasons: dict[str, None] = {}
    for _ in range(_ROUNDS):
        before = text
        for step in (_decoded, _without_markup, _without_controls, _restored, _spaced):
            found = step(text, words)
            if found.text != text:
                text = found.text
                confidence = min(confidence, found.confidence)
                reasons[found.reason] = None
        if text == before:
            break
    return Candidate(text, confidence, ", ".join(reasons))


def trimmed(text: str) -> str:
    """Return a text without white space, or what shows as nothing, at its ends."""
    return _ENDS.sub("", text)


@cache
def _fixer() -> Callable[[str], ExplainedText]:
    from ftfy import TextFixerConfig, fix_encoding_and_explain

    config = TextFixerConfig(
        unescape_html=False, normalization=None, fix_character_width=False
    )
    return lambda text: fix_encoding_and_explain(text, config)


def _decoded(text: str, words: Words) -> Candidate:
    """Undo mojibake, with ftfy (Speer 2019)."""
    if text.isascii():
        return Candidate(text, 1.0, "")
    # The byte A0 of `Ã\xa0` often became a common space and was trimmed: not guessed.
    text, explanation = _fixer()(text)
    is_whole = all("inconsistent" not in str(step) for step in explanation or ())
    confidence = 0.99 if is_whole else 0.97
    if not is_whole and _MIXED.search(text):
        confidence = 0.6  # A byte is lost: `МаÑло`.
    return Candidate(text, confidence, "UTF-8 read as another encoding")


def _without_markup(text: str, words: Words) -> Candidate:
    """Decode entities and remove tags."""
    if "&" not in text and "<" not in text:
        return Candidate(text, 1.0, "")
    confidence, reasons = 1.0, []
    was_tagged = bool(_TAG.search(text))
    decoded = _ENTITY.sub(_named, text)
    if decoded != text:
        confidence = 0.99
        reasons.append("HTML entity decoded")
        text = decoded
    if _TAG.search(text):
        confidence = min(confidence, 0.99)
        if not was_tagged or _is_compared(text):
            confidence = _SPOKEN_OF
        reasons.append("HTML tag removed")
        text = _TAG.sub(_in_place_of_tag, _UNSEEN.sub(" ", text))
    return Candidate(text, confidence, " and ".join(reasons))


def _is_compared(text: str) -> bool:
    """Whether `a<b>c` may compare letters: no other tag is there."""
    tags = list(_TAG.finditer(text))
    return len(tags) == 1 and bool(
        re.search(r"\w\s?$", text[: tags[0].start()])
        and re.fullmatch(r"(?i)<[abipqsu]>", tags[0][0])
        and re.match(r"\s?\w", text[tags[0].end() :])
    )


def _named(entity: re.Match) -> str:
    name = entity[0][1:]
    if name[0] != "#" and name not in html5:
        return entity[0]  # `B&Bhotel;`, of which html.unescape reads a beginning.
    # A common space: the other was written to keep a browser from breaking the line.
    return html.unescape(entity[0]).replace("\xa0", " ")


def _in_place_of_tag(tag: re.Match) -> str:
    return "" if (tag[1] or "").lower() in _INLINE else " "


def _without_controls(text: str, words: Words) -> Candidate:
    """Remove what has no width, and line breaks of other times."""
    confidence = 0.99
    if "\x1b[" in text:
        from ftfy.fixes import remove_terminal_escapes

        text = remove_terminal_escapes(text)
    text = _CONTROLS.sub("", _INVISIBLE.sub("", text))
    if _BREAKS.search(text):
        pieces = _BREAKS.split(text)
        text = pieces[0]
        for piece in pieces[1:]:
            left = _WORD.findall(text[-40:])[-1:] if text[-1:].isalnum() else []
            right = _WORD.findall(piece[:40])[:1] if piece[:1].isalnum() else []
            gap = ""
            if left and right:
                gap, sure = _gap(left[0].lower(), right[0].lower(), words)
                confidence = min(confidence, sure)
            text += gap + piece
    return Candidate(text, confidence, "control character removed")


def _gap(left: str, right: str, words: Words) -> tuple[str, float]:
    """Return what stood between two pieces, and how sure that is."""
    known = words.known
    is_one = left + right in known
    are_two = left in known and right in known
    if is_one != are_two:
        return ("", 0.98) if is_one else (" ", 0.97)
    # A vertical tab is a line break in a spreadsheet, and noise elsewhere.
    return " ", 0.6


def _restored(text: str, words: Words) -> Candidate:
    """Put back letters that no encoding could hold, where only one word fits."""
    if _LOST not in text:
        return Candidate(text, 1.0, "")

    def whole(found: re.Match) -> str:
        word = found[0]
        if _LOST not in word or len(word.replace(_LOST, "")) < 3:
            return word
        restored = words.restored(word)
        if restored is None:
            return word
        if word.replace(_LOST, "").isupper():
            return restored.upper()
        return restored.capitalize() if word[0].isupper() else restored

    return Candidate(_WORD.sub(whole, text), 0.9, "lost letter found in other texts")


def _spaced(text: str, words: Words) -> Candidate:
    return Candidate(trimmed(_DOUBLED.sub(" ", text)), 0.995, "white space removed")
