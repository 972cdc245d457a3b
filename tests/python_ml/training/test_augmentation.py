"""Augmentation: what each way makes of texts, and what training does with it."""

import json
import sys
import types
from collections import Counter

import numpy as np
import pytest

from python_ml.augmentation.augment import augment
from python_ml.augmentation.synonyms import similar_words, with_synonyms
from python_ml.augmentation.translation import (
    BackTranslation,
    installed_back_translation,
    translation_model,
)
from python_ml.augmentation.ways import WAYS
from python_ml.training import enrichment
from python_ml.training.data import held_out_rows, usable_rows
from python_ml.training.loop import Plan
from python_ml.training.settings import TrainingSettings
from python_ml.training.train import train
from tests.python_ml.tiny_model import LABELS, texts_and_labels, write_tiny_model

pytestmark = pytest.mark.slow


def backwards(texts):
    return [" ".join(text.split()[::-1]) for text in texts]


def with_article(texts):
    return [f"the {text}" for text in texts]


BACK = BackTranslation(backwards, with_article, "backwards")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("base"))


def coloured():
    """Texts of two classes in which colours stand beside the same words."""
    texts, classes = [], []
    for number, thing in enumerate(("shirt", "dress")):
        for colour in ("red", "blue", "green"):
            for size in ("small", "large"):
                texts.append(f"new {colour} {thing} {size}")
                classes.append(number)
    return texts, np.array(classes)


def test_similar_words_have_like_neighbours_and_like_classes():
    similar = similar_words(*coloured())
    assert set(similar["red"]) == {"blue", "green"}
    assert "shirt" not in similar, "the only word like it is of another class"
    assert similar_words(["质量很好", "很差"], np.array([0, 1])) == {}
    assert similar_words([], np.array([], int)) == {}
    assert similar_words([("red", "red"), ("", " ")], np.array([0, 1])) == {}


def test_a_synonym_stands_in_a_word_s_place():
    similar = {"red": ["blue"], "shirt": ["top"]}
    variants = {
        with_synonyms(" red\n\tshirt  L ", similar, np.random.default_rng(seed))
        for seed in range(20)
    }
    assert variants == {" blue\n\tshirt  L ", " red\n\ttop  L "}
    for text in ("", " ", "其他", "Red reddish"):
        assert with_synonyms(text, similar, np.random.default_rng(0)) == text
    many = with_synonyms("red " * 30, similar, np.random.default_rng(0)).split()
    assert Counter(many) == {"red": 27, "blue": 3}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_fills_thin_classes_and_keeps_labels(way):
    texts, labels = texts_and_labels(60)
    texts, labels = [*texts, "rare thing", "rarer thing", "one"], [*labels, 7, 7, 8]
    vectors = np.random.default_rng(0).normal(size=(len(texts), 4)).astype(np.float32)

    def added(seed=3):
        return augment(
            texts,
            labels,
            ways=way,
            per_class=25,
            embeddings=vectors,
            back_translation=BACK,
            seed=seed,
        )

    found = added()
    before, after = Counter(labels), Counter(labels + found.labels)
    for label, count in before.items():
        assert after[label] == max(count, 25)
    assert [labels[row] for row in found.source] == found.labels
    rare = Counter(row for row in found.source if labels[row] == 7)
    assert max(rare.values()) - min(rare.values()) <= 1, "rows take turns"
    assert set(found.ways) == {way}
    assert len(found.texts) == len(found.other) == len(found.share) == len(found.ways)
    again, other = added(), added(seed=4)
    assert again.texts == found.texts
    assert (again.other == found.other).all() and (again.share == found.share).all()
    assert (other.source != found.source).any()
    is_mix = way in ("smote", "mixup")
    assert (found.share == 1).all() != is_mix
    if not is_mix:
        assert (found.other == found.source).all()
    if is_mix or way == "oversampling":
        assert found.texts == [texts[row] for row in found.source]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "texts",
    [[], ["red shoe"], [("red shoe", "")], [("a b", "c d"), ("a b", "e f")]],
)
def test_few_texts_and_pairs(way, texts):
    labels = ["a", "b"][: len(texts)]
    vectors = np.ones((len(texts), 2), np.float32)
    settings = {"embeddings": vectors, "back_translation": BACK, "per_class": 3}
    found = augment(texts, labels, ways=[way], **settings)
    assert len(found.texts) == 2 * len(texts)
    for text, row in zip(found.texts, found.source, strict=True):
        assert type(text) is type(texts[row])
        assert isinstance(text, str) or len(text) == 2
    if way in ("oversampling", "synonyms", "smote"):
        assert found.texts == [texts[row] for row in found.source]
    if way == "smote":
        assert (found.other == found.source).all(), "a row that is alone is repeated"


