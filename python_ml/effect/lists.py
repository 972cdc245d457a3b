"""Lists of recommendations for a shop to show: `recommend`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from python_ml.effect.interactions import read_versions
from python_ml.effect.models.content import TextVectors
from python_ml.effect.models.fitted import Models
from python_ml.effect.models.neighbours import popularity, similarities
from python_ml.effect.settings import MODELS, RecommenderSettings
from python_ml.effect.split import everything
from python_ml.effect.training import Training, learned_from

_POOL = 5  # Of so many times the list the most diverse are chosen.
_CELLS = 20_000_000  # Scores at a time.
_BECAUSE = 2  # Products that a reason names.
_SAME_CATEGORY = 0.5  # How alike products of one category are at least.

LISTS = pa.schema(
    [
        ("user_id", pa.string()),
        ("rank", pa.int64()),
        ("product_id", pa.string()),
        ("score", pa.float64()),
        ("reason", pa.string()),
        ("reason_in_words", pa.string()),
        ("because_of", pa.list_(pa.string())),
    ]
)
"""Of what `recommend` returns."""


@dataclass(frozen=True)
class ListSettings:
    """What lists are made.

    Attributes:
        model: One of `MODELS`.
        target: "all" or "new" (without what the user has).
        top: How many products each user is shown.
        diversity: How much unlike products are preferred, 0 (by score alone, as it was
            evaluated) to 1.

    Raises:
        ValueError: If a value cannot be meant.
    """

    model: str = "ease"
    target: str = "all"
    top: int = 10
    diversity: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.model not in MODELS:
            raise ValueError(f"The model {self.model} is none of {', '.join(MODELS)}.")
        if self.target not in ("all", "new"):
            raise ValueError(f"The target {self.target} is neither all nor new.")
        if self.top < 1:
            raise ValueError(f"top is {self.top}: it must be at least 1.")
        if not 0 <= self.diversity <= 1:
            raise ValueError(f"diversity is {self.diversity}: it must be from 0 to 1.")


def recommend(
    events: pa.Table,
    products: pa.Table,
    users: pa.Array | None = None,
    *,
    texts: TextVectors | None = None,
    lists: ListSettings | None = None,
    settings: RecommenderSettings | None = None,
) -> Iterator[pa.Table]:
    """Choose what each user is shown, learned from all events.

    A user of whom nothing is known gets what is popular. Where diversity is asked for,
    the list is drawn from five times as many by maximal marginal relevance (Carbonell
    and Goldstein 1998): score against likeness to what is listed already, the cosine of
    who took them, or a half within one category.

    Args:
        events: user_id, product_id, occurred_at, as for `evaluate_recommenders`.
        products: product_id, title, category: words for reasons. Other products that
            occur in events are recommended too.
        users: Ids of users who get a list though they have no event.
        texts: Embeddings of the products' texts, for "content" and "hybrid".
        lists: `ListSettings`.
        settings: Of the models.

    Returns:
        Tables as `LISTS`, some users at a time. Reasons are `repeat` (the user took
        it), `alike` (because of products that the user took and others took with it),
        `category` (the one the user took most of) and `popular`.

    Raises:
        ValueError: If there are no events, or the model cannot be fitted here.
    """
    lists = lists or ListSettings()
    settings = replace(settings or RecommenderSettings(), models=(lists.model,))
    versions, vocabulary = read_versions({"events": events})
    found = versions["events"]
    if not len(found.user):
        raise ValueError(
            "There are no events with a user, a product and a time to learn from."
        )
    problem = everything(found, vocabulary)
    training = learned_from(found, vocabulary, problem, settings.half_life)
    models = Models(vocabulary, settings, texts)
    scorer = models.scorer(lists.model, lists.target, found, problem, training)
    because = _Reasons(training, vocabulary.products, products)
    fallback = popularity(training)
    size = max(1, _CELLS // len(training.products))
    for start in range(0, len(vocabulary.users), size):
        block = np.arange(start, min(start + size, len(vocabulary.users)))
        scores = np.array(scorer(block), np.float32)
        if lists.target == "new":
            scores[training.taken[block].nonzero()] = -np.inf
        ids = vocabulary.users.take(pa.array(block)).to_pylist()
        yield _listed(ids, block, scores, because, lists)
    cold = [] if users is None else _cold(users, vocabulary.users)
    for start in range(0, len(cold), size):
        ids = cold[start : start + size]
        scores = fallback(np.zeros(1, np.int64)).repeat(len(ids), 0)
        yield _listed(ids, np.full(len(ids), -1), scores, because, lists)


class _Reasons:
    """Why a product is shown to a user."""

    def __init__(self, training: Training, ids: pa.Array, products: pa.Table) -> None:
        self._training = training
        self.ids = ids.take(pa.array(training.products)).to_pylist()
        known = {
            str(row["product_id"]): row
            for row in products.select(["product_id", "title", "category"]).to_pylist()
        }
        rows = [known.get(one, {}) for one in self.ids]
        self._titles = [
            row.get("title") or one for row, one in zip(rows, self.ids, strict=True)
        ]
        self._categories = [row.get("category") for row in rows]
        names = sorted({name for name in self._categories if name is not None})
        number = {name: place for place, name in enumerate(names)}
        self.category = np.array(
            [-1 if name is None else number[name] for name in self._categories]
        )
        self.similar = similarities(training.taken, 100, 10.0).tocsc()

    def of(self, user: int, chosen: np.ndarray) -> Iterator[tuple[str, str, list[str]]]:
        """Yield reason, words and products for each product that is shown."""
        taken = self._training.counts[[user]] if user >= 0 else None
        counts = (
            {}
            if taken is None
            else dict(zip(taken.indices.tolist(), taken.data.tolist(), strict=True))
        )
        favourite = self._favourite(counts)
        for item in chosen.tolist():
            if item in counts:
                times = int(counts[item])
                often = "once" if times == 1 else f"{times:,} times"
                yield "repeat", f"taken {often} before", []
                continue
            near = self._because(item, counts)
            if near:
                titles = " and ".join(self._titles[other] for other in near)
                yield "alike", f"because of {titles}", [self.ids[n] for n in near]
            elif favourite >= 0 and self.category[item] == favourite:
                words = f"in {self._categories[item]}, which the user takes most of"
                yield "category", words, []
            else:
                buyers = int(self._training.buyers[item])
                words = f"taken by {buyers:,} user{'' if buyers == 1 else 's'}"
                yield "popular", words, []

    def _because(self, item: int, counts: dict[int, float]) -> list[int]:
        inside = slice(self.similar.indptr[item], self.similar.indptr[item + 1])
        near = zip(
            self.similar.data[inside].tolist(),
            self.similar.indices[inside].tolist(),
            strict=True,
        )
        own = sorted((-value, other) for value, other in near if other in counts)
        return [other for _, other in own[:_BECAUSE]]

    def _favourite(self, counts: dict[int, float]) -> int:
        of_category: dict[int, float] = {}
        for item, count in counts.items():
            category = int(self.category[item])
            if category >= 0:
                of_category[category] = of_category.get(category, 0) + count
        if not of_category:
            return -1
        return max(of_category, key=lambda name: (of_category[name], -name))


def _listed(
    ids: list[str],
    block: np.ndarray,
    scores: np.ndarray,
    because: _Reasons,
    lists: ListSettings,
) -> pa.Table:
    rows = []
    pool = lists.top * (_POOL if lists.diversity else 1)
    for user, name, row in zip(block.tolist(), ids, scores, strict=True):
        # Of equals the first by id.
        best = np.argsort(-row, kind="stable")[:pool]
        best = best[np.isfinite(row[best])]
        chosen = best[: lists.top]
        if lists.diversity and len(best) > 1:
            alike = _alike(because, best)
            chosen = best[diverse(row[best], alike, lists.top, lists.diversity)]
        reasons = because.of(user, chosen)
        for place, (item, reason) in enumerate(zip(chosen, reasons, strict=True)):
            values = (name, place + 1, because.ids[item], float(row[item]), *reason)
            rows.append(dict(zip(LISTS.names, values, strict=True)))
    return pa.Table.from_pylist(rows, LISTS)


def diverse(
    scores: np.ndarray, alike: np.ndarray, top: int, diversity: float
) -> np.ndarray:
    """Choose by maximal marginal relevance.

    Args:
        scores: float [candidates].
        alike: float [candidates, candidates] in [0, 1].
        top: How many to choose.
        diversity: Weight of the greatest likeness to what was chosen, 0 to 1; the rest
            to 1 is that of the score, stretched to 0 to 1.

    Returns:
        int64 [chosen], in the order of the list.
    """
    span = scores.max() - scores.min()
    worth = (scores - scores.min()) / span if span > 0 else np.ones(len(scores))
    nearest = np.zeros(len(scores))
    left = np.ones(len(scores), bool)
    chosen = []
    for _ in range(min(top, len(scores))):
        value = (1 - diversity) * worth - diversity * nearest
        best = int(np.where(left, value, -np.inf).argmax())
        chosen.append(best)
        left[best] = False
        nearest = np.maximum(nearest, alike[best])
    return np.array(chosen, np.int64)


def _alike(because: _Reasons, items: np.ndarray) -> np.ndarray:
    together: sparse.csc_matrix = because.similar[items][:, items]
    found = np.maximum(together.toarray(), together.T.toarray())
    category = because.category[items]
    is_same = (category[:, None] == category[None, :]) & (category >= 0)[:, None]
    return np.maximum(found, np.where(is_same, _SAME_CATEGORY, 0))


def _cold(users: pa.Array, known: pa.Array) -> list[str]:
    given = pc.unique(users.cast(pa.string())).drop_null()
    is_cold = pc.invert(pc.is_in(given, value_set=known))
    return sorted(user for user in given.filter(is_cold).to_pylist() if user.strip())
