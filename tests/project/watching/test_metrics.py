"""MetricFlow's answers are those of the marts; without the extra nothing is missing."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pandas as pd
import pytest

from tests.build import MODELS_ONLY, Project

VARS = {"metrics": True, "encoder": "ngrams"}
needs_metricflow = pytest.mark.skipif(
    find_spec("dbt_metricflow") is None,
    reason="the extra `metrics` is not installed (dbt-metricflow)",
)
# What is asked: metrics, by what they are grouped, and the same of the marts.
RATES = "sum(rows_checked * failure_rate) / sum(rows_checked) as failure_rate"
QUESTIONS = {
    "rules": (
        "failure_rate,failing_rows,rows_checked",
        "rule__feed",
        f"select feed as rule__feed, {RATES}, sum(failing_rows) as failing_rows,"
        " sum(rows_checked) as rows_checked"
        " from fct_quality_measures where slice_type = 'all' group by all",
    ),
    "one rule": (
        "failure_rate",
        "rule",
        "select rule_name as rule, failure_rate from fct_quality_measures"
        " where slice_type = 'all'",
    ),
    "components": (
        "failure_rate,issues,expected_issues",
        "rule__quality_dimension,rule__component",
        "select * from (select dimension as rule__quality_dimension,"
        f" component as rule__component, {RATES} from fct_quality_measures"
        " join dim_quality_rules using (rule_name) where slice_type = 'all'"
        " group by all) full join (select dimension as rule__quality_dimension,"
        " component as rule__component, count(*) as issues,"
        " sum(error_probability) as expected_issues from fct_quality_issues"
        " group by all) using (rule__quality_dimension, rule__component)",
    ),
    "source systems": (
        "failure_rate_by_source_system",
        "measure__source_system,rule__feed",
        "select slice_value as measure__source_system, feed as rule__feed,"
        f" {RATES}_by_source_system from fct_quality_measures"
        " where slice_type = 'source_system' group by all",
    ),
    "categories": (
        "failure_rate_by_category,rows_checked_by_category",
        "measure__category",
        f"select slice_value as measure__category, {RATES}_by_category,"
        " sum(rows_checked) as rows_checked_by_category from fct_quality_measures"
        " where slice_type = 'category' group by all",
    ),
    "months": (
        "failure_rate_by_day,failing_rows_by_day",
        "metric_time__month",
        "select date_trunc('month', try_cast(slice_value as date))"
        f" as metric_time__month, {RATES}_by_day, sum(failing_rows)"
        " as failing_rows_by_day from fct_quality_measures where slice_type = 'day'"
        " group by all",
    ),
    "suspects": (
        "suspects,suspect_rate",
        "rule",
        "select rule_name as rule, count(*) as suspects, count(*) / any_value(checked)"
        " as suspect_rate from fct_suspect_labels join (select rule_name, rows_checked"
        " as checked from fct_quality_rules) using (rule_name) group by all",
    ),
    "index": (
        "quality_index,quality_index_low,quality_index_high,measured_weight",
        "scope__scope_type,scope__feed,scope__scope_value",
        "select scope_type as scope__scope_type, feed as scope__feed,"
        " scope_value as scope__scope_value, quality_index,"
        " index_low as quality_index_low, index_high as quality_index_high,"
        " measured_weight from fct_quality_index",
    ),
    # Of several scopes together there is none.
    "no mean": (
        "quality_index,scopes",
        "scope__scope_type",
        "select scope_type as scope__scope_type,"
        " case when count(*) = 1 then max(quality_index) end as quality_index,"
        " count(*) as scopes from fct_quality_index group by all",
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("metrics"))
    settings = project.folder / "dbt_project.yml"
    text = settings.read_text()
    assert "\n  metrics: false\n" in text
    # `mf` parses the project by itself, and takes no --vars.
    settings.write_text(text.replace("\n  metrics: false\n", "\n  metrics: true\n"))
    project.build({"encoder": "ngrams"}, MODELS_ONLY, watching=True)
    return project


def answer(project, metrics: str, group_by: str) -> pd.DataFrame:
    """What `mf query` says."""
    file = project.folder / "answer.csv"
    command = ["-m", "dbt_metricflow.cli.main", "query", "--metrics", metrics]
    done = subprocess.run(
        [sys.executable, *command, "--group-by", group_by, "--csv", str(file)],
        cwd=project.folder,
        env={
            **os.environ,
            "ASSAY_DATABASE": str(project.database),
            "DBT_PROFILES_DIR": str(project.folder),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            # It asks the package index for a newer version of itself: not from here.
            "HTTPS_PROXY": "http://127.0.0.1:9",
        },
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return pd.read_csv(file)


@needs_metricflow
@pytest.mark.parametrize("question", QUESTIONS)
def test_mf_says_what_the_marts_say(project, question):
    metrics, group_by, sql = QUESTIONS[question]
    found = answer(project, metrics, group_by)
    expected = project.query(sql)
    keys = group_by.split(",")
    assert sorted(found.columns) == sorted(expected.columns)
    tables = []
    for table in (found, expected[found.columns]):
        table = table.copy()
        for key in keys:
            is_time = key.startswith("metric_time")
            text = pd.to_datetime(table[key]) if is_time else table[key]
            table[key] = text.astype(object).where(text.notna(), None).map(str)
        tables.append(table.sort_values(keys).reset_index(drop=True))
    assert len(tables[1]) > 1
    assert tables[1].drop(columns=keys).notna().to_numpy().any()
    pd.testing.assert_frame_equal(*tables, check_dtype=False, rtol=1e-12)


def manifest(project, **vars) -> dict:
    result = project.dbt("parse", "--no-partial-parse", "--vars", json.dumps(vars))
    assert result.returncode == 0, result.output
    return json.loads((project.folder / "target/manifest.json").read_text())


def test_a_project_parses_with_and_without_metrics(tmp_path):
    """dbt itself reads semantic models: no package besides it is needed to parse."""
    project = Project(tmp_path)
    without = manifest(project)
    assert not without["semantic_models"] and not without["metrics"]
    assert not any("days_of_metrics" in name for name in without["nodes"])
    with_them = manifest(project, metrics=True)
    models = {one["name"] for one in with_them["semantic_models"].values()}
    assert models == {
        "quality_rules",
        "quality_measures",
        "quality_issues",
        "quality_indexes",
    }
    for metric in with_them["metrics"].values():
        assert metric["description"] and metric["label"]


def test_no_metric_averages(tmp_path):
    semantic = manifest(Project(tmp_path), metrics=True)["semantic_models"].values()
    ways = {one["agg"] for model in semantic for one in model["measures"]}
    assert ways == {"sum", "max"}
