import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from python_ml.encoding import packing as encode_packed
from python_ml.encoding.packing import embed_texts


def characters(texts):
    return [[ord(letter) % 1000 for letter in text] for text in texts]


def checked(packed):
    """A network that fails on a batch that is not as described."""
    assert packed.tokens.dtype == packed.positions.dtype == torch.int32
    lengths = [length for length, count in packed.runs for _ in range(count)]
    assert lengths == sorted(lengths, reverse=True)
    assert len({length for length, _ in packed.runs}) == len(packed.runs)
    assert packed.positions.tolist() == [
        place for length in lengths for place in range(length)
    ]
    assert len(packed.tokens) <= 50 or len(lengths) == 1
    rows = torch.split(packed.tokens, lengths)
    return torch.tensor(
        [[len(row), row[0], row[-1], row.sum() % 1009] for row in rows],
        dtype=torch.float32,
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(texts=st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=40))
def test_texts_come_back_in_order_from_batches_within_the_budget(texts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encode_packed, "CPU_LEAST", 50)
        patch.setattr(encode_packed, "CPU_TOKENS", 0)
        patch.setattr(encode_packed, "CPU_TEXTS", 7)
        found = embed_texts(texts, characters, checked, "cpu")
    expected = [
        [len(ids), ids[0], ids[-1], sum(ids) % 1009] for ids in characters(texts)
    ]
    assert found.dtype == np.float32
    assert found.tolist() == expected


def test_errors_of_the_tokenizer_are_not_lost():
    def broken(texts):
        raise ValueError("not a text")

    with pytest.raises(ValueError, match="not a text"):
        embed_texts(["a"] * 5000, broken, checked, "cpu")