def test_a_class_that_has_enough_gets_nothing():
    found = augment(["a b", "c d"], ["a", "b"], ways="synonyms", per_class=1)
    assert found.texts == [] and found.source.dtype == np.int64


def test_ways_take_turns():
    ways = ("oversampling", "synonyms", "back_translation")
    texts, classes = coloured()
    found = augment(texts, classes, ways=ways, per_class=21, back_translation=BACK)
    assert Counter(found.ways) == dict.fromkeys(ways, 10)
    for text, way, row in zip(found.texts, found.ways, found.source, strict=True):
        if way == "oversampling":
            assert text == texts[row]
        elif way == "back_translation":
            assert text == BACK([texts[row]])[0]
        else:
            assert sum(map(str.__ne__, text.split(), texts[row].split())) == 1


def test_smote_mixes_near_rows_of_the_class():
    vectors = np.array([[0, 0], [1, 0], [0, 1], *[[9, 9 + i] for i in range(9)]])
    labels = [0] * 3 + [1] * 9
    found = augment(
        ["text"] * 12, labels, ways="smote", per_class=40, embeddings=vectors
    )
    for source, other in zip(found.source, found.other, strict=True):
        assert source != other and labels[source] == labels[other]
        assert abs(int(source) - int(other)) <= 5, "the nearest five"
    assert found.share.min() < 0.1 and found.share.max() > 0.9


def test_mixup_keeps_most_of_the_thin_class():
    found = augment(["a", "b", "c"], [0, 0, 1], ways="mixup", per_class=60)
    assert set(found.other) == {0, 1, 2}
    assert (found.share >= 0.5).all() and (found.share <= 1).all()


def test_what_comes_back_empty_stays():
    assert BACK(["blue shoe", "hat"]) == ["the shoe blue", "the hat"]
    silent = BackTranslation(backwards, lambda texts: [" "] * len(texts), "silent")
    assert silent(["a", "b"]) == ["a", "b"]
    forgetful = BackTranslation(backwards, lambda texts: texts[1:], "forgetful")
    with pytest.raises(ValueError, match="returned 1 texts for 2"):
        forgetful(["a", "b"])


def test_installed_packages_of_argostranslate_are_found(monkeypatch):
    monkeypatch.setitem(sys.modules, "argostranslate", None)
    with pytest.raises(ImportError, match="needs a translator: install argostranslate"):
        installed_back_translation(["a red shirt for the men"])
    with pytest.raises(ImportError, match="needs a translator"):
        augment(["a b"], [1], ways=["back_translation"], per_class=2)

    class Package:
        type = "translate"

        def __init__(self, from_name, from_code, to_code):
            self.from_name = from_name
            self.from_code, self.to_code = from_code, to_code

    class Translation:
        def __init__(self, from_language, to_language, package):
            assert (from_language, to_language) == (package.from_code, package.to_code)
            self.package, self.sentencizer = package, None

        def translate(self, text):
            (whole,) = self.sentencizer.split_sentences(text)
            return f"{whole} {self.package.from_code}{self.package.to_code}"

    modules = {
        name: types.ModuleType(name)
        for name in ("argostranslate", "package", "translate")
    }
    argos = modules["argostranslate"]
    argos.package, argos.translate = modules["package"], modules["translate"]
    argos.translate.Language = lambda code, name: code
    argos.translate.PackageTranslation = Translation
    # There is no way back from German.
    packages = [
        ("English", "en", "de"),
        ("English", "en", "fr"),
        ("French", "fr", "en"),
    ]
    argos.package.get_installed_packages = lambda: [Package(*one) for one in packages]
    monkeypatch.setitem(sys.modules, "argostranslate", argos)
    back = installed_back_translation(["a red shirt. for the men"])
    assert back(["hat", "cap. new"]) == ["hat enfr fren", "cap. new enfr fren"]
    assert back.name == "argostranslate: en, fr"
    found = augment(["the hat"], [1], ways=["back_translation"], per_class=2)
    assert found.texts == ["the hat enfr fren"]
    with pytest.raises(ImportError, match="there is none for Chinese"):
        installed_back_translation(["质量很好"])


