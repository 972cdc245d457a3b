"""Every argument of every rule, with everything that people write by mistake.

Which rules and arguments there are is read from `tests/generic` and the stand-ins for
packages: a new rule is walked, too, once `SOUND` says with which arguments it is one.
"""

import datetime
import json
import re

import duckdb
import pandas as pd
import pytest
import yaml

from tests.build import MODELS_ONLY, ROOT, Project

TABLE = "source('walk', 'things')"
FIELD = {"to": TABLE, "field": "day", "key": "id"}
# Arguments with which a rule on the column `value` of `things` is a rule.
SOUND = {
    "accepted_values": {"values": ["a", "b"]},
    "agrees_with": {"key": "id", "to": TABLE, "field": "value", "tolerance": 0},
    "category_is_right": {"text": "value"},
    "covers": {"values": ["a"], "expected": TABLE, "field": "value", "every": "day"},
    "holds": {"condition": "value is not null"},
    "in_format": {"pattern": "a", "values": ["a"], "min": 0, "max": 9, "is": "number"},
    "in_order": {"before": "value", "after": FIELD},
    "in_pace": {"per": "id", "max": 1, "within": "1 minute"},
    "in_sequence": {"per": "id"},
    "label_is_right": {"text": "value"},
    "not_cancelled": {"by": "id = 'x'", "key": "id", "amount": "number", "at": "day"},
    "not_missing": {},
    "not_null": {},
    "not_repeated": {"columns": ["id", "value"], "normalized": True},
    "refers_to": {"to": TABLE, "field": "id"},
    "relation_is_right": {"left": "value", "right": "id"},
    "relationships": {"to": TABLE, "field": "id"},
    "row_count": {"min": 1, "of": TABLE},
    "share_of_value": {"max": 0.5, "among": 1},
    "told_apart": {"by": "value"},
    "unique": {},
    "updated_every": {"cycle": "1 day"},
    "valid_for": {"age": "1 day"},
}
# Tests of the marts, which are no rules.
GATES = ["index_above", "measured_above", "rules_within_limits"]
RENAMED = ["not_annulled"]  # Old names, which say the new one.
UTILS, EXPECTATIONS = "dbt_utils.", "dbt_expectations.expect_"
SOUND |= {
    UTILS + "accepted_range": {"min_value": "'a'"},
    UTILS + "expression_is_true": {"expression": "= 'a'"},
    UTILS + "not_accepted_values": {"values": ["a"]},
    UTILS + "not_empty_string": {},
    UTILS + "not_null_proportion": {"at_least": 0.5},
    UTILS + "relationships_where": {"to": TABLE, "field": "id"},
    UTILS + "unique_combination_of_columns": {"combination_of_columns": ["id", "day"]},
    EXPECTATIONS + "column_values_to_be_between": {"min_value": "'a'"},
    EXPECTATIONS + "column_values_to_be_in_set": {"value_set": ["a"]},
    EXPECTATIONS + "column_values_to_match_regex": {"regex": "a"},
    EXPECTATIONS + "column_values_to_not_be_null": {},
    EXPECTATIONS + "compound_columns_to_be_unique": {"column_list": ["id", "day"]},
    EXPECTATIONS + "table_row_count_to_be_between": {"min_value": 1},
    "dbt_expectations.expression_is_true": {"expression": "id = '1'"},
}
VALUES = {
    "null": None,
    "empty": "",
    "blank": "  ",
    "word": "zero",
    "quote": 'it\'s "so"',
    "number": 7,
    "negative": -7,
    "infinite": float("inf"),
    "no_number": float("nan"),
    "list": ["a", 7],
    "empty_list": [],
    "list_with_null": ["a", None],
    "list_of_lists": [["a"]],
    "mapping": {"a": 7},
    "empty_mapping": {},
    "date": datetime.date(2020, 1, 1),
    "no_date": "2020-13-45",
    "boolean": True,
    "nul": "a\0b",
    "long": "a" * 1_000_000,
}
# Enough for the rules of packages, whose arguments are checked as those of the others.
OF_PACKAGES = ["null", "empty", "word", "number", "list", "mapping", "date", "boolean"]
OF_PACKAGES += ["nul"]
# What no argument of any rule can be.
NEVER = ["null", "empty", "blank", "infinite", "no_number", "empty_list", "nul", "long"]
NEVER += ["list_with_null", "list_of_lists", "mapping", "empty_mapping"]
COLUMNS = {"id": "varchar", "value": "varchar", "number": "double", "day": "date"}
ROWS = [["1", "a", 1, "2020-01-01"], ["2", "b", 2, None], ["3", None, 3, "2020-01-03"]]


