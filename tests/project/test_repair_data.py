"""The tables beers and hospital, watched: what is detected, and what is put right.

The data is not part of the project; it is looked for where test_real_data.py looks.
What is counted, and the rules, are those of the benchmark.
"""

import pytest

from tests.build import MODELS_ONLY, ROOT, Project
from tests.project.test_real_data import DATA

FOLDER = DATA / "repair"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the data sets are not here: set ASSAY_TEST_DATA"
)

# The least F1 of detection, and the least share of all errors that is put right.
BARS = {"beers": (0.98, 0.98), "hospital": (0.90, 0.85)}


@pytest.fixture(scope="module", params=BARS)
def repaired(request, tmp_path_factory):
    """The name of a table, a build on it, and the benchmark that measures it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
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
