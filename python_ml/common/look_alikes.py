"""What a reader sees of a text that was spelled so as not to be found: `as_seen`."""

from __future__ import annotations

import re
import unicodedata

# Nobody sees them; U+200C and U+200D join letters of other scripts, and emoji.
_UNSEEN = (
    "\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff"
)
_SCRIPTS = {
    # Letters that look like a Latin one, and all letters of the script.
    "Cyrillic": (
        "АВЕЅІЈКМНОРСТУХҮԌԚԜаеѕіјорсухүһԁԛԝѵ",
        "ABESIJKMHOPCTYXYGQWaesijopcyxyhdqwv",
        "\u0400-\u052f",
    ),
    "Greek": (
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϲοιανυρϳ",
        "ABEZHIKMNOPTYXCcoiavupj",
        "\u0370-\u03ff",
    ),
}
_TO_LATIN = {
    script: str.maketrans(letters, latin)
    for script, (letters, latin, _) in _SCRIPTS.items()
}
_LETTERS = {
    script: re.compile(f"[{block}]") for script, (*_, block) in _SCRIPTS.items()
}
_OTHER_LETTERS = {
    script: re.compile(f"(?![{letters}])[{block}]")
    for script, (letters, _, block) in _SCRIPTS.items()
}
# Letters and digits; a comma of full width is what Chinese is written with.
_STYLED = "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u24b6-\u24e9\U0001d400-\U0001d7ff"
_ODD = re.compile(f"[{_UNSEEN}\u200c\u200d{_STYLED}\u0370-\u052f]")
_HIDDEN = re.compile(
    f"[{_UNSEEN}]|(?<=[\u0021-\u058f])[\u200c\u200d](?=[\u0021-\u058f])"
)
_STYLED_LETTERS = re.compile(f"[{_STYLED}]+")
_LATIN = re.compile("[A-Za-z]")
_WORD = re.compile(r"\w+")


def as_seen(text: str) -> str:
    """Return a text as a reader sees it, for a model that reads characters.

    Characters of no width are left out, letters in a style (full width, bold, in
    circles) are plain ones, and Cyrillic and Greek letters that look like Latin ones
    are these: in a text whose letters of that script all do and that has Latin ones,
    else in words that mix both (`Unicode Technical Standard 39`, mixed-script
    detection). A Russian word is left as it is, as is a text of which nothing is seen.
    """
    if text.isascii() or not _ODD.search(text):
        return text
    text = _HIDDEN.sub("", text) or text
    text = _STYLED_LETTERS.sub(
        lambda found: unicodedata.normalize("NFKC", found[0]), text
    )
    for script, to_latin in _TO_LATIN.items():
        if not _LETTERS[script].search(text) or not _LATIN.search(text):
            continue
        is_other = _OTHER_LETTERS[script].search
        if not is_other(text):
            text = text.translate(to_latin)
            continue
        text = _WORD.sub(
            lambda word: (
                word[0].translate(to_latin)  # noqa: B023
                if _LATIN.search(word[0]) and not is_other(word[0])  # noqa: B023
                else word[0]
            ),
            text,
        )
    return text
