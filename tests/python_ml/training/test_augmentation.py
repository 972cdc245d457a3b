"""Augmentation: what is made of texts, what is kept, and what training does with it."""

import json
import sys
import types
import zlib
from collections import Counter

import numpy as np
import pytest

from python_ml.augmentation.augment import TEXT_WAYS, VECTOR_WAYS, additions, augment
from python_ml.augmentation.choice import _judged_rows, choose_ways
from python_ml.augmentation.texts import (
    similar_words,
    spelling_variant,
    with_dropped_words,
    with_similar_words,
    with_swapped_words,
)
from python_ml.augmentation.translation import (
    BackTranslation,
    back_translation_of,
    installed_back_translation,
)
from python_ml.augmentation.vectors import mixup, smote
from python_ml.training import enrichment as train_augmentation
from python_ml.training.data import held_out_rows, usable_rows
from python_ml.training.enrichment import balanced_weights
from python_ml.training.train import train
from tests.python_ml.tiny_model import LABELS, texts_and_labels, write_tiny_model

pytestmark = pytest.mark.slow

TEXTS = (
    "Nike Men Blue Running Shoes",
    "brand: Acme\ntitle: red  dress",
    "宝贝很好，物流快 vivo X9",
    "x",
    "A",
    "!!!",
    "Größe Ärmel Überzug",
    "size 42\t(EU)",
    "物",
)


def generator(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("base"))


class Reversed:
    """Says words the other way round in its only foreign language."""

    def translate(self, texts, from_language, to_language):
        assert {from_language, to_language} == {"en", "de"}
        if to_language == "de":
            return [" ".join(text.split()[::-1]) for text in texts]
        return [f"the {text}" for text in texts]


BACK = BackTranslation(Reversed(), "en", "de")


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    "vary", [spelling_variant, with_dropped_words, with_swapped_words]
)
def test_a_variant_is_never_empty_and_repeats_by_its_seed(vary, text):
    variants = [vary(text, generator(seed)) for seed in range(50)]
    assert all(variant.strip() for variant in variants)
    assert variants == [vary(text, generator(seed)) for seed in range(50)]
    if len(text.split()) > 1:
        assert len(set(variants)) > 1


def test_a_misspelling_is_one_slip_in_a_tenth_of_the_words():
    text = "stainless steel kitchen knife"
    variants = {spelling_variant(text, generator(seed)) for seed in range(300)}
    other_case = {text.upper(), text.title()}
    assert other_case < variants
    for variant in variants - other_case:
        pairs = zip(text.split(), variant.split(), strict=True)
        (changed,) = [(was, now) for was, now in pairs if was != now] or [("a", "a")]
        was, now = changed
        assert now[0] == was[0] and abs(len(now) - len(was)) <= 1
        assert sum((Counter(was) - Counter(now)).values()) <= 1


def test_chinese_keeps_its_characters():
    text = "质量很好，iPhone 8 的屏幕！"
    ideographs = [letter for letter in text if letter >= "一" and letter < "\uff00"]
    for seed in range(100):
        variant = spelling_variant(text, generator(seed))
        found = [letter for letter in variant if letter >= "一" and letter < "\uff00"]
        assert found == ideographs
    dropped = with_dropped_words(text, generator())
    assert 0 < len(dropped) < len(text)
    swapped = with_swapped_words(text, generator())
    assert sorted(swapped) == sorted(text) and swapped != text


def test_swapped_and_dropped_words_leave_lines_alone():
    text = "brand: Acme\ntitle: red dress for summer"
    for seed in range(30):
        swapped = with_swapped_words(text, generator(seed))
        assert sorted(swapped.split()) == sorted(text.split())
        assert swapped.count("\n") == 1
        dropped = with_dropped_words(text, generator(seed)).split()
        assert not Counter(dropped) - Counter(text.split())
        assert len(dropped) < len(text.split())


def test_similar_words_have_like_neighbours_and_like_classes():
    colours, things = ("red", "blue", "green"), ("shirt", "dress")
    texts, classes = [], []
    for number, thing in enumerate(things):
        for colour in colours:
            for size in ("small", "large"):
                texts.append(f"new {colour.title()} {thing} {size}")
                classes.append(number)
    similar = similar_words(texts, np.array(classes))
    assert set(similar["red"]) == {"Blue", "Green"}, "as they are written"
    assert "shirt" not in similar, "the only word like it is of another class"
    variant = with_similar_words("NEW red shirt", similar, generator())
    assert variant in ("NEW Blue shirt", "NEW Green shirt")
    assert with_similar_words("其他", similar, generator()) == "其他"
    assert similar_words(["质量很好", "很差"], np.array([0, 1])) == {}


