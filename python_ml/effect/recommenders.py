"""What versions of the data are worth to recommenders: `evaluate_recommenders`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.util import find_spec

import numpy as np
import pyarrow as pa

from python_ml.effect import als
from python_ml.effect.content import TextVectors, alike_in_text
from python_ml.effect.ease import ease, most_items
from python_ml.effect.hybrid import best_weights, blend, standardized
from python_ml.effect.interactions import Interactions, Vocabulary, read_versions
from python_ml.effect.judging import Judge, Judged
from python_ml.effect.neighbours import Scorer, item_neighbours, own_counts, popularity
from python_ml.effect.ranking_metrics import METRICS
from python_ml.effect.results import (
    RECOMMENDER_SCHEMA,
    Measured,
    RecommenderEffect,
    effect_table,
)
from python_ml.effect.split import TARGETS, Problem, default_cut, pose
from python_ml.effect.training import Slots, Training, learned_from

CHEAP_MODELS = ("popularity", "own_counts", "recent_own_counts", "item_knn", "ease")
"""Those that cost seconds."""
MODELS = (*CHEAP_MODELS, "als", "content", "hybrid")
_BLENDED = ("recent_own_counts", "item_knn", "ease", "content")
_VALIDATION_CELLS = 100_000_000  # Scores that are held to tune the hybrid: 400 MB.


@dataclass(frozen=True)
class RecommenderSettings:
    """How recommenders are evaluated.

    Attributes:
        models: Some of `MODELS`, in the order of the rows.
        cut: What happened at this time (UTC) or later is predicted from what was
            before; by default the last 20 % of the events, 8 weeks at most.
        minimum_users: With fewer users to test nothing is measured.
        minimum_buyers: Items that fewer users took before the cut are no candidates.
        half_life: Of recent_own_counts, in days.
        neighbours: Of item_knn.
        shrink: Of item_knn.
        ease_penalty: The lambda of EASE.
        ease_items: EASE is of so many items at most, and of as many as fit into
            `memory`.
        memory: GiB for the matrices of EASE.
        draws: Of the bootstrap and of the randomization test.
        seed: Of the draws.
        device: "auto" (a GPU where PyTorch sees one), "cpu", "cuda" or "cuda:1".
    """

    models: tuple[str, ...] = CHEAP_MODELS
    cut: datetime | None = None
    minimum_users: int = 200
    minimum_buyers: int = 1
    half_life: float = 60.0
    neighbours: int = 100
    shrink: float = 10.0
    ease_penalty: float = 500.0
    ease_items: int = 4000
    memory: float = 2.0
    draws: int = 2000
    seed: int = 0
    device: str = "auto"

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ValueError: If a model is unknown, or a number out of its range.
        """
        unknown = sorted(set(self.models) - set(MODELS))
        if unknown or isinstance(self.models, str):
            raise ValueError(
                f"models is {self.models!r}: name some of {', '.join(MODELS)}."
            )
        for name in ("half_life", "ease_penalty", "memory", "draws", "neighbours"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be above 0.")


def evaluate_recommenders(
    versions: Mapping[str, pa.Table],
    *,
    reference: str = "repaired",
    baseline: str = "found",
    crosswalk: pa.Table | None = None,
    texts: TextVectors | None = None,
    settings: RecommenderSettings | None = None,
) -> RecommenderEffect:
    """Measure what recommenders make of several versions of the same events.

    Each version trains every model on what it holds before one cut in time. All are
    judged by the same: the users, what they took after the cut (the test set), what they
    had before (the exclude list of target "new") and the candidates come from the
    reference. The whole catalogue is ranked, ties are averaged, no user is left out.
    Versions that hold the same before the cut are computed once.

    Args:
        versions: Events by name of the version, Arrow tables with user_id, product_id,
            occurred_at and optionally cut_at and is_target (`read_versions`). One row an
            interaction; repeats count as often as they are there.
        reference: The version that everything is judged by; the repaired one, since a
            wrong time moves an event across the cut.
        baseline: The version that the others are compared with.
        crosswalk: Arrow table of product_id and item_id: which ids are one product.
        texts: Embeddings of the texts of products, for "content"; their ids are product
            ids or item ids.
        settings: `RecommenderSettings`.

    Returns:
        A `RecommenderEffect`. Where nothing can be measured its rows say why: no events
        after the cut, fewer users than `minimum_users`, no texts, everything bought
        before.

    Raises:
        ValueError: If a version is missing or no table of events, or a setting wrong.
    """
    settings = settings or RecommenderSettings()
    for role, name in (("reference", reference), ("baseline", baseline)):
        if name not in versions:
            raise ValueError(
                f"There is no version {name} to be the {role}; there are"
                f" {', '.join(versions) or 'none'}."
            )
    events, vocabulary = read_versions(versions, crosswalk)
    cut = default_cut(events[reference])
    if settings.cut is not None:
        cut = _days_of(settings.cut)
    problem = pose(events[reference], vocabulary, cut, settings.minimum_buyers)
    models = _Models(vocabulary, settings, texts)
    refusal = _refusal(events[reference], problem, settings)
    measured: list[Measured] = []
    parts: list[pa.Table] = []
    seconds: dict[tuple[str, str], float] = {}
    weights: dict[str, dict[str, float]] = {}
    if refusal is None and "hybrid" in settings.models:
        weights = models.tuned(events[reference], problem)
    known: dict[str, Interactions] = {}
    judged: dict[str, dict[str, dict[str, Judged]]] = {}
    for version, found in events.items():
        same = None
        if refusal is None:
            found = found.where(found.cut_day < cut)
            same = _same(found, known)
            known[version] = found
            if same is not None:
                judged[version] = judged[same]
            else:
                judged[version] = models.judged(found, problem, weights, seconds, version)
        for model in settings.models:
            why = refusal or models.not_measured(model)
            for target in TARGETS:
                of_target = judged[version][model][target] if why is None else None
                measured.append(
                    Measured(
                        (version, model, target),
                        None if of_target is None else of_target.values,
                        {
                            "slots_wasted_rate": np.nan
                            if of_target is None
                            else of_target.wasted,
                            "cold_item_share": problem.cold_share,
                        },
                        why or _note(cut, target, same, models.note(model, weights)),
                    )
                )
                if of_target is not None:
                    parts.append(
                        _by_user(version, model, target, of_target, vocabulary, problem)
                    )
    table = effect_table(
        measured,
        RECOMMENDER_SCHEMA,
        baseline,
        problem.users_excluded,
        draws=settings.draws,
        seed=settings.seed,
    )
    by_user = pa.concat_tables([_BY_USER.empty_table(), *parts])
    return RecommenderEffect(table, by_user, weights, seconds)


_BY_USER = pa.schema(
    [(name, pa.string()) for name in ("version", "model", "target", "user_id")]
    + [(name, pa.float64()) for name in METRICS]
)


class _Models:
    """Fits models by their names."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        settings: RecommenderSettings,
        texts: TextVectors | None,
    ) -> None:
        self._vocabulary = vocabulary
        self._settings = settings
        self._texts = texts
        self._device = "cpu"
        if settings.device != "cpu" and find_spec("torch"):
            from python_ml.common.devices import resolve_device

            self._device = resolve_device(settings.device)
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
        judge = Judge(problem, training, Slots(training, self._vocabulary, problem))
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
                    needed = {name: self._fitted(name, training, fitted) for name in parts}
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
        judge = Judge(earlier, training, Slots(training, self._vocabulary, earlier))
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
                parts = [np.float32(w) * scores[name] for name, w in weights.items() if w]
                mixed = np.sum(parts, axis=0, dtype=np.float32)
                judged = judge.judge(
                    lambda users: mixed[row[users]], fallback, (target,)
                )
                values = judged[target].values[:, ndcg]
                return float(np.nanmean(values)) if not np.isnan(values).all() else 0.0

            return of

        return {target: best_weights(names, quality(target)) for target in TARGETS}

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
            return ease(
                training,
                settings.ease_penalty,
                self._items,
                neighbours=settings.neighbours,
                shrink=settings.shrink,
                device=self._device,
            )
        if self._texts is None:
            raise ValueError("The model content needs embeddings of texts.")
        return alike_in_text(training, self._vocabulary, self._texts)


def _days_of(moment: datetime) -> float:
    return np.datetime64(moment.replace(tzinfo=None), "us").astype(int) / 86_400_000_000


def _refusal(
    events: Interactions, problem: Problem, settings: RecommenderSettings
) -> str | None:
    """Say why nothing is measured; None if it is."""
    if not len(events.user):
        return "not measured: no events with a user, a product and a time"
    if not (events.cut_day >= problem.cut).any():
        return "not measured: no events after the cut"
    if not len(problem.items):
        return "not measured: no events before the cut"
    least = max(settings.minimum_users, 2)
    users = len(problem.users)
    if users < least:
        return f"not measured: {users:,} test user{'' if users == 1 else 's'}"
    return None


def _same(found: Interactions, known: Mapping[str, Interactions]) -> str | None:
    """Return the version that holds the same, if there is one."""
    for name, other in known.items():
        if len(other.user) == len(found.user) and np.array_equal(
            other.sorted_rows(), found.sorted_rows()
        ):
            return name
    return None


def _note(cut: float, target: str, same: str | None, model: str) -> str:
    what = {
        "all": "all that users took",
        "repeat": "what users took again",
        "new": "what users took for the first time",
    }[target]
    moment = np.datetime64(int(cut * 86_400), "s").item()
    parts = [f"{what} from {moment:%Y-%m-%d %H:%M} on", model]
    if same is not None:
        parts.append(f"same interactions as {same}, computed once")
    return "; ".join(part for part in parts if part)


def _by_user(
    version: str,
    model: str,
    target: str,
    judged: Judged,
    vocabulary: Vocabulary,
    problem: Problem,
) -> pa.Table:
    has = ~np.isnan(judged.values).all(1)
    users = vocabulary.users.take(pa.array(problem.users[has]))
    names = [pa.array([name] * len(users)) for name in (version, model, target)]
    values = [pa.array(column) for column in judged.values[has].T]
    return pa.table([*names, users, *values], schema=_BY_USER)
