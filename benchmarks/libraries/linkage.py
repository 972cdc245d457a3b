"""Near-duplicate products of PriceRunner: `find_duplicates` and splink."""

import re
import time
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
from duplicates import offers, pairwise

from libraries import ours
from libraries.measure import SEED, library

WORD = re.compile(r"[^\W_]+")
COMMON = 500  # A word of more titles blocks nothing.
THRESHOLDS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
THRESHOLDS += (0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999)
SHARED = "list_intersect(words_l, words_r)"
JACCARD = f"len({SHARED}) / (len(words_l) + len(words_r) - len({SHARED}))"
# Cosine of vectors of words weighted by their rarity, of length 1.
# The names are repeated because splink does not see those inside of a lambda.
COSINE = (
    "case when weights_l is null or weights_r is null then 0 else coalesce(list_sum("
    f"list_transform({SHARED}, lambda word: weights_l[word] * weights_r[word])), 0) end"
)


def table(titles: list[str], sources: list[str], truth: np.ndarray):
    """Return what an expert derives from titles: words, codes, numbers, brand."""
    import pandas as pd

    words = [sorted({*WORD.findall(title.lower())}) for title in titles]
    counts = Counter(word for one in words for word in one)
    rows = []
    for number, (title, source, own) in enumerate(
        zip(titles, sources, words, strict=True)
    ):
        rare = sorted((word for word in own if counts[word] > 1), key=counts.get)
        usable = [word for word in rare if counts[word] <= COMMON]
        codes = [
            word
            for word in own
            if len(word) > 3 and re.search(r"\d", word) and re.search("[a-z]", word)
        ]
        weight = {word: np.log(len(titles) / counts[word]) + 1e-9 for word in own}
        length = np.sqrt(sum(value * value for value in weight.values()))
        near = rare[:6]
        rows.append(
            {
                "unique_id": number,
                "source_dataset": source,
                "truth": int(truth[number]),
                "title": " ".join(WORD.findall(title.lower())),
                "brand": WORD.findall(title.lower())[0] if own else None,
                "words": own,
                "weights": {word: float(weight[word] / length) for word in own},
                "codes": codes or None,
                "numbers": [word for word in own if word.isdigit()] or None,
                "rarest_word": usable[0] if usable else None,
                "rarest_code": min(codes, key=counts.get, default=None),
                "rarest": usable[:3] or [f"none {number}"],
                "word_pairs": [
                    " ".join(sorted((one, other)))
                    for place, one in enumerate(near)
                    for other in near[:place]
                ]
                or [f"none {number}"],
            }
        )
    return pd.DataFrame(rows)


def _arrow(rows):
    """Return the table with the types that DuckDB is to see."""
    import pyarrow as pa

    texts = pa.list_(pa.string())
    types = {
        "unique_id": pa.int64(), "source_dataset": pa.string(), "title": pa.string(),
        "brand": pa.string(), "words": texts,
        "weights": pa.map_(pa.string(), pa.float64()), "codes": texts,
        "numbers": texts, "rarest": texts, "word_pairs": texts,
        "rarest_word": pa.string(), "rarest_code": pa.string(), "truth": pa.int64(),
    }  # fmt: skip
    columns = []
    for name, kind in types.items():
        values = rows[name].tolist()
        if pa.types.is_map(kind):
            values = [list(one.items()) for one in values]
        values = [None if one is np.nan else one for one in values]
        columns.append(pa.array(values, kind))
    return pa.table(columns, names=list(types))


def _levels(name: str, levels: list[tuple[str, str]]):
    from splink.internals.comparison_level_library import CustomLevel, ElseLevel
    from splink.internals.comparison_library import CustomComparison

    made = []
    for condition, label in levels:
        level = CustomLevel(condition, label)
        is_null = label.startswith("null")
        made.append(level.configure(is_null_level=True) if is_null else level)
    return CustomComparison([*made, ElseLevel()], output_column_name=name)


def comparisons(words: str) -> list:
    """Return the comparisons of splink, with words by `jaccard`, `cosine` or `names`.

    Words and Jaro-Winkler say nearly the same twice, which a model of independent
    evidence counts twice: so they are tried alone and together.
    """
    library("splink")
    from splink.internals.comparison_library import (
        ExactMatch,
        JaroWinklerAtThresholds,
    )

    steps = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
    by_words = COSINE if "cosine" in words else JACCARD
    found = [
        _levels(
            "words",
            [("title_l = title_r", "same title")]
            + [(f"{by_words} >= {step}", f"at least {step}") for step in steps],
        ),
        _levels(
            "codes",
            [
                ("codes_l is null or codes_r is null", "null"),
                ("list_sort(codes_l) = list_sort(codes_r)", "same codes"),
                ("list_has_any(codes_l, codes_r)", "one code"),
                (
                    "list_max(list_transform(codes_l, lambda a: list_max("
                    "list_transform(codes_r, lambda b: jaro_winkler_similarity(a, b)"
                    ")))) >= 0.9",
                    "near",
                ),
            ],
        ),
        _levels(
            "numbers",
            [
                ("numbers_l is null or numbers_r is null", "null"),
                ("list_sort(numbers_l) = list_sort(numbers_r)", "same numbers"),
                (
                    "list_has_all(numbers_l, numbers_r) or "
                    "list_has_all(numbers_r, numbers_l)",
                    "one holds the other",
                ),
                ("list_has_any(numbers_l, numbers_r)", "one number"),
            ],
        ),
        ExactMatch("brand").configure(term_frequency_adjustments=True),
    ]
    if "names" in words:
        found.append(JaroWinklerAtThresholds("title", [0.95, 0.9, 0.85, 0.8]))
    return found


