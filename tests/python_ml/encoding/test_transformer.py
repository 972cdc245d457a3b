import json
import shutil

import numpy as np
import pytest
import torch

from python_ml.common.devices import fastest_type
from python_ml.common.look_alikes import as_seen
from python_ml.encoding.bert import PackedBert
from python_ml.encoding.encoders import encode, load_encoder
from python_ml.encoding.packing import embed_texts
from python_ml.encoding.transformer import (
    MINILM_FILES,
    MINILM_PACKAGE,
    load_minilm,
    load_transformer,
    word_pieces,
)
from python_ml.encoding.weights import WeightsError, package_folder

pytestmark = pytest.mark.slow

PACKAGE = package_folder(MINILM_PACKAGE)
needs_minilm = pytest.mark.skipif(
    PACKAGE is None, reason="the weights of minilm are not installed"
)
TEXTS = [
    "apple iphone 8 plus 64gb silver",
    "Turtle Check Men Navy Blue Shirt",
    "a",
    "Crème brûlée set, 4 pièces",
    "晨屿帆布鞋，蓝色，44",
    "👍🏽 five people asked me about it",
    "nul\x00in it",
    "one two three " * 400,
    *(f"{'word ' * number}{number}" for number in range(1, 40)),
]


def cosines(left, right):
    """Rows against rows; the right ones need not be normalized."""
    right = right / np.linalg.norm(right, axis=1, keepdims=True)
    return (left * right).sum(1)


