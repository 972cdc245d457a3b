import random

import pytest

from python_ml.encoding import languages as encode_choice
from python_ml.encoding.languages import choose_encoder, language_shares
from python_ml.encoding.transformer import MINILM_PACKAGE
from python_ml.encoding.use import PIECES_PACKAGE, USE_PACKAGE

ENGLISH = [
    "Amberly laundry detergent, vanilla, 2 l",
    "Northwind summer sleeping bag, black, 180 cm",
    "apple iphone 8 plus 64gb silver",
    "Turtle Check Men Navy Blue Shirt",
    "hp laserjet pro m402dn",
    "The rugged smartphone by Tidewell: white, 128 GB. Made for everyday use.",
    "Crème de la Mer face cream",
    "kettle 1.7l stainless",
]
CHINESE = ["晨屿帆布鞋，蓝色，44", "Stonegate短靴，灰色，40", "质量还不错，很满意"]
OTHERS = {
    "German": ["Herren Schuhe schwarz Größe 42", "Damen Kleid rot mit Gürtel",
               "Kaffeemaschine", "Leder Tasche", "Hülle für das iPhone"],
    "French": ["Chaussures homme noir taille 42", "Robe rouge pour femme", "Cafetière"],
    "Spanish": ["Zapatos negro para hombre", "Vestido rojo mujer talla M", "Cafetera"],
    "Turkish": ["Erkek ayakkabı siyah", "Kırmızı kadın elbise", "çanta"],
    "Polish": ["Buty męskie czarne rozmiar 42", "Czerwona sukienka damska", "torba"],
    "Russian": ["Ботинки мужские чёрные", "Платье красное", "Сумка"],
    "Japanese": ["メンズ スニーカー 黒", "赤いドレス 女性用"],
    "Korean": ["남성 운동화 검정", "빨간 드레스"],
    "Thai": ["รองเท้าผู้ชาย สีดำ", "ชุดสีแดง"],
    "Arabic": ["حذاء رجالي أسود", "فستان أحمر"],
}  # fmt: skip
UNKNOWN = {
    "Finnish": ["Miesten kengät musta", "Naisten takki punainen koko 38", "Laukku"],
    "Hungarian": ["Férfi cipő fekete", "Női ruha piros méret 38"],
    "Vietnamese": ["Giày nam màu đen", "Váy đỏ cho nữ"],
    "Greek": ["Ανδρικά παπούτσια μαύρα", "Κόκκινο φόρεμα"],
    "Hindi": ["पुरुषों के जूते काले", "लाल पोशाक"],
    "Ukrainian": ["Чоловічі черевики", "Червона сукня жіноча зі шкіри"],
    "Persian": ["کفش مردانه سیاه", "لباس قرمز زنانه بزرگ"],
}


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    """All packages, whatever is installed."""
    packages = {MINILM_PACKAGE, USE_PACKAGE, PIECES_PACKAGE}
    monkeypatch.setattr(
        encode_choice, "package_folder", lambda name: name in packages or None
    )
    return packages


def test_english_goes_to_minilm():
    assert choose_encoder(ENGLISH) == ("minilm", "")
    assert choose_encoder(["SKU-1 64gb", "B00X4WHP5E"]) == ("minilm", "")


@pytest.mark.parametrize("texts", OTHERS.values(), ids=OTHERS)
def test_the_other_languages_of_use_go_to_it(texts):
    assert choose_encoder(texts) == ("use-multilingual", "")
    assert choose_encoder(CHINESE) == ("use-multilingual", "")


@pytest.mark.parametrize("texts", UNKNOWN.values(), ids=UNKNOWN)
def test_languages_that_neither_knows_go_to_ngrams(texts):
    assert choose_encoder(texts) == ("ngrams", "")


def test_an_english_catalogue_with_some_chinese_goes_to_use():
    english = [f"{text} no {number}" for text in ENGLISH for number in range(12)]
    assert choose_encoder(english + CHINESE) == ("minilm", "")
    chinese = [f"{text}{number}" for text in CHINESE for number in range(5)]
    assert choose_encoder(english + chinese) == ("use-multilingual", "")


def test_what_is_missing_gives_way_to_the_next_best(installed):
    chinese = [f"{text}{number}" for text in CHINESE for number in range(2)]
    installed.remove(USE_PACKAGE)
    name, note = choose_encoder(ENGLISH * 2 + chinese[:4])
    assert name == "minilm"
    assert "33% of the texts are in languages such as Chinese" in note
    name, note = choose_encoder(chinese)
    assert name == "ngrams"
    assert "multilingual" in note
    installed.clear()
    assert choose_encoder(ENGLISH)[0] == "ngrams"
    installed.add(USE_PACKAGE)
    assert choose_encoder(ENGLISH)[0] == "ngrams"
    installed.add(PIECES_PACKAGE)
    name, note = choose_encoder(ENGLISH)
    assert name == "use-multilingual"
    assert "minilm are not installed" in note


@pytest.mark.parametrize("texts", [[], [None, "", "  "], ["123", "4.5"], ["👍"]])
def test_texts_without_letters_are_no_reason_for_anything_else(texts):
    assert choose_encoder(texts) == ("minilm", "")


def test_the_choice_depends_neither_on_order_nor_on_repeats():
    seed = 3
    print("seed", seed)
    chance = random.Random(seed)
    # More than the sample, and near the limit of a tenth.
    texts = [f"the red shoe {number}" for number in range(4000)]
    texts += [f"红色的鞋{number}" for number in range(430)]
    expected = choose_encoder(texts)
    for _ in range(3):
        chance.shuffle(texts)
        assert choose_encoder(texts + texts[:2000]) == expected


def test_shares_sum_to_one_and_silent_texts_go_with_the_rest():
    shares = language_shares(ENGLISH + CHINESE + OTHERS["German"] + ["Kabel 2m"] * 10)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["German"] > 0.2
    assert language_shares(ENGLISH) == {"English": 1}
    assert language_shares(["123", ""]) == {}
