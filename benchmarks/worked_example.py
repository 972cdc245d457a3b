"""The worked example: 10 % of the users missing and 5 % of the events repeated.

Completeness is g = (1 - 0.10) * (1 - 0.05) = 0.855.
"""

import shutil
from pathlib import Path

import duckdb
from measure import assay, simulate, timed
from simulate import AS_OF

ROWS = 1_000_000
EXPECTED = 0.855
DESCRIBED = {
    "name": "behaviour",
    "config": {"meta": {"key": "event_id"}},
    "columns": [
        {"name": "event_id", "data_tests": ["not_repeated"]},
        {"name": "user_id", "data_tests": ["not_missing"]},
    ],
}


def run(work: Path) -> float:
    """Build the project with the table watched; return its completeness score."""
    data = work / "data"
    simulate("behaviour", data, ROWS)
    simulate("events", data, 1_000)
    variables = {"as_of": AS_OF, "feeds": {"products": {}}}
    tool = assay(work, variables, data, {"behaviour": DESCRIBED})
    tool.database.unlink(missing_ok=True)
    timed(tool.command, tool, work / "command.log")
    with duckdb.connect(str(tool.database), read_only=True) as connection:
        score = connection.execute(
            "select completeness_score from assay_marts.fct_quality_index "
            "where scope_type = 'feed' and feed = 'behaviour'"
        ).fetchone()[0]
    shutil.rmtree(data)
    print(f"worked example: completeness_score = {score!r}, expected {EXPECTED}")
    if abs(score - EXPECTED) >= 1e-12:
        raise AssertionError(f"completeness_score is {score!r}, not {EXPECTED}")
    return score