def test_folders_of_models_translate(base, tmp_path):
    import torch
    from transformers import AutoTokenizer, BartConfig, BartForConditionalGeneration

    tokenizer = AutoTokenizer.from_pretrained(base)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        BartForConditionalGeneration(
            BartConfig(
                vocab_size=len(tokenizer),
                d_model=16,
                encoder_layers=1,
                decoder_layers=1,
                encoder_attention_heads=2,
                decoder_attention_heads=2,
                encoder_ffn_dim=16,
                decoder_ffn_dim=16,
                max_position_embeddings=300,
                pad_token_id=0,
                bos_token_id=2,
                eos_token_id=3,
                decoder_start_token_id=2,
                forced_eos_token_id=None,
            )
        ).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    translate = translation_model(str(tmp_path), "cpu")
    texts = ["red sole", "blue lace heel"] * 20
    found = translate(texts)
    assert found == translate(texts)
    assert len(found) == 40 and all(found)
    with pytest.raises(ValueError, match="is no translation model") as raised:
        translation_model(str(tmp_path / "absent"), "cpu")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ways": ["shouting"]}, "A way is one of oversampling, .*, not 'shouting'"),
        ({"ways": "auto"}, "'auto' was dropped in 0.4, .* The ways are oversampling, "),
        ({"ways": ["smote", "swap"]}, "'swap' was dropped in 0.4"),
        ({"ways": ["smote"]}, "smote needs embeddings, one for each text"),
        ({"ways": "smote", "embeddings": np.ones((3, 2))}, "one for each text"),
        ({"ways": []}, "Ways are at least one, each once"),
        ({"ways": ["mixup", "mixup"]}, "Ways are at least one, each once"),
        ({"per_class": 0}, "per_class must be at least 1, not 0"),
        ({"labels": ["a"]}, "There are 2 texts but 1 labels"),
    ],
)
def test_bad_settings_get_one_sentence(change, sentence):
    settings = {"texts": ["a", "b"], "labels": ["a", "b"]} | change
    with pytest.raises(ValueError, match=sentence):
        augment(settings.pop("texts"), settings.pop("labels"), **settings)


def test_class_weights_count_shares():
    settings = TrainingSettings(class_weights="balanced")
    plan = {"settings": settings, "recorded": {}, "device": "cpu"}
    plan |= {"precision": "float32", "progress": False}
    held = np.array([0, 0, 0, 0, 1], bool)
    plain = Plan(targets=np.array([0, 0, 0, 1, 1]), is_held=held, **plan)
    assert np.allclose(plain.class_weights, [4 / 6, 4 / 2])
    mixed = Plan(
        targets=np.array([0, 1, 0]),
        is_held=np.array([0, 0, 1], bool),
        other_rows=np.array([0, 0, 2]),
        share=np.array([1, 0.5, 1], np.float32),
        **plan,
    )
    assert np.allclose(mixed.class_weights, [2 / (2 * 1.5), 2 / (2 * 0.5)])


def thin(rows=140, seed=0):
    """Rows of the tiny model's labels, of which one is rare."""
    texts, labels = texts_and_labels(2 * rows, seed)
    kept = [i for i, label in enumerate(labels) if label != LABELS[0] or i % 6 == 0]
    return [texts[i] for i in kept[:rows]], [labels[i] for i in kept[:rows]]


