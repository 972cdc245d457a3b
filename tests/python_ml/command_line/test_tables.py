"""Tables of the command line: what comes out of files, and what goes in."""

import json
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from python_ml.command_line.tables import (
    audits_of,
    read_table,
    texts_of,
    values_of,
    with_columns,
    with_scores,
    write_table,
)

TABLE = pa.table(
    {
        "key": ["007", "x,y", 'quo"te', "two\nlines"],
        "text": ["a", None, "", "ü"],
        "more": ["b", None, "c", None],
        "vector": pa.array([[1.5, 2.0], None, [0.0, 1.0], [3.0, 4.0]]),
    }
)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_what_is_written_comes_back(tmp_path, ending):
    path = tmp_path / f"table.{ending}"
    write_table(TABLE, path)
    assert list(tmp_path.iterdir()) == [path]
    found = read_table(path)
    for name in ("key", "text", "more"):
        assert found[name].to_pylist() == TABLE[name].to_pylist()
    vectors = found["vector"].to_pylist()
    if ending == "csv":
        vectors = [None if vector is None else json.loads(vector) for vector in vectors]
    assert vectors == TABLE["vector"].to_pylist()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_is_text_and_empty_is_null(tmp_path, delimiter):
    path = tmp_path / "table.csv"
    lines = [["number", "flag", "none"], ["01", "true", ""], ["1.50", "NULL", '""']]
    path.write_text("".join(delimiter.join(line) + "\n" for line in lines), "utf-8")
    assert read_table(path).to_pydict() == {
        "number": ["01", "1.50"],
        "flag": ["true", "NULL"],
        "none": [None, ""],
    }


def test_texts_of_several_columns_are_joined():
    assert texts_of(TABLE, ["text", "more"]) == ["a b", None, "c", "ü"]
    assert texts_of(TABLE, ["text"]) == ["a", None, None, "ü"]


def test_a_number_is_a_text_too():
    table = pa.table({"number": [1, None, 20]})
    assert texts_of(table, ["number"]) == ["1", None, "20"]
    assert values_of(table, "number") == [1, None, 20]


def test_audits_have_their_types():
    table = pa.table(
        {
            "row": ["0", "3"],
            "is_wrong": ["true", "false"],
            "right_label": ["b", None],
            "weight": ["1.5", "2"],
            "comment": [None, "sure"],
        }
    )
    audits = audits_of(table)
    assert audits.keys() == {"row", "is_wrong", "right_label", "weight"}
    assert audits["row"].tolist() == [0, 3]
    assert audits["is_wrong"].tolist() == [True, False]
    assert audits["right_label"].tolist() == ["b", None]
    assert audits["weight"].tolist() == [1.5, 2.0]
    assert audits_of(table.select(["row", "is_wrong"])).keys() == {"row", "is_wrong"}


@pytest.mark.parametrize("type", [pa.int64(), pa.dictionary(pa.int8(), pa.int64())])
def test_right_labels_have_the_type_of_the_labels(type):
    columns = {"row": ["0", "1"], "is_wrong": ["true", "true"]}
    table = pa.table(columns | {"right_label": ["3", None]})
    assert audits_of(table, type)["right_label"].tolist() == [3, None]
    table = pa.table(columns | {"right_label": ["shoes", None]})
    with pytest.raises(ValueError, match="right_label of the audits must be int64"):
        audits_of(table, type)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"row": [1]}, "There is no column is_wrong; there are: row."),
        ({"row": ["one"], "is_wrong": [True]}, "The column row of the audits must be"),
        ({"row": [1], "is_wrong": ["maybe"]}, "The column is_wrong of the audits"),
        ({"row": [1], "is_wrong": [None]}, "An audit has no is_wrong."),
    ],
)
def test_wrong_audits_get_one_sentence(columns, sentence):
    with pytest.raises(ValueError, match=sentence) as raised:
        audits_of(pa.table(columns))
    assert "\n" not in str(raised.value)


def test_scores_stand_beside_their_rows():
    scores = SimpleNamespace(
        error_probability=np.array([0.1, np.nan]),
        suggested_label=np.array(["a", None], object),
        suggestion_probability=np.array([0.9, np.nan]),
        is_suspect=np.array([False, False]),
        classifier_disagreement=np.array([0.1, np.nan], np.float32),
        neighbour_disagreement=np.array([0.2, np.nan], np.float32),
        same_text_disagreement=np.array([0.0, np.nan], np.float32),
        category_distance=np.array([0.3, np.nan], np.float32),
        wrong_level=np.array([0, 0]),
        nearest_rows=np.array([[1, -1, -1], [0, -1, -1]]),
        nearest_similarity=np.array([[0.5, 0, 0], [0.5, 0, 0]], np.float32),
    )
    found = with_scores(pa.table({"title": ["x", "y"]}), scores)
    assert found.column_names[:3] == ["row", "title", "error_probability"]
    assert found["row"].to_pylist() == [0, 1]
    assert found["error_probability"].to_pylist() == [0.1, None]
    assert found["suggested_label"].to_pylist() == ["a", None]
    assert found["nearest_rows"].to_pylist() == [[1, -1, -1], [0, -1, -1]]
    mixed = SimpleNamespace(**vars(scores) | {"suggested_label": ["a", 1]})
    assert with_scores(pa.table({"title": ["x", "y"]}), mixed)[
        "suggested_label"
    ].to_pylist() == ["a", "1"]
    with pytest.raises(ValueError, match="a column is_suspect already"):
        with_scores(pa.table({"is_suspect": ["x", "y"]}), scores)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.parquet", b"no parquet", "a.parquet cannot be read"),
        ("a.csv", b"", "a.csv cannot be read"),
        ("a.csv", b"one,two\n1,2,3\n", "a.csv cannot be read"),
        ("a.csv", b"caf\xe9,two\n1,2\n", "a.csv cannot be read"),
        ("a.csv", b"one,two\ncaf\xe9,2\n", "a.csv cannot be read"),
    ],
)
def test_a_broken_file_is_named(tmp_path, name, content, sentence):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=sentence) as raised:
        read_table(path)
    assert "\n" not in str(raised.value)


def test_two_columns_of_one_name_are_not_guessed():
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"])
    with pytest.raises(ValueError, match="two columns a"):
        values_of(table, "a")
    with pytest.raises(ValueError, match="a column b already"):
        with_columns(pa.table({"b": [1]}), {"b": pa.array([2])})
