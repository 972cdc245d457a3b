"""What runs on a GPU gives what it gives on the CPU. `test_gpu.py` runs this.

Where there is no GPU, one is pretended.
"""

from unittest import mock

import numpy as np
import pytest
import torch

from python_ml.common import nearest
from python_ml.common.nearest import nearest_rows
from python_ml.encoding.encoders import encode
from python_ml.encoding.transformer import MINILM_PACKAGE
from python_ml.encoding.use import USE_PACKAGE
from python_ml.encoding.weights import package_folder
from python_ml.labels.pairs import score_pairs
from python_ml.labels.texts import score_labels
from tests.python_ml.pretended_gpu import pretended_gpu
from tests.python_ml.tiny_model import write_tiny_model
from tests.python_ml.training.test_train import TEXTS, small

HAS_GPU = torch.cuda.is_available()
WORDS = np.array("red blue shoe boot phone case sofa lamp soft black".split())


@pytest.fixture(autouse=True)
def gpu():
    """A GPU, real or not."""
    if HAS_GPU:
        yield
        return
    with pretended_gpu():
        yield


def unit_vectors(rows, seed):
    vectors = np.random.default_rng(seed).normal(size=(rows, 16)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def labelled(rows, classes, seed=0):
    """Texts that their label tells, one label in ten wrong, and embeddings of both."""
    random = np.random.default_rng(seed)
    right = random.integers(classes, size=rows)
    texts = [
        f"{WORDS[label % 10]} {WORDS[label // 10]} {' '.join(random.choice(WORDS, 3))}"
        for label in right
    ]
    given = np.where(random.random(rows) < 0.1, (right + 1) % classes, right)
    centres = unit_vectors(classes, 1)
    vectors = centres[right] + 0.3 * unit_vectors(rows, 2)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return texts, given.astype(str), vectors.astype(np.float32)


@pytest.mark.parametrize("exact", [30_000, 100])
def test_nearest_rows(exact, monkeypatch):
    monkeypatch.setattr(nearest, "_EXACT", exact)
    vectors = unit_vectors(600, 0)
    expected, _ = nearest_rows(vectors, 3)
    found, cosines = nearest_rows(vectors, 3, device="cuda:0")
    assert (found == expected).mean() > 0.99
    np.testing.assert_allclose(
        cosines, (vectors[:, None] * vectors[found]).sum(2), atol=1e-2
    )


@pytest.mark.parametrize("classes", [2, 30])
def test_labels(classes):
    texts, labels, vectors = labelled(300, classes)
    expected, found = (
        score_labels(texts, labels, embeddings=vectors, encoder="minilm", device=device)
        for device in ("cpu", "cuda")
    )
    assert 0.05 < expected.error_rate < 0.15
    assert found.error_rate == pytest.approx(expected.error_rate, abs=0.005)
    np.testing.assert_allclose(
        found.error_probability, expected.error_probability, atol=0.05
    )
    assert (found.suggested_label == expected.suggested_label).mean() > 0.98


def test_pairs():
    texts, labels, vectors = labelled(300, 20)
    left, right = slice(0, None, 2), slice(1, None, 2)
    same = (labels[left] == labels[right]).astype(str)
    expected, found = (
        score_pairs(
            zip(texts[left], texts[right], strict=True),
            same,
            embeddings=(vectors[left], vectors[right]),
            encoder="minilm",
            device=device,
        )
        for device in ("cpu", "cuda")
    )
    np.testing.assert_allclose(
        found.error_probability, expected.error_probability, atol=0.05
    )


@pytest.mark.parametrize(
    ("encoder", "package"),
    [("minilm", MINILM_PACKAGE), ("use-multilingual", USE_PACKAGE)],
)
def test_embeddings(encoder, package):
    if package_folder(package) is None:
        pytest.skip(f"the weights of {encoder} are not installed")
    texts = [*("Men Black Shoes", "红色的鞋", "a", ""), *labelled(50, 30)[0]]
    texts += ["word " * number for number in range(1, 100, 20)]
    expected = encode(texts, encoder=encoder, device="cpu")
    # Many batches of a GPU, where there is one: each is fetched while the next runs.
    times = 500 if HAS_GPU else 1
    found = encode(texts * times, encoder=encoder, device="cuda")
    is_text = np.array([bool(text) for text in texts])
    cosines = (found.reshape(times, *expected.shape) * expected).sum(2)
    assert cosines[:, is_text].min() > 0.999
    assert not found.reshape(times, *expected.shape)[:, ~is_text].any()


def test_training(tmp_path):
    """The head, then adapters."""
    pytest.importorskip("peft")
    base = write_tiny_model(tmp_path / "base")
    report = small(tmp_path, base, "lora", device="cuda")
    assert (report.device, report.precision) == ("cuda:0", "bfloat16")
    assert report.after.accuracy > report.before.accuracy + 0.2
    expected, found = (
        encode(TEXTS, encoder=str(tmp_path), device=device)
        for device in ("cpu", "cuda")
    )
    assert (found * expected).sum(1).min() > 0.999


def test_training_goes_on(tmp_path):
    """All of the model is trained, and the first run is killed."""
    base = write_tiny_model(tmp_path / "base")
    settings = {"device": "cuda", "augmentation": ["oversampling"]}
    whole = small(tmp_path / "whole", base, **settings)
    step, taken = torch.optim.AdamW.step, iter(range(20))

    def stopped(*arguments, **settings):
        if next(taken, None) is None:
            raise KeyboardInterrupt
        return step(*arguments, **settings)

    with (
        mock.patch("torch.optim.AdamW.step", stopped),
        pytest.raises(KeyboardInterrupt),
    ):
        small(tmp_path / "stopped", base, **settings)
    report = small(tmp_path / "stopped", base, **settings)
    assert report.after.accuracy == pytest.approx(whole.after.accuracy, abs=0.05)
    assert report.epochs_run == whole.epochs_run
