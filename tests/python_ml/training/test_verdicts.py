"""What people have said of labels, in training."""

import numpy as np
import pytest

from python_ml.encoding.classifiers import load_classifier
from python_ml.training.head import _targets
from python_ml.training.loop import Plan
from python_ml.training.settings import TrainingSettings
from python_ml.training.train import train
from python_ml.training.verdicts import VERDICT_WEIGHT, with_verdicts
from tests.python_ml.tiny_model import LABELS, texts_and_labels, write_tiny_model


def test_verdicts_put_labels_right_and_count_more():
    verdicts = {
        "row": np.array([3, 0, 2]),
        "is_wrong": np.array([True, False, True]),
        "right_label": ["c", None, None],
        "weight": [2.0, 3.0, 4.0],
    }
    given = ["a", "a", "b", "b"]
    labels, weights = with_verdicts(given, verdicts)
    assert labels == ["a", "a", None, "c"] and given == ["a", "a", "b", "b"]
    assert weights.tolist() == [VERDICT_WEIGHT, 1, VERDICT_WEIGHT, VERDICT_WEIGHT]
    assert with_verdicts(given, None) == (given, None)
    assert with_verdicts(given, {"row": [], "is_wrong": []}) == (given, None)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"row": [4]}, "there is no row 4 of 4"),
        ({"row": [-1]}, "there is no row -1"),
        ({"row": [1.5]}, "there is no row 1.5"),
        ({"row": [1, 1], "is_wrong": [0, 1]}, "row 1 occurs more than once"),
        ({"is_wrong": ["perhaps"]}, "is_wrong of row 1 is 'perhaps'"),
        ({"is_wrong": [1, 0]}, "must be as many"),
        ({"right_label": []}, "must be as many"),
    ],
)
def test_verdicts_that_cannot_be(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        with_verdicts(["a", "a", "b", "b"], {"row": [1], "is_wrong": [1]} | change)


def test_the_head_counts_them_with_class_weights_and_without():
    plan = {"recorded": {}, "device": "cpu", "precision": "float32", "progress": False}
    plan |= {"targets": np.array([0, 0, 0, 1]), "is_held": np.zeros(4, bool)}
    plan |= {"row_weights": np.array([1, 3, 1, 3], np.float32)}
    weighed = {
        name: _targets(Plan(settings=TrainingSettings(class_weights=name), **plan))[1]
        for name in (None, "balanced")
    }
    assert weighed[None].tolist() == [1, 3, 1, 3]
    np.testing.assert_allclose(weighed["balanced"], [2 / 3, 2, 2 / 3, 6], rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["head", "full"])
def test_a_classifier_learns_from_verdicts(tmp_path, method):
    """A third of the labels is wrong in a way that others cannot outvote."""
    base = write_tiny_model(tmp_path / "base")
    texts, right = texts_and_labels(240)
    given, verdicts = list(right), {"row": [], "is_wrong": [], "right_label": []}
    for row in range(len(given)):
        if right[row] == LABELS[0] and row % 3:
            given[row] = LABELS[1]
            if row % 2:
                verdicts["row"].append(row)
                verdicts["is_wrong"].append(True)
                verdicts["right_label"].append(right[row])
    settings = {"method": method, "base_model": base, "device": "cpu"}
    settings |= {"progress": False, "learning_rate": 3e-3, "epochs": 20}
    found = {}
    for name, said in (("with", verdicts), ("without", None)):
        folder = tmp_path / name
        report = train(texts, given, folder, verdicts=said, **settings)
        assert report.settings["rows_judged"] == len(said["row"] if said else [])
        guesses = load_classifier(str(folder), device="cpu").logits(texts).argmax(1)
        found[name] = np.mean([report.labels[g] for g in guesses] == np.array(right))
    assert found["with"] > found["without"] + (0.05 if method == "head" else 0.01)
    assert found["with"] > 0.8
