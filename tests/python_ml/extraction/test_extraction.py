"""Extraction: values that are hidden and found again."""

import numpy as np
import pytest

from python_ml.extraction.values import extract_values

COLOURS = ["red", "blue", "navy blue", "black", "green", "off-white"]
THINGS = ["shirt", "shoe", "watch", "bag", "sock", "belt"]


def shop(rows, seed=0):
    """Titles with the colour in them; the brand Red Tape sells black things."""
    random = np.random.default_rng(seed)
    texts, colours = [], []
    for number in range(rows):
        colour = COLOURS[random.integers(len(COLOURS))]
        thing = THINGS[random.integers(len(THINGS))]
        brand = ["Acme", "Nova", "Lumo"][random.integers(3)]
        if number % 7 == 0:
            brand, colour = "Red Tape", "black"
        says = "" if number % 7 == 0 else f" {colour}"
        texts.append(f"{brand} men's {thing}{says.upper()} {random.integers(99)}")
        colours.append(colour)
    return texts, colours


def hidden(values, share, seed=0):
    random = np.random.default_rng(seed)
    rows = np.flatnonzero(random.random(len(values)) < share)
    return [None if row in set(rows) else v for row, v in enumerate(values)], rows


def test_hidden_values_are_found_and_confidence_is_the_share_of_right_ones():
    texts, colours = shop(600)
    values, rows = hidden(colours, 0.2)
    # One in ten of the known ones is wrong: so surely can the rest be known at best.
    random = np.random.default_rng(1)
    values = [
        COLOURS[random.integers(6)] if value and random.random() < 0.1 else value
        for value in values
    ]
    found = extract_values(texts, values)
    right = np.array([found.value[row] == colours[row] for row in rows])
    assert right.mean() > 0.9
    assert 0.8 < found.confidence[rows].mean() <= right.mean() + 0.03


def test_the_longest_value_counts_and_what_stands_beside_it():
    texts, colours = shop(600)
    asked = [
        "Acme men's belt NAVY BLUE 5",
        "Red Tape men's bag 7",
        "Lumo sock Off White",
    ]
    found = extract_values(texts + asked, colours + [None] * 3)
    assert found.value[-3:] == ["navy blue", "black", "off-white"]
    assert "in the text" in found.reason[-3]
    assert "similar records" in found.reason[-2]
    assert "in the text" not in found.reason[-2]
    assert found.confidence[-3] > 0.9


def test_ideographs_need_no_spaces_and_letters_need_their_ends():
    colours = ["红色", "黑色", "白色"] * 40
    texts = [f"男士{colour}皮鞋{number}" for number, colour in enumerate(colours)]
    found = extract_values([*texts, "女士白色手表"], [*colours, None])
    assert found.value[-1] == "白色"
    assert "in the text" in found.reason[-1]
    words = ["red", "tan"] * 40
    texts = [f"{word} thing {number}" for number, word in enumerate(words)]
    inside = extract_values([*texts, "a titanic hundred"], [*words, None])
    assert "in the text" not in inside.reason[-1]


def test_what_the_texts_do_not_say_has_little_confidence():
    random = np.random.default_rng(0)
    texts, _ = shop(400)
    values = [f"size {random.integers(6)}" for _ in texts]
    values, rows = hidden(values, 0.2)
    assert extract_values(texts, values).confidence[rows].max() < 0.7


def test_known_values_stay_and_the_usual_spelling_is_given():
    texts, colours = shop(300)
    colours = [c.upper() if row % 9 == 0 else c for row, c in enumerate(colours)]
    found = extract_values([*texts, "Nova sock BLUE", None], [*colours, None, None])
    assert found.value[:300] == [None] * 300
    assert not found.confidence[:300].any()
    assert found.reason[:300] == [""] * 300
    assert found.value[-2:] == ["blue", None]
    assert found.reason[-1]


def test_the_same_seed_gives_the_same():
    texts, colours = shop(300)
    values, _ = hidden(colours, 0.2)
    one, other = (extract_values(texts, values, seed=3) for _ in range(2))
    assert one.value == other.value
    assert (one.confidence == other.confidence).all()


@pytest.mark.parametrize("known", [0, 1, 49])
def test_from_few_values_nothing_is_learned(known):
    texts, colours = shop(known + 5)
    found = extract_values(texts, colours[:known] + [None] * 5)
    assert found.value == [None] * (known + 5)
    assert found.reason[-1] == "too few values to learn from"


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["same"] * 60, ["one"] * 59 + [None]),
        (["..."] * 60, ["one", "two"] * 29 + [None] * 2),
        ([f"text {n}" for n in range(60)], [f"value {n}" for n in range(59)] + [None]),
        ([f"!{n}" for n in range(60)], ["?", "!"] * 29 + [None] * 2),
    ],
)
def test_odd_columns_are_no_error(texts, values):
    found = extract_values(texts, values)
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()


def test_as_many_texts_as_values_are_needed():
    with pytest.raises(ValueError, match="1 texts and 2 values"):
        extract_values(["a"], ["b", None])
