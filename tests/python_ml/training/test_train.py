"""Training end to end, on a tiny model and small texts made here."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from python_ml.training import export, loop
from python_ml.training.data import (
    Tokens,
    held_out_rows,
    micro_batches,
    shuffled_batches,
    usable_rows,
)
from python_ml.training.loop import Plan
from python_ml.training.metrics import Metrics, fitted_temperature, remaining_error
from python_ml.training.settings import EXPORTS, METRICS, PACES, TrainingSettings
from python_ml.training.train import train
from tests.build import ROOT
from tests.python_ml.tiny_model import LABELS, texts_and_labels, write_tiny_model

pytestmark = pytest.mark.slow

HAS_PEFT = importlib.util.find_spec("peft") is not None
PEFT = pytest.mark.skipif(not HAS_PEFT, reason="peft is not installed")
METHODS = ["full", "head", pytest.param("lora", marks=PEFT)]
SETTINGS = {
    "full": {"epochs": 3, "batch_size": 16, "learning_rate": 3e-3},
    "lora": {"epochs": 3, "batch_size": 16, "learning_rate": 1e-2},
    "head": {},
}
TEXTS, ROW_LABELS = texts_and_labels(240)


class count_steps:
    """Counts the optimizer's steps, and stops at one of them as Ctrl-C does."""

    def __init__(self, stop_at=None):
        self.taken, self.stop_at = 0, stop_at

    def __enter__(self):
        import torch

        self.step = step = torch.optim.AdamW.step

        def counted(*arguments, **settings):
            self.taken += 1
            if self.taken == self.stop_at:
                raise KeyboardInterrupt
            return step(*arguments, **settings)

        torch.optim.AdamW.step = counted

    def __exit__(self, *_):
        import torch

        torch.optim.AdamW.step = self.step


