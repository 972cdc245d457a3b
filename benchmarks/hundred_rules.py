"""One table of the user's own with a hundred rules: Assay and plain dbt."""

import shutil
from pathlib import Path

from measure import assay, plain_dbt, rounds, simulate
from simulate import AS_OF, GRADES, NUMBERS

# A table of one's own is watched beside the feeds; the smallest shop has one of them.
VARIABLES = {"as_of": AS_OF, "feeds": {"products": {}}}
NUMBER_RULES = {
    "is_there": "not_null",
    "is_unique": "unique",
    "is_positive": {"in_format": {"arguments": {"min": 1}}},
    "in_range": {"in_format": {"arguments": {"min": 10_000_000, "max": 99_999_999}}},
    "has_eight_digits": {"in_format": {"arguments": {"pattern": "^[0-9]{8}$"}}},
}
GRADE_RULES = {
    "is_there": "not_null",
    "is_present": "not_missing",
    "is_known": {"accepted_values": {"arguments": {"values": list("0123456789")}}},
    "in_range": {"in_format": {"arguments": {"min": 0, "max": 9}}},
    "is_one_digit": {"in_format": {"arguments": {"pattern": "^[0-9]$"}}},
}


def run(rows: int, count: int, work: Path) -> dict:
    """Time both tools. Returns the timings and the tools."""
    data = work / "data"
    simulate("wide", data, rows)
    simulate("events", data, 1_000)
    tools = [
        assay(work, VARIABLES, data, {"wide": described()}),
        plain_dbt(work, data, "wide", described()),
    ]

    databases = [str(work / "warehouse.duckdb")]
    databases += ["--plain", str(work / "plain_dbt.duckdb")]
    timings = rounds(tools, count, work, f"100 rules on {rows:,} rows", databases)
    shutil.rmtree(data)
    return {"rows": rows, "tools": tools, "timings": timings, "notes": []}


def described() -> dict:
    """Return the YAML of the table: its key and five rules on each of 20 columns."""
    columns = []
    for names, rules in [(NUMBERS, NUMBER_RULES), (GRADES, GRADE_RULES)]:
        for column in names:
            tests = [_named(f"{column}_{name}", rule) for name, rule in rules.items()]
            columns.append({"name": column, "data_tests": tests})
    return {"name": "wide", "config": {"meta": {"key": "row_id"}}, "columns": columns}


def _named(name: str, rule: str | dict) -> dict:
    kind, settings = (rule, {}) if isinstance(rule, str) else next(iter(rule.items()))
    return {kind: {"name": name} | settings}
