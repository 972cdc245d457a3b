"""Folds in which every class is spread alike: `stratified_folds`."""

from __future__ import annotations

import numpy as np


def stratified_folds(labels: np.ndarray, rank: np.ndarray, folds: int) -> np.ndarray:
    """Deal out rows to folds, label by label.

    Args:
        labels: int64 [rows].
        rank: [rows], the order within a label: random numbers, or a permutation.
        folds: How many there are at most.

    Returns:
        int64 [rows], from 0.
    """
    result = np.empty(len(labels), np.int64)
    result[np.lexsort((rank, labels))] = np.arange(len(labels)) % folds
    return result
