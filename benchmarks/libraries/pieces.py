"""Word pieces of USE-multilingual: `SentencePieces` and the library sentencepiece."""

import random
import time
from functools import partial
from pathlib import Path

from libraries import ours
from libraries.language_texts import TEXTS
from libraries.measure import SEED, library

UNKNOWN, LONGEST = 0, 4096
ROUNDS = 3
# What SentencePiece normalizes, and what its model has no pieces for.
UNUSUAL = (
    "①②③ ½ ﬁne Ⅷ", "cafe\u0301 e\u0301te\u0301", "한국어 텍스트",
    "ﾊﾝｶｸ ｶﾅ", "ไทย ภาษา", "नमस्ते दुनिया", "שלום עולם", "ａｂｃ １２３",
    "  two   spaces  ", "\u200bzero\u200bwidth", "tab\tand\nline", "🙂🙂 shoes 👟",
    "\u1112\u1161\u11ab", "‘quotes’ “more”", "№ ™ © ®", "مرحبا بالعالم",
    "\ufeffmark", "a\u00adb", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "", " ", "ÅÅÅ", "ĳ ŉ ǆ", "℃ ㎏ ㍿",
    "\u2581already\u2581marked", "Ω≈ç√∫", "ё й", "İstanbul ıı", "🇩🇪🇫🇷",
    "\x00\x01\x7f",
)  # fmt: skip


def texts(folder: Path) -> dict[str, list[str]]:
    """Return titles, reviews, our sentences, unusual texts and random characters."""
    import pandas as pd

    found = {}
    for name, file, column in (
        ("titles, pricerunner", "pricerunner/products", "title"),
        ("titles, complete_journey", "complete_journey/products", "title"),
        ("reviews_zh", "reviews_zh/reviews", "review_text"),
    ):
        values = pd.read_parquet(folder / f"{file}.parquet")[column].dropna()
        values = values.drop_duplicates().sample(2000, random_state=SEED)
        found[name] = values.tolist()
    found["eight languages"] = [
        line for lines in TEXTS.values() for line in lines.split("\n")
    ]
    found["unusual"] = list(UNUSUAL)
    draw = random.Random(SEED + 9)
    planes = ((0x20, 0x250), (0x300, 0x1200), (0x1E00, 0x3200), (0xAC00, 0xD7A0))
    planes += ((0xF900, 0xFFF0), (0x1F300, 0x1F700))
    found["random characters"] = [
        "".join(chr(draw.randrange(*draw.choice(planes))) for _ in range(12))
        for _ in range(2000)
    ]
    return found


def compared(folder: Path) -> str:
    """Return how often the pieces are the same, and what either costs."""
    model = ours.piece_model()
    processor = library("sentencepiece").SentencePieceProcessor(model_proto=model)
    started = time.process_time()
    own = ours.SentencePieces(model)
    loading = time.process_time() - started
    started = time.process_time()
    library("sentencepiece").SentencePieceProcessor(model_proto=model)
    its_loading = time.process_time() - started
    readers = {
        "ours": own,
        "sentencepiece": partial(_pieces, processor),
        "sentencepiece, a piece for each unknown letter": partial(_spread, processor),
    }
    lines = [
        f"Loading the model: ours {loading:.2f} CPU s, the library {its_loading:.2f}.",
        "",
        "| texts | n | the same | the same, unknown letters spread "
        "| CPU s per 1,000: ours | the library | spread |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, one in texts(folder).items():
        answers, seconds = {}, {}
        for reader, read in readers.items():
            started = time.process_time()
            for _ in range(ROUNDS):
                answers[reader] = read(one)
            spent = (time.process_time() - started) / ROUNDS
            seconds[reader] = f"{1000 * spent / len(one):.3f}"
        mine, plain, spread = answers.values()
        same = sum(a == b for a, b in zip(mine, plain, strict=True))
        alike = sum(a == b for a, b in zip(mine, spread, strict=True))
        lines.append(
            f"| {name} | {len(one):,} | {same:,} | {alike:,} "
            f"| {' | '.join(seconds.values())} |"
        )
        for text, a, b in zip(one, mine, spread, strict=True):
            if a != b and name == "unusual":
                print(f"{name}: {text!r}: {a} {b}")
    return "\n".join(lines) + "\n"


def _pieces(processor, batch: list[str]) -> list[list[int]]:
    """Return the ids of each text between the marks of its begin and end."""
    begin, end = processor.bos_id(), processor.eos_id()
    found = processor.encode(batch, num_threads=1)
    return [[begin, *(ids or [UNKNOWN])[: LONGEST - 2], end] for ids in found]


def _spread(processor, batch: list[str]) -> list[list[int]]:
    """Return a piece for each letter of an unknown run, as the encoder has them."""
    begin, end = processor.bos_id(), processor.eos_id()
    result = []
    for ids, text in zip(processor.encode(batch, num_threads=1), batch, strict=True):
        if UNKNOWN in ids:
            pieces = processor.encode(text, out_type=str)
            ids = [
                number
                for number, piece in zip(ids, pieces, strict=True)
                for _ in range(1 if number else len(piece))
            ]
        result.append([begin, *(ids or [UNKNOWN])[: LONGEST - 2], end])
    return result
