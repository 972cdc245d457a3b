"""Texts about one product, put together: `merge_clusters`.

Clusters are joined in the order of the mean probability of all pairs between them
(average linkage, Sokal and Michener 1958), in which pairs that nobody compared count as
0. One false pair joins no two clusters: it is one of many, where connected components
would take it for all. Only the pairs of a sparse graph are looked at.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Merges:
    """The clusters joined, in order, of `merge_clusters`.

    Attributes:
        left: int64 [merges], the item whose number the joined cluster takes.
        right: int64 [merges], the item whose cluster is joined to it.
        mean: float64 [merges], mean probability of the pairs between both; never rises.
        pairs: float64 [merges], how many pairs of rows are between both.
    """

    left: np.ndarray = field(repr=False)
    right: np.ndarray = field(repr=False)
    mean: np.ndarray
    pairs: np.ndarray

    def clusters(self, items: int, count: int) -> np.ndarray:
        """Return the clusters after the first merges.

        Args:
            items: How many items there are.
            count: How many merges to carry out.

        Returns:
            int64 [items], the number of the item that stands for the cluster.
        """
        root = np.arange(items)
        # A cluster once joined to another takes part in no later merge.
        for place in range(count - 1, -1, -1):
            root[self.right[place]] = root[self.left[place]]
        return root


def merge_clusters(
    sizes: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    probability: np.ndarray,
    *,
    least: float,
) -> Merges:
    """Join clusters as long as the mean probability between two of them is high enough.

    Args:
        sizes: int64 [items], how many rows each item stands for.
        left: int64 [pairs], numbers of items; each pair once, without pairs of an item
            with itself.
        right: int64 [pairs].
        probability: float64 [pairs] in [0, 1]; pairs not given have 0.
        least: The mean probability below which nothing is joined.

    Returns:
        The merges. Time and memory grow with the pairs (times their logarithm).
    """
    size = [float(one) for one in sizes]
    # For each cluster, the sum of the probabilities of the pairs to each neighbour.
    sums: list[dict[int, float]] = [{} for _ in size]
    waiting = []
    for one, other, value in zip(
        left.tolist(), right.tolist(), probability.tolist(), strict=True
    ):
        sums[one][other] = sums[other][one] = value * size[one] * size[other]
        if value >= least:
            waiting.append((-value, one, other, size[one], size[other]))
    heapq.heapify(waiting)
    found: list[tuple[int, int, float, float]] = []
    while waiting:
        value, one, other, one_size, other_size = heapq.heappop(waiting)
        # A cluster that has grown since has new entries of its own.
        if size[one] != one_size or size[other] != other_size:
            continue
        if len(sums[one]) < len(sums[other]):
            one, other = other, one
        found.append((one, other, -value, one_size * other_size))
        del sums[one][other], sums[other][one]
        size[one], size[other] = one_size + other_size, 0.0
        for neighbour, total in sums[other].items():
            del sums[neighbour][other]
            total += sums[one].get(neighbour, 0.0)
            sums[one][neighbour] = sums[neighbour][one] = total
        sums[other] = {}
        for neighbour, total in sums[one].items():
            mean = total / (size[one] * size[neighbour])
            if mean >= least:
                entry = (-mean, one, neighbour, size[one], size[neighbour])
                heapq.heappush(waiting, entry)
    columns = list(zip(*found, strict=True)) or [(), (), (), ()]
    return Merges(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.int64),
        np.array(columns[2], np.float64),
        np.array(columns[3], np.float64),
    )


def complete_clusters(
    items: int, left: np.ndarray, right: np.ndarray, is_sure: np.ndarray
) -> np.ndarray:
    """Join items that hang together by pairs, if every two of them are a sure pair.

    Where one pair is missing or not sure, it is not known which of them belong
    together, and none is joined.

    Args:
        items: How many items there are.
        left: int64 [pairs], numbers of items; each pair once.
        right: int64 [pairs].
        is_sure: bool [pairs].

    Returns:
        int64 [items], the number of the item that stands for the cluster.
    """
    import scipy.sparse as sparse

    graph = sparse.coo_matrix((np.ones(len(left)), (left, right)), (items, items))
    cluster = sparse.csgraph.connected_components(graph, directed=False)[1]
    _, first, number = np.unique(cluster, return_index=True, return_inverse=True)
    size = np.bincount(number, minlength=len(first))
    sure = np.bincount(number[left], is_sure, minlength=len(first))
    is_complete = sure == size * (size - 1) / 2
    return np.where(is_complete[number], first[number], np.arange(items))


def united(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the finest clusters in which those of both lie.

    Args:
        one: int64 [items], numbers of clusters.
        other: int64 [items].

    Returns:
        int64 [items], numbers below the number of items.
    """
    import scipy.sparse as sparse

    items = len(one)
    rows = np.r_[np.arange(items), np.arange(items)]
    first = [
        np.unique(c, return_index=True, return_inverse=True)[1:] for c in (one, other)
    ]
    columns = (
        np.concatenate([start[number] for start, number in first]) if items else rows
    )
    graph = sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), (items, items))
    return sparse.csgraph.connected_components(graph, directed=False)[1].astype(
        np.int64
    )


def mean_to_members(
    cluster: np.ndarray,
    sizes: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    probability: np.ndarray,
    within: np.ndarray,
    *,
    least: bool = False,
) -> np.ndarray:
    """Say how probably each item belongs to its cluster.

    Args:
        cluster: int64 [items].
        sizes: int64 [items], how many rows each item stands for.
        left: int64 [pairs], numbers of items.
        right: int64 [pairs].
        probability: float64 [pairs] in [0, 1]; pairs not given have 0.
        within: float64 [items], probability of two rows of one item.
        least: Whether to take the least probability instead of the mean.

    Returns:
        float64 [items] in [0, 1]: the mean (or least) probability of a row of the item
        and the other rows of its cluster; where it is alone, 1 less the greatest
        probability of a pair with another item.
    """
    items = len(cluster)
    total = within * (sizes - 1)
    is_inside = cluster[left] == cluster[right]
    for one, other in ((left, right), (right, left)):
        total += np.bincount(
            one[is_inside],
            probability[is_inside] * sizes[other[is_inside]],
            minlength=items,
        )
    others = np.bincount(cluster, sizes, minlength=items)[cluster] - 1
    greatest = np.zeros(items)
    np.maximum.at(greatest, left[~is_inside], probability[~is_inside])
    np.maximum.at(greatest, right[~is_inside], probability[~is_inside])
    inside = total / np.maximum(others, 1)
    if least:
        inside = np.where(sizes > 1, within, 1.0)
        for side in (left, right):
            np.minimum.at(inside, side[is_inside], probability[is_inside])
    return np.where(others > 0, inside, 1 - greatest)