def steps_of(report):
    return -(-report.rows_trained // report.batch_size) * report.epochs_run


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def trained(base, tmp_path_factory):
    """The folder and the report of a run by each method, trained when first asked."""
    runs = {}

    def run(method, precision=None):
        key = method, precision or os.environ.get("ASSAY_PRECISION", "fastest")
        if key not in runs:
            folder = tmp_path_factory.mktemp("trained") / method
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("ASSAY_PRECISION", key[1])
                runs[key] = folder, small(folder, base, method)
        return runs[key]

    return run


def small(folder, base, method="full", texts=TEXTS, labels=ROW_LABELS, **settings):
    settings = SETTINGS[method] | {"validation_share": 0.25, "device": "cpu"} | settings
    settings = {"base_model": base, "progress": False} | settings
    return train(texts, labels, folder, method=method, **settings)


def weights(folder):
    from safetensors.numpy import load_file

    return load_file(Path(folder) / "model.safetensors")


def same(left, right):
    return left.keys() == right.keys() and all(
        np.array_equal(left[name], right[name]) for name in left
    )


def plain_probabilities(folder, texts):
    """What transformers alone makes of a folder: probabilities, names of labels."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        tokens = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        return model(**tokens).logits.softmax(-1).numpy(), model.config.id2label


@pytest.mark.parametrize("method", METHODS)
def test_training_learns(trained, method):
    _, report = trained(method)
    print(report)
    assert report.before.accuracy < 0.7
    assert report.after.accuracy > report.before.accuracy + 0.2
    assert report.after.macro_f1 > report.before.macro_f1 + 0.2
    assert report.after.log_loss < 0.7 * report.before.log_loss
    assert report.after == report.history[report.best_epoch]
    assert report.after.loss == report.after.log_loss, "no class weights"
    assert report.pooling == "mean"


@pytest.mark.parametrize("metric", METRICS)
def test_the_epoch_that_is_kept_is_the_best_by_the_metric_named(base, tmp_path, metric):
    """On labels of which a third is wrong, the metrics disagree in what they choose."""
    labels = list(ROW_LABELS)
    for row in range(0, len(labels), 3):
        labels[row] = LABELS[row % 7 % 3]
    report = small(tmp_path, base, labels=labels, metric=metric, epochs=6)
    held, history = report.rows_held_out, report.history
    best = {
        "accuracy": max(found.accuracy for found in history),
        "macro_f1": max(found.macro_f1 for found in history),
        "log_loss": min(found.log_loss for found in history),
    }
    if metric in best:
        assert getattr(report.after, metric) == best[metric]
    errors = [remaining_error(found, metric, held) for found in history]
    assert min(errors) == errors[report.best_epoch]
    assert report.settings["metric"] == metric


def test_both_halves_of_the_metric_count():
    def error(macro_f1, log_loss):
        return remaining_error(
            Metrics(0.9, macro_f1, log_loss, log_loss), METRICS[0], 1000
        )

    assert error(0.9, 0.2) < error(0.8, 0.2)
    assert error(0.9, 0.2) < error(0.9, 0.3)
    assert error(0.9, 0.3) < error(0.8, 0.2), "half of one for half more of the other"
    assert error(1.0, 0.1) < error(1.0, 0.2), "not all the same where nothing is wrong"


@pytest.mark.parametrize("method", METHODS)
def test_plain_transformers_loads_what_was_measured(trained, method):
    # What loads it reads in float32.
    folder, report = trained(method, "float32")
    rows = usable_rows(TEXTS, ROW_LABELS)
    is_held = held_out_rows(rows, 0.25, seed=0)
    assert (is_held.sum(), (~is_held).sum()) == (
        report.rows_held_out,
        report.rows_trained,
    )
    held = np.flatnonzero(is_held)
    probabilities, names = plain_probabilities(folder, [TEXTS[i] for i in held])
    guesses = [names[i] for i in probabilities.argmax(1)]
    right = np.array([ROW_LABELS[i] for i in held])
    assert (guesses == right).mean() == pytest.approx(report.after.accuracy)
    order = json.loads((folder / "label_map.json").read_text())
    assert order == list(report.labels) == sorted(LABELS) == list(names.values())
    loss = -np.log(probabilities[np.arange(len(held)), list(map(order.index, right))])
    assert loss.mean() == pytest.approx(report.after.log_loss, abs=1e-5)
    macro = f1_score(right, guesses, average="macro", labels=np.unique(right))
    assert macro == pytest.approx(report.after.macro_f1)


@pytest.mark.parametrize("method", METHODS)
def test_the_folder_holds_the_model_and_nothing_else(trained, method):
    folder, report = trained(method)
    assert {file.name for file in folder.iterdir()} - {"tensorboard"} == {
        "config.json",
        "label_map.json",
        "model.safetensors",
        "report.json",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    written = json.loads((folder / "report.json").read_text())
    assert written["after"]["accuracy"] == report.after.accuracy
    assert written["settings"]["seed"] == 0
    assert {"python", "torch", "transformers"} <= written["versions"].keys()


@pytest.mark.parametrize("method", METHODS)
def test_a_method_trains_its_part(trained, base, method):
    folder, report = trained(method)
    before, after = weights(base), weights(folder)
    changed = {
        name
        for name, values in after.items()
        if not np.array_equal(values, before.get(name.removeprefix("bert.")))
    }
    pooling = {name for name in changed if name.startswith("bert.encoder.layer.2.")}
    head = {name for name in changed if name.startswith(("classifier", "bert.pooler"))}
    untrained = {"bert.pooler.dense.bias"} if method != "full" else set()
    assert len(pooling) == 16 and len(head | untrained) == 4
    below = changed - head - pooling
    if method == "head":
        assert not below
        assert report.trainable_parameters == 33 * 3
    elif method == "lora":
        assert below and all(name.endswith("weight") for name in below)
    else:
        layer = sum(after[name].size for name in pooling)
        assert report.trainable_parameters == report.parameters - layer
        assert "bert.encoder.layer.0.attention.self.query.bias" in below


def test_a_first_token_is_read_by_the_layers_there_are(base, tmp_path):
    report = small(tmp_path, base, pooling="cls")
    assert report.pooling == "cls"
    assert weights(tmp_path).keys() - {"classifier.weight", "classifier.bias"} == {
        f"bert.{name}" for name in weights(base)
    }
    assert report.after.accuracy > report.before.accuracy + 0.2


def test_what_was_trained_is_trained_again_without_another_layer(trained, tmp_path):
    folder, report = trained("head", "float32")
    again = small(tmp_path, folder, "head")
    assert weights(tmp_path).keys() == weights(folder).keys()
    assert again.pooling == "cls", "of which the state is the mean already"
    assert again.after.log_loss == pytest.approx(report.after.log_loss, rel=0.05)


def test_the_head_is_the_solution_of_a_convex_problem(trained):
    """What scikit-learn finds on the same features is no better, and is as good."""
    import torch
    from sklearn.linear_model import LogisticRegression
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder, report = trained("head", "float32")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        tokens = tokenizer(TEXTS, padding=True, return_tensors="pt")
        columns = model.bert(**tokens).pooler_output.numpy()
    is_held = held_out_rows(usable_rows(TEXTS, ROW_LABELS), 0.25, seed=0)
    right = np.array(ROW_LABELS)
    columns = columns / np.sqrt((columns**2).sum(1).mean())
    losses = []
    for strength in (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0):
        rival = LogisticRegression(C=strength, max_iter=5000)
        rival.fit(columns[~is_held], right[~is_held])
        likely = rival.predict_log_proba(columns[is_held])
        places = np.searchsorted(rival.classes_, right[is_held])
        losses.append(-likely[np.arange(len(places)), places].mean())
    assert report.after.log_loss < 1.05 * min(losses)


def test_the_backbone_embeds(trained):
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder, _ = trained("full")
    model, found = AutoModel.from_pretrained(folder, output_loading_info=True)
    assert not found["missing_keys"]
    tokens = AutoTokenizer.from_pretrained(folder)(
        ["sole", "lace", "dial"], return_tensors="pt"
    )
    with torch.inference_mode():
        states = model.eval()(**tokens).last_hidden_state.mean(1)
    states = torch.nn.functional.normalize(states)
    assert states[0] @ states[1] > states[0] @ states[2]


def test_a_finished_run_is_not_run_again(trained, base):
    folder, report = trained("full")
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert small(folder, base) == report
    assert (folder / "model.safetensors").stat().st_mtime_ns == written


def test_the_same_seed_gives_the_same_model(trained, base, tmp_path):
    import torch

    folder, report = trained("full")
    state = torch.random.get_rng_state()
    again = small(tmp_path / "again", base)
    assert torch.equal(torch.random.get_rng_state(), state), "others' random numbers"
    other = small(tmp_path / "other", base, seed=1)
    assert same(weights(folder), weights(tmp_path / "again"))
    assert again.history == report.history
    assert other.history != report.history


KILLED = """
import os, signal, sys, torch
from tests.python_ml.training.test_train import small
from pathlib import Path

steps, step = 0, torch.optim.AdamW.step

def counted(self, *arguments, **settings):
    global steps
    steps += 1
    if steps == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    return step(self, *arguments, **settings)

torch.optim.AdamW.step = counted
torch.set_num_threads(1)
small(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_killed_run_goes_on_to_the_same_model(trained, base, tmp_path):
    uninterrupted, report = trained("full")
    an_epoch = steps_of(report) // report.epochs_run
    in_epoch_two = an_epoch + 3
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path, base, str(in_epoch_two)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert {file.name for file in tmp_path.iterdir()} - {"tensorboard"} == {
        "checkpoint.pt",
        "checkpoint_head.pt",
    }
    steps = count_steps()
    with steps:
        resumed = small(tmp_path, base)
    assert steps.taken == 2 * an_epoch, "the first epoch was trained again, or skipped"
    assert resumed.history == report.history
    assert same(weights(tmp_path), weights(uninterrupted))


@pytest.mark.parametrize(
    ("method", "place"),
    [
        pytest.param("full", 0.0, id="before the first epoch of the whole"),
        pytest.param("lora", 0.0, id="before the first epoch of adapters", marks=PEFT),
        pytest.param("lora", 0.8, id="in the last epoch of adapters", marks=PEFT),
    ],
)
def test_a_run_stopped_anywhere_goes_on(trained, base, tmp_path, method, place):
    uninterrupted, report = trained(method)
    stop = count_steps(stop_at=1 + int(place * steps_of(report)))
    with pytest.raises(KeyboardInterrupt), stop:
        small(tmp_path, base, method)
    assert not (tmp_path / "report.json").exists()
    resumed = small(tmp_path, base, method)
    assert resumed.history == report.history
    assert same(weights(tmp_path), weights(uninterrupted))


def test_it_stops_early_where_nothing_can_be_learned(base, tmp_path):
    labels = list(np.random.default_rng(0).permutation(ROW_LABELS))
    report = small(tmp_path, base, labels=labels, patience=2, epochs=20)
    assert report.epochs_run == report.best_epoch + 2 < 20


def test_class_weights_make_rare_labels_count(base, tmp_path):
    generator = np.random.default_rng(0)
    texts = [" ".join(generator.choice(["red", "blue", "new"], 3)) for _ in range(300)]
    texts = [f"{text} x{i}" for i, text in enumerate(texts)]
    labels = [i % 10 == 0 for i in range(300)]
    likely = {}
    for name in (None, "effective_number", "balanced"):
        folder = tmp_path / str(name)
        report = small(folder, base, "head", texts, labels, class_weights=name)
        assert report.labels == (False, True)
        likely[name] = plain_probabilities(folder, texts)[0][:, 1].mean()
    assert likely["balanced"] > 0.3 > likely[None] + 0.1
    assert likely[None] < likely["effective_number"] < likely["balanced"]


def test_class_weights_are_those_of_the_papers():
    def weights_of(name):
        targets = np.repeat([0, 1], [2000, 10])
        settings = TrainingSettings(class_weights=name)
        is_held = np.zeros(len(targets), bool)
        return Plan(
            targets, is_held, settings, {}, "cpu", "float32", False
        ).class_weights

    assert weights_of(None) is None
    rare, common = weights_of("balanced")[::-1]
    assert rare / common == pytest.approx(200)
    rare, common = weights_of("effective_number")[::-1]
    assert rare / common == pytest.approx((1 - 0.999**2000) / (1 - 0.999**10))


def test_pairs_are_judged_together(base, tmp_path):
    pairs = [(TEXTS[i - 1], text) for i, text in enumerate(TEXTS)]
    report = small(tmp_path, base, texts=pairs, epochs=6)
    assert report.after.accuracy > 0.8, "the label stands in the right text alone"


def test_rows_without_text_or_label_are_dropped(base, tmp_path):
    texts, labels = list(TEXTS), list(ROW_LABELS)
    texts[3], texts[7], texts[9] = None, float("nan"), "  "
    labels[9], labels[11], labels[13] = None, float("nan"), ""
    report = small(tmp_path, base, "head", texts, labels)
    assert report.rows_dropped == 5
    assert report.rows_trained + report.rows_held_out == len(texts) - 5


@pytest.mark.parametrize("seed", range(20))
def test_the_split_keeps_texts_together_and_every_label_trained(seed):
    generator = np.random.default_rng(seed)
    texts = [f"Text {i}" for i in generator.integers(60, size=150)]
    texts = [
        text.upper() if generator.random() < 0.2 else f" {text} " for text in texts
    ]
    labels = [f"label {int(i)}" for i in generator.geometric(0.15, size=150)]
    rows = usable_rows(texts, labels)
    is_held = held_out_rows(rows, 0.2, seed)
    keys = np.array([text.strip().casefold() for text in texts])
    assert not set(keys[is_held]) & set(keys[~is_held])
    assert set(rows.targets) == set(rows.targets[~is_held])
    share = len(set(keys[is_held])) / len(set(keys))
    assert 0.05 < share <= 0.21
    assert (is_held == held_out_rows(rows, 0.2, seed)).all()


def test_the_split_is_stratified():
    texts = [f"text {i}" for i in range(1000)]
    labels = ["common"] * 800 + ["less"] * 180 + ["rare"] * 19 + ["one"]
    is_held = held_out_rows(usable_rows(texts, labels), 0.1, seed=3)
    held = [labels[i] for i in np.flatnonzero(is_held)]
    assert abs(held.count("common") - 80) <= 1
    assert abs(held.count("less") - 18) <= 1
    assert held.count("rare") in (1, 2, 3)
    assert "one" not in held


def test_a_label_that_lives_in_texts_of_others_is_trained():
    texts = ["a", "a", "b", "c", "d"]
    labels = ["rare", "common", "rare", "other", "other"]
    for seed in range(20):
        rows = usable_rows(texts, labels)
        is_held = held_out_rows(rows, 0.5, seed)
        assert is_held.any()
        assert set(rows.targets[~is_held]) == set(rows.targets)


@pytest.mark.parametrize("pairs", [False, True])
def test_batches_are_padded_as_the_tokenizer_pads(base, pairs):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    texts = list(zip(TEXTS, TEXTS[::-1], strict=True)) if pairs else TEXTS
    tokens = Tokens(tokenizer, texts, max_tokens=7)
    for rows in shuffled_batches(np.arange(len(texts)), 16, [0]):
        found = tokens(rows, "cpu")
        columns = zip(*(texts[i] for i in rows), strict=True) if pairs else None
        expected = tokenizer(
            *(map(list, columns) if pairs else [[texts[i] for i in rows]]),
            padding=True,
            truncation=True,
            max_length=7,
            return_tensors="pt",
        )
        assert found.keys() == expected.keys()
        for name, values in expected.items():
            assert values.equal(found[name]), name


def test_batches_hold_every_row_once():
    batches = shuffled_batches(np.arange(1003), 8, [0, 1])
    assert sorted(np.concatenate(batches)) == list(range(1003))
    other = shuffled_batches(np.arange(1003), 8, [0, 2])
    assert not np.array_equal(np.concatenate(batches), np.concatenate(other))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"texts": []}, "0 texts but 240 labels"),
        ({"texts": [], "labels": []}, "no rows that have a text and a label"),
        ({"texts": [None] * 240}, "no rows that have a text and a label"),
        ({"labels": ["one"] * 240}, "All rows have the same label, 'one'"),
        ({"labels": [1, "1"] * 120}, "are written the same"),
        ({"labels": [("a",), ("b",)] * 120}, "not a tuple"),
        ({"texts": [("a", "b", "c")] * 240}, "one string or two, not 3"),
        ({"texts": ["a", ("a", "b")] * 120}, "all texts are pairs or none"),
        ({"texts": TEXTS[:2], "labels": ["a", "b"]}, "No rows can be held out"),
        ({"method": "best"}, "The method is one of full, lora, head, not 'best'"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"epochs": "3"}, "epochs must be a number, not '3'"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"patience": 0}, "patience must be at least 1"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"validation_share": 0.6}, "validation_share must be above 0"),
        ({"warmup_share": 1.0}, "warmup_share must be"),
        ({"class_weights": "equal"}, "class_weights must be one of None, 'balanced'"),
        ({"metric": "f2"}, "metric must be one of 'macro_f1_and_log_loss', "),
        ({"pooling": "max"}, "pooling must be one of 'auto', 'mean', 'cls'"),
        ({"head_learning_rate": -1}, "head_learning_rate must be above 0, not -1"),
        ({"epochs": True}, "epochs must be a number, not True"),
        ({"batch_size": 2.5}, "batch_size must be a whole number, not 2.5"),
        ({"learning_rate": float("nan")}, "learning_rate must be a number, not nan"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"device": "abacus"}, "The device abacus is none of auto"),
        ({"base_model": "absent"}, "absent"),
        ({"base_model": str(ROOT / "seeds")}, "seeds"),
        (
            {"method": "full", "learning_rate": 1e30},
            "The loss is not finite after epoch 1",
        ),
    ],
)
def test_bad_input_gets_one_sentence(base, tmp_path, change, sentence):
    settings = {"method": "head", "base_model": base, "texts": TEXTS} | change
    settings = {"labels": ROW_LABELS, "progress": False} | settings
    with pytest.raises(ValueError) as raised:
        train(settings.pop("texts"), settings.pop("labels"), tmp_path, **settings)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_settings_are_given_at_once_or_one_by_one(base, tmp_path):
    settings = TrainingSettings(base_model=base, epochs=2, seed=3)
    texts, labels = TEXTS[:60], ROW_LABELS[:60]
    given = {"device": "cpu", "progress": False}
    first = train(texts, labels, tmp_path / "one", settings=settings, **given)
    second = train(
        texts, labels, folder=tmp_path / "two", settings=settings, seed=4, **given
    )
    assert (first.settings["seed"], second.settings["seed"]) == (3, 4)
    assert first.history != second.history
    third = train(
        texts,
        labels,
        tmp_path / "three",
        base_model=base,
        epochs=2,
        seed=3,
        **given,
    )
    assert third.history == first.history
    assert third.settings == first.settings


