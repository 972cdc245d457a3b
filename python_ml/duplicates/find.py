"""Which rows are about one product: `find_duplicates`.

Texts that share rare words or codes are compared (`blocking`), each pair gets a
probability (`pairs`), on which the sources of the rows have a say
(`sources`), and what is probably one product is put together
(`clusters`) as a proposal. Rows are joined automatically only where every two
of them name the same thing word by word (`agreement`), and nothing is
compared where titles do not tell most rows apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from python_ml.common.inputs import as_labels, as_texts
from python_ml.duplicates.agreement import Agreement, tells_apart
from python_ml.duplicates.blocking import candidate_pairs
from python_ml.duplicates.clusters import (
    complete_clusters,
    mean_to_members,
    merge_clusters,
    united,
)
from python_ml.duplicates.pairs import match_logits
from python_ml.duplicates.records import Items
from python_ml.duplicates.sources import (
    SourceEvidence,
    fit_source_evidence,
    share_among_rivals,
)

_LEAST = 0.02  # A pair less probable is no rival of others, nor part of a cluster.
_LISTED = 0.1  # A pair less probable is not listed.
# F1 is greatest where half of it is the threshold (Lipton et al. 2014, "Optimal
# Thresholding of Classifiers to Maximize F1 Measure"); F1 is taken to be two thirds.
_PROPOSED = 1 / 3
# Taken for pairs that agree word by word, unless their text would not even find itself:
# set by hand after one reading (benchmarks/README.md), not fitted.
_AGREED = 0.995
_VAGUE = 0.0  # logarithm of the odds
_TOLD_APART = 0.5  # of the rows; where titles tell apart fewer, they name kinds


@dataclass(frozen=True)
class Duplicates:
    """Rows that are probably about one product.

    Rows of one text are listed as pairs with the first of them; of two texts, the first
    rows stand for all.

    Attributes:
        left: int64 [pairs], a row of each pair with probability 0.1 or more.
        right: int64 [pairs], the other row, after the first one.
        probability: float64 [pairs] in [0, 1]; that both are one product.
        cluster: int64 [rows], number of the cluster of each row by automatic merges;
            numbers go by the first rows. A row without a text is alone.
        proposed_cluster: int64 [rows], with the proposed merges too.
        confidence: float64 [rows] in [0, 1]; that the row belongs to its cluster: the
            least probability of its pairs with the other members, or, where it is
            alone, 1 less that of its best pair. NaN for a row without a text.
        proposed_confidence: float64 [rows], the same for proposed_cluster, but the
            mean probability of the pairs.
        precision: Estimated share of right pairs among all that are automatically in
            one cluster, in [0, 1]; NaN where there is none.
        proposed_precision: The same for proposed_cluster.
        source_evidence: What the sources said.
        note: Why nothing was compared, in one sentence, or None.
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
    note: str | None = None

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
    threshold: float = 0.99,
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
            sources turn out to list a product once, two rows of one are seldom joined.
            A title that one source repeats joins no rows automatically.
        embeddings: float32 [rows, dimensions], rows of length 1: what `encode` made of
            the texts. Near texts are then compared also if they share no rare word.
        encoder: As for `encode`, to make embeddings; "none" to do without.
        device: As for `encode`.
        threshold: Least probability of each pair that is joined automatically.
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
    titles = [None] * len(texts)
    for row, item in zip(items.rows.tolist(), items.item.tolist(), strict=True):
        titles[row] = items.texts[item].split("\n", 1)[0]
    is_named = tells_apart(titles, sources)
    if len(texts) > 1 and is_named.mean() < _TOLD_APART:
        return _nothing(
            len(texts),
            items,
            f"of {len(texts):,} products, {int(is_named.sum()):,} have a title that no "
            "other of their source has: too few to tell duplicates from products of one"
            " kind; none was looked for",
        )
    if embeddings is not None:
        embeddings = np.asarray(embeddings, np.float32)[items.standing(texts)]
    elif encoder != "none":
        from python_ml.encoding.encoders import encode

        embeddings = encode(
            items.texts, encoder=encoder, device=device, progress=progress
        )
    if embeddings is not None:
        from python_ml.common.devices import resolve_device

        device = resolve_device(device)
    left, right = candidate_pairs(items.texts, embeddings, device=device, seed=seed)
    logits = match_logits(items.texts, left, right, progress=progress)
    is_same = items.share_a_source(left, right)
    # A text that a source repeats shares sources the oftener; it teaches nothing.
    is_clear = (items.repeats[left] < 2) & (items.repeats[right] < 2)
    evidence = fit_source_evidence(logits[is_clear], is_same[is_clear])
    probability = evidence.probabilities(logits, is_same)
    own = np.arange(len(items.texts))
    own_logits = match_logits(items.texts, own, own)
    # A kind names no row; a vague text, several.
    names = np.zeros(len(items.texts), bool)
    names[items.item] = is_named[items.rows]
    agreement = Agreement(items.texts)
    names &= (own_logits >= _VAGUE) & agreement.are_specific()
    agrees = names[left] & names[right]
    agrees[agrees] = agreement.compare(left[agrees], right[agrees])
    # A title that a source repeats, in whatever words, is a kind of thing: clothes of
    # one name are many articles. A source that is not known may be any.
    may_share = is_same | items.is_unknown[left] | items.is_unknown[right]
    names[np.r_[left, right][np.tile(agrees & may_share, 2)]] = False
    agrees &= names[left] & names[right]
    likely = np.flatnonzero((probability >= _LEAST) | agrees)
    left, right, agrees = left[likely], right[likely], agrees[likely]
    probability = share_among_rivals(
        probability[likely], left, right, items.sources, evidence.exclusiveness
    )
    probability = np.where(agrees, np.maximum(probability, _AGREED), probability)
    # Two rows of one text are a pair too: a vague text does not make one product, and
    # one that a source repeats is vague, unless sources repeat products.
    within = evidence.probabilities(own_logits, np.zeros(len(own), bool))
    within[items.sizes < 2] = 1
    within[items.repeats > 1] *= 1 - evidence.exclusiveness
    within = np.where(names, np.maximum(within, _AGREED), within)
    pairs = _Judged(
        left, right, probability, agrees, agrees & (probability >= threshold)
    )
    return _clustered(
        items, pairs, within, names & (within >= threshold), evidence, len(texts)
    )


