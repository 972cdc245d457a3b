"""A small search of settings, and what of it stays."""

import json

import pytest

from python_ml.training import search
from python_ml.training.metrics import remaining_error
from python_ml.training.search import search_settings, tried_settings
from python_ml.training.settings import TrainingSettings
from tests.python_ml.tiny_model import texts_and_labels, write_tiny_model

pytestmark = pytest.mark.slow

TEXTS, LABELS = texts_and_labels(120)


def test_the_settings_tried_begin_with_those_given_and_fill_the_space():
    given = TrainingSettings(epochs=2, learning_rate=1e-3, seed=4)
    tried = tried_settings(given, 12)
    assert tried[0] == given and len(set(tried)) == 12
    rates = sorted(one.learning_rate for one in tried)
    assert 2.5e-4 <= rates[0] < 5e-4 and 2e-3 < rates[-1] <= 4e-3
    assert {one.batch_size for one in tried[1:]} == {16, 32, 64, 128}
    assert {(one.epochs, one.seed) for one in tried} == {(2, 4)}
    assert tried_settings(given, 12) == tried
    assert tried_settings(given.changed({"seed": 5}), 12)[1:] != tried[1:]


@pytest.mark.parametrize("trials", [1, 0, -3, 2.5, True, "ten"])
def test_there_are_two_trials_at_least(trials):
    with pytest.raises(ValueError, match="search must be a number of trials from 2"):
        tried_settings(TrainingSettings(), trials)


def test_a_head_has_nothing_to_search():
    with pytest.raises(ValueError, match="head has nothing to search"):
        tried_settings(TrainingSettings(method="head"), 3)


def test_the_best_is_kept_and_the_reports_of_all(tmp_path, monkeypatch):
    base = write_tiny_model(tmp_path / "base")
    settings = TrainingSettings(
        base_model=base, epochs=8, learning_rate=3e-3, validation_share=0.25
    )
    folder = tmp_path / "run"
    given = {"settings": settings, "device": "cpu", "progress": False}
    report = search_settings(TEXTS, LABELS, folder, 3, **given)
    trials = sorted((folder / "trials").iterdir())
    assert [[file.name for file in one.iterdir()] for one in trials] == [
        ["report.json"]
    ] * 3
    found = [json.loads((one / "report.json").read_text()) for one in trials]
    losses = [one["after"]["log_loss"] for one in found]
    assert len(set(losses)) == 3
    errors = [
        remaining_error(
            search.TrainingReport(
                **{**one, "after": type(report.after)(**one["after"])}
            ).after,
            settings.metric,
            one["rows_held_out"],
        )
        for one in found
    ]
    best = found[errors.index(min(errors))]
    assert report.after.log_loss == best["after"]["log_loss"]
    assert report.settings["learning_rate"] == best["settings"]["learning_rate"]
    assert (folder / "model.safetensors").exists()
    # Asked again, nothing is trained again.
    monkeypatch.setattr("torch.optim.AdamW.step", None)
    assert search_settings(TEXTS, LABELS, folder, 3, **given) == report
