"""Training on pairs of texts: read together or each alone, and what reads them then."""

import json

import numpy as np
import pytest

from python_ml.encoding.classifiers import load_classifier
from python_ml.encoding.encoders import encode
from python_ml.encoding.weights import WeightsError
from python_ml.labels.pairs import score_pairs
from python_ml.training import export
from python_ml.training.data import held_out_rows, usable_rows
from python_ml.training.train import train
from tests.python_ml.tiny_model import texts_and_labels, write_tiny_model

pytestmark = pytest.mark.slow

TEXTS, THINGS = texts_and_labels(400)
PAIRS = list(zip(TEXTS[::2], TEXTS[1::2], strict=True))


def relation(pair_model, things):
    """What each kind of model can learn from a few hundred pairs.

    Of a bi-encoder, whether two texts are about the same thing; of one that reads both
    together, what the right one is about.
    """
    left, right = np.array(things[::2]), np.array(things[1::2])
    return (left == right if pair_model == "bi" else right == "shoes").tolist()


SAME = relation("bi", THINGS)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSAY_PRECISION", "float32")
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def trained(base, tmp_path_factory):
    """The folder and the report of a run by each kind of model."""
    runs = {}

    def run(pair_model):
        if pair_model not in runs:
            folder = tmp_path_factory.mktemp(pair_model)
            report = train(
                PAIRS,
                relation(pair_model, THINGS),
                folder,
                base_model=base,
                pair_model=pair_model,
                epochs=8,
                batch_size=16,
                learning_rate=3e-3,
                head_learning_rate=1e-2,
                validation_share=0.25,
                device="cpu",
                progress=False,
            )
            runs[pair_model] = folder, report
        return runs[pair_model]

    return run


@pytest.mark.parametrize("pair_model", ["cross", "bi"])
def test_what_was_measured_is_what_is_read(trained, pair_model):
    folder, report = trained(pair_model)
    assert report.after.accuracy > report.before.accuracy + 0.1
    right = np.array(relation(pair_model, THINGS))
    assert report.after.accuracy > max(right.mean(), 1 - right.mean())
    classifier = load_classifier(str(folder), device="cpu")
    assert classifier.labels == report.labels == (False, True)
    logits = classifier.logits(PAIRS)
    is_held = held_out_rows(usable_rows(PAIRS, right), 0.25, seed=0)
    assert (logits.argmax(1) == right)[is_held].mean() == pytest.approx(
        report.after.accuracy
    )
    likely = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    losses = -likely[np.arange(len(right)), right.astype(int)]
    assert losses[is_held].mean() == pytest.approx(report.after.log_loss, abs=1e-4)


def test_a_bi_encoder_does_not_mind_which_side_is_left(trained):
    folder, _ = trained("bi")
    classifier = load_classifier(str(folder), device="cpu")
    turned = classifier.logits([pair[::-1] for pair in PAIRS])
    np.testing.assert_allclose(turned, classifier.logits(PAIRS), atol=1e-4)


def test_a_bi_encoder_is_a_folder_of_sentence_transformers(trained):
    from sentence_transformers import SentenceTransformer

    folder, _ = trained("bi")
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    theirs = model.encode(TEXTS[:50], normalize_embeddings=True)
    ours = encode(TEXTS[:50], encoder=str(folder), device="cpu")
    np.testing.assert_allclose(theirs, ours, atol=1e-4)
    cosines = ours @ ours.T
    same = np.equal.outer(THINGS[:50], THINGS[:50])
    apart = ~np.eye(50, dtype=bool)
    assert cosines[same & apart].mean() > cosines[~same].mean() + 0.1