def test_an_unknown_setting_is_named(tmp_path):
    with pytest.raises(TypeError, match=r"no setting 'epoch'; there are method, .*see"):
        train(TEXTS, ROW_LABELS, tmp_path, epoch=3)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("method", PACES)
def test_what_is_not_given_depends_on_the_method(method):
    settings = TrainingSettings(method=method, batch_size=7)
    assert settings.pace == PACES[method]._replace(batch_size=7)
    recorded = TrainingSettings(method=method, epochs=np.int64(3)).recorded()
    assert json.loads(json.dumps(recorded)) == recorded
    assert (recorded["epochs"], recorded["patience"]) == (3, PACES[method].patience)


def test_a_step_learns_from_more_rows_where_there_are_more():
    sizes = []
    for rows in (20, 500, 1000, 4000, 10**6):
        plan = Plan(
            np.zeros(rows, int),
            np.zeros(rows, bool),
            TrainingSettings(),
            {},
            "cpu",
            "float32",
            False,
        )
        sizes.append(plan.batch_size)
    assert sizes == [16, 32, 64, 128, 128]


def test_a_device_sees_so_many_tokens_at_once():
    lengths = np.array([3, 9, 1, 200, 9, 9, 2])
    parts = list(micro_batches(np.arange(7), lengths, tokens=20))
    assert [sorted(part) for part in parts] == [[3], [1, 4], [0, 5], [2, 6]]
    assert all(len(p) * lengths[p].max() <= 20 or len(p) == 1 for p in parts)