def test_rare_classes_reach_the_target_and_labels_stay():
    texts, labels = texts_and_labels(60)
    texts, labels = [*texts, "rare thing", "rarer thing"], [*labels, 7, 7]
    ways = ("spelling", "dropout", "swap", "oversampling")
    added = augment(texts, labels, ways=ways, per_class=25, seed=3)
    before, after = Counter(labels), Counter(labels + added.labels)
    for label, count in before.items():
        assert after[label] == max(count, 25)
    assert [labels[row] for row in added.source] == added.labels
    assert all(text.strip() for text in added.texts)
    assert len(added.texts) == len(added.labels) == len(added.ways)
    counts = Counter(added.ways)
    assert set(counts) == set(ways)
    assert max(counts.values()) - min(counts.values()) <= 4, "ways take turns"
    again = augment(texts, labels, ways=ways, per_class=25, seed=3)
    assert (again.texts, again.ways) == (added.texts, added.ways)
    other = augment(texts, labels, ways=ways, per_class=25, seed=4)
    assert other.texts != added.texts


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_every_row_meets_every_way(rows):
    added = additions(np.zeros(rows, np.int64), 2, rows + 4 * rows, seed=0)
    met = set(zip(added.source.tolist(), added.way.tolist(), strict=True))
    assert met == {(row, way) for row in range(rows) for way in range(2)}


def test_pairs_stay_pairs():
    pairs = [("red shoe", "a red shoe"), ("blue hat", "a blue hat"), ("cap", "a cap")]
    added = augment(pairs, ["a", "b", "b"], ways=["dropout"], per_class=4)
    assert len(added.texts) == 5
    for left, right in added.texts:
        assert left.strip() and right.strip()


def test_back_translation_goes_there_and_back():
    added = augment(
        ["blue running shoe", "hat"],
        ["shoes", "hats"],
        ways=["back_translation"],
        per_class=2,
        back_translation=BACK,
    )
    assert added.texts == ["the shoe running blue", "the hat"]
    with pytest.raises(ValueError, match="needs a translator"):
        augment(["a b"], [1], ways=["back_translation"], per_class=2)

    class Silent(Reversed):
        def translate(self, texts, *languages):
            return [" "] * len(texts)

    class Forgetful(Reversed):
        def translate(self, texts, *languages):
            return texts[1:]

    assert BackTranslation(Silent(), "en", "de")(["a", "b"]) == ["a", "b"]
    with pytest.raises(ValueError, match="returned 1 texts for 2"):
        BackTranslation(Forgetful(), "en", "de")(["a", "b"])


def test_installed_packages_of_argostranslate_are_found(monkeypatch):
    monkeypatch.setitem(sys.modules, "argostranslate", None)
    with pytest.raises(ImportError, match="needs a translator: install argostranslate"):
        installed_back_translation(["a red shirt for the men"])

    class Package:
        type = "translate"

        def __init__(self, from_code, to_code):
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
    pairs = (("en", "de"), ("en", "fr"), ("fr", "en"))
    argos.package.get_installed_packages = lambda: [Package(*pair) for pair in pairs]
    monkeypatch.setitem(sys.modules, "argostranslate", argos)
    back = installed_back_translation(["a red shirt. for the men"])
    assert (back.language, back.through) == ("en", "fr")
    assert back(["hat", "cap. new"]) == ["hat enfr fren", "cap. new enfr fren"]
    assert back.name == "argostranslate: en, fr"
    with pytest.raises(ImportError, match="there is none for Chinese"):
        installed_back_translation(["质量很好"])


def test_folders_of_models_translate(base, tmp_path):
    import torch
    from transformers import AutoTokenizer, BartConfig, BartForConditionalGeneration

    tokenizer = AutoTokenizer.from_pretrained(base)
    folders = [tmp_path / name for name in ("there", "back")]
    for seed, folder in enumerate(folders):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
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
            ).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    back = back_translation_of(*folders)
    texts = ["red sole", "blue lace heel"]
    found = back(texts)
    assert found == back(texts)
    assert len(found) == 2 and all(found)
    assert str(folders[0]) in back.name and str(folders[1]) in back.name
    with pytest.raises(ValueError, match="is no translation model") as raised:
        back_translation_of(tmp_path / "absent", folders[1])
    assert "\n" not in str(raised.value)


