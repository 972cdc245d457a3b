"""The tables beers and hospital, watched: what is detected, and what is put right.

The data is not part of the project; it is looked for where test_real_data.py looks.
What is counted, and the rules, are those of the benchmark.
"""

import pandas as pd
import pytest

from tests.build import MODELS_ONLY, ROOT, Project
from tests.project.test_real_data import DATA

FOLDER = DATA / "repair"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the data sets are not here: set ASSAY_TEST_DATA"
)

# The least F1 of detection, and the least share of all errors that is put right.
BARS = {"beers": (0.98, 0.98), "hospital": (0.98, 0.85)}


@pytest.fixture(scope="module", params=BARS)
def repaired(request, tmp_path_factory):
    """The name of a table, a build on it, and the benchmark that measures it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks/repairs")
        import repair
    project = Project(tmp_path_factory.mktemp(request.param))
    repair.watch(project.folder, project.database, request.param, FOLDER)
    project.build(repair.variables(request.param), env=MODELS_ONLY, repairs=True)
    return request.param, project, repair


def test_errors_are_detected_and_put_right(repaired):
    table, project, repair = repaired
    found = repair.quality(repair.cells(project.database, table, FOLDER))
    least_f1, least_recall = BARS[table]
    assert found["detection_f1"] >= least_f1
    assert found["repair_recall"] >= least_recall
    assert found["repair_precision"] >= 0.98
    assert found["proposal_precision"] >= 0.9


def test_the_cells_that_are_likely_to_be_odd_are_wrong(repaired):
    """Of those that disagree with others few are, and seldom is an odd one right."""
    table, project, _ = repaired
    flagged = project.query(f"""
        with cells as (
            select
                record_key,
                issues.column_name,
                max(error_probability) as error_probability
            from fct_quality_issues as issues
            inner join dim_quality_rules as rules using (rule_name)
            where issues.feed = '{table}' and rule_kind = 'agrees_with'
            group by all
        ),

        dirty as (
            unpivot (
                select row_no, columns(* exclude row_no)::varchar from main.{table}
            )
            on columns(* exclude row_no) into name column_name value found_value
        )

        select cells.*, dirty.found_value
        from cells
        inner join dirty
            on cells.record_key = dirty.row_no::varchar
            and cells.column_name = dirty.column_name
    """)
    clean = pd.read_parquet(FOLDER / f"{table}_clean.parquet").set_index("row_no")
    names = pd.read_parquet(FOLDER / f"{table}_dirty.parquet").set_index("row_no")
    clean = clean.set_axis(names.columns, axis=1)
    clean.index = clean.index.astype(str)
    right = [
        str(clean.at[key, column])
        for key, column in zip(flagged.record_key, flagged.column_name, strict=True)
    ]
    is_wrong = flagged.found_value != right
    probability = flagged.error_probability
    # Of two that differ one is wrong, and each is as likely to be.
    assert (probability > 0.9).sum() > 100
    assert is_wrong[probability > 0.5].mean() >= 0.97
    assert is_wrong[probability < 0.5].mean() < 0.01
    assert is_wrong.mean() == pytest.approx(probability.mean(), abs=0.01)


def test_what_differs_is_what_the_repairs_say(repaired):
    table, project, _ = repaired
    changes = project.query(f"""
        with found as (
            unpivot (select * from main.{table})
            on columns(* exclude row_no) into name column_name value found_value
        ),

        repaired as (
            unpivot (
                select
                    row_no,
                    coalesce(columns(* exclude (row_no, record_number)), '')
                from assay_repaired.repaired_{table}
            )
            on columns(* exclude row_no) into name column_name value repaired_value
        )

        select cast(found.row_no as varchar) as record_key, column_name, repaired_value
        from found
        inner join repaired using (row_no, column_name)
        where found_value <> repaired_value
        order by all
    """)
    applied = project.query(f"""
        select record_key, column_name, coalesce(proposed_value, '') as repaired_value
        from fct_repairs where feed = '{table}' and status = 'applied' order by all
    """)
    assert len(applied) > 0
    assert changes.values.tolist() == applied.values.tolist()