def test_a_step_is_the_same_however_many_tokens_are_seen_at_once(
    base, tmp_path, monkeypatch
):
    monkeypatch.setenv("ASSAY_PRECISION", "float32")
    texts = [text for text, _ in zip(TEXTS, range(60), strict=False)]
    found = []
    for tokens in (4096, 40):
        monkeypatch.setattr(loop, "_CPU_TOKENS", tokens)
        folder = tmp_path / str(tokens)
        # Dropout draws other numbers, so a first step alone would differ by them.
        config = json.loads((base / "config.json").read_text())
        config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        (base_without := tmp_path / f"base {tokens}").mkdir()
        for file in base.iterdir():
            shutil.copy(file, base_without)
        (base_without / "config.json").write_text(json.dumps(config))
        report = small(
            folder, base_without, texts=texts, labels=ROW_LABELS[:60], epochs=1
        )
        found.append(report.after.log_loss)
    assert found[0] == pytest.approx(found[1], rel=1e-4)


def test_a_temperature_undoes_what_is_too_sure():
    random = np.random.default_rng(0)
    honest = random.normal(size=(5000, 3)) * 2
    likely = np.exp(honest) / np.exp(honest).sum(1, keepdims=True)
    right = (likely.cumsum(1) > random.random((5000, 1))).argmax(1)
    assert fitted_temperature(honest, right) == pytest.approx(1, abs=0.1)
    assert fitted_temperature(3 * honest, right) == pytest.approx(3, abs=0.3)
    sure = np.eye(3)[right]
    assert 0.49 < fitted_temperature(sure, right) < 0.51, "it is not 0"
    assert fitted_temperature(np.full((4, 3), np.nan), right[:4]) == 1