@pytest.fixture(scope="module")
def reference():
    """all-MiniLM-L6-v2 in sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(PACKAGE / "model"), device="cpu").encode(TEXTS)


def minilm(number_type, device="cpu"):
    import safetensors.torch

    content = {name: (PACKAGE / "model" / name).read_bytes() for name in MINILM_FILES}
    return PackedBert(
        safetensors.torch.load(content["model.safetensors"]),
        json.loads(content["config.json"]),
        "mean",
        device,
        number_type,
    ), word_pieces(content["tokenizer.json"], 256)


@needs_minilm
def test_minilm_is_that_of_sentence_transformers(reference):
    model, tokenize = minilm(torch.float32)
    found = embed_texts(TEXTS, tokenize, model, "cpu")
    assert cosines(found, reference).min() > 0.99999
    found = encode(TEXTS, encoder="all-MiniLM-L6-v2", device="cpu")
    # The package reads hidden characters and look-alike letters as they are.
    is_plain = [as_seen(text) == text for text in TEXTS]
    assert sum(is_plain) > 0.8 * len(TEXTS)
    assert cosines(found, reference)[is_plain].min() > 0.999


@needs_minilm
def test_bfloat16_keeps_the_cosines(reference):
    # Slow where it is not native, so only a few; right everywhere.
    model, tokenize = minilm(torch.bfloat16)
    found = embed_texts(TEXTS[:16], tokenize, model, "cpu")
    assert cosines(found, reference[:16]).min() > 0.999


@needs_minilm
def test_a_batch_that_does_not_fit_is_halved(reference):
    model, tokenize = minilm(torch.float32)

    def forward(packed):
        if len(packed.tokens) > 300:
            raise torch.OutOfMemoryError("too much")
        return model(packed)

    found = embed_texts(TEXTS, tokenize, forward, "cpu")
    assert cosines(found, reference).min() > 0.99999
    with pytest.raises(torch.OutOfMemoryError):

        def never(packed):
            raise torch.OutOfMemoryError("too much")

        embed_texts(TEXTS, tokenize, never, "cpu")


def test_float32_is_chosen_where_bfloat16_is_not_native(monkeypatch):
    module = "python_ml.common.devices"
    seconds = {torch.float32: 2.0, torch.bfloat16: 1.0}
    for is_native, slowest, chosen in (
        (False, 9.0, torch.float32),
        (True, 9.0, torch.bfloat16),
        (True, 1.0, torch.float32),
    ):
        fastest_type.cache_clear()
        seconds[torch.float32] = slowest
        monkeypatch.setattr(f"{module}.has_native_bfloat16", lambda _, it=is_native: it)
        monkeypatch.setattr(f"{module}._seconds", seconds.get)
        assert fastest_type("cpu") == chosen
    fastest_type.cache_clear()


@needs_minilm
@pytest.mark.parametrize("changed", MINILM_FILES)
def test_another_file_than_the_published_is_refused(changed, tmp_path):
    for name in MINILM_FILES:
        shutil.copy(PACKAGE / "model" / name, tmp_path)
    content = bytearray((tmp_path / changed).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / changed).write_bytes(content)
    with pytest.raises(WeightsError) as error:
        load_minilm("cpu", tmp_path)
    assert str(tmp_path / changed) in str(error.value)
    assert MINILM_FILES[changed] in str(error.value)
    (tmp_path / changed).unlink()
    with pytest.raises(WeightsError, match="is missing"):
        load_minilm("cpu", tmp_path)


@needs_minilm
def test_auto_does_not_fall_back_from_wrong_weights(monkeypatch):
    from python_ml.encoding import transformer as encode_transformer
    from python_ml.encoding.encoders import _loaded

    _loaded.cache_clear()
    wrong = dict.fromkeys(MINILM_FILES, "0" * 64)
    monkeypatch.setattr(encode_transformer, "MINILM_FILES", wrong)
    with pytest.raises(WeightsError, match="not the published file"):
        encode(["the red shoe"], device="cpu")


WORDS = ["<s>", "<pad>", "</s>", "<unk>", *"abcdefghijklmnopqrstuvwxyz0123456789 "]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A function that makes a folder with a tiny random model."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(WORDS)}, "<unk>")
    )
    words.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    words.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words,
        unk_token="<unk>",
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        model_max_length=30,
    )

    def make(kind, **settings):
        import transformers

        torch.manual_seed(7)
        config = getattr(transformers, f"{kind.split('For')[0]}Config")
        config = config(
            vocab_size=len(WORDS),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=48,
            max_position_embeddings=40,
            pad_token_id=1,
            **settings,
        )
        name = kind if "For" in kind else f"{kind}Model"
        folder = tmp_path_factory.mktemp(kind) / "model"
        getattr(transformers, name)(config).eval().save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return folder

    return make


def own_code(folder, monkeypatch):
    """Forbid sentence-transformers, so that only our own code can load the folder."""

    def refuse(*_):
        raise AssertionError("left to sentence-transformers")

    monkeypatch.setattr("python_ml.encoding.transformer._sentence_transformer", refuse)
    # Beside the reference, which computes in float32.
    return encode(TEXTS, encoder=str(folder), device="cpu", precision="float32")


@pytest.mark.parametrize(
    "kind",
    [
        "Bert",
        "Roberta",
        "XLMRoberta",
        "BertForSequenceClassification",
        "RobertaForSequenceClassification",
    ],
)
def test_plain_folders_are_the_mean_of_their_tokens(kind, tiny, monkeypatch):
    from sentence_transformers import SentenceTransformer

    folder = tiny(kind)
    expected = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    found = own_code(folder, monkeypatch)
    assert cosines(found, expected).min() > 0.99999
    assert cosines(found[:1], found[1:2]).max() < 0.9999


@pytest.mark.parametrize("mode", ["mean", "cls"])
def test_folders_of_sentence_transformers_old_and_new(mode, tiny, monkeypatch):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    words = Transformer(str(tiny("Bert")))
    modules = [words, Pooling(words.get_embedding_dimension(), pooling_mode=mode)]
    model = SentenceTransformer(modules=modules, device="cpu")
    folder = tiny("Bert").parent / "sentences"
    model.save(str(folder))
    expected = model.encode(TEXTS)
    with monkeypatch.context() as context:
        assert cosines(own_code(folder, context), expected).min() > 0.99999
    old = {"word_embedding_dimension": 32}
    old |= {f"pooling_mode_{kind}": False for kind in ("cls_token", "mean_tokens")}
    old[f"pooling_mode_{mode}_token{'s' * (mode == 'mean')}"] = True
    (folder / "1_Pooling/config.json").write_text(json.dumps(old))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 12}')
    expected = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    assert cosines(own_code(folder, monkeypatch), expected).min() > 0.99999


def test_other_models_are_left_to_sentence_transformers(tiny):
    from sentence_transformers import SentenceTransformer

    folder = tiny("Electra", embedding_size=32)
    expected = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    loaded = load_encoder(str(folder), "cpu")
    assert loaded.dimension == 32
    assert cosines(loaded.encode(TEXTS), expected).min() > 0.9999


def test_a_model_need_not_say_its_dimension(tiny, monkeypatch):
    from sentence_transformers import SentenceTransformer

    monkeypatch.setattr(SentenceTransformer, "get_embedding_dimension", lambda _: None)
    loaded = load_encoder(str(tiny("Electra", embedding_size=32)), "cpu")
    assert loaded.dimension == 32
    assert loaded.encode([*TEXTS, ""]).shape == (len(TEXTS) + 1, 32)


def test_a_folder_that_was_trained_again_is_loaded_again(tiny):
    folder = tiny("Bert")
    before = load_encoder(str(folder), "cpu")
    (folder / "README.md").write_text("nothing that matters")
    assert load_encoder(str(folder), "cpu").name == before.name
    shutil.copytree(tiny("Roberta"), folder, dirs_exist_ok=True)
    after = load_encoder(str(folder), "cpu")
    assert before.name.split("@")[0] == after.name.split("@")[0] == "model"
    assert before.name != after.name
    assert not np.allclose(before.encode(["a b c"]), after.encode(["a b c"]))


def test_broken_folders_are_said_in_a_sentence(tiny, tmp_path):
    with pytest.raises(WeightsError, match="without config.json"):
        load_transformer(str(tmp_path), "cpu")
    folder = tiny("Bert")
    (folder / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(WeightsError, match="could not be loaded"):
        load_transformer(str(folder), "cpu")
    for name in ("../other", "a/b/c", "no such name"):
        with pytest.raises(WeightsError, match="There is no encoder"):
            load_transformer(name, "cpu")
