"""EASE: the linear model of items on items, bounded in memory.

Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data". With all 68,509 items
of a supermarket one matrix takes 19 GB; the most bought 4,000 rank as well as 9,700.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import spotrf, spotri

from python_ml.effect.models.neighbours import Scorer, item_neighbours
from python_ml.effect.training import Training

_MATRICES = 3  # Of float32 at the same time, at the most.


def most_items(memory: float) -> int:
    """Return of how many items a model stays within so many GiB."""
    return int((memory * 2**30 / (4 * _MATRICES)) ** 0.5)


def ease(
    training: Training,
    penalty: float = 500.0,
    items: int = 4000,
    *,
    neighbours: int = 100,
    shrink: float = 10.0,
    device: str = "cpu",
) -> Scorer:
    """Rank by a linear model of what else the user took.

    Args:
        training: Of the version.
        penalty: The lambda of Steck's paper, above 0.
        items: The model is of so many items, those with the most buyers; behind them
            come the others, by `item_neighbours`.
        neighbours: Of the items behind.
        shrink: Of the items behind.
        device: Of PyTorch, where the matrix is inverted: "cpu" (without PyTorch), or as
            `resolve_device` gives it.
    """
    buyers = training.buyers
    order = np.lexsort((np.arange(len(buyers)), -buyers))
    inside = np.sort(order[:items])
    taken = training.taken[:, inside]
    weights = coefficients((taken.T @ taken).toarray(), penalty, device)
    if len(inside) == len(buyers):
        return lambda users: taken[users] @ weights
    tail = item_neighbours(training, neighbours, shrink)
    is_behind = np.ones(len(buyers), bool)
    is_behind[inside] = False

    def scores(users: np.ndarray) -> np.ndarray:
        first = taken[users] @ weights
        behind = tail(users)
        most = behind.max(axis=1, keepdims=True, initial=0)
        lowest = first.min(axis=1, keepdims=True, initial=0)
        found = (lowest - 2 + behind / (most + 1)).astype(np.float32)
        found[:, ~is_behind] = first
        return found

    return scores


def coefficients(gram: np.ndarray, penalty: float, device: str = "cpu") -> np.ndarray:
    """Solve for the weights of items on items.

    Args:
        gram: float32 [items, items], how many users took both; it is overwritten.
        penalty: Above 0.
        device: As for `ease`.

    Returns:
        float32 [items, items] with zeros on the diagonal.
    """
    gram = np.asarray(gram, np.float32)
    if not len(gram):
        return gram
    gram[np.diag_indices(len(gram))] += penalty
    inverse = _inverted(gram) if device == "cpu" else _inverted_by(device, gram)
    # Its columns over the diagonal, with the other sign.
    inverse /= -np.diag(inverse).copy()
    np.fill_diagonal(inverse, 0)
    return inverse


def _inverted(gram: np.ndarray) -> np.ndarray:
    # A symmetric matrix transposed is itself, in the order that LAPACK writes in.
    factor, failed = spotrf(gram.T, lower=0, overwrite_a=1)
    inverse, failed_too = spotri(factor, lower=0, overwrite_c=1)
    if failed or failed_too:
        raise ValueError("The penalty of EASE is too small: the matrix has no inverse.")
    upper = np.triu(inverse, 1)
    inverse = np.triu(inverse)
    inverse += upper.T
    return inverse


def _inverted_by(device: str, gram: np.ndarray) -> np.ndarray:
    import torch

    factor = torch.linalg.cholesky(torch.from_numpy(gram).to(device))
    return torch.cholesky_inverse(factor).cpu().numpy()