def test_learning_rates_rise_and_fall_once():
    rates = [loop.rate_factor(step, 100, 10.0) for step in range(1, 101)]
    assert rates[9] == 1.0 and max(rates) == 1.0
    assert all(a < b for a, b in pairwise(rates[:10]))
    assert all(a > b for a, b in pairwise(rates[9:]))
    assert 0 < rates[-1] < 0.01
    assert loop.rate_factor(1, 1, 0.0) > 0, "a run of one step takes it"


def test_reports_of_older_versions_are_read(trained, base, tmp_path):
    folder, report = trained("head")
    shutil.copytree(folder, tmp_path / "old")
    written = json.loads((folder / "report.json").read_text())
    del written["rows_added"], written["settings"]["per_class"]
    written["augmentation"] = []
    (tmp_path / "old" / "report.json").write_text(json.dumps(written))
    found = small(tmp_path / "old", base, "head")
    assert found.history == report.history
    assert found.augmentation == {} and found.rows_added == 0


def test_another_run_in_the_folder_is_not_overwritten(trained, base, tmp_path):
    folder, _ = trained("full")
    with pytest.raises(ValueError, match=r"another epochs \(3, now 2\): choose"):
        small(folder, base, epochs=2)
    with pytest.raises(ValueError, match="another data: choose another folder"):
        small(folder, base, texts=TEXTS[::-1])
    with pytest.raises(ValueError, match="another base model"):
        other = write_tiny_model(tmp_path / "other", seed=1)
        small(folder, other, base_model=other)

    stopped = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt), count_steps(stop_at=14):
        small(stopped, base)
    with pytest.raises(ValueError, match="another seed"):
        small(stopped, base, seed=5)
    report = small(stopped, base, epochs=np.int64(2), resume=False)
    assert report.epochs_run == 2
    assert small(stopped, base, epochs=2) == report


