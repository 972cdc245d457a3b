"""Reports of training runs as rows, as a table of dbt too."""

import json

import pytest

from python_ml.dbt_models.training import training_runs
from python_ml.training.report import TrainingReport
from tests.build import MODELS_ONLY, Project


def metrics(accuracy):
    loss = 1 - accuracy
    return {
        "accuracy": accuracy,
        "macro_f1": accuracy / 2,
        "log_loss": loss,
        "loss": loss,
    }


def report(**changes):
    """What a run writes; a field that is missing here is a TypeError below."""
    found = {
        "before": metrics(0.25),
        "after": metrics(0.75),
        "history": [metrics(0.25), metrics(0.75), metrics(0.5)],
        "epochs_run": 2,
        "best_epoch": 1,
        "labels": ["a", "b", "ç"],
        "rows_trained": 90,
        "rows_held_out": 10,
        "rows_dropped": 1,
        "trainable_parameters": 12,
        "parameters": 34,
        "seconds": 5.5,
        "device": "cpu",
        "precision": "bfloat16",
        "versions": {"python": "3.11"},
        "settings": {
            "method": "full",
            "base_model": "minilm",
            "base_model_version": "abc",
            "data_sha256": "def",
            "metric": "accuracy",
            "seed": 7,
            "epochs": 2,
            "batch_size": None,
        },
        "batch_size": 16,
        "pooling": "mean",
    }
    TrainingReport(**found)
    return found | changes


def write(folder, content):
    folder.mkdir(parents=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "report.json").write_text(text, "utf-8")


def test_every_report_that_is_found_is_a_row(tmp_path):
    write(tmp_path / "b" / "deep", report())
    write(tmp_path / "a", report(exports={"int8": {"file": "onnx/model_int8.onnx"}}))
    write(tmp_path / ".partial", report())
    found = training_runs(str(tmp_path)).to_pylist()
    assert [row["folder"] for row in found] == [
        (tmp_path / name).as_posix() for name in ("a", "b/deep")
    ]
    row = found[1]
    assert row["note"] is None
    assert (row["data_version"], row["base_model_version"]) == ("def", "abc")
    assert (row["accuracy_before"], row["accuracy"]) == (0.25, 0.75)
    assert row["curve"] == [
        {"epoch": 0, "accuracy": 0.25, "macro_f1": 0.125, "log_loss": 0.75},
        {"epoch": 1, "accuracy": 0.75, "macro_f1": 0.375, "log_loss": 0.25},
        {"epoch": 2, "accuracy": 0.5, "macro_f1": 0.25, "log_loss": 0.5},
    ]
    assert (row["label_count"], row["batch_size"], row["seed"]) == (3, 16, 7)
    assert json.loads(row["settings"])["epochs"] == 2
    assert row["exports"] == "{}" and "onnx" in found[0]["exports"]
    assert len({row["run_id"] for row in found}) == 2
    assert training_runs(str(tmp_path)).to_pylist() == found


@pytest.mark.parametrize(
    "content",
    ["", "no JSON", "[1, 2]", "{}", '{"settings": 3}', '"a text"', "null"],
)
def test_what_is_no_report_is_a_row_that_says_so(tmp_path, content):
    write(tmp_path / "other", content)
    (row,) = training_runs(str(tmp_path)).to_pylist()
    assert row["note"] == "report.json is no report of a training run"
    known = {"run_id", "folder", "note", "written_at"}
    assert {name for name, value in row.items() if value is not None} == known


def test_reports_of_older_versions_are_rows(tmp_path):
    old = report()
    for name in ("batch_size", "pooling"):
        del old[name]
    del old["settings"]["metric"]
    old["settings"]["batch_size"] = 32
    write(tmp_path / "old", old)
    (row,) = training_runs(str(tmp_path)).to_pylist()
    assert (row["note"], row["pooling"], row["metric"]) == (None, None, None)
    assert (row["batch_size"], row["rows_added"]) == (32, 0)


def test_without_a_folder_there_is_no_row(tmp_path):
    for folder in (None, "", str(tmp_path / "absent"), str(tmp_path)):
        assert len(training_runs(folder)) == 0


@pytest.mark.build
def test_runs_are_a_mart(tmp_path):
    project = Project(tmp_path)
    write(tmp_path / "kept" / "categories", report())
    write(tmp_path / "kept" / "other", "no JSON")
    project.build({"training_folder": "kept"}, select="+fct_training_runs")

    def query(sql):
        return project.query(sql, "assay_marts")

    rows = query("from fct_training_runs order by folder")
    assert rows.folder.tolist() == ["kept/categories", "kept/other"]
    assert rows.accuracy[0] == 0.75 and rows.note[1].startswith("report.json is no")
    curve = query("select unnest(curve, recursive := true) from fct_training_runs")
    assert curve.accuracy.tolist() == [0.25, 0.75, 0.5]
    project.build(
        {"training_folder": None}, select="+fct_training_runs", env=MODELS_ONLY
    )
    assert not len(query("from fct_training_runs"))