PACKAGES = sorted(ROOT.glob("tests/rules/other_tools/packages/*.sql"))


def signatures() -> dict[str, list[str]]:
    """The rules and the names of their arguments."""
    found = {}
    for path in [*(ROOT / "tests/generic").rglob("*.sql"), *PACKAGES]:
        text = path.read_text(encoding="utf-8")
        package = f"{path.stem}." if path in PACKAGES else ""
        for name, given in re.findall(r"{% test (\w+)\((.*?)\) %}", text, re.S):
            arguments = re.findall(r"(\w+)(?:=[^,]*)?(?:,|$)", given.strip())
            if name not in [*GATES, *RENAMED]:
                found[package + name] = [name for name in arguments if name != "model"]
    return found


def write_packages(project: Project) -> None:
    """Tests of the packages that look at nothing: what they would say is not asked."""
    for path in PACKAGES:
        text = path.read_text(encoding="utf-8")
        heads = re.findall(r"{% test \w+\(.*?\) %}", text, re.S)
        folder = f"dbt_packages/{path.stem}"
        package = f"name: {path.stem}\nversion: '1.0'\nconfig-version: 2\n"
        project.write(f"{folder}/dbt_project.yml", package)
        project.write(
            f"{folder}/macros/{path.name}",
            "\n".join(f"{head} select 1 where false {{% endtest %}}" for head in heads),
        )


def is_no_argument(kind: str, argument: str, word: str) -> bool:
    """Whether a package takes the value as if the argument were not given."""
    optional = "." in kind and argument not in SOUND[kind]
    return optional and (word == "null" or (argument, word) == ("flags", "empty"))


def walked() -> dict[str, tuple[str, str, dict]]:
    """The rules of the walk: kind, argument and arguments by name."""
    found = {}
    for kind, names in signatures().items():
        for name in names:
            for word, value in VALUES.items() if name != "column_name" else ():
                if "." in kind and word not in OF_PACKAGES:
                    continue
                given = {**SOUND[kind], name: value}
                if kind in ["covers", "in_order", "in_format"]:  # Each by itself.
                    given = {name: value}
                rule = f"walk_{kind}_{name}_{word}".replace(".", "_")
                found[rule] = (kind, name, given)
    return found


WALK = walked()
CROSSED = {
    "crossed_numbers": ("number", {"min": 5, "max": 1}),
    "crossed_dates": ("day", {"min": "2021-01-01", "max": datetime.date(2020, 1, 1)}),
    "a_number_for_a_date": ("day", {"min": 5}),
    "a_date_for_a_number": ("number", {"max": "2020-01-01"}),
    "a_word_among_dates": ("day", {"values": ["2020-01-01", "soon"]}),
}
# What holds is known: column, arguments, keys of the rows that fail.
TYPED = {
    "a_date_as_text": ("day", {"min": "2020-01-02"}, ["1"]),
    "a_date_of_yaml": ("day", {"max": datetime.date(2020, 1, 2)}, ["3"]),
    "dates_among_values": ("day", {"values": [datetime.date(2020, 1, 1)]}, ["3"]),
    "a_number_as_text": ("number", {"min": "2"}, ["1"]),
    "decimals_among_values": ("number", {"values": [1.0, "2.0", 3]}, []),
}


