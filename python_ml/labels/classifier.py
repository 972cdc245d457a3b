"""Judging labels by a classifier that has not seen them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from python_ml.common.folds import stratified_folds
from python_ml.labels.noise import (
    Observations,
    believe,
    likeliest_sharpness,
    posterior_at,
)

if TYPE_CHECKING:
    import torch
    from tqdm import tqdm

    from python_ml.common.softmax_regression import Features

_FOLDS = 5
_TRAINED = 100_000  # Texts that one classifier learns from at most.
_SEARCHED = 3000  # Texts that choose the strength at least, in whole folds.
_KEPT = 20_000  # Texts of which each fold keeps its own copy.
_OWN_LABEL = 0.5  # Weight of the given labels among the targets of the second round.
_STRENGTHS = (1.0, 2.0, 4.0)
# Labels that go wrong where texts are hard look like texts that are ambiguous, and few
# rows of many classes can be explained by noise alone: the likelihood of labels does
# not say how sharp a classifier should be. On clean labels it is this, at strength 1.
_CLEAN_SHARPNESS = 3.5


@dataclass(frozen=True)
class Judgement:
    """What is believed of distinct texts.

    Attributes:
        posterior: float [texts, classes], the true class given text and labels.
        prior: float [texts, classes], the true class given the text alone.
        rates: Estimates of the share of wrong labels; the first is the posterior's.
    """

    posterior: np.ndarray
    prior: np.ndarray
    rates: list[float]


def judge(
    features: Features,
    observations: Observations,
    classes: int,
    *,
    seed: int = 0,
    progress: bool = False,
) -> Judgement:
    """Judge the labels of texts out of fold, in two rounds.

    The first round learns from the labels as given. The second learns, in equal parts,
    from them and from what the first believes (Reed et al. 2014): wrong labels mislead
    it less, and a rare class is not lost when the first round did not believe in it.
    The logits of both are averaged: where classes are hard to tell apart, the second
    round believes too much of what the first did.

    Args:
        features: Of distinct texts.
        observations: Their labels.
        classes: How many there are.
        seed: Of the folds.
        progress: Whether to show a bar on stderr.

    Returns:
        What is believed of each text.
    """
    import torch
    from tqdm import tqdm

    first = np.unique(observations.text, return_index=True)[1]
    folds = stratified_folds(
        observations.label[first],
        np.random.default_rng(seed).random(features.rows),
        min(_FOLDS, features.rows),
    )
    device = features.device
    given = np.zeros((features.rows, classes))
    np.add.at(given, (observations.text, observations.label), observations.weight)
    kind = features.number_type
    targets = torch.from_numpy(given).to(device, kind)
    with tqdm(desc="judge labels", unit=" classifiers", disable=not progress) as bar:
        trainer = _Trainer(features, folds, seed, bar)
        strength, logits = _best_strength(trainer, targets, observations)
        sharpness = _CLEAN_SHARPNESS / strength**0.5
        believed = posterior_at(logits, observations, sharpness)[0]
        mixed = _OWN_LABEL * given + (1 - _OWN_LABEL) * believed
        logits += trainer.out_of_fold(
            torch.from_numpy(mixed).to(device, kind), strength, iterations=25
        )
    return Judgement(*believe(logits / 2, observations, sharpness))


class _Trainer:
    """Trains one classifier a fold, each beginning with the weights it had before."""

    def __init__(self, features: Features, folds: np.ndarray, seed: int, bar: tqdm):
        import torch

        self.features, self.bar = features, bar
        device = features.device
        shuffled = np.random.default_rng(seed).permutation(features.rows)
        self.parts: list[tuple[torch.Tensor, torch.Tensor]] = []
        for fold in range(folds.max() + 1):
            learned = np.sort(shuffled[folds[shuffled] != fold][:_TRAINED])
            judged = np.flatnonzero(folds == fold)
            rows = torch.from_numpy(learned), torch.from_numpy(judged)
            self.parts.append((rows[0].to(device), rows[1].to(device)))
        self.weights: list[torch.Tensor | None] = [None] * len(self.parts)
        self.taken: dict[int, Features] = {}

    def out_of_fold(
        self,
        targets: torch.Tensor,
        strength: float,
        *,
        iterations: int = 50,
        parts: Iterable[int] | None = None,
    ) -> np.ndarray:
        """Return logits [texts, classes]; NaN outside of the parts."""
        import torch

        from python_ml.common.softmax_regression import fit_softmax

        logits = torch.full_like(targets, torch.nan)
        if targets.shape[1] == 2:
            strength /= 2  # Two classes' weights are mirrored: penalized twice.
        for number in range(len(self.parts)) if parts is None else parts:
            learned, judged = self.parts[number]
            weights = fit_softmax(
                self._learned(number),
                targets[learned],
                strength,
                start=self.weights[number],
                iterations=iterations,
            )
            self.weights[number] = weights
            logits[judged] = self.features.take(judged).times(weights)
            self.bar.update()
        return logits.cpu().numpy()

    def _learned(self, number: int) -> Features:
        """Return the features that a fold learns from; few of them are kept."""
        if number in self.taken:
            return self.taken[number]
        taken = self.features.take(self.parts[number][0])
        if self.features.rows <= _KEPT:
            self.taken[number] = taken
        return taken


def _best_strength(
    trainer: _Trainer, targets: torch.Tensor, observations: Observations
) -> tuple[float, np.ndarray]:
    """Climb to the strength under which the labels are likeliest out of fold."""
    judged = [part[1] for part in trainer.parts]
    count = 1 + np.searchsorted(np.cumsum([len(part) for part in judged]), _SEARCHED)
    parts = range(min(int(count), len(judged)))
    texts = np.concatenate([judged[part].cpu().numpy() for part in parts])
    sample = observations.of_texts(texts)
    tried: dict[int, float] = {}

    def likelihood(place: int) -> float:
        if place not in tried:
            logits = trainer.out_of_fold(targets, _STRENGTHS[place], parts=parts)
            tried[place] = likeliest_sharpness(logits[texts], sample)[1]
        return tried[place]

    best = 1
    for step in (-1, 1):
        while 0 <= best + step < len(_STRENGTHS) and likelihood(
            best + step
        ) > likelihood(best):
            best += step
    return _STRENGTHS[best], trainer.out_of_fold(targets, _STRENGTHS[best])
