"""Matrix factorization by alternating least squares, with the library `implicit`."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from python_ml.effect.interactions import Vocabulary
from python_ml.effect.models.neighbours import Scorer
from python_ml.effect.training import Training

STARTS = 3
"""How many random starts are averaged: one alone moves every list."""
_FACTORS, _ROUNDS, _ALPHA, _PENALTY = 64, 15, 5.0, 1.0


def not_installed() -> str | None:
    """Say in words what is missing; None if nothing is."""
    if find_spec("implicit") is None:
        return "pip install 'assay-quality[effect]' first: implicit is missing"
    return None


def factorized(
    training: Training, vocabulary: Vocabulary, start: int, device: str = "cpu"
) -> Scorer:
    """Rank by the product of what was learned of users and of items.

    Hu, Koren and Volinsky 2008, "Collaborative Filtering for Implicit Feedback
    Datasets". A user and a product start from the same numbers in every version, and
    one thread computes: what differs is the data.

    Args:
        training: Of the version.
        vocabulary: Of all versions.
        start: The seed.
        device: "cpu", or a GPU.
    """
    from implicit.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(start)
    users = rng.random((len(vocabulary.users), _FACTORS), np.float32) * 0.01
    products = rng.random((len(vocabulary.products), _FACTORS), np.float32) * 0.01
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=_FACTORS,
            regularization=_PENALTY,
            alpha=_ALPHA,
            iterations=_ROUNDS,
            num_threads=1,
            random_state=start,
            use_gpu=device != "cpu",
        )
        if device == "cpu":
            model.user_factors = users
            model.item_factors = products[training.products].copy()
        model.fit(training.taken, show_progress=False)
    of_users, of_items = (
        part.to_numpy() if hasattr(part, "to_numpy") else part
        for part in (model.user_factors, model.item_factors)
    )
    return lambda chosen: of_users[chosen] @ of_items.T
