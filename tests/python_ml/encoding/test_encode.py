import socket
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_ml.common.devices import resolve_device
from python_ml.encoding import languages as encode_choice
from python_ml.encoding.encoders import Encoder, encode, load_encoder
from python_ml.encoding.transformer import MINILM_PACKAGE
from python_ml.encoding.use import USE_PACKAGE
from python_ml.encoding.weights import package_folder

LOADED = "python_ml.encoding.encoders._loaded"
PACKAGES = {"minilm": MINILM_PACKAGE, "use-multilingual": USE_PACKAGE}
ENCODERS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            name in PACKAGES and package_folder(PACKAGES[name]) is None,
            reason=f"the weights of {name} are not installed",
        ),
    )
    for name in ("minilm", "use-multilingual", "ngrams")
]
ODD = [
    "red canvas sneakers, 44",
    "帆布鞋，蓝色，44",
    "👩‍👩‍👧 👍🏽👍🏽👍🏽",
    "nul\x00in\x00it",
    "\ud800 half a pair",
    "e\u0301 ﬁ ﾊﾞ ½ ℃ ㅋㅋㅋ",
    "\u200b",
    "<s> [CLS] </s>",
    "x" * 5000,
    "long " * 20_000,
    "很长" * 20_000,
    ".",
]


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("name", ENCODERS)
def test_every_text_has_a_unit_vector_and_every_missing_one_zeros(name, no_network):
    missing = [None, "", "  \t\n", float("nan"), pd.NA, "\u3000"]
    vectors = encode([*ODD, *missing], encoder=name, device="cpu")
    assert vectors.dtype == np.float32
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.allclose(lengths[: len(ODD)], 1, atol=1e-5)
    assert (vectors[len(ODD) :] == 0).all()


@pytest.mark.parametrize("name", ENCODERS)
def test_no_texts_give_no_rows(name):
    loaded = load_encoder(name, "cpu")
    for texts in ([], [None], ["", None]):
        found = encode(texts, encoder=name, device="cpu")
        assert found.shape == (len(texts), loaded.dimension)
        assert loaded.encode(texts).shape == found.shape


def test_auto_takes_no_texts_too():
    assert len(encode([], device="cpu")) == 0


def counting(seen: list[str]) -> Encoder:
    def embed(texts):
        seen.extend(texts)
        return np.array([[len(text), ord(text[0])] for text in texts], np.float32)

    return Encoder("counting@1", 2, embed)


def test_each_distinct_text_is_encoded_once_and_order_is_kept(monkeypatch):
    seen = []
    monkeypatch.setattr(LOADED, lambda *_: counting(seen))
    texts = ["b", "aa", "", "b", None, "ccc", "aa", "b"]
    for batch_size in (None, 1, 2):
        seen.clear()
        vectors = encode(texts, encoder="x", device="cpu", batch_size=batch_size)
        assert sorted(seen) == ["aa", "b", "ccc"]
        assert vectors[:, 0].tolist() == [1, 2, 0, 1, 0, 3, 2, 1]
    seen.clear()
    vectors = counting(seen).encode(texts)
    assert sorted(seen) == ["aa", "b", "ccc"]
    assert vectors[:, 0].tolist() == [1, 2, 0, 1, 0, 3, 2, 1]


def test_no_more_than_a_batch_is_in_work(monkeypatch):
    sizes = []

    def embed(texts):
        sizes.append(len(texts))
        return np.ones((len(texts), 2), np.float32)

    monkeypatch.setattr(LOADED, lambda *_: Encoder("x", 2, embed))
    encode(map(str, range(100)), encoder="x", device="cpu", batch_size=7)
    assert max(sizes) == 7
    assert sum(sizes) == 100


def test_columns_of_pandas_numpy_and_arrow_are_texts():
    texts = ["red shoe", None, "blue shoe"]
    expected = encode(texts, encoder="ngrams", device="cpu")
    for column in (
        pd.Series(texts),
        pd.Series(texts, dtype="string"),
        np.array(texts, object),
        pa.array(texts),
        pa.chunked_array([texts[:1], texts[1:]]),
        iter(texts),
    ):
        assert (encode(column, encoder="ngrams", device="cpu") == expected).all()


@pytest.mark.parametrize(
    ("texts", "options", "sentence"),
    [
        ("one text", {}, "list of texts"),
        (["a", 3], {}, r"texts\[1\] is 3"),
        (["a"], {"batch_size": 0}, "at least 1"),
        (["a"], {"encoder": "no-such-encoder"}, "There is no encoder no-such-encoder"),
        (["a"], {"encoder": "ngrams", "device": "tpu"}, "tpu is none of"),
        (["a"], {"encoder": "ngrams", "device": "cuda:99"}, "cuda:99 was asked for"),
    ],
)
def test_what_cannot_be_encoded_is_said_in_a_sentence(texts, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        encode(texts, **options)


def test_a_gpu_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert resolve_device("auto") == "cpu"
    with pytest.raises(ValueError, match="sees no GPU here"):
        resolve_device("cuda")


def test_vectors_that_are_no_numbers_are_an_error():
    broken = Encoder("broken@1", 2, lambda texts: np.full((len(texts), 2), np.nan))
    with pytest.raises(ValueError, match="weights are broken"):
        broken.encode(["a"])


@pytest.mark.parametrize(("name", "extra"), [("minilm", ""), ("use-multilingual", "m")])
def test_missing_weights_are_an_error_by_name_and_a_fallback_in_auto(
    name, extra, monkeypatch
):
    from python_ml.encoding.encoders import _loaded

    _loaded.cache_clear()
    for module in ("transformer", "use", "languages"):
        monkeypatch.setattr(
            f"python_ml.encoding.{module}.package_folder", lambda _: None
        )
    with pytest.raises(ValueError, match="weights, which are not installed") as found:
        encode(["a"], encoder=name, device="cpu")
    assert "python_ml/weights.txt" in str(found.value)
    assert not extra or "multilingual" in str(found.value)
    text = "the red shoe" if name == "minilm" else "红色的鞋"
    chosen, note = encode_choice.choose_encoder([text])
    assert chosen == "ngrams"
    assert "not installed" in note
    assert np.allclose(np.linalg.norm(encode([text], device="cpu")), 1)


@pytest.mark.parametrize("name", ENCODERS)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    texts=st.lists(
        st.text(st.sampled_from("abc xyz 123,鞋红蓝的ßéж👍\x00"), max_size=60),
        min_size=2,
        max_size=12,
    )
)
def test_a_row_does_not_depend_on_the_others(name, texts):
    embed = partial(encode, encoder=name, device="cpu")
    together = embed(texts)
    assert np.allclose(together, embed(texts[::-1])[::-1], atol=2e-6)
    assert np.allclose(together[:1], embed(texts[:1]), atol=2e-6)