def splink_pairs(rows, words: str):
    """Train splink, and return left, right, probability and CPU seconds.

    Without a label, but for "labels": there the truth itself says how often matches
    agree, which is more than any catalogue has.
    """
    splink = library("splink")
    import duckdb
    from splink.internals.blocking_rule_library import CustomRule
    from splink.internals.duckdb.database_api import DuckDBAPI

    started = time.process_time()
    connection = duckdb.connect(config={"threads": 1, "memory_limit": "6GB"})
    api = DuckDBAPI(connection)
    blocks = [
        splink.block_on("title"),
        CustomRule("l.codes = r.codes", arrays_to_explode=["codes"]),
        CustomRule("l.word_pairs = r.word_pairs", arrays_to_explode=["word_pairs"]),
        CustomRule(
            "l.rarest = r.rarest and l.brand = r.brand", arrays_to_explode=["rarest"]
        ),
    ]
    settings = splink.SettingsCreator(
        link_type="link_only",  # Between merchants: none has a product twice.
        comparisons=comparisons(words),
        blocking_rules_to_generate_predictions=blocks,
        retain_matching_columns=False,
    )
    linker = splink.Linker(api.register(_arrow(rows)), settings, log_level="ERROR")
    train = linker.training
    train.estimate_probability_two_random_records_match(
        [splink.block_on("title")], recall=0.1
    )
    train.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
    rules = (splink.block_on("rarest_word"), splink.block_on("rarest_code"))
    if "labels" in words:
        train.estimate_m_from_label_column("truth")
        rules = ()
    for rule in rules:
        train.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(warning_mode="never")
    pairs = found.as_pandas_dataframe()
    names = ("unique_id_l", "unique_id_r", "match_probability")
    left, right, probability = (pairs[name].to_numpy() for name in names)
    return left, right, probability, time.process_time() - started


def closure(left, right, size: int) -> np.ndarray:
    """Return the connected components of pairs."""
    from scipy import sparse

    graph = sparse.coo_matrix((np.ones(len(left)), (left, right)), shape=(size, size))
    return sparse.csgraph.connected_components(graph)[1]


def pair_quality(left, right, truth: np.ndarray) -> dict:
    """Return precision, recall and F1 of pairs as they are, not closed."""
    sizes = np.unique(truth, return_counts=True)[1]
    true = int((sizes * (sizes - 1) // 2).sum())
    both = int((truth[left] == truth[right]).sum())
    return {
        "precision": both / max(len(left), 1),
        "recall": both / true,
        "F1": 2 * both / (len(left) + true),
    }


def one_per_merchant(left, right, probability, sources: list[str]) -> np.ndarray:
    """Return clusters by the surest pairs first, with no merchant twice in one.

    What splink's `cluster_using_single_best_links` is for, which did not end in eight
    minutes on 6,000 of these offers of 306 merchants.
    """
    parent = list(range(len(sources)))
    merchants = [{source} for source in sources]

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for place in np.argsort(-probability, kind="stable").tolist():
        one, other = root(int(left[place])), root(int(right[place]))
        if one != other and merchants[one].isdisjoint(merchants[other]):
            parent[other] = one
            merchants[one] |= merchants[other]
    return np.array([root(node) for node in range(len(sources))])


def compared(folder: Path) -> str:
    """Return the table of ways to put the offers of PriceRunner together."""
    library("splink")
    titles, sources, truth = offers(folder)
    lines = [
        "| tool | result | threshold | precision | recall | F1 | CPU s |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]

    def add(tool, result, at, quality, spent) -> None:
        figures = " | ".join(f"{quality[one]:.3f}" for one in quality)
        lines.append(f"| {tool} | {result} | {at} | {figures} | {spent:.0f} |")
        print(lines[-1], flush=True)

    started = time.process_time()
    found = ours.find_duplicates(titles, sources=sources)
    spent = time.process_time() - started
    pairs = (found.left, found.right, found.probability)
    for name in ("automatic", "proposed"):
        clusters = found.cluster if name == "automatic" else found.proposed_cluster
        add("ours", f"clusters, {name}", "", pairwise(clusters, truth), spent)
    add("ours", "pairs, best threshold", *_best(pairs, truth, pair_quality), spent)
    derived = table(titles, sources, truth)
    for words in ("jaccard", "cosine", "cosine and names", "cosine, labels"):
        name = f"splink, {words}"
        *pairs, spent = splink_pairs(derived, words)
        everything = pair_quality(pairs[0], pairs[1], truth)
        add(name, f"{len(pairs[0]):,} pairs compared", "", everything, spent)
        add(name, "pairs, best threshold", *_best(pairs, truth, pair_quality), spent)
        closed = _best(pairs, truth, _closed)
        add(name, "closure, best threshold", *closed, spent)
        single = _best(pairs, truth, partial(_single, sources=sources))
        add(name, "no merchant twice, best threshold", *single, spent)
    return "\n".join(lines) + "\n"


def _best(pairs, truth: np.ndarray, quality) -> tuple[str, dict]:
    """Return the threshold of the best F1, chosen on the truth, and its figures."""
    left, right, probability = pairs
    found = []
    for least in THRESHOLDS:
        kept = probability >= least
        arguments = (left[kept], right[kept])
        if quality is not pair_quality:
            arguments += (probability[kept],)
        found.append((f"{least:g}", quality(*arguments, truth=truth)))
    return max(found, key=lambda one: one[1]["F1"])


def _closed(left, right, probability, truth: np.ndarray) -> dict:
    return pairwise(closure(left, right, len(truth)), truth)


def _single(left, right, probability, truth: np.ndarray, sources: list[str]) -> dict:
    return pairwise(one_per_merchant(left, right, probability, sources), truth)
