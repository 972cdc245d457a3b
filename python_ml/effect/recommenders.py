"""What versions of the data are worth to recommenders: `evaluate_recommenders`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pyarrow as pa

from python_ml.effect.interactions import Interactions, Vocabulary, read_versions
from python_ml.effect.judging import Judged
from python_ml.effect.models.content import TextVectors
from python_ml.effect.models.fitted import Models
from python_ml.effect.ranking_metrics import METRICS
from python_ml.effect.results import (
    RECOMMENDER_SCHEMA,
    Measured,
    RecommenderEffect,
    effect_table,
)
from python_ml.effect.settings import RecommenderSettings
from python_ml.effect.split import TARGETS, Problem, default_cut, pose


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
    judged by the same: the users, what they took after the cut (the test set), what
    they had before (the exclude list of target "new") and the candidates come from the
    reference. The whole catalogue is ranked, ties are averaged, no user is left out.
    Versions that hold the same before the cut are computed once.

    Args:
        versions: Events by name of the version, Arrow tables with user_id, product_id,
            occurred_at and optionally cut_at and is_target (`read_versions`). One row
            an interaction; repeats count as often as they are there.
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
    models = Models(vocabulary, settings, texts)
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
                judged[version] = models.judged(
                    found, problem, weights, seconds, version
                )
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