@pytest.mark.parametrize("pair_model", ["cross", "bi"])
def test_labels_of_pairs_are_judged_by_what_was_trained_on_others(trained, pair_model):
    folder, _ = trained(pair_model)
    texts, things = texts_and_labels(600, seed=5)
    pairs = list(zip(texts[::2], texts[1::2], strict=True))
    right = np.array(relation(pair_model, things))
    wrong = np.random.default_rng(0).choice(len(right), 30, replace=False)
    given = right.copy()
    given[wrong] = ~given[wrong]
    settings = {"encoder": "ngrams", "device": "cpu"}
    found = {
        name: score_pairs(pairs, given.tolist(), pair_model=model, **settings)
        for name, model in (("with", str(folder)), ("without", None))
    }
    hits = {
        name: np.isin(np.argsort(-scores.error_probability)[:30], wrong).mean()
        for name, scores in found.items()
    }
    assert hits["with"] > hits["without"] + 0.1
    assert "read by" in found["with"].note and folder.name in found["with"].note


def test_what_is_no_classifier_is_named(base, tmp_path):
    for folder in (base, tmp_path):
        with pytest.raises(WeightsError, match="holds no classifier that `train`"):
            load_classifier(str(folder))
    with pytest.raises(WeightsError, match="holds no classifier"):
        score_pairs(PAIRS, SAME, pair_model=str(tmp_path), encoder="ngrams")


def test_a_bi_encoder_is_trained_without_adapters_and_augmentation(tmp_path):
    for settings in ({"method": "lora"}, {"augmentation": "oversampling"}):
        with pytest.raises(ValueError, match="bi is trained by full or head, without"):
            train(PAIRS, SAME, tmp_path, pair_model="bi", **settings)
    with pytest.raises(ValueError, match="pair_model must be one of 'cross', 'bi'"):
        train(PAIRS, SAME, tmp_path, pair_model="both")


def test_a_bi_encoder_is_not_exported_as_what_it_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "find_spec", lambda name: object())
    with pytest.raises(ValueError, match="bi is not exported: sentence-transformers"):
        train(PAIRS, SAME, tmp_path, pair_model="bi", export="onnx")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("pair_model", ["cross", "bi"])
def test_no_pairs_have_no_logits(trained, pair_model):
    folder, _ = trained(pair_model)
    assert load_classifier(str(folder), device="cpu").logits([]).shape == (0, 2)


def test_embeddings_stand_for_texts(base, tmp_path):
    texts = [None, *TEXTS]
    labels = ["watches", *THINGS]
    vectors = encode(texts, encoder=str(base), device="cpu")
    settings = {"method": "head", "base_model": base, "progress": False}
    settings |= {"device": "cpu"}
    read = train(texts, labels, tmp_path / "read", **settings)
    given = train(texts, labels, tmp_path / "given", embeddings=vectors, **settings)
    assert given.after.log_loss == pytest.approx(read.after.log_loss, rel=0.1)
    assert given.rows_trained == read.rows_trained
    # What was saved reads texts as before.
    logits = load_classifier(str(tmp_path / "given"), device="cpu").logits(TEXTS)
    right = np.array([given.labels.index(thing) for thing in THINGS])
    likely = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    is_held = held_out_rows(usable_rows(texts, labels), 0.1, seed=0)
    losses = -likely[np.arange(len(right)), right][is_held]
    assert losses.mean() == pytest.approx(given.after.log_loss, rel=0.02)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"embeddings": np.ones((3, 32))}, "There are 400 texts but 3 embeddings"),
        ({"method": "full"}, "Embeddings are for the method head"),
        ({"augmentation": "oversampling"}, "Embeddings are for the method head"),
        ({"pooling": "cls"}, "Embeddings are for the method head"),
        ({"embeddings": np.full((400, 32), np.nan)}, "Embeddings are finite numbers"),
    ],
)
def test_embeddings_that_cannot_stand_for_texts(base, tmp_path, change, sentence):
    settings = {"method": "head", "embeddings": np.ones((400, 32)), "base_model": base}
    with pytest.raises(ValueError, match=sentence):
        train(TEXTS, THINGS, tmp_path, progress=False, **settings | change)


def test_the_report_says_how_pairs_were_read(trained):
    for pair_model in ("cross", "bi"):
        folder, report = trained(pair_model)
        written = json.loads((folder / "report.json").read_text())
        assert written["settings"]["pair_model"] == pair_model
        assert report.settings["pair_model"] == pair_model
