"""Right labels are not turned round, and what is suggested waits for an audit."""

import numpy as np
import pandas as pd
import pytest

from tests.build import MODELS_ONLY, Project

VARS = {
    "encoder": "ngrams",
    "as_of": "2026-07-01",
    "feeds": {"reviews": {}, "products": {}},
}
THINGS = ["kettle", "lamp", "chair", "novel", "puzzle", "jacket", "teapot", "ladder"]


def reviews(texts: list[str], labels: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "review_id": [f"r{row}" for row in range(len(texts))],
            "product_id": "p1",
            "user_id": "u1",
            "rating": 3,
            "review_text": texts,
            "label": labels,
        }
    )


def planted(rows: int = 800) -> tuple[pd.DataFrame, np.ndarray]:
    """Reviews that say what they think, and which of their labels are wrong."""
    random = np.random.default_rng(0)
    labels = np.array(["good", "bad"])[np.arange(rows) % 2]
    said = {"good": "works very well, love it", "bad": "broke at once, bad quality"}
    texts = [
        f"{random.choice(THINGS)} {said[label]} {random.choice(THINGS)} {row}"
        for row, label in enumerate(labels)
    ]
    wrong = np.zeros(rows, bool)
    wrong[random.choice(rows, 40, replace=False)] = True
    given = np.where(wrong, np.where(labels == "good", "bad", "good"), labels)
    return reviews(texts, given.tolist()), wrong


def build(folder, found: pd.DataFrame) -> Project:
    project = Project(folder)
    found.to_parquet(folder / "reviews.parquet")
    products = pd.DataFrame({"product_id": ["p1"], "source_system": ["shop"]})
    products.to_parquet(folder / "products.parquet")
    return project


def label_repairs(project: Project, **vars) -> pd.DataFrame:
    project.build({**VARS, **vars}, env=MODELS_ONLY, repairs=True)
    return project.query("from fct_repairs where method = 'label'")


def test_labels_on_two_distinct_texts_are_not_measured(tmp_path):
    found = reviews(["5/5", "1/5"] * 60, ["good", "bad"] * 60)
    project = build(tmp_path, found)
    assert label_repairs(project, label_repairs="confident").empty
    rule = project.query(
        "from fct_quality_rules where rule_name = 'review_label_is_right'"
    ).iloc[0]
    assert rule.verdict == "not measured"
    assert "2 distinct texts are too few" in rule.reason
    assert project.query("from fct_suspect_labels").empty


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    found, wrong = planted()
    project = build(tmp_path_factory.mktemp("audited"), found)
    project.found, project.wrong = found, wrong
    return project


def audit(project: Project, repairs: pd.DataFrame, right: int) -> None:
    """Looks at the sure suggestions and finds so many of them right."""
    lines = ["rule_name,record_key,label,is_wrong,right_label,sampling_weight"]
    lines[0] += ",audited_by,audited_at"
    for place, row in enumerate(repairs.itertuples()):
        is_wrong = str(place < right).lower()
        lines.append(f"review_label_is_right,{row.record_key},,{is_wrong},,,,")
    project.write("seeds/label_audits.csv", "\n".join(lines) + "\n")


def test_label_repairs_wait_for_an_audit(project):
    proposed = label_repairs(project)
    sure = proposed[proposed.confidence >= 0.95]
    assert len(sure) >= 25
    assert set(proposed.status) == {"proposed"}

    confident = label_repairs(project, label_repairs="confident")
    applied = confident[confident.status == "applied"]
    assert set(applied.record_key) == set(sure.record_key)
    assert project.wrong[[int(key[1:]) for key in applied.record_key]].mean() >= 0.95

    looked_at = sure.head(22)
    audit(project, looked_at, right=22)
    confirmed = label_repairs(project)
    applied = set(confirmed.record_key[confirmed.status == "applied"])
    assert set(sure.record_key[22:]) <= applied

    audit(project, looked_at, right=18)
    doubted = label_repairs(project)
    assert not (doubted.status == "applied").any()
