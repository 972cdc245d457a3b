"""Assay's Python half: wrong labels, duplicates, repairs, training, a simulated shop.

* `encode` turns texts into vectors
* `score_labels` and `score_pairs` say of each label of a text, or of a pair of texts,
  how probably it is wrong and which label would be right: `LabelScores`
* `find_duplicates` says which rows are about one product: `Duplicates`
* `train` fine-tunes a classifier of texts, as `TrainingSettings` say: `TrainingReport`
* `augment` adds rows to thin classes: `Augmented`

Each room of the house is a package, and imports go downwards only:

    command_line
    dbt_models   training
    labels   duplicates   extraction   augmentation   anomalies
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
    "TrainingReport",
    "TrainingSettings",
    "augment",
    "encode",
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
    "TrainingReport": "training.report",
    "TrainingSettings": "training.settings",
    "augment": "augmentation.augment",
    "encode": "encoding.encoders",
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