def test_smote_stays_between_near_rows_of_the_class():
    vectors = np.array([[0, 0], [1, 0], [0, 1], [9, 9], [5, 5]], np.float32)
    targets = np.array([0, 0, 0, 1, 2])
    rows = np.repeat([0, 3], 40)
    mixes = smote(rows, vectors, targets)
    made = mixes.of(vectors)
    assert (targets[mixes.right] == targets[rows]).all()
    assert ((made[:40] >= 0) & (made[:40] <= 1)).all()
    assert len(np.unique(made[:40], axis=0)) > 30
    assert np.allclose(made[40:], [9, 9]), "a row that is alone is repeated"


def test_mixup_mixes_vectors_and_labels_alike():
    vectors = np.eye(4, dtype=np.float32)
    targets = np.array([0, 0, 1, 2])
    mixes = mixup(np.repeat(2, 200), vectors, targets)
    assert (mixes.share >= 0.5).all() and (mixes.share <= 1).all()
    assert set(mixes.right) == {0, 1, 2, 3}
    labels = mixes.of(np.eye(3, dtype=np.float32)[targets])
    assert np.allclose(labels.sum(1), 1)
    assert (labels.argmax(1) == 1).all()
    assert np.allclose(mixes.of(vectors)[:, 3], labels[:, 2])


def test_balanced_weights_count_shares():
    assert np.allclose(balanced_weights(np.array([0, 0, 0, 1])), [4 / 6, 4 / 2])
    weights = balanced_weights(
        np.array([0, 1]), np.array([0, 0]), np.array([1, 0.5], np.float32)
    )
    assert np.allclose(weights, [2 / (2 * 1.5), 2 / (2 * 0.5)])


def embed_words(texts):
    """Sum random vectors of the words of each text, as they are written."""
    vectors = np.zeros((len(texts), 48), np.float32)
    for row, text in enumerate(texts):
        for word in text.split():
            vectors[row] += generator(zlib.crc32(word.encode())).normal(size=48)
    return vectors


def embed_first(texts):
    """Embed all but the last word."""
    return embed_words([text.rpartition(" ")[0] for text in texts])


def embed_order(texts):
    """Sum random vectors of the pairs of words that follow each other."""
    pairs = [zip(text.split(), text.split()[1:], strict=False) for text in texts]
    return embed_words([" ".join(map("+".join, words)) for words in pairs])


def by_order(rows):
    """Texts of which the order of two words is the label."""
    orders = ("alpha omega", "omega alpha")
    texts = [f"{orders[row % 2]} {row // 2 % 9} {row % 7}" for row in range(rows)]
    return texts, np.arange(rows) % 2


def in_any_case(rows, seed=0):
    """Texts that name a thing in lower or in upper case, too short to be misspelt."""
    random = generator(seed)
    things, cases = ("ab cd ef", "gh ij kl"), (str.lower, str.upper)
    texts = []
    for row in range(rows):
        thing = random.choice(things[row % 2].split())
        texts.append(f"{cases[random.integers(2)](thing)} {row // 2}")
    return texts, np.arange(rows) % 2


def unbalanced(seed=0):
    """Texts of two classes that share all words; one has few rows."""
    random = generator(seed)
    texts, classes = [], []
    for row in range(240):
        is_rare = row < 30
        own = ["kids"] * (random.random() < (0.8 if is_rare else 0.1))
        words = [*random.choice(["red", "blue", "new"], 3), *own]
        texts.append(" ".join([*random.permutation(words), f"{row}"]))
        classes.append(int(is_rare))
    return texts, np.array(classes)


def test_a_way_that_hurts_is_not_kept():
    texts, classes = by_order(40)
    (trial,) = choose_ways(texts, classes, embed_order, ways=["swap"], per_class=80)
    print(trial)
    assert trial.score_with < trial.score_without - 0.05
    assert trial.gain_low < 0
    assert not trial.is_kept


def test_a_way_that_helps_thin_classes_is_kept():
    texts, classes = in_any_case(24)
    ways = ["spelling", "oversampling"]
    trials = choose_ways(texts, classes, embed_first, ways=ways, per_class=150)
    print(*trials, sep="\n")
    assert [trial.is_kept for trial in trials] == [True, False]
    assert trials[0].score_with > trials[0].score_without + 0.05
    assert trials[0].gain_low > 0


