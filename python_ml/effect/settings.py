"""How recommenders and search are evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

CHEAP_MODELS = ("popularity", "own_counts", "recent_own_counts", "item_knn", "ease")
"""Those that cost seconds."""
MODELS = (*CHEAP_MODELS, "als", "content", "hybrid")


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
        if unknown or not isinstance(self.models, tuple):
            raise ValueError(
                f"models is {self.models!r}: name some of {', '.join(MODELS)}."
            )
        for name in ("half_life", "ease_penalty", "memory", "draws", "neighbours"):
            if not getattr(self, name) > 0:
                raise ValueError(
                    f"{name} is {getattr(self, name)}: it must be above 0."
                )


CHEAP_SYSTEMS = ("lexical", "dense", "fusion")
SYSTEMS = (*CHEAP_SYSTEMS, "reranked")


@dataclass(frozen=True)
class SearchSettings:
    """How search is evaluated.

    Attributes:
        systems: Some of `SYSTEMS`: words (BM25), embeddings, both, and both ranked anew
            by what relevance labels teach.
        minimum_queries: With fewer judged queries nothing is measured, of a locale
            neither.
        maximum_queries: Of more, so many are drawn.
        relevant_from: The least gain that recall and the reciprocal rank call relevant.
        draws: Of the bootstrap and of the randomization test.
        seed: Of the draws.
    """

    systems: tuple[str, ...] = CHEAP_SYSTEMS
    minimum_queries: int = 50
    maximum_queries: int = 5000
    relevant_from: float = 0.5
    draws: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ValueError: If a system is unknown.
        """
        unknown = sorted(set(self.systems) - set(SYSTEMS))
        if unknown or not isinstance(self.systems, tuple):
            raise ValueError(
                f"systems is {self.systems!r}: name some of {', '.join(SYSTEMS)}."
            )