def test_every_rule_is_walked():
    assert signatures().keys() == SOUND.keys()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("arguments"))
    write_packages(project)
    pd.DataFrame({"event_id": ["e1"]}).to_parquet(project.folder / "events.parquet")
    with duckdb.connect(project.database) as connection:
        types = ", ".join(f"{name} {type}" for name, type in COLUMNS.items())
        connection.execute(f"create schema walk; create table walk.things ({types})")
        connection.executemany("insert into walk.things values (?, ?, ?, ?)", ROWS)
    of_columns = signatures()
    tests = [
        ("value" if "column_name" in of_columns[kind] else "", kind, name, given)
        for name, (kind, _, given) in WALK.items()
    ]
    tests += [
        (column, "in_format", name, given) for name, (column, given) in CROSSED.items()
    ]
    tests += [
        (column, "in_format", name, given) for name, (column, given, _) in TYPED.items()
    ]
    tests.append(("value", "not_missing", "sound", {}))
    of_places = {place: [] for place in ["", *COLUMNS]}
    for place, kind, name, given in tests:
        of_places[place].append({kind: {"name": name, "arguments": given}})
    table = {
        "name": "things",
        "config": {"meta": {"key": "id"}},
        # A gate that makes no sense costs itself alone, and nothing when it is not run.
        "data_tests": [
            *of_places.pop(""),
            {"index_above": {"name": "no_floor", "arguments": {"floor": "zero"}}},
        ],
        "columns": [{"name": n, "data_tests": t} for n, t in of_places.items()],
    }
    sources = {"sources": [{"name": "walk", "tables": [table]}]}
    project.write(
        "models/walk.yml",
        yaml.dump(sources, Dumper=yaml.CSafeDumper, allow_unicode=True),
    )
    project.write("models/rules/int_things_issues.sql", f"{{{{ issues({TABLE}) }}}}")
    vars = {"feeds": {"events": {}}, "watched": ["things"], "repaired": []}
    result = project.build(vars=vars, env=MODELS_ONLY, check=False, repairs=True)
    project.result = result
    return project


@pytest.fixture(scope="module")
def rules(project):
    assert project.result.returncode == 0, project.result.output[-5000:]
    rules = project.query("from fct_quality_rules where feed = 'things'")
    return rules.astype(object).where(rules.notna(), None).set_index("rule_name")


def test_no_other_rule_and_no_mart_is_lost(project, rules):
    assert set(WALK) | set(CROSSED) | set(TYPED) | {"sound"} == set(rules.index)
    assert (rules.failing_rows["sound"], rules.rows_checked["sound"]) == (1, 3)
    results = json.loads(
        (project.folder / "target" / "run_results.json").read_text(encoding="utf-8")
    )["results"]
    assert not [one["unique_id"] for one in results if one["status"] == "skipped"]


def test_a_wrong_argument_is_one_sentence(rules):
    errors = rules[rules.verdict == "error"]
    assert len(errors) > 300
    for name, reason in errors.reason.items():
        assert reason and "\n" not in reason and len(reason) < 200, (name, reason)


@pytest.mark.parametrize("word", NEVER)
def test_what_no_argument_can_be_is_an_error(word, rules):
    for name, (kind, argument, _) in WALK.items():
        if name.endswith(f"_{argument}_{word}") and not is_no_argument(
            kind, argument, word
        ):
            assert rules.verdict[name] == "error", name
            assert argument in rules.reason[name], rules.reason[name]


@pytest.mark.parametrize("name", CROSSED)
def test_bounds_that_cannot_be(name, rules):
    assert rules.verdict[name] == "error"


@pytest.mark.parametrize("name", TYPED)
def test_bounds_and_lists_are_compared_as_the_column_is(name, project, rules):
    assert rules.verdict[name] in ["passed", "failed"], rules.reason[name]
    issues = project.query(
        f"select record_key from fct_quality_issues where rule_name = '{name}'"
    )
    assert sorted(issues.record_key) == TYPED[name][2]