@dataclass(frozen=True)
class _Judged:
    """Pairs of items, and what is thought of them.

    Attributes:
        left: int64 [pairs], numbers of items.
        right: int64 [pairs].
        probability: float64 [pairs] in [0, 1], that both are one product.
        agrees: bool [pairs], whether both say the same.
        is_sure: bool [pairs], whether the pair may be joined automatically.
    """

    left: np.ndarray
    right: np.ndarray
    probability: np.ndarray
    agrees: np.ndarray
    is_sure: np.ndarray


def _clustered(
    items: Items,
    pairs: _Judged,
    within: np.ndarray,
    is_one: np.ndarray,
    evidence: SourceEvidence,
    rows: int,
) -> Duplicates:
    """Put items together, and say of each row what is found.

    Args:
        items: n distinct texts.
        pairs: Of these.
        within: float64 [n], that rows of one text are one product.
        is_one: bool [n], whether rows of the text may be joined automatically.
        evidence: What the sources said.
        rows: How many rows there are, with and without a text.
    """
    left, right, probability = pairs.left, pairs.right, pairs.probability
    agrees = pairs.agrees
    count = len(items.texts)
    is_vague = within < _PROPOSED
    is_usable = ~(is_vague[left] | is_vague[right])
    merges = merge_clusters(
        np.where(is_vague, 1, items.sizes),
        left[is_usable],
        right[is_usable],
        probability[is_usable],
        least=_PROPOSED,
    )
    is_sure = pairs.is_sure & is_usable & is_one[left] & is_one[right]
    automatic = complete_clusters(count, left[agrees], right[agrees], is_sure[agrees])
    proposed = united(automatic, merges.clusters(count, len(merges.mean)))
    clusters, confidences, precisions = [], [], []
    for cluster, is_apart, least in (
        (automatic, ~is_one & (items.sizes > 1), True),
        (proposed, is_vague, False),
    ):
        cluster = cluster.copy()
        cluster[is_apart] = count + np.flatnonzero(is_apart)
        sizes = np.where(is_apart, 1, items.sizes)
        confidence = mean_to_members(
            cluster, sizes, left, right, probability, within, least=least
        )
        together = np.bincount(np.unique(cluster, return_inverse=True)[1], sizes)
        together = together[np.unique(cluster, return_inverse=True)[1]]
        # Each row of a cluster has as many pairs as there are others.
        weights = np.where(together > 1, sizes * (together - 1), 0)
        precisions.append(
            float(np.average(confidence, weights=weights))
            if weights.sum()
            else float("nan")
        )
        # Alone, a row may still have a twin of the same text.
        twin = np.where(is_apart & (items.sizes > 1), 1 - within, 1.0)
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
        precision=precisions[0],
        proposed_precision=precisions[1],
        source_evidence=evidence,
    )


def _nothing(rows: int, items: Items, note: str) -> Duplicates:
    """Say that every row is alone, and why."""
    none = np.array([], np.int64)
    alone = _spread(items, np.ones(len(items.texts)), rows)
    return Duplicates(
        left=none,
        right=none,
        probability=np.array([], np.float64),
        cluster=np.arange(rows),
        proposed_cluster=np.arange(rows),
        confidence=alone,
        proposed_confidence=alone,
        precision=float("nan"),
        proposed_precision=float("nan"),
        source_evidence=SourceEvidence(),
        note=note,
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
