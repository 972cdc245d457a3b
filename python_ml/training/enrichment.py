"""Augmentation within a training run: which ways are kept, and what they add."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from python_ml.augmentation.augment import (
    TEXT_WAYS,
    VECTOR_WAYS,
    additions,
    check_ways,
    mixed_rows,
    varied_texts,
)
from python_ml.augmentation.choice import Trial, choose_ways
from python_ml.augmentation.vectors import Mixes
from python_ml.training.data import Rows
from python_ml.training.loop import Plan

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Enriched:
    """The rows of a run with those that were added, which are never held out.

    Attributes:
        texts: The texts of the rows, then those that were added.
        mixes: Of rows of the texts, to be added to their states after them.
        plan: Of all of them.
        trials: What was tried.
    """

    texts: list
    mixes: Mixes
    plan: Plan
    trials: tuple[Trial, ...]

    def with_mixes(self, states: torch.Tensor) -> torch.Tensor:
        """Add the mixed rows to the states of the texts, [texts, 1, dimensions]."""
        import torch

        return torch.cat([states, torch.from_numpy(self.mixes.of(states.numpy()))])


def ways_of(augmentation: str | Sequence[str], method: str, per_class: int) -> list:
    """Return the names of the ways that a setting of `train` means.

    Raises:
        ValueError: If it is neither "none" nor "auto" nor ways of this method.
    """
    is_head = method == "head"
    known = (*TEXT_WAYS, *VECTOR_WAYS) if is_head else TEXT_WAYS
    if augmentation == "none":
        return []
    ways = list(known) if augmentation == "auto" else augmentation
    if isinstance(ways, str):
        raise ValueError(
            f"augmentation is 'none', 'auto' or a list of ways, not {ways!r}."
        )
    if not is_head and set(ways) & set(VECTOR_WAYS):
        raise ValueError("The ways smote and mixup are for the method head alone.")
    check_ways(ways, known, per_class)
    return list(ways)


def enriched(
    rows: Rows,
    plan: Plan,
    embed: Callable[[list], np.ndarray],
    back_translation: Callable[[list[str]], list[str]] | None,
) -> Enriched:
    """Choose the ways on the rows that are trained on, and add what they make of them.

    Args:
        rows: All rows; those held out are left alone.
        plan: Of the rows; its settings say which ways there are, and how many rows each
            class is to have.
        embed: Texts to what the frozen model gives the head, float32 [texts,
            dimensions].
        back_translation: A `BackTranslation`; None for one that is installed.

    Raises:
        ImportError: If back-translation is asked for by name and none is installed.
    """
    augmentation, per_class = plan.settings["augmentation"], plan.settings["per_class"]
    ways = ways_of(augmentation, plan.settings["method"], per_class)
    none = Mixes.none()
    if not ways:
        return Enriched(rows.texts, none, plan, ())
    trained = np.flatnonzero(~plan.is_held)
    texts = [rows.texts[row] for row in trained]
    targets = rows.targets[trained]
    missing = []
    if "back_translation" in ways and back_translation is None:
        from python_ml.augmentation.translation import installed_back_translation

        try:
            back_translation = installed_back_translation(
                [text if isinstance(text, str) else " ".join(text) for text in texts]
            )
        except ImportError as error:
            if augmentation != "auto":
                raise
            missing = [
                Trial(
                    "back_translation", None, None, None, False, str(error).strip(".")
                )
            ]
            ways.remove("back_translation")
    trials = choose_ways(
        texts,
        targets,
        embed,
        ways=ways,
        per_class=per_class,
        is_balanced=plan.class_weights is not None,
        back_translation=back_translation,
        device=plan.device,
        seed=plan.seed,
        progress=plan.progress,
    )
    kept = [trial.way for trial in trials if trial.is_kept]
    every_trial = (*trials, *missing)
    if not kept:
        return Enriched(rows.texts, none, plan, every_trial)

    added = additions(targets, len(kept), per_class, plan.seed)
    in_text = added.in_ways([i for i, way in enumerate(kept) if way in TEXT_WAYS])
    in_states = added.in_ways([i for i, way in enumerate(kept) if way in VECTOR_WAYS])
    made = varied_texts(
        texts,
        targets,
        in_text,
        kept,
        back_translation=back_translation,
        seed=plan.seed,
    )
    mixes = none
    if len(in_states.source):
        mixes = mixed_rows(embed(texts), targets, in_states, kept, plan.seed)
        mixes = replace(mixes, left=trained[mixes.left], right=trained[mixes.right])
    varied = targets[in_text.source]
    plan = _with_added(plan, varied, mixes)
    return Enriched(rows.texts + made, mixes, plan, every_trial)


def _with_added(plan: Plan, varied: np.ndarray, mixes: Mixes) -> Plan:
    """Extend a plan by rows of varied texts, given by their labels, and by mixes."""
    one = plan.targets
    targets = np.concatenate([one, varied, one[mixes.left]])
    others = np.concatenate([one, varied, one[mixes.right]])
    share = np.ones(len(targets), np.float32)
    share[len(share) - len(mixes.share) :] = mixes.share
    is_held = np.zeros(len(targets), bool)
    is_held[: len(one)] = plan.is_held
    return replace(
        plan,
        targets=targets,
        is_held=is_held,
        class_weights=(
            None
            if plan.class_weights is None
            else balanced_weights(targets[~is_held], others[~is_held], share[~is_held])
        ),
        other_targets=others if len(mixes.share) else None,
        share=share if len(mixes.share) else None,
    )


def balanced_weights(
    targets: np.ndarray,
    others: np.ndarray | None = None,
    share: np.ndarray | None = None,
) -> np.ndarray:
    """Return weights under which all classes weigh the same, float64 [classes].

    Args:
        targets: int64 [rows], the class of each; every class occurs.
        others: int64 [rows], a second class of mixed rows, with `share`.
        share: float32 [rows], the share of the first one.
    """
    counts = np.bincount(targets, share).astype(np.float64)
    if others is not None and share is not None:
        counts += np.bincount(others, 1 - share, len(counts))
    return counts.sum() / (len(counts) * counts)
