"""The language of short texts: `language_shares`, lingua and py3langid."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

from libraries import ours
from libraries.language_texts import TEXTS
from libraries.measure import SEED, Case, Tool, library

# What `language_shares` has a name for, by its codes.
CODES = {
    "English": ["en"], "Dutch": ["nl"], "French": ["fr"], "German": ["de"],
    "Italian": ["it"], "Polish": ["pl"], "Portuguese": ["pt"], "Spanish": ["es"],
    "Turkish": ["tr"], "Czech or Slovak": ["cs", "sk"],
    "Danish or Norwegian": ["da", "nb"], "Finnish": ["fi"], "Hungarian": ["hu"],
    "Indonesian or Malay": ["id", "ms"], "Romanian": ["ro"], "Swedish": ["sv"],
    "Vietnamese": ["vi"], "Chinese": ["zh"], "Japanese": ["ja"], "Korean": ["ko"],
    "Thai": ["th"], "Russian": ["ru"], "Arabic": ["ar"],
}  # fmt: skip
NAME = {code: name for name, codes in CODES.items() for code in codes}
NAME |= {"no": NAME["nb"], "nn": NAME["nb"]}
MIXTURES, ROWS, CATALOGUE = 60, 200, 1000


def cases(folder: Path) -> list[Case]:
    """Return titles, queries and sentences of which the language is known."""
    import pandas as pd

    found = []
    for language, texts in TEXTS.items():
        lines = texts.split("\n")
        kinds = ["title"] * 10 + ["query"] * 8 + ["sentence"] * 4
        found += [
            Case(text, language, f"{kind}, eight languages", language)
            for text, kind in zip(lines, kinds, strict=True)
        ]
    for shop, kind in (("fashion", "titles of fashion"), ("online_retail", "of gifts")):
        titles = pd.read_parquet(folder / shop / "products.parquet")["title"]
        titles = titles.dropna().drop_duplicates().sample(100, random_state=SEED)
        kind = f"titles {kind}" if kind.startswith("of") else kind
        found += [Case(text, "English", kind, "English") for text in titles]
    reviews = pd.read_parquet(folder / "reviews_zh" / "reviews.parquet")["review_text"]
    reviews = reviews.drop_duplicates().sample(100, random_state=SEED).str[:30]
    found += [
        Case(text, "Chinese", "Chinese reviews, 30 letters", "") for text in reviews
    ]
    return list({case.text: case for case in found}.values())


def tools() -> list[Tool]:
    """Return who tells languages; with a confidence where there is one."""
    return [
        Tool("ours", _ours),
        Tool("lingua, 75 languages", partial(_lingua, few=False)),
        Tool("lingua, our 26 languages", partial(_lingua, few=True)),
        Tool("py3langid, 97 languages", partial(_langid, few=False)),
        Tool("py3langid, our 26 languages", partial(_langid, few=True)),
    ]


def _ours(texts: Sequence[str]) -> list[tuple[str | None, float]]:
    return [(ours.language_of(text), 1.0) for text in texts]


@cache
def _detector(few: bool):
    lingua = library("lingua", "lingua-language-detector")
    if not few:
        return lingua.LanguageDetectorBuilder.from_all_languages().build()
    known = (code.upper() for code in NAME if code != "no")
    codes = [getattr(lingua.IsoCode639_1, code) for code in known]
    return lingua.LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()


def _lingua(texts: Sequence[str], few: bool) -> list[tuple[str | None, float]]:
    found = []
    for text in texts:
        best = _detector(few).compute_language_confidence_values(text)[:1]
        if not best or not best[0].value:
            found.append((None, 0.0))
            continue
        code = best[0].language.iso_code_639_1.name.lower()
        found.append((NAME.get(code, "other"), best[0].value))
    return found


@cache
def _identifier(few: bool):
    langid = library("py3langid.langid", "py3langid")
    found = langid.LanguageIdentifier.from_model_file(
        langid.MODEL_FILE, norm_probs=True
    )
    if few:
        found.set_languages([code for code in NAME if code in found.nb_classes])
    return found


def _langid(texts: Sequence[str], few: bool) -> list[tuple[str | None, float]]:
    found = []
    for text in texts:
        code, confidence = _identifier(few).classify(text)
        found.append((NAME.get(code, "other"), float(confidence)))
    return found


def shares(folder: Path, cases: list[Case]) -> str:
    """Return what the estimated shares of languages are worth to `choose_encoder`.

    In mixtures of one to three of the languages, and in three catalogues in English.
    """
    draw = random.Random(SEED + 8)
    by_language: dict[str, list[str]] = {}
    for case in cases:
        by_language.setdefault(str(case.truth), []).append(case.text)
    mixtures = []
    for _ in range(MIXTURES):
        names = draw.sample(list(by_language), draw.choice((1, 2, 2, 3)))
        weights = [draw.random() for _ in names]
        drawn = draw.choices(names, weights, k=ROWS)
        mixtures.append([(draw.choice(by_language[name]), name) for name in drawn])
    catalogues = _catalogues(folder)
    lines = [
        f"{MIXTURES} mixtures of {ROWS} texts; then {CATALOGUE:,} English titles each: "
        "the share taken for another language, and the encoder chosen where it is not "
        "`minilm`.",
        "",
        "| tool | put wrong | same encoder | CPU s per 1,000 "
        f"| {' | '.join(catalogues)} |",
        f"| --- | ---: | ---: | ---: |{' ---: |' * len(catalogues)}",
    ]
    readers = {"ours (`language_shares`)": ours.language_shares}
    for tool in tools()[1:]:
        readers[tool.name] = partial(_counted, tool.read)
        readers[f"{tool.name}, at .9 or more"] = partial(_counted, tool.read, least=0.9)
    for name, read in readers.items():
        started, wrong, same = time.process_time(), 0.0, 0
        for mixture in mixtures:
            found = read([text for text, _ in mixture])
            counts = Counter(language for _, language in mixture)
            truth = {language: count / ROWS for language, count in counts.items()}
            wrong += 1 - sum(min(found.get(one, 0), truth[one]) for one in truth)
            same += _encoder(found) == _encoder(truth)
        seconds = 1000 * (time.process_time() - started) / (MIXTURES * ROWS)
        figures = [f"{wrong / MIXTURES:.3f}", f"{same / MIXTURES:.2f}"]
        figures.append(f"{seconds:.2f}")
        for titles in catalogues.values():
            found = read(titles)
            chosen = _encoder(found)
            others = sum(found.values()) - found.get("English", 0)
            figures.append(f"{others:.3f}" if found else "none is sure")
            figures[-1] += "" if chosen == "minilm" else f", {chosen}"
        lines.append(f"| {name} | {' | '.join(figures)} |")
    return "\n".join(lines) + "\n"


def _catalogues(folder: Path) -> dict[str, list[str]]:
    import pandas as pd

    found = {}
    for shop in ("fashion", "online_retail", "complete_journey"):
        titles = pd.read_parquet(folder / shop / "products.parquet")["title"]
        titles = titles.dropna().drop_duplicates()
        found[shop] = titles.sample(CATALOGUE, random_state=SEED).tolist()
    return found


def _counted(read, texts: list[str], least: float = 0.0) -> dict[str, float]:
    kept = Counter(name for name, sure in read(texts) if name and sure >= least)
    return {name: count / max(kept.total(), 1) for name, count in kept.items()}


def _encoder(found: dict[str, float]) -> str:
    """Return the encoder that `choose_encoder` takes where all are installed."""
    unknown = set(list(CODES)[9:17]) | {"other"}
    foreign = sum(
        share for name, share in found.items() if name not in unknown | {"English"}
    )
    if found and found.get("English", 0) + foreign < 0.5:
        return "ngrams"
    return "use-multilingual" if foreign >= 0.10 else "minilm"
