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


@dataclass(frozen=True)
class Duplicates:
    """Rows that are probably about one product.

    Rows of one text are listed as pairs with the first of them; of two texts, the first
    rows stand for all. What is joined automatically and what is only proposed is one
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

    @property
    def is_proposed(self) -> np.ndarray:
        """Whether a pair is left to be decided, not joined already, bool [pairs]."""
        return self.cluster[self.left] != self.cluster[self.right]


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
        sources: The source system of each row; None and NaN are one of their own. Where
            sources turn out to list a product once, two rows of one are seldom joined,
            and a text that one source repeats is taken for too vague to join any.
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
        embeddings = np.asarray(embeddings, np.float32)[items.standing(texts)]
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
    # Two rows of one text are a pair too: a vague text does not make one product, and
    # one that a source repeats is vague, unless sources repeat products.
    own = np.flatnonzero(items.sizes > 1)
    within = np.ones(len(items.texts))
    within[own] = evidence.probabilities(
        match_logits(items.texts, own, own), np.zeros(len(own), bool)
    )
    within[items.repeats > 1] *= 1 - evidence.exclusiveness
    return _clustered(
        items, left, right, probability, within, evidence, len(texts), threshold
    )


def _clustered(
    items: Items,
    left: np.ndarray,
    right: np.ndarray,
    probability: np.ndarray,
    within: np.ndarray,
    evidence: SourceEvidence,
    rows: int,
    threshold: float,
) -> Duplicates:
    """Put items together, and say of each row what is found."""
    is_vague = within < _PROPOSED
    is_usable = ~(is_vague[left] | is_vague[right])
    merges = merge_clusters(
        np.where(is_vague, 1, items.sizes),
        left[is_usable],
        right[is_usable],
        probability[is_usable],
        least=_PROPOSED,
    )
    # Rows of one text are joined in their turn among the merges.
    pairs = np.r_[merges.pairs, items.sizes * (items.sizes - 1) / 2]
    mean = np.r_[np.minimum.accumulate(merges.mean), within]
    kept = (pairs > 0) & (mean >= _PROPOSED)
    pairs, mean = pairs[kept], mean[kept]
    order = np.argsort(-mean, kind="stable")
    precision = np.cumsum((pairs * mean)[order]) / np.cumsum(pairs[order])
    good = np.flatnonzero(precision >= threshold)
    # Where nothing is good enough, nothing reaches the least mean.
    least = mean[order][good[-1]] if len(good) else np.inf
    clusters, confidences = [], []
    for value in (least, _PROPOSED):
        is_apart = within < value
        count = int((np.minimum.accumulate(merges.mean) >= value).sum())
        cluster = merges.clusters(len(items.texts), count)
        cluster[is_apart] = len(cluster) + np.flatnonzero(is_apart)
        sizes = np.where(is_apart, 1, items.sizes)
        confidence = mean_to_members(cluster, sizes, left, right, probability, within)
        # Alone, a row may still have a twin of the same text.
        twin = np.where(is_apart, 1 - within, 1.0)
        clusters.append(_cluster_of_rows(items, cluster, is_apart, rows))
        confidences.append(_spread(items, np.minimum(confidence, twin), rows))
    # Rows of one text stand for themselves; of other pairs, the first rows.
    later = np.flatnonzero(items.rows != items.first[items.item])
    twins = np.c_[items.first[items.item], items.rows][later]
    others = np.c_[items.first[left], items.first[right]]
    found = np.sort(np.concatenate([twins, others]), axis=1)
    probability = np.r_[within[items.item][later], probability]
    is_listed = probability >= _LISTED
    return Duplicates(
        left=found[is_listed, 0],
        right=found[is_listed, 1],
        probability=probability[is_listed],
        cluster=clusters[0],
        proposed_cluster=clusters[1],
        confidence=confidences[0],
        proposed_confidence=confidences[1],
        precision=float(precision[good[-1]]) if len(good) else float("nan"),
        proposed_precision=float(precision[-1]) if len(precision) else float("nan"),
        source_evidence=evidence,
    )


def _cluster_of_rows(
    items: Items, cluster: np.ndarray, is_apart: np.ndarray, rows: int
) -> np.ndarray:
    """Number the clusters by their first rows.

    Rows without a text are alone, as are those whose text does not say what they are.
    """
    found = 2 * len(cluster) + np.arange(rows)
    is_usable = ~is_apart[items.item]
    found[items.rows[is_usable]] = cluster[items.item[is_usable]]
    _, first, number = np.unique(found, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[number]


def _spread(items: Items, values: np.ndarray, rows: int) -> np.ndarray:
    result = np.full(rows, np.nan)
    result[items.rows] = values[items.item]
    return result
