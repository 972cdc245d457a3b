"""Every kind of rule on inline rows.

The YAML files beside this one hold tables: their `columns` (the first is the key,
unless `key` says otherwise; `quote` lists those that dbt is to quote), their `rows`
and their `rules`. A rule has a name that
says what it shows, the `column`, `arguments` and `config` of its dbt test, the keys of
the rows that it `fails`, and columns of fct_quality_rules with the values they must
have. Its kind is the name of the file, unless `rule` says otherwise. A table without
rules is there for others, which name it in `reads`. Of a learned rule `learns` says
from which label and texts of which row. The tests of packages are the stand-ins beside
this file; `own_verdict` says how one ends where that does not follow from its rule.
`tests` are no rules.
"""

import json
from fractions import Fraction
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from tests.build import Project

TABLES, RULES = {}, {}
for path in sorted(Path(__file__).parent.rglob("*.yml")):
    for name, table in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        first_column = next(iter(table["columns"]))
        TABLES[name] = {"rules": {}, "reads": [], "key": first_column, **table}
        for rule_name, rule in TABLES[name]["rules"].items():
            RULES[rule_name] = {"rule": path.stem, "table": name, "fails": [], **rule}
WATCHED = [name for name, table in TABLES.items() if table["rules"]]
WAIVERS = [
    f"{name},accepted,{rule['waived_until']}"
    for name, rule in RULES.items()
    if "waived_until" in rule
]
UNWATCHED_SQL = """
select * from (values (1, 'a'), (1, null), (2, 'b'), (2, 'c')) as listed (id, name)
"""
UNWATCHED_YML = """
models:
  - name: unwatched
    columns:
      - name: id
        data_tests:
          - unique: {name: own_unique}
      - name: name
        data_tests:
          - not_null: {name: own_not_null}
          - accepted_values: {name: own_values, arguments: {values: [a, b]}}
          - relationships:
              name: own_relationships
              arguments: {to: "source('cases', 'accounts')", field: account_id}
"""
# A copy of a test of dbt_utils, and a test that only has the name of another one.
OWN_TESTS_SQL = """
{% test not_empty_string(model, column_name, trim_whitespace=true) %}
    {{ dbt_utils.test_not_empty_string(model, column_name, trim_whitespace) }}
{% endtest %}
{% test accepted_range(model, low) %} select 1 {% endtest %}
"""
# Not columns of fct_quality_rules.
SETTINGS = ["rule", "table", "column", "arguments", "config", "waived_until"]
SETTINGS += ["fails", "slices", "failure_rate", "learns", "own_verdict"]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def relation(name: str) -> str:
    kind = "ref('{}')" if "materialized" in TABLES[name] else "source('cases', '{}')"
    return kind.format(name)


def properties(name: str) -> dict:
    """What the YAML of a table says of it and of its columns."""
    meta = {"key": TABLES[name]["key"], **TABLES[name].get("meta", {})}
    described, columns = {"name": name, "config": {"meta": meta}}, {}
    described["data_tests"] = list(TABLES[name].get("tests", []))
    if "floor" in TABLES[name]:
        floor = {"name": f"{name}_index", "arguments": {"floor": TABLES[name]["floor"]}}
        described["data_tests"].append({"index_above": floor})
    for rule_name in TABLES[name]["rules"]:
        rule = RULES[rule_name]
        settings = {key: rule[key] for key in ["arguments", "config"] if key in rule}
        test = {rule["rule"]: {"name": rule_name, **settings}}
        if "column" in rule:
            columns.setdefault(rule["column"], []).append(test)
        else:
            described["data_tests"].append(test)
    described["columns"] = [
        {
            "name": column,
            "quote": column in TABLES[name].get("quote", []),
            "data_tests": tests,
        }
        for column, tests in columns.items()
    ]
    return described


def write_rows(project: Project) -> None:
    with duckdb.connect(project.database) as connection:
        connection.execute("begin; create schema cases")
        for name, table in TABLES.items():
            types = ", ".join(
                f"{quoted(column)} {type}" for column, type in table["columns"].items()
            )
            connection.execute(f"create table cases.{name} ({types})")
            marks = ", ".join("?" for _ in table["columns"])
            for row in table["rows"]:
                connection.execute(f"insert into cases.{name} values ({marks})", row)
        connection.execute("commit")