def small(folder, base, **settings):
    texts, labels = thin()
    settings = {"method": "head", "epochs": 6, "learning_rate": 1e-2} | settings
    settings = {"validation_share": 0.25, "device": "cpu", "seed": 0} | settings
    return train(texts, labels, folder, base_model=base, progress=False, **settings)


@pytest.mark.parametrize(
    ("method", "ways"),
    [
        ("head", ["synonyms", "smote", "mixup"]),
        ("head", "mixup"),
        ("full", ["synonyms", "back_translation"]),
    ],
)
def test_training_adds_rows_to_those_trained_on(base, tmp_path, method, ways):
    texts, labels = thin()
    rows = usable_rows(texts, labels)
    is_held = held_out_rows(rows, 0.25, 0)
    plain = small(tmp_path / "plain", base, method=method)
    settings = {"method": method, "augmentation": ways, "back_translation": BACK}
    report = small(tmp_path / "more", base, **settings)
    missing = 50 - np.bincount(rows.targets[~is_held])
    assert report.rows_added == missing[missing > 0].sum() > 0
    assert report.rows_trained == plain.rows_trained == (~is_held).sum()
    assert report.rows_held_out == plain.rows_held_out
    assert report.history != plain.history
    assert report.after.loss < 2
    names = [ways] if isinstance(ways, str) else ways
    assert list(report.augmentation) == names
    assert sum(report.augmentation.values()) == report.rows_added
    written = json.loads((tmp_path / "more" / "report.json").read_text())
    assert written["augmentation"] == report.augmentation
    assert written["settings"]["augmentation"] == names
    assert written["settings"]["back_translation"] == "backwards"
    assert small(tmp_path / "more", base, **settings) == report, "it is finished"
    with pytest.raises(ValueError, match="another augmentation"):
        small(tmp_path / "more", base, method=method, back_translation=BACK)
    assert plain.augmentation == {} and plain.rows_added == 0


def test_a_row_that_is_added_again_weighs_as_much_as_others(base, tmp_path):
    """Where every class has enough rows, augmentation changes nothing."""
    plain = small(tmp_path / "plain", base)
    same = small(tmp_path / "same", base, augmentation="oversampling", per_class=1)
    assert same.rows_added == 0
    assert same.history == plain.history


def test_pairs_are_added(base, tmp_path):
    texts, labels = thin(80)
    pairs = list(zip(texts, texts[::-1], strict=True))
    report = train(
        pairs,
        labels,
        tmp_path,
        method="head",
        base_model=base,
        epochs=2,
        device="cpu",
        augmentation=["synonyms", "mixup"],
        progress=False,
    )
    assert report.rows_added > 0


def test_only_rows_that_are_trained_on_are_looked_at(base, tmp_path, monkeypatch):
    texts, labels = thin()
    is_held = held_out_rows(usable_rows(texts, labels), 0.25, 0)
    held = {texts[i] for i in np.flatnonzero(is_held)}
    seen = []

    def spied(texts, *arguments, **settings):
        seen.extend(texts)
        return augment(texts, *arguments, **settings)

    monkeypatch.setattr(enrichment, "augment", spied)
    small(tmp_path, base, augmentation=["synonyms"])
    assert len(seen) == (~is_held).sum()
    assert not held & set(seen)


def test_a_translator_that_is_named_must_be_there(base, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "argostranslate", None)
    with pytest.raises(ImportError, match="needs a translator"):
        small(tmp_path, base, augmentation=["back_translation"])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"augmentation": "some"}, "A way is one of oversampling, .*, not 'some'"),
        ({"augmentation": "auto"}, "'auto' was dropped in 0.4, .* kept in any"),
        ({"augmentation": ["dropout"]}, "'dropout' was dropped in 0.4"),
        ({"augmentation": []}, "Ways are at least one"),
        ({"augmentation": ["smote"], "method": "full"}, "for the method head alone"),
        ({"augmentation": "mixup", "per_class": 0}, "per_class must be at least 1"),
    ],
)
def test_training_names_a_wrong_setting(base, tmp_path, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        small(tmp_path, base, **change)
