"""The command line, as a shell calls it."""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from python_ml.command_line import train as train_command
from python_ml.training.settings import TrainingSettings
from tests.build import FORKS, ROOT, rows_of, run_python_ml
from tests.python_ml.tiny_model import texts_and_labels, write_tiny_model


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def run(*arguments):
    """Runs a command; torch was imported before, where it is forked from."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("stdout", "stderr")]
        process = FORKS.Process(
            target=run_python_ml, args=([*map(str, arguments)], ROOT, *files)
        )
        process.start()
        process.join()
        texts = [file.read_text(encoding="utf-8") for file in files]
    return Done(process.exitcode, *texts)


def test_sample_writes_feeds_and_truth(tmp_path):
    done = run("sample", "--out", tmp_path, "--products", 40, "--events", 200)
    assert done.returncode == 0, done.stderr
    files = sorted(file.name for file in tmp_path.iterdir())
    assert len(files) == 8
    assert {"events.parquet", "products.parquet", "truth.parquet"} < set(files)


def test_sample_plants_the_defects_it_is_told(tmp_path):
    defects = tmp_path / "defects.yml"
    defects.write_text("products: {title: {missing: 0.5}}")
    options = ["--products", 40, "--events", 200, "--defects", defects, "--seed", 3]
    done = run("sample", "--out", tmp_path / "shop", *options)
    assert done.returncode == 0, done.stderr
    truth = tmp_path / "shop" / "truth.parquet"
    planted = rows_of(
        f"select distinct feed, column_name, defect from '{truth}' where defect <> ?",
        ["uncovered"],
    )
    assert planted == [("products", "title", "missing")]


WEIGHTS = ["--data", "seeds/quality_weights.csv", "--text", "feed"]
TRAIN = ["train", *WEIGHTS, "--label", "accuracy", "--out", "no/such"]
ENCODE = ["encode", *WEIGHTS, "--out", "no_such.csv"]
SCORE = ["score", *WEIGHTS, "--label", "accuracy", "--out", "no_such.csv"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sample"], "--out"),
        (["sample", "--out", "x", "--events", "0"], "0 is not at least 1"),
        (["sample", "--out", "x", "--events", "many"], "many"),
        (["sample", "--out", "x", "--defects", "absent.yml"], "absent.yml"),
        (["show", "--database", "absent.duckdb"], "run `dbt build` first"),
        (["show", "--database", "README.md"], "README.md has no readable marts"),
        (["train", "--data", "a.csv", "--text", "a", "--label", "b"], "--out"),
        ([*TRAIN, "--data", "a.json"], "a.json ends in neither .parquet nor .csv"),
        ([*TRAIN, "--data", "absent.csv"], "absent.csv"),
        ([*TRAIN, "--text", "title,absent"], "no column title; there are: feed, "),
        ([*TRAIN, "--label", "absent"], "There is no column absent"),
        ([*TRAIN, "--method", "best"], "The method is one of full, lora, head"),
        ([*TRAIN, "--base-model", "absent"], "absent"),
        ([*TRAIN, "--augmentation", "synonyms,shout"], "not 'shout'"),
        ([*TRAIN, "--augmentation", "auto"], "'auto' was dropped in 0.4"),
        ([*TRAIN, "--augmentation", "smote"], "for the method head alone"),
        ([*TRAIN, "--translators", "there"], "there is not two folders"),
        ([*TRAIN, "--translators", "a,b"], "a is no translation model"),
        ([*SCORE, "--data", "README.md"], "README.md ends in neither"),
        ([*SCORE, "--label", "absent"], "There is no column absent"),
        ([*SCORE, "--out", "scores"], "scores ends in neither .parquet nor .csv"),
        ([*SCORE, "--audits", "seeds/waivers.csv"], "There is no column row"),
        ([*SCORE, "--out", "no/such.csv"], "There is no folder no to write such.csv"),
        ([*ENCODE, "--encoder", "absent"], "There is no encoder absent"),
        ([*ENCODE, "--device", "abacus"], "The device abacus is none of auto"),
        ([*TRAIN, "--base-model", "ngrams"], "minilm or another transformer: ngrams"),
        (["encode", "--text", "feed", "--out", "a.csv"], "--data"),
        (["whatever"], "whatever"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(arguments, sentence):
    done = run(*arguments)
    assert sentence in done.stderr
    if done.returncode == 2:
        assert done.stderr.startswith("usage: ")
    else:
        assert done.returncode == 1
        assert done.stderr.startswith("Error: ")
        assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code", "unseen"),
    [
        (["show", "--database", "absent.duckdb"], 1, "numpy torch pandas dbt"),
        (["train", "--epochs", "0"], 2, "numpy torch pyarrow"),
        ([*TRAIN, "--method", "best"], 1, "torch transformers pyarrow.parquet"),
        ([*TRAIN, "--label", "absent"], 1, "torch transformers"),
    ],
)
def test_a_wrong_call_imports_nothing_heavy(arguments, code, unseen):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from python_ml.__main__ import main\n"
            "try: code = main(sys.argv[2:])\n"
            "except SystemExit as end: code = end.code\n"
            "print(code, *set(sys.argv[1].split()) & set(sys.modules))",
            unseen,
            *arguments,
        ],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.stdout.split() == [str(code)], done.stderr


def test_the_options_of_train_are_the_settings():
    parser = argparse.ArgumentParser()
    train_command.add_arguments(parser)
    given = ["--data", "a.csv", "--text", "a", "--label", "b", "--out", "c"]
    assert train_command._settings(parser.parse_args(given)) == TrainingSettings()
    others = {"method": "head", "base_model": "there", "epochs": 3, "batch_size": 7}
    others |= {"learning_rate": 0.5, "patience": 1, "max_tokens": 9, "seed": 4}
    others |= {"validation_share": 0.2, "augmentation": ["smote"], "per_class": 6}
    others |= {"pooling": "cls", "metric": "accuracy", "head_learning_rate": 0.1}
    for name, value in others.items():
        words = ",".join(value) if isinstance(value, list) else str(value)
        given += [f"--{name.replace('_', '-')}", words]
    given += ["--class-weights", "none", "--compile"]
    found = train_command._settings(parser.parse_args(given))
    assert found == TrainingSettings(**others, class_weights=None, compile=True)
    known = {*others, "class_weights", "compile", "pair_model"}
    unsaid = {one.name for one in fields(found)} - known
    assert unsaid == {"back_translation", "warmup_share"}


def test_show_says_that_marts_are_empty(tmp_path):
    database = tmp_path / "empty.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            """
            create table fct_quality_index (
                scope_type varchar, measured_weight double, quality_index double,
                index_low double, index_high double, worst_feed varchar,
                worst_feed_index double, worst_rule varchar, worst_rule_rate double,
                as_of timestamp
            )
            """
        )
    done = run("show", "--database", database)
    assert done.returncode == 1
    assert done.stderr == (
        "Error: The marts are empty: run `dbt build`, with a table to watch in the var"
        " `feeds` or `watched`.\n"
    )


def test_show_prints_what_the_marts_say(sample_build):
    done = run("show", "--database", sample_build.database)
    assert done.returncode == 0, done.stderr
    shop = sample_build.query("from fct_quality_index where scope_type = 'shop'").iloc[
        0
    ]
    line = next(line for line in done.stdout.splitlines() if line.startswith("shop"))
    assert f"{shop.quality_index:.3f}" in line
    assert f"{shop.issue_count:,}" in line
    verdicts = sample_build.query(
        "select verdict, count(*) as rules from fct_quality_rules group by all"
    ).set_index("verdict")
    assert f"{verdicts.rules['failed']} failed" in done.stdout


@pytest.fixture(scope="module")
def labeled(tmp_path_factory):
    """A file of texts with labels, of which every tenth is wrong."""
    texts, labels = texts_and_labels(300)
    data = pd.DataFrame({"id": [f"{i:03}" for i in range(300)], "label": labels})
    data["title"] = [text.split(" ", 1)[0] for text in texts]
    data["description"] = [text.split(" ", 1)[1] for text in texts]
    data["right_label"] = data["label"]
    wrong = data.index % 10 == 3
    data.loc[wrong, "label"] = data["label"].map(
        {"shoes": "shirts", "shirts": "watches", "watches": "shoes"}
    )
    data.loc[5, ["title", "description"]] = None
    folder = tmp_path_factory.mktemp("labeled")
    data.to_parquet(folder / "data.parquet")
    data.to_csv(folder / "data.csv", index=False)
    return folder, data


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_train_writes_a_model(labeled, tmp_path, ending):
    folder, _ = labeled
    base = write_tiny_model(tmp_path / "base")
    data = ["--data", folder / f"data.{ending}", "--text", "title,description"]
    data += ["--label", "right_label"]
    options = ["--base-model", base, "--method", "head", "--learning-rate", 0.01]
    done = run("train", *data, *options, "--out", tmp_path / "model", "--seed", 7)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    report = json.loads((tmp_path / "model" / "report.json").read_text())
    assert report["settings"]["seed"] == 7
    assert report["rows_dropped"] == 1
    assert report["after"]["accuracy"] > report["before"]["accuracy"] + 0.2
    line = next(line for line in done.stdout.splitlines() if "accuracy" in line)
    assert line.split()[1:] == [
        f"{report[when]['accuracy']:.3f}" for when in ("before", "after")
    ]


def test_train_says_what_augmentation_added(labeled, tmp_path):
    folder, _ = labeled
    base = write_tiny_model(tmp_path / "base")
    data = ["--data", folder / "data.csv", "--text", "title,description"]
    options = ["--base-model", base, "--method", "head", "--label", "right_label"]
    options += ["--epochs", 2, "--augmentation", "synonyms,smote", "--per-class", 110]
    done = run("train", *data, *options, "--out", tmp_path / "model")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "model" / "report.json").read_text())
    synonyms, smote = (report["augmentation"][way] for way in ("synonyms", "smote"))
    assert synonyms + smote == report["rows_added"] > 0
    said = f"Added {report['rows_added']:,} rows: synonyms {synonyms}, smote {smote}"
    assert done.stdout.splitlines()[-1] == said


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_encode_writes_embeddings(labeled, tmp_path, ending):
    from python_ml.encoding.encoders import encode

    folder, data = labeled
    source, out = folder / f"data.{ending}", tmp_path / f"vectors.{ending}"
    arguments = ["--data", source, "--text", "title,description"]
    done = run("encode", *arguments, "--encoder", "ngrams", "--out", out)
    assert done.returncode == 0, done.stderr
    read = pd.read_parquet if ending == "parquet" else pd.read_csv
    found = read(out, **({"dtype": str} if ending == "csv" else {}))
    assert list(found.columns) == [*data.columns, "embedding"]
    assert found["id"].tolist() == data["id"].tolist()
    vectors = found["embedding"]
    vectors = np.stack(vectors.map(json.loads) if ending == "csv" else vectors)
    texts = (data["title"] + " " + data["description"]).where(data["title"].notna())
    expected = encode([None if pd.isna(t) else t for t in texts], encoder="ngrams")
    np.testing.assert_allclose(vectors, expected, atol=1e-6)


def test_score_finds_wrong_labels(labeled, tmp_path):
    folder, data = labeled
    arguments = ["--text", "title,description", "--label", "label"]
    arguments += ["--encoder", "ngrams", "--data", folder / "data.parquet"]
    done = run("score", *arguments, "--out", tmp_path / "scores.parquet")
    assert done.returncode == 0, done.stderr
    found = pd.read_parquet(tmp_path / "scores.parquet")
    assert found["row"].tolist() == list(range(300))
    assert found["id"].tolist() == data["id"].tolist()
    is_wrong = (data["label"] != data["right_label"]).to_numpy()
    probability = found["error_probability"]
    assert pd.isna(probability[5])
    assert probability[is_wrong].mean() > 0.5 > probability[~is_wrong].mean() + 0.3
    suspects = found[found["is_suspect"]]
    assert (suspects["suggested_label"] == suspects["right_label"]).mean() > 0.9
    assert f"{len(suspects)} of 300 rows" in done.stdout
    assert "by the model" in done.stdout

    audits = pd.DataFrame({"row": np.arange(0, 300, 4)})
    audits["is_wrong"] = is_wrong[audits["row"]]
    audits = audits[audits["row"] != 5]
    audits.to_csv(tmp_path / "audits.csv", index=False)
    arguments += ["--audits", tmp_path / "audits.csv"]
    done = run("score", *arguments, "--out", tmp_path / "audited.csv")
    assert done.returncode == 0, done.stderr
    assert "by the audits" in done.stdout


def test_score_takes_pairs(labeled, tmp_path):
    folder, data = labeled
    arguments = ["--text", "title", "--right-text", "description", "--label", "label"]
    arguments += ["--encoder", "ngrams", "--data", folder / "data.csv"]
    done = run("score", *arguments, "--out", tmp_path / "scores.csv")
    assert done.returncode == 0, done.stderr
    found = pd.read_csv(tmp_path / "scores.csv")
    assert len(found) == len(data)
    assert found["error_probability"].between(0, 1).sum() == 299
    assert len(json.loads(found["nearest_rows"][0])) == 3
