"""Assay's Python half: wrong labels, duplicates, repairs, what they are worth.

* `encode` turns texts into vectors
* `score_labels` and `score_pairs` say of each label of a text, or of a pair of texts,
  how probably it is wrong and which label would be right: `LabelScores`
* `find_duplicates` says which rows are about one product: `Duplicates`
* `train` fine-tunes a classifier of texts, as `TrainingSettings` say: `TrainingReport`
* `augment` adds rows to thin classes: `Augmented`
* `evaluate_recommenders`, as `RecommenderSettings` say, measures what recommenders make
  of several versions of the same events: `RecommenderEffect`
* `evaluate_search`, as `SearchSettings` say, what search makes of several versions
  (`SearchVersion`, with `TextVectors`) of products and queries: `SearchEffect`

Each room of the house is a package, and imports go downwards only:

    command_line
    dbt_models   training   calibration
    labels   duplicates   extraction   augmentation   anomalies   effect
    matching   encoding   report
    common   canonical   sample   alerts   statistics

The description of each package says where to begin reading it. `canonical`, `sample`,
`alerts` and `statistics` import no other room. `__main__` hands on to the commands in
`command_line`.

Importing the package loads none of them: a name is looked up when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from python_ml.augmentation.augment import Augmented, augment
    from python_ml.duplicates.find import Duplicates, find_duplicates
    from python_ml.effect.models.content import TextVectors
    from python_ml.effect.recommenders import evaluate_recommenders
    from python_ml.effect.results import RecommenderEffect, SearchEffect
    from python_ml.effect.search import evaluate_search
    from python_ml.effect.search_index import SearchVersion
    from python_ml.effect.settings import RecommenderSettings, SearchSettings
    from python_ml.encoding.encoders import encode
    from python_ml.labels.pairs import score_pairs
    from python_ml.labels.scores import LabelScores
    from python_ml.labels.texts import score_labels
    from python_ml.training.report import TrainingReport
    from python_ml.training.settings import TrainingSettings
    from python_ml.training.train import train

__all__ = [
    "Augmented",
    "Duplicates",
    "LabelScores",
    "RecommenderEffect",
    "RecommenderSettings",
    "SearchEffect",
    "SearchSettings",
    "SearchVersion",
    "TextVectors",
    "TrainingReport",
    "TrainingSettings",
    "augment",
    "encode",
    "evaluate_recommenders",
    "evaluate_search",
    "find_duplicates",
    "score_labels",
    "score_pairs",
    "train",
]
# No module may be called as one of the names: once imported, it would stand in its way.
_MODULES = {
    "Augmented": "augmentation.augment",
    "Duplicates": "duplicates.find",
    "LabelScores": "labels.scores",
    "RecommenderEffect": "effect.results",
    "RecommenderSettings": "effect.settings",
    "SearchEffect": "effect.results",
    "SearchSettings": "effect.settings",
    "SearchVersion": "effect.search_index",
    "TextVectors": "effect.models.content",
    "TrainingReport": "training.report",
    "TrainingSettings": "training.settings",
    "augment": "augmentation.augment",
    "encode": "encoding.encoders",
    "evaluate_recommenders": "effect.recommenders",
    "evaluate_search": "effect.search",
    "find_duplicates": "duplicates.find",
    "score_labels": "labels.texts",
    "score_pairs": "labels.pairs",
    "train": "training.train",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value  # The next time it is found without this function.
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
