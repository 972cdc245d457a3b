"""Augmentation within a training run: rows that are added to those trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from python_ml.augmentation.augment import augment
from python_ml.training.data import Rows
from python_ml.training.loop import Plan


def enriched(
    rows: Rows, plan: Plan, embed: Callable[[list], np.ndarray]
) -> tuple[list, Plan, dict[str, int]]:
    """Fill thin classes of the rows trained on; what is held out is not looked at.

    For smote `embed` gives float32 [texts, dimensions]. Returns the texts of all rows
    and then those added, the plan of them, and how many were added by way.
    """
    settings = plan.settings
    if not settings.ways:
        return rows.texts, plan, {}
    trained = np.flatnonzero(~plan.is_held)
    texts = [rows.texts[row] for row in trained]
    added = augment(
        texts,
        plan.targets[trained].tolist(),
        ways=settings.ways,
        per_class=settings.per_class,
        embeddings=embed(texts) if "smote" in settings.ways else None,
        back_translation=settings.back_translation,
        seed=settings.seed,
    )
    own = np.arange(len(rows.texts))
    weights = plan.row_weights
    if weights is not None:
        weights = np.concatenate([weights, weights[trained[added.source]]])
    plan = replace(
        plan,
        targets=plan.targets[np.concatenate([own, trained[added.source]])],
        is_held=np.pad(plan.is_held, (0, len(added.texts))),
        other_rows=np.concatenate([own, trained[added.other]]),
        share=np.concatenate([np.ones(len(own), np.float32), added.share]),
        row_weights=None
        if plan.row_weights is None
        else np.concatenate(
            [plan.row_weights, plan.row_weights[trained[added.source]]]
        ),
    )
    counts = {way: added.ways.count(way) for way in settings.ways}
    return rows.texts + added.texts, plan, counts