def test_of_two_ways_that_do_the_same_one_is_kept():
    texts, classes = unbalanced()

    def tried():
        return choose_ways(
            texts,
            classes,
            embed_first,
            ways=["oversampling", "smote"],
            per_class=210,
            is_balanced=False,
        )

    trials = tried()
    print(*trials, sep="\n")
    (kept,) = [trial for trial in trials if trial.is_kept]
    (other,) = [trial for trial in trials if not trial.is_kept]
    assert kept.gain_low > 0
    assert kept.score_with > kept.score_without + 0.03
    assert other.note == f"beside {kept.way}"
    assert other.score_without == kept.score_with
    assert tried() == trials


def test_nothing_is_kept_where_nothing_can_be_learned():
    ways, kept = ("oversampling", "dropout", "swap"), 0
    for seed in range(4):
        texts, _ = unbalanced(seed)
        classes = generator(seed).integers(0, 2, 60)
        trials = choose_ways(
            texts[:60], classes, embed_words, ways=ways, per_class=60, seed=seed
        )
        kept += sum(trial.is_kept for trial in trials)
    assert kept <= 2, "of 12: one in twenty by chance"


def test_what_is_held_out_is_in_no_training_set(monkeypatch):
    from python_ml.augmentation import choice as augment_choice

    texts, classes = unbalanced()
    texts = [f"{text} {i}" for i, text in enumerate(texts)]
    seen = []

    def spied(texts, targets, *arguments, **settings):
        seen.append(set(texts))
        assert len(texts) == len(targets)
        return varied(texts, targets, *arguments, **settings)

    varied = augment_choice.varied_texts
    monkeypatch.setattr(augment_choice, "varied_texts", spied)
    choose_ways(texts, classes, embed_words, ways=["dropout"], per_class=200)
    assert len(seen) == 15
    for repeat in range(3):
        held = [set(texts) - found for found in seen[5 * repeat : 5 * repeat + 5]]
        assert sum(map(len, held)) == len(texts), "each is held out once"
        assert set.union(*held) == set(texts)


def test_a_class_of_one_text_is_never_held_out():
    texts, classes = unbalanced()
    texts, classes = [*texts, "single", "Single "], np.append(classes, [2, 2])
    (trial,) = choose_ways(texts, classes, embed_words, ways=["dropout"])
    assert trial.score_with > 0.5, "the mean of two classes, not of three"


def test_many_rows_and_classes_are_judged_by_some():
    sizes = np.where(np.arange(300) % 3 == 0, 5, 90)
    targets = generator().permutation(np.repeat(np.arange(300), sizes))
    rows = _judged_rows(targets, 50, seed=0)
    counts = np.bincount(targets[rows])
    assert sorted(set(counts)) == [0, 5, 50]
    assert ((counts == 5).sum(), (counts == 50).sum()) == (40, 40)
    few = targets < 4
    counts = np.bincount(targets[few][_judged_rows(targets[few], 50, seed=0)])
    assert (counts == sizes[:4]).all(), "there is room for all"
    many = np.arange(20_000) % 2
    assert (np.bincount(many[_judged_rows(many, 50, seed=0)]) == 2000).all()


@pytest.mark.parametrize(
    ("texts", "per_class", "note"),
    [
        (["a", "b", "c", "d"], 2, "every class has 2 rows"),
        (["a", "A", "b", "B "], 5, "no class has two different texts"),
    ],
)
def test_what_cannot_be_tried_is_said(texts, per_class, note):
    (trial,) = choose_ways(
        texts,
        np.array([0, 0, 1, 1]),
        embed_words,
        ways=["dropout"],
        per_class=per_class,
    )
    assert note in trial.note
    assert trial.score_with is None and not trial.is_kept


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ways": ["shouting"]}, "A way is one of oversampling, .*, not 'shouting'"),
        ({"ways": ["smote"]}, "not 'smote'"),
        ({"ways": []}, "Ways are at least one, each once"),
        ({"ways": ["swap", "swap"]}, "Ways are at least one, each once"),
        ({"per_class": 0}, "per_class must be at least 1, not 0"),
        ({"labels": ["a"]}, "There are 2 texts but 1 labels"),
    ],
)
def test_bad_settings_get_one_sentence(change, sentence):
    settings = {"texts": ["a", "b"], "labels": ["a", "b"]} | change
    with pytest.raises(ValueError, match=sentence):
        augment(settings.pop("texts"), settings.pop("labels"), **settings)


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


