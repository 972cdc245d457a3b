"""Which rows are about one product: `find_duplicates`.

Texts that share rare words or codes are compared (`duplicate_blocks`), each pair gets a
probability (`duplicate_pairs`), on which the sources of the rows have a say
(`duplicate_sources`), and what is probably one product is put together
(`duplicate_clusters`): automatically where that is nearly always right, as a proposal
beyond.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from python_ml.duplicate_blocks import candidate_pairs
from python_ml.duplicate_clusters import mean_to_members, merge_clusters
from python_ml.duplicate_items import Items
from python_ml.duplicate_pairs import match_logits
from python_ml.duplicate_sources import (
    SourceEvidence,
    fit_source_evidence,
    share_among_rivals,
)
from python_ml.label_rows import as_labels, as_texts

_LEAST = 0.02  # A pair less probable is no rival of others, nor part of a cluster.
_LISTED = 0.1  # A pair less probable is not listed.
# F1 is greatest where half of it is the threshold (Lipton et al. 2014, "Optimal
# Thresholding of Classifiers to Maximize F1 Measure"); F1 is taken to be two thirds.
_PROPOSED = 1 / 3
# Probability that two rows of one text are one product, before the sources are asked:
# where no source has the text twice, and where one has (a repeat, or a vague text).
_SAME_TEXT, _REPEATED_TEXT = 0.96, 0.9


@dataclass(frozen=True)
class Duplicates:
    """Rows that are probably about one product.

    Pairs of rows with the same text stand for themselves; of two texts, the first rows
    stand for all. What joins clusters automatically and what is only proposed is one
    sequence of merges, cut at two places.

    Attributes:
        left: int64 [pairs], a row of each pair with probability 0.1 or more.
        right: int64 [pairs], the other row, after the first one.
        probability: float64 [pairs] in [0, 1]; that both are one product.
        cluster: int64 [rows], number of the cluster of each row by automatic merges;
            numbers go by the first rows. A row without a text is alone.
        proposed_cluster: int64 [rows], with the proposed merges too.
        confidence: float64 [rows] in [0, 1]; that the row belongs to its cluster: the
            mean probability of its pairs with the other members, or, where it is alone,
            1 less that of its best pair. NaN for a row without a text.
        proposed_confidence: float64 [rows], the same for proposed_cluster.
        precision: Estimated share of right pairs among all that are automatically in
            one cluster, in [0, 1]; NaN where there is none.
        proposed_precision: The same for proposed_cluster.
        source_evidence: What the sources said.
    """

    left: np.ndarray = field(repr=False)
    right: np.ndarray = field(repr=False)
    probability: np.ndarray = field(repr=False)
    cluster: np.ndarray = field(repr=False)
    proposed_cluster: np.ndarray = field(repr=False)
    confidence: np.ndarray = field(repr=False)
    proposed_confidence: np.ndarray = field(repr=False)
    precision: float
    proposed_precision: float
    source_evidence: SourceEvidence


def find_duplicates(
    texts: Iterable[str | None],
    *,
    sources: Iterable | None = None,
    embeddings: np.ndarray | None = None,
    encoder: str = "none",
    device: str = "auto",
    threshold: float = 0.95,
    seed: int = 0,
    progress: bool = False,
) -> Duplicates:
    """Find rows that are about one product.

    Give the texts one attribute a line: the title first, then what else tells products
    apart, such as brand, number of the model and price. Case and spaces make no
    difference, nor does the order of the rows. Time and memory grow nearly in
    proportion to the rows.

    Args:
        texts: One per row; None, NaN and blank ones are missing.
        sources: The source system of each row; None and NaN are unknown. Where sources
            turn out to list a product once, two rows of one are seldom joined, and a
            text that one source repeats is taken for too vague to join any.
        embeddings: float32 [rows, dimensions], rows of length 1: what `encode` made of
            the texts. Near texts are then compared also if they share no rare word.
        encoder: As for `encode`, to make embeddings; "none" to do without.
        device: As for `encode`.
        threshold: Least estimated precision of the pairs that are joined automatically.
        seed: Of the search among embeddings.
        progress: Whether to show bars on stderr.

    Returns:
        Pairs and clusters.

    Raises:
        ValueError: If lengths differ, something is no text, the threshold is not in
            [0, 1], or the encoder is not there.
    """
    texts = as_texts(texts)
    sources = as_labels([None] * len(texts) if sources is None else sources)
    if len(sources) != len(texts):
        raise ValueError(f"There are {len(texts)} texts but {len(sources)} sources.")
    if embeddings is not None and len(embeddings) != len(texts):
        raise ValueError(
            f"There are {len(texts)} texts but {len(embeddings)} embeddings."
        )
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}; it must be in [0, 1].")
    items = Items.of_rows(texts, sources)
    if embeddings is not None:
        embeddings = np.asarray(embeddings, np.float32)[items.first]
    elif encoder != "none":
        from python_ml.encoders import encode

        embeddings = encode(
            items.texts, encoder=encoder, device=device, progress=progress
        )
    if embeddings is not None:
        from python_ml.encoders import resolve_device

        device = resolve_device(device)
    left, right = candidate_pairs(items.texts, embeddings, device=device, seed=seed)
    logits = match_logits(items.texts, left, right, progress=progress)
    is_same = items.share_a_source(left, right)
    # A text that a source repeats shares sources the oftener; it teaches nothing.
    is_clear = (items.repeats[left] < 2) & (items.repeats[right] < 2)
    evidence = fit_source_evidence(logits[is_clear], is_same[is_clear])
    probability = evidence.probabilities(logits, is_same)
    likely = np.flatnonzero(probability >= _LEAST)
    left, right = left[likely], right[likely]
    probability = share_among_rivals(
        probability[likely], left, right, items.sources, evidence.exclusiveness
    )
    return _clustered(
        items,
        left,
        right,
        probability,
        evidence,
        rows=len(texts),
        threshold=threshold,
    )


def _clustered(
    items: Items,
    left: np.ndarray,
    right: np.ndarray,
    probability: np.ndarray,
    evidence: SourceEvidence,
    *,
    rows: int,
    threshold: float,
) -> Duplicates:
    """Put items together, and say of each row what is found."""
    within = np.where(
        items.repeats > 1,
        evidence.updated(_REPEATED_TEXT, True),
        evidence.updated(_SAME_TEXT, False),
    )
    # Where sources list a product once, rows of one text and one source are several
    # products, and nothing says which of them another row is about.
    is_vague = within < 0.5
    choices = np.where(is_vague, items.repeats, 1)
    probability = probability / np.maximum(choices[left], choices[right])
    sizes = np.where(is_vague, 1, items.sizes)
    is_usable = ~(is_vague[left] | is_vague[right])
    merges = merge_clusters(
        sizes,
        left[is_usable],
        right[is_usable],
        probability[is_usable],
        least=_PROPOSED,
    )
    own = sizes * (sizes - 1) / 2
    counts = np.cumsum(np.r_[own.sum(), merges.pairs])
    expected = np.cumsum(np.r_[own @ within, merges.pairs * merges.mean])
    precision = np.where(counts > 0, expected / np.maximum(counts, 1), np.nan)
    good = np.flatnonzero(precision >= threshold)
    automatic = int(good[-1]) if len(good) else 0
    clusters, confidences = [], []
    for count in (automatic, len(merges.mean)):
        cluster = merges.clusters(len(sizes), count)
        confidence = mean_to_members(cluster, sizes, left, right, probability, within)
        clusters.append(_cluster_of_rows(items, cluster, is_vague, rows))
        confidences.append(_spread(items, confidence, rows))
    # Rows of one text stand for themselves; of other pairs, the first rows.
    is_later = items.rows != items.first[items.item]
    is_listed = probability >= _LISTED
    left = np.r_[items.first[items.item][is_later], items.first[left[is_listed]]]
    right = np.r_[items.rows[is_later], items.first[right[is_listed]]]
    return Duplicates(
        left=np.minimum(left, right),
        right=np.maximum(left, right),
        probability=np.r_[within[items.item][is_later], probability[is_listed]],
        cluster=clusters[0],
        proposed_cluster=clusters[1],
        confidence=confidences[0],
        proposed_confidence=confidences[1],
        precision=float(precision[automatic]),
        proposed_precision=float(precision[-1]),
        source_evidence=evidence,
    )


def _cluster_of_rows(
    items: Items, cluster: np.ndarray, is_vague: np.ndarray, rows: int
) -> np.ndarray:
    """Number the clusters by their first rows; rows of vague or no text are alone."""
    found = len(cluster) + np.arange(rows)
    is_usable = ~is_vague[items.item]
    found[items.rows[is_usable]] = cluster[items.item[is_usable]]
    _, first, number = np.unique(found, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[number]


def _spread(items: Items, values: np.ndarray, rows: int) -> np.ndarray:
    result = np.full(rows, np.nan)
    result[items.rows] = values[items.item]
    return result