@pytest.mark.parametrize("name", ["checkpoint_head.pt", "report.json"])
def test_a_damaged_folder_is_named(base, tmp_path, name):
    (tmp_path / name).write_text("no such thing")
    with pytest.raises(ValueError, match=rf"{name} is no") as raised:
        small(tmp_path, base, "head")
    assert "\n" not in str(raised.value)


def test_lora_without_peft_says_what_to_install(base, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ImportError, match="pip install peft"):
        small(tmp_path, base, "lora")


@pytest.mark.parametrize("kind", EXPORTS)
def test_an_export_is_what_onnx_runtime_reads(trained, base, tmp_path, kind):
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    from transformers import AutoTokenizer

    folder, report = trained("head", "float32")
    shutil.copytree(folder, tmp_path / "run")
    found = small(tmp_path / "run", base, "head", export=kind).exports[kind]
    held = held_out_rows(usable_rows(TEXTS, ROW_LABELS), 0.25, seed=0)
    assert found.before.accuracy == pytest.approx(report.after.accuracy)
    assert found.before.log_loss == pytest.approx(report.after.log_loss, abs=1e-4)
    tolerance = 1e-4 if kind == "onnx" else 0.2
    assert found.after.log_loss == pytest.approx(found.before.log_loss, abs=tolerance)
    assert abs(found.after.accuracy - found.before.accuracy) <= tolerance
    # What people have: the tokenizer of the folder, and the file.
    texts = [TEXTS[row] for row in np.flatnonzero(held)]
    session = onnxruntime.InferenceSession(tmp_path / "run" / found.file)
    tokens = AutoTokenizer.from_pretrained(tmp_path / "run")(
        texts, padding=True, return_tensors="np"
    )
    guesses = session.run(["logits"], dict(tokens))[0].argmax(1)
    right = np.array(ROW_LABELS)[held]
    accuracy = (np.array(report.labels)[guesses] == right).mean()
    assert accuracy == pytest.approx(found.after.accuracy)
    written = json.loads((tmp_path / "run" / "report.json").read_text())
    assert written["exports"][kind]["after"]["accuracy"] == found.after.accuracy
    assert small(tmp_path / "run", base, "head", export=kind).exports == {kind: found}


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_an_export_without_its_packages_names_the_extra(
    base, tmp_path, monkeypatch, package
):
    monkeypatch.setattr(
        export, "find_spec", lambda name: None if name == package else object()
    )
    with pytest.raises(ImportError, match=rf"{package}: pip install .*\[onnx\]"):
        small(tmp_path, base, export="int8")
    assert not any(tmp_path.iterdir()), "said before the training, not after"


def test_there_is_no_other_export(base, tmp_path):
    with pytest.raises(ValueError, match="one of onnx, int8, not 'tflite'"):
        small(tmp_path, base, export="tflite")


def test_the_curve_is_written_for_tensorboard_where_that_is(base, tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    report = small(tmp_path, base)
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    drawn = [one.value for one in events.Scalars("held out/log_loss")]
    assert drawn == pytest.approx([found.log_loss for found in report.history[1:]])
