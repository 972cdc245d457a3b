import numpy as np
import pytest

from python_ml import encode
from python_ml.common.look_alikes import as_seen


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("red sho\u200bes", "red shoes"),
        ("\ufeffred\u00adshoes\u2060", "redshoes"),
        ("rеd shоes", "red shoes"),  # Cyrillic е and о
        ("ѕосks", "socks"),  # one word of four, all of its Cyrillic letters
        ("СОСА cola", "COCA cola"),  # a whole word, in a text of Latin letters
        ("ΝΙΚΕ shoe", "NIKE shoe"),
        ("ｒｅｄ 𝐬𝐡𝐨𝐞𝐬 ⓡⓔⓓ", "red shoes red"),
        # What is as it should be.
        ("красные туфли", "красные туфли"),
        ("чехол для iPhone", "чехол для iPhone"),
        ("чехол для iРhоne", "чехол для iPhone"),
        ("сор", "сор"),  # Russian; no Latin letter says otherwise
        ("5 μm Ω", "5 μm Ω"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian needs it
        ("👩\u200d👧 mug", "👩\u200d👧 mug"),
        ("女鞋，红色！", "女鞋，红色！"),
        ("\u200b", "\u200b"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_as_seen(written, seen):
    assert as_seen(written) == seen
    assert as_seen(seen) == seen


@pytest.mark.parametrize("encoder", ["ngrams", "minilm"])
def test_an_encoder_reads_what_is_seen(encoder):
    written = ["women's rеd shоes", "women's red sho\u200bes", "women's red shoes"]
    vectors = encode(written, encoder=encoder, device="cpu")
    assert np.allclose(vectors[0], vectors[2], atol=1e-6)
    assert np.allclose(vectors[1], vectors[2], atol=1e-6)
