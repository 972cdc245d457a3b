"""Assay's Python half: wrong labels, duplicates, repairs, training, a simulated shop.

* `encode` turns texts into vectors
* `score_labels` and `score_pairs` say of each label of a text, or of a pair of texts,
  how probably it is wrong and which label would be right: `LabelScores`
* `find_duplicates` says which rows are about one product: `Duplicates`
* `train` fine-tunes a classifier of texts: `TrainingReport`
* `augment` adds varied rows to thin classes: `Augmented`

To read it, start with what each of these lies in, then go into its parts:

1. `encoders`; then `encode_choice`, `encode_transformer` (with `encode_bert`,
   `encode_packed` and `encode_weights`), `encode_use`, `encode_ngrams`
2. `labels` and `label_scores`; then `label_features`, `nearest`, `label_classifier`,
   `softmax_regression`, `label_noise`, `label_rows`, `audits`
3. `pairs`; then `pair_features`, `pair_classifier`
4. `duplicates`; then `duplicate_items`, `duplicate_blocks`, `duplicate_pairs`,
   `duplicate_conflicts`, `duplicate_sources`, `duplicate_clusters`,
   `duplicate_agreement`
5. `canonical`, which writes a value in the form that its rule asks for; then
   `canonical_rule`, `canonical_text`, `canonical_terms`, `canonical_patterns`,
   `canonical_numbers`, `canonical_units`, `canonical_times`, `canonical_json` and
   `canonical_meaning`;
   `extraction`, which finds a missing value in the record's own text, and
   `slipped_values`, which finds it where another column's text took it in
6. `training`; then `train_data`, `train_model`, `train_loop`; and of rows that are
   added to thin classes `augmentation` (with `augment_texts`, `augment_translation`
   and `augment_vectors`), `augment_choice`, `train_augmentation`
7. `label_models`, `duplicate_models` and `repair_models`, which the dbt models call,
   and `code_version`, which says when what they kept is out of date
8. `sample`, the simulated shop; then the modules whose names begin with it
9. `__main__`, the command line; then `dbt_project`, which writes and builds the
   project, `installed`, which says what is not, `tables`, `show`, and `feed_mapping`
   with `feed_columns`, which propose how a shop's own files are mapped

Importing the package loads none of them: a name is looked up when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from python_ml.augmentation import Augmented, augment
    from python_ml.duplicates import Duplicates, find_duplicates
    from python_ml.encoders import encode
    from python_ml.label_scores import LabelScores
    from python_ml.labels import score_labels
    from python_ml.pairs import score_pairs
    from python_ml.training import TrainingReport, train

__all__ = [
    "Augmented",
    "Duplicates",
    "LabelScores",
    "TrainingReport",
    "augment",
    "encode",
    "find_duplicates",
    "score_labels",
    "score_pairs",
    "train",
]
# No module may be called as one of the names: once imported, it would stand in its way.
_MODULES = {
    "Augmented": "augmentation",
    "Duplicates": "duplicates",
    "LabelScores": "label_scores",
    "TrainingReport": "training",
    "augment": "augmentation",
    "encode": "encoders",
    "find_duplicates": "duplicates",
    "score_labels": "labels",
    "score_pairs": "pairs",
    "train": "training",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value  # The next time it is found without this function.
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
