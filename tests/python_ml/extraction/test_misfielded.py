"""Values that slipped into another column: what is found, and what is left alone."""

import pytest

from python_ml.extraction.misfielded import slipped_values

CITIES = ["Portland", "Bend", "Denver", "Grand Rapids"] * 25
STATES = ["OR", "OR", "CO", "MI"] * 25


def test_a_value_at_an_end_is_found_with_the_text_it_leaves():
    texts = [*CITIES, "Portland OR", "Denver, CO", "MI Grand Rapids", "Bend"]
    found = slipped_values(texts, STATES + [None] * 4)
    assert found.value[-4:] == ["OR", "CO", "MI", None]
    assert found.rest[-4:] == ["Portland", "Denver", "Grand Rapids", None]
    assert (found.confidence[-4:-1] > 0.98).all()
    assert not any(found.value[:-4]) and not found.confidence[:-4].any()
    assert found.confidence[-1] == 0


def test_what_texts_also_say_beside_a_known_value_has_not_slipped():
    """A brand begins the titles of its products, whether or not it is missing."""
    titles = ["Asus laptop", "Acer laptop", "Asus phone"] * 10
    brands = ["Asus", "Acer", "Asus"] * 10
    found = slipped_values([*titles, "Acer phone"], [*brands, None])
    assert not any(found.value) and not found.confidence.any()


def test_few_known_values_leave_doubt():
    surer = slipped_values([*CITIES, "Bend OR"], [*STATES, None]).confidence[-1]
    found = slipped_values(["Bend", "Denver", "Boulder CO"], ["OR", "CO", None])
    assert found.value[-1] == "CO"
    assert 0 < found.confidence[-1] < 0.95 < surer


def test_a_part_of_a_word_and_a_text_that_is_the_value_are_none():
    texts = [*CITIES, "VICTOR", "OR", "", None, "- OR"]
    found = slipped_values(texts, STATES + [None] * 5)
    assert not any(found.value)


def test_as_many_texts_as_values_are_asked_for():
    with pytest.raises(ValueError, match="1 texts and 2 values"):
        slipped_values(["a"], ["b", "c"])