def keep(monkeypatch, *ways):
    """Let some ways be kept whatever they do."""
    from python_ml.augmentation.choice import Trial

    def kept(*_, ways, **__):
        return [Trial(way, 0.5, 0.6, 0.05, way in chosen) for way in ways]

    chosen = ways
    monkeypatch.setattr(train_augmentation, "choose_ways", kept)


@pytest.mark.parametrize(
    ("method", "ways"),
    [
        ("head", ("spelling", "smote", "mixup")),
        ("head", ("mixup",)),
        ("full", ("dropout", "swap")),
    ],
)
def test_training_adds_rows_to_those_trained_on(
    base, tmp_path, monkeypatch, method, ways
):
    keep(monkeypatch, *ways)
    texts, labels = thin()
    rows = usable_rows(texts, labels)
    is_held = held_out_rows(rows, 0.25, 0)
    plain = small(tmp_path / "plain", base, method=method)
    report = small(tmp_path / "more", base, method=method, augmentation=list(ways))
    missing = 50 - np.bincount(rows.targets[~is_held])
    assert report.rows_added == missing[missing > 0].sum() > 0
    assert report.rows_trained == plain.rows_trained == (~is_held).sum()
    assert report.rows_held_out == plain.rows_held_out
    assert report.history != plain.history
    assert report.after.loss < 2
    assert [trial.way for trial in report.augmentation] == list(ways)
    written = json.loads((tmp_path / "more" / "report.json").read_text())
    assert [trial["is_kept"] for trial in written["augmentation"]] == [True] * len(ways)
    assert plain.augmentation == () and plain.rows_added == 0


def test_training_tries_the_ways_and_finishes_once(base, tmp_path):
    report = small(tmp_path, base, augmentation="auto", per_class=20)
    ways = {trial.way: trial for trial in report.augmentation}
    assert set(ways) == {*TEXT_WAYS, *VECTOR_WAYS}
    absent = ways["back_translation"]
    assert not absent.is_kept and "needs a translator" in absent.note
    for way in set(ways) - {"back_translation"}:
        assert 0 < ways[way].score_without <= 1 and 0 < ways[way].score_with <= 1
        assert ways[way].is_kept == (ways[way].gain_low > 0)
    added = report.rows_added > 0
    assert added == any(trial.is_kept for trial in report.augmentation)
    assert small(tmp_path, base, augmentation="auto", per_class=20) == report
    with pytest.raises(ValueError, match="another augmentation"):
        small(tmp_path, base)


def test_pairs_are_tried_and_added(base, tmp_path, monkeypatch):
    texts, labels = thin(80)
    pairs = list(zip(texts, texts[::-1], strict=True))
    settings = {"method": "head", "base_model": base, "epochs": 2, "device": "cpu"}
    settings |= {"augmentation": ["dropout", "mixup"], "progress": False}
    report = train(pairs, labels, tmp_path / "tried", **settings)
    assert all(0 < trial.score_with <= 1 for trial in report.augmentation)
    keep(monkeypatch, "dropout", "mixup")
    report = train(pairs, labels, tmp_path / "kept", **settings)
    assert report.rows_added > 0


def test_only_rows_that_are_trained_on_are_looked_at(base, tmp_path, monkeypatch):
    texts, labels = thin()
    is_held = held_out_rows(usable_rows(texts, labels), 0.25, 0)
    held = {texts[i] for i in np.flatnonzero(is_held)}
    seen = []

    def spied(texts, targets, embed, **settings):
        seen.extend(texts)
        return choose_ways(texts, targets, embed, **settings)

    monkeypatch.setattr(train_augmentation, "choose_ways", spied)
    small(tmp_path, base, augmentation=["dropout"])
    assert len(seen) == (~is_held).sum()
    assert not held & set(seen)


def test_a_translator_that_is_named_must_be_there(base, tmp_path):
    with pytest.raises(ImportError, match="needs a translator"):
        small(tmp_path, base, augmentation=["back_translation"])
    report = small(
        tmp_path, base, augmentation=["back_translation"], back_translation=BACK
    )
    assert report.augmentation[0].score_with is not None
    assert "Reversed" in report.settings["back_translation"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"augmentation": "some"}, "'none', 'auto' or a list of ways, not 'some'"),
        ({"augmentation": ["shouting"]}, "not 'shouting'"),
        ({"augmentation": ["smote"], "method": "full"}, "for the method head alone"),
        ({"augmentation": "auto", "per_class": 0}, "per_class must be at least 1"),
    ],
)
def test_training_names_a_wrong_setting(base, tmp_path, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        small(tmp_path, base, **change)
