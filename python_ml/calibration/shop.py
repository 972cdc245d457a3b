"""What one damage of repaired data costs a shop's recommendations and its search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_ml.calibration.damage import damage_events, damage_texts, twinned
from python_ml.effect.interactions import Interactions, read_versions
from python_ml.effect.judging import Judged
from python_ml.effect.models.fitted import Models
from python_ml.effect.ranking_metrics import METRICS
from python_ml.effect.search_index import SearchIndex, SearchVersion
from python_ml.effect.search_task import pose_search, refusal
from python_ml.effect.settings import RecommenderSettings, SearchSettings
from python_ml.effect.split import TARGETS, pose
from python_ml.effect.systems import Systems
from python_ml.effect.targets import with_targets

_NDCG = METRICS.index("ndcg_at_100")
_RECALL = METRICS.index("recall_at_100")


@dataclass(frozen=True)
class Loss:
    """What a damage costs.

    Attributes:
        loss: Share of the measure that is lost; below 0 where the damage helps.
        error: Its standard error over users or queries.
    """

    loss: float
    error: float


class ShopRecommendations:
    """Recommendations of one shop: NDCG@100 of its best models and of EASE.

    The best model of each target on the undamaged data, and EASE on each; the loss is
    the mean over these, since a shop would use one of them.
    """

    def __init__(
        self, events: pa.Table, settings: RecommenderSettings | None = None
    ) -> None:
        """Measure the undamaged data.

        Args:
            events: As `with_targets` takes them; ids of items, repaired.
            settings: Of the models.

        Raises:
            ValueError: If there is too little to measure.
        """
        self._settings = settings or RecommenderSettings(device="cpu")
        events, cut, what = with_targets(events, self._settings.minimum_users)
        versions, vocabulary = read_versions({"repaired": events})
        found = versions["repaired"]
        self._products = len(vocabulary.products)
        self._vocabulary = twinned(vocabulary)
        if cut is None:
            raise ValueError("There are no events to recommend from.")
        day = np.datetime64(cut, "s").astype(np.int64) / 86_400
        self._problem = pose(found, self._vocabulary, float(day))
        users = len(self._problem.users)
        if users < self._settings.minimum_users:
            raise ValueError(
                f"There are {users:,} test users; recommendations need"
                f" {self._settings.minimum_users:,} to be measured."
            )
        before = found.where(found.cut_day < self._problem.cut)
        # In one order, whatever that of the rows: random numbers go by place.
        order = np.lexsort((before.cut_day, before.day, before.product, before.user))
        self._events = before.where(order)
        clean = self._judged(self._events)
        self.pairs = list(
            dict.fromkeys(
                pair
                for target in TARGETS
                for pair in ((_best(clean, target), target), ("ease", target))
                if _has_any(clean, target)
            )
        )
        """Which models are measured on which targets."""
        models = tuple(dict.fromkeys(model for model, _ in self.pairs))
        self._settings = replace(self._settings, models=models)
        self._clean = {pair: self._values(clean, pair) for pair in self.pairs}
        self.note = f"NDCG@100 of {what}, {users:,} users: " + ", ".join(
            f"{model} on {target}" for model, target in self.pairs
        )
        """What is measured, in words."""

    def loss(self, rates: Mapping[str, float], seed: int) -> Loss:
        """Measure what is lost by a damage of `EVENT_KINDS`."""
        return self._loss(damage_events(self._events, rates, seed, self._products))

    def loss_of(self, events: pa.Table) -> Loss:
        """Measure what is lost with other events than the undamaged ones.

        Args:
            events: As `read_versions` takes them; users and products that the undamaged
                data lack are passed over.
        """
        versions, found = read_versions({"events": events})
        known = self._vocabulary
        user = _places(found.users, known.users)[versions["events"].user]
        product = _places(found.products, known.products)[versions["events"].product]
        is_known = (user >= 0) & (product >= 0)
        moved = replace(versions["events"], user=user, product=product).where(is_known)
        return self._loss(moved.where(moved.cut_day < self._problem.cut))

    def _loss(self, events: Interactions) -> Loss:
        damaged = self._judged(events)
        pieces = []
        for pair, clean in self._clean.items():
            values = self._values(damaged, pair)
            given = ~np.isnan(clean)
            mean = clean[given].mean()
            piece = np.zeros(len(clean))
            piece[given] = (clean[given] - values[given]) / (mean * given.sum())
            pieces.append(piece)
        of_users = np.mean(pieces, axis=0)
        error = float(of_users.std(ddof=1) * np.sqrt(len(of_users)))
        return Loss(float(of_users.sum()), error)

    def _judged(self, events: Interactions) -> dict[str, dict[str, Judged]]:
        models = Models(self._vocabulary, self._settings, None)
        return models.judged(events, self._problem, {}, {}, "")

    @staticmethod
    def _values(
        judged: dict[str, dict[str, Judged]], pair: tuple[str, str]
    ) -> np.ndarray:
        model, target = pair
        return judged[model][target].values[:, _NDCG]


class ShopSearch:
    """Search of one shop by its words: recall@100."""

    def __init__(
        self,
        products: pa.Table,
        queries: pa.Table,
        labels: pa.Table,
        settings: SearchSettings | None = None,
    ) -> None:
        """Measure the undamaged data.

        Args:
            products: product_id, title and others of `TEXTS`; repaired.
            queries: query_id, query_text, and locale and issued_at if there are.
            labels: query_id, product_id, gain.
            settings: Of the evaluation.

        Raises:
            ValueError: If there is too little to measure.
        """
        self._settings = settings or SearchSettings(systems=("lexical",))
        # In one order, whatever that of the rows: random numbers go by place.
        self._products = products.sort_by("product_id")
        self._queries = queries.sort_by("query_id")
        self._task = pose_search(
            SearchVersion(self._products, self._queries), labels, None, self._settings
        )
        why = refusal(self._task, self._settings)
        if why:
            raise ValueError(f"Search cannot be measured:{why.partition(':')[2]}.")
        self._clean = self._recall(self._products, self._queries)
        self.note = f"recall@100 by words, {len(self._clean):,} queries"
        """What is measured, in words."""

    def loss(self, rates: Mapping[str, float], seed: int) -> Loss:
        """Measure what is lost by a damage of `TEXT_KINDS`."""
        texts = damage_texts(self._products, self._queries, rates, seed)
        apart = (self._clean - self._recall(*texts)) / self._clean.mean()
        error = float(apart.std(ddof=1) / np.sqrt(len(apart)))
        return Loss(float(apart.mean()), error)

    def _recall(self, products: pa.Table, queries: pa.Table) -> np.ndarray:
        index = SearchIndex(SearchVersion(products, queries), self._task.wanted)
        systems = Systems(index, self._task, self._settings)
        weights = np.ones(len(self._task.fold))
        return systems.values("lexical", weights).values[:, _RECALL]


def _places(values: pa.Array, known: pa.Array) -> np.ndarray:
    """Return the place of each value among those known, -1 where it is none of them."""
    found = pc.fill_null(pc.index_in(values, value_set=known), -1)
    return found.to_numpy(zero_copy_only=False).astype(np.int64)


def _best(judged: dict[str, dict[str, Judged]], target: str) -> str:
    def quality(model: str) -> float:
        values = judged[model][target].values[:, _NDCG]
        return -np.inf if np.isnan(values).all() else float(np.nanmean(values))

    return max(judged, key=quality)


def _has_any(judged: dict[str, dict[str, Judged]], target: str) -> bool:
    values = judged["ease"][target].values[:, _NDCG]
    return int((~np.isnan(values)).sum()) >= 2 and float(np.nanmean(values)) > 0
