"""Texts are read in numbers that do not depend on the processor."""

import importlib

import numpy as np
import pytest

from python_ml.common import devices
from python_ml.common.code_version import imported
from python_ml.common.devices import chosen_precision
from python_ml.encoding.encoders import encode, load_encoder

pytestmark = pytest.mark.slow

# The package has a function of the same name in it.
code_version = importlib.import_module("python_ml.common.code_version")
TEXTS = [
    f"{size} litre kettle of {kind}" for size in range(8) for kind in ("steel", "glass")
]


def test_few_texts_are_read_in_float32_and_many_as_fast_as_can_be(monkeypatch):
    monkeypatch.delenv("ASSAY_PRECISION", raising=False)
    assert chosen_precision(50_000) == "float32"
    assert chosen_precision(50_001) == "fastest"
    assert chosen_precision(3, "bfloat16") == "bfloat16"
    assert chosen_precision(10**6, "float32") == "float32"
    with pytest.raises(ValueError, match="float8 is none of auto, float32, bfloat16"):
        chosen_precision(3, "float8")
    monkeypatch.setenv("ASSAY_PRECISION", "bfloat16")
    assert chosen_precision(3) == "bfloat16"
    assert chosen_precision(3, "float32") == "float32"


def test_a_processor_with_bfloat16_reads_few_texts_alike(monkeypatch):
    monkeypatch.delenv("ASSAY_PRECISION", raising=False)
    load_encoder.__globals__["_loaded"].cache_clear()
    monkeypatch.setattr(devices, "has_native_bfloat16", lambda device: True)
    monkeypatch.setattr(devices, "_seconds", lambda kind: kind.itemsize)
    devices.fastest_type.cache_clear()
    found = encode(TEXTS, encoder="minilm", device="cpu")
    devices.fastest_type.cache_clear()
    load_encoder.__globals__["_loaded"].cache_clear()
    expected = encode(TEXTS, encoder="minilm", device="cpu", precision="float32")
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("encoder", ["minilm", "use-multilingual"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_vectors_have_length_one_in_every_precision(encoder, precision):
    vectors = encode(TEXTS, encoder=encoder, device="cpu", precision=precision)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    exact = encode(TEXTS, encoder=encoder, device="cpu", precision="float32")
    # bfloat16 has 8 binary digits.
    least = 1 - (1e-6 if precision == "float32" else 2**-8)
    assert (vectors * exact).sum(1).min() > least


def test_what_a_score_depends_on_is_found_in_the_code():
    scoring = imported("labels.texts", "labels.pairs", "dbt_models.labels")
    assert {
        "labels.noise",
        "common.softmax_regression",
        "encoding.encoders",
        "matching.features",
    } <= scoring
    others = {"sample", "command_line", "training", "duplicates", "canonical"}
    assert not others & {module.split(".")[0] for module in scoring}
    joining = imported("dbt_models.duplicates")
    assert {"duplicates.find", "duplicates.pairs", "matching.features"} <= joining
    others = {"canonical", "extraction", "labels", "sample"}
    assert not others & {module.split(".")[0] for module in joining}


def test_a_comment_changes_nothing_and_code_does(tmp_path, monkeypatch):
    for path in code_version._FOLDER.rglob("*.py"):
        copy = tmp_path / path.relative_to(code_version._FOLDER)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())

    def version_with(module, before="", after=""):
        path = tmp_path / f"{module}.py"
        original = path.read_text(encoding="utf-8")
        assert before in original
        path.write_text(original.replace(before, after, 1), encoding="utf-8")
        code_version.code_version.cache_clear()
        found = code_version.code_version("labels.texts", "labels.pairs")
        path.write_text(original, encoding="utf-8")
        return found

    monkeypatch.setattr(code_version, "_FOLDER", tmp_path)
    known = version_with("labels/texts")
    assert version_with("sample/simulate", "import", "import json\nimport") == known
    assert (
        version_with("labels/noise", "_ITERATIONS = 25", "_ITERATIONS = 25  # so many")
        == known
    )
    assert (
        version_with("labels/noise", '"""How labels go wrong', '"""How they go wrong')
        == known
    )
    assert version_with("labels/noise", "_ITERATIONS = 25", "_ITERATIONS = 26") != known
    code_version.code_version.cache_clear()
