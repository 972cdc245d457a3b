"""Models by their names: fitted, judged, and the hybrid tuned."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from importlib.util import find_spec

import numpy as np

from python_ml.effect.interactions import Interactions, Vocabulary
from python_ml.effect.judging import Judge, Judged
from python_ml.effect.models import als
from python_ml.effect.models.content import TextVectors, alike_in_text
from python_ml.effect.models.ease import ease, most_items
from python_ml.effect.models.hybrid import best_weights, blend, standardized
from python_ml.effect.models.neighbours import (
    Scorer,
    item_neighbours,
    own_counts,
    popularity,
)
from python_ml.effect.ranking_metrics import METRICS
from python_ml.effect.settings import RecommenderSettings
from python_ml.effect.split import TARGETS, Problem, default_cut, pose
from python_ml.effect.training import Slots, Training, learned_from

_BLENDED = ("recent_own_counts", "item_knn", "ease", "content")
_FEW_ITEMS = 2000
_VALIDATION_CELLS = 100_000_000  # Scores that are held to tune the hybrid: 400 MB.


class Models:
    """Fits models by their names."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        settings: RecommenderSettings,
        texts: TextVectors | None,
    ) -> None:
        """Say what is fitted.

        Args:
            vocabulary: Of all versions.
            settings: Of the evaluation.
            texts: For the model "content", if there are any.
        """
        self._vocabulary = vocabulary
        self._settings = settings
        self._texts = texts
        self._items = min(settings.ease_items, most_items(settings.memory))

    def not_measured(self, model: str) -> str | None:
        """Say why a model cannot be measured; None if it can."""
        if model == "als" and als.not_installed():
            return f"not measured: {als.not_installed()}"
        if model == "content" and (self._texts is None or not len(self._texts.ids)):
            return "not measured: no embeddings of the products' texts"
        return None

    def note(self, model: str, weights: Mapping[str, Mapping[str, float]]) -> str:
        """Say what a model was, beyond its name."""
        settings = self._settings
        if model == "recent_own_counts":
            return f"half-life of {settings.half_life:g} days"
        if model == "ease":
            return f"lambda {settings.ease_penalty:g}, {self._items:,} items at most"
        if model == "als":
            return f"mean of {als.STARTS} starts"
        if model == "hybrid" and weights:
            return "weights tuned before the cut: " + "; ".join(
                f"{target} "
                + ", ".join(f"{name} {w:g}" for name, w in parts.items() if w)
                for target, parts in weights.items()
            )
        return ""

    def judged(
        self,
        events: Interactions,
        problem: Problem,
        weights: Mapping[str, Mapping[str, float]],
        seconds: dict[tuple[str, str], float],
        version: str,
    ) -> dict[str, dict[str, Judged]]:
        """Train and judge each model on one version."""
        training = self._training(events, problem)
        judge = Judge(problem, training, Slots(training.candidate, len(problem.items)))
        fallback = popularity(training)
        fitted: dict[str, Scorer] = {}
        results: dict[str, dict[str, Judged]] = {}
        for model in self._settings.models:
            if self.not_measured(model):
                continue
            began = time.perf_counter()
            if model == "hybrid":
                results[model] = {}
                for target, parts in weights.items():
                    needed = {
                        name: self._fitted(name, training, fitted) for name in parts
                    }
                    scorer = blend(needed, parts)
                    results[model] |= judge.judge(scorer, fallback, (target,))
            elif model == "als":
                starts = [
                    judge.judge(
                        als.factorized(training, self._vocabulary, start, self._device),
                        fallback,
                    )
                    for start in range(als.STARTS)
                ]
                results[model] = {
                    target: Judged.mean([start[target] for start in starts])
                    for target in TARGETS
                }
            else:
                scorer = self._fitted(model, training, fitted)
                results[model] = judge.judge(scorer, fallback)
            seconds[version, model] = time.perf_counter() - began
        return results

    def scorer(
        self,
        model: str,
        target: str,
        events: Interactions,
        problem: Problem,
        training: Training,
    ) -> Scorer:
        """Fit one model to show what it recommends.

        Raises:
            ValueError: If it cannot be fitted here.
        """
        why = self.not_measured(model)
        if why:
            raise ValueError(
                f"The model {model} cannot be used:{why.removeprefix('not measured:')}."
            )
        if model == "als":
            return als.factorized(training, self._vocabulary, 0, self._device)
        if model == "hybrid":
            fitted: dict[str, Scorer] = {}
            parts = self.tuned(events, problem)[target]
            names = [name for name, weight in parts.items() if weight]
            return blend(
                {name: self._fitted(name, training, fitted) for name in names},
                {name: parts[name] for name in names},
            )
        return self._fit(model, training)

    def tuned(
        self, events: Interactions, problem: Problem
    ) -> dict[str, dict[str, float]]:
        """Choose the weights of the hybrid by NDCG@100 in a period before the cut."""
        before = events.where(events.cut_day < problem.cut)
        earlier = pose(
            before,
            self._vocabulary,
            default_cut(before),
            self._settings.minimum_buyers,
        )
        names = [name for name in _BLENDED if self.not_measured(name) is None]
        equal = {name: 1 / len(names) for name in names}
        cells = max(1, len(earlier.items) * len(names))
        count = min(len(earlier.users), max(1, _VALIDATION_CELLS // cells))
        if count < 2:
            return {target: dict(equal) for target in TARGETS}
        rng = np.random.default_rng(self._settings.seed)
        chosen = np.sort(rng.choice(len(earlier.users), count, replace=False))
        earlier = replace(
            earlier,
            users=earlier.users[chosen],
            relevant=earlier.relevant[chosen],
            owned=earlier.owned[chosen],
        )
        training = self._training(before, earlier)
        judge = Judge(earlier, training, Slots(training.candidate, len(earlier.items)))
        fallback = popularity(training)
        fitted: dict[str, Scorer] = {}
        scores = {}
        row = np.full(len(self._vocabulary.users), -1)
        row[earlier.users] = np.arange(count)
        for name in names:
            scorer = self._fitted(name, training, fitted)
            scores[name] = standardized(scorer(earlier.users))
        ndcg = METRICS.index("ndcg_at_100")

        def quality(target: str) -> Callable[[dict[str, float]], float]:
            def of(weights: dict[str, float]) -> float:
                parts = [
                    np.float32(w) * scores[name] for name, w in weights.items() if w
                ]
                mixed = np.asarray(np.sum(parts, axis=0, dtype=np.float32))
                judged = judge.judge(
                    lambda users: mixed[row[users]], fallback, (target,)
                )
                values = judged[target].values[:, ndcg]
                return float(np.nanmean(values)) if not np.isnan(values).all() else 0.0

            return of

        return {target: best_weights(names, quality(target)) for target in TARGETS}

    @cached_property
    def _device(self) -> str:
        """Where matrices are inverted; looked up only where there are any."""
        if self._settings.device == "cpu" or not find_spec("torch"):
            return "cpu"
        from python_ml.common.devices import resolve_device

        return resolve_device(self._settings.device)

    def _training(self, events: Interactions, problem: Problem) -> Training:
        half_life = self._settings.half_life
        return learned_from(events, self._vocabulary, problem, half_life)

    def _fitted(
        self, model: str, training: Training, fitted: dict[str, Scorer]
    ) -> Scorer:
        if model not in fitted:
            fitted[model] = self._fit(model, training)
        return fitted[model]

    def _fit(self, model: str, training: Training) -> Scorer:
        settings = self._settings
        if model == "popularity":
            return popularity(training)
        if model in ("own_counts", "recent_own_counts"):
            return own_counts(training, model == "recent_own_counts")
        if model == "item_knn":
            return item_neighbours(training, settings.neighbours, settings.shrink)
        if model == "ease":
            # Below, a matrix is inverted sooner than PyTorch is there.
            few = min(len(training.products), self._items) <= _FEW_ITEMS
            device = "cpu" if few else self._device
            return ease(
                training,
                settings.ease_penalty,
                self._items,
                neighbours=settings.neighbours,
                shrink=settings.shrink,
                device=device,
            )
        if self._texts is None:
            raise ValueError("The model content needs embeddings of texts.")
        return alike_in_text(training, self._vocabulary, self._texts)