def write_models(project: Project) -> None:
    sources, models = [], []
    for name, table in TABLES.items():
        if "materialized" in table:
            sources.append({"name": name})
            models.append(properties(name))
            project.write(
                f"models/{name}.sql",
                f"{{{{ config(materialized='{table['materialized']}') }}}}"
                f" select * from {{{{ source('cases', '{name}') }}}}",
            )
        else:
            sources.append(properties(name))
        if table["rules"]:
            reads = ", ".join(relation(read) for read in [name, *table["reads"]])
            project.write(
                f"models/rules/int_{name}_issues.sql",
                f"{{{{ issues({reads}) }}}}",
            )
    cases = {"sources": [{"name": "cases", "tables": sources}], "models": models}
    project.write("models/cases.yml", json.dumps(cases))
    project.write(
        "seeds/waivers.csv", "\n".join(["rule_name,reason,waived_until", *WAIVERS])
    )


def write_packages(project: Project) -> None:
    for path in sorted((Path(__file__).parent / "other_tools/packages").glob("*.sql")):
        folder = f"dbt_packages/{path.stem}"
        package = f"name: {path.stem}\nversion: '1.0'\nconfig-version: 2\n"
        project.write(f"{folder}/dbt_project.yml", package)
        project.write(f"{folder}/macros/{path.name}", path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """All tables and rules, built once; a rule that fails makes its test fail."""
    project = Project(tmp_path_factory.mktemp("rules"))
    events = pd.DataFrame({"event_id": ["e1"]})
    events.to_parquet(project.folder / "events.parquet")
    write_rows(project)
    write_models(project)
    write_packages(project)
    project.write("macros/own_tests.sql", OWN_TESTS_SQL)
    project.write("models/unwatched.sql", UNWATCHED_SQL)
    project.write("models/unwatched.yml", UNWATCHED_YML)
    feeds = {"events": {"cycle": "1 day"}}
    vars = {"as_of": "2026-07-01", "feeds": feeds, "watched": WATCHED}
    project.vars = {**vars, "encoder": "ngrams"}
    result = project.build(
        vars=project.vars,
        env={"ASSAY_GATE": "error"},
        check=False,
    )
    assert "Done." in result.output, result.output
    return project


@pytest.fixture(scope="session")
def rules(project):
    rules = project.query("from fct_quality_rules")
    return rules.astype(object).where(rules.notna(), None).set_index("rule_name")


@pytest.fixture(scope="session")
def failing(project):
    """The keys of the failing rows of each rule."""
    issues = project.query("select rule_name, record_key from fct_quality_issues")
    issues = issues.astype(object).where(issues.notna(), None)
    return issues.groupby("rule_name").record_key.apply(list).to_dict()


@pytest.fixture(scope="session")
def tests(project):
    """The result of each dbt test, by its name."""
    path = project.folder / "target" / "run_results.json"
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    return {result["unique_id"].split(".")[2]: result for result in results}


@pytest.mark.parametrize("name", RULES)
def test_rule(name, rules, failing, tests):
    rule, found = RULES[name], rules.loc[name]
    fails = rule["fails"]
    if fails == "all":
        fails = [row[0] for row in TABLES[rule["table"]]["rows"]]
    assert sorted(map(str, failing.get(name, []))) == sorted(map(str, fails))
    assert (found.failing_rows or 0) == len(fails)
    for column in rule.keys() - SETTINGS:
        assert found[column] == rule[column], column
    if "failure_rate" in rule:
        expected = float(Fraction(rule["failure_rate"]))
        assert found.failure_rate == pytest.approx(expected)
    else:
        assert found.failure_rate is None
    is_bad = found.verdict in ["failed", "error"] and not found.is_waived
    is_error = found.verdict == "error" and "." in rule["rule"]
    own = rule.get("own_verdict", "error" if is_error else "fail" if is_bad else "pass")
    assert own in [tests[name]["status"], "any"]


@pytest.mark.parametrize("name", [name for name in RULES if "slices" in RULES[name]])
def test_slices_of_a_rule(name, project):
    found = {}
    for measure in project.query(
        "select slice_type, coalesce(slice_value, 'all') as slice_value,"
        " concat(failing_rows, '/', rows_checked) as share"
        f" from fct_quality_measures where rule_name = '{name}'"
    ).itertuples():
        found.setdefault(measure.slice_type, {})[measure.slice_value] = measure.share
    assert found == RULES[name]["slices"]


@pytest.mark.parametrize("name", [name for name in RULES if "learns" in RULES[name]])
def test_rows_of_a_learned_rule(name, project):
    rows = project.query(
        "select record_key, usual_label, labeled_text, other_text"
        f" from assay_intermediate.int_labeled_rows where rule_name = '{name}'"
    )
    rows = rows.astype(object).where(rows.notna(), None).set_index("record_key")
    found = {key: list(filter(None, row)) for key, *row in rows.itertuples(name=None)}
    assert found == RULES[name]["learns"]


@pytest.mark.parametrize("name", [name for name in WATCHED if "floor" in TABLES[name]])
def test_index_of_a_table(name, project, tests):
    (index,) = project.query(
        f"from fct_quality_index where scope_type = 'feed' and feed = '{name}'"
    ).quality_index
    if "quality_index" in TABLES[name]:
        assert index == pytest.approx(float(Fraction(TABLES[name]["quality_index"])))
    # What was not measured is no pass.
    is_low = not index >= TABLES[name]["floor"]
    assert tests[f"{name}_index"]["status"] == ("fail" if is_low else "pass")


def test_failing_rules_keep_no_index_from_being_built(project):
    index = project.query("from fct_quality_index where scope_type = 'feed'")
    assert set(WATCHED) <= set(index.feed)
    assert index.set_index("feed").quality_index[WATCHED].dropna().between(0, 1).all()


@pytest.mark.parametrize(
    "setting, passing",
    [
        ("fail_supplied", {"user_email_present", "users"}),
        ("fail", set()),
    ],
)
def test_what_is_not_measured_may_fail(setting, passing, project):
    vars = {**project.vars, "not_measured": setting}
    tests = {
        "user_email_present": "user_email_present",
        "nothing_to_look_at_is_not_measured": "nothing_to_look_at_is_not_measured",
        "users": "users_index_above_floor",
    }
    selected = ["--select", *tests.values(), "--vars", json.dumps(vars)]
    result = project.dbt(
        "test", *selected, "--target-path", f"target_{setting}", ASSAY_GATE="error"
    )
    path = project.folder / f"target_{setting}" / "run_results.json"
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    status = {one["unique_id"].split(".")[2]: one["status"] for one in results}
    assert {key for key, name in tests.items() if status[name] == "pass"} == passing
    assert result.returncode == 1


def test_dbts_tests_of_an_unwatched_model_are_dbts(tests, rules):
    failures = {"not_null": 1, "unique": 2, "values": 1, "relationships": 3}
    for kind, count in failures.items():
        assert tests[f"own_{kind}"]["failures"] == count
        assert f"own_{kind}" not in rules.index


def test_a_namesake_of_a_rule_is_none(tests, rules):
    assert tests["own_accepted_range"]["status"] == "fail"
    assert "own_accepted_range" not in rules.index


def test_two_rules_of_one_name_stop_the_build(tmp_path):
    project = Project(tmp_path)
    pd.DataFrame({"event_id": ["e1"]}).to_parquet(tmp_path / "events.parquet")
    project.write("models/orders.sql", "select 'o1' as id")
    test = {"not_missing": {"name": "event_id_present"}}
    orders = {"name": "orders", "columns": [{"name": "id", "data_tests": [test]}]}
    project.write("models/orders.yml", json.dumps({"models": [orders]}))
    project.write("models/rules/int_orders_issues.sql", "{{ issues(ref('orders')) }}")
    result = project.build(
        vars={"feeds": {"events": {}}, "watched": ["orders"]},
        select="+stg_feeds",
        check=False,
    )
    assert result.returncode != 0
    assert (
        "Two rules are named event_id_present, in models/staging/stg_events.yml and "
        "models/orders.yml; give one of them another `name`." in result.output
    )
