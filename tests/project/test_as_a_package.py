"""Assay as a package in the project of somebody else: integration_tests/."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from tests.build import ROOT, Project

RULES = {
    "customer_email_present": "passed",
    "not_null_customers_customer_id": "passed",
    "not_null_orders_order_id": "passed",
    "order_is_of_a_customer": "failed",
    "order_status_is_known": "passed",
    "payment_has_a_receipt": "passed",
    "payment_is_of_an_order": "passed",
    "unique_customers_customer_id": "failed",
    "unique_orders_order_id": "passed",
    "unique_payments_payment_id": "passed",
}


class CornerShop(Project):
    """A copy of the user's project, and beside it one of Assay, which it installs."""

    def __init__(self, folder):
        self.assay = Project(folder / "assay")
        self.folder = folder / "corner_shop"
        self.database = folder / "corner_shop.duckdb"
        kept = shutil.ignore_patterns("dbt_packages", "target", "logs", "*.duckdb")
        shutil.copytree(ROOT / "integration_tests", self.folder, ignore=kept)

    def install(self, package: dict) -> None:
        self.write("packages.yml", yaml.safe_dump({"packages": [package]}))
        result = self.dbt("deps")
        assert result.returncode == 0, result.output

    def dbt(self, *arguments, **settings):
        settings["CORNER_SHOP_DATABASE"] = str(self.database)
        return super().dbt(*arguments, **settings)

    def query(self, sql: str, schema="shop_quality"):
        return super().query(sql, schema)


def git(folder, *arguments) -> None:
    name = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True)


MACROS = {
    path: path.read_text(encoding="utf-8")
    for folder in ("macros", "tests/generic")
    for path in sorted((ROOT / folder).rglob("*.sql"))
}


def test_macros_name_the_package_of_what_they_call():
    """In the project of a user a bare name is looked up there."""
    defined = "|".join(re.findall(r"{% macro (\w+)", "\n".join(MACROS.values())))
    call = re.compile(rf"(?<![\w.])({defined})\(")
    for path, text in MACROS.items():
        text = re.sub(r"{#.*?#}|{% (?:macro|test) .*?%}", "", text, flags=re.DOTALL)
        for tag in re.findall(r"{{.*?}}|{%.*?%}", text, re.DOTALL):
            code = re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", "''", tag)
            assert not call.search(code), (path.name, tag)


def test_every_kind_of_rule_is_registered():
    registry = (ROOT / "macros/rules/kinds_of_rules.sql").read_text(encoding="utf-8")
    kinds = re.findall(r"{% macro (\w+)_takes\(\)", "\n".join(MACROS.values()))
    assert len(kinds) > 30
    for kind in kinds:
        assert f"assay.{kind}_takes()" in registry
        is_described = f"{{% macro {kind}_rule(rule)" in "\n".join(MACROS.values())
        assert is_described == (f"assay.{kind}_rule(rule)" in registry)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    shop = CornerShop(tmp_path_factory.mktemp("package"))
    shop.install({"local": "../assay"})
    shop.result = shop.dbt("build")
    return shop


def test_it_finds_what_was_planted(shop):
    assert shop.result.returncode == 0, shop.result.output
    rules = shop.query("select rule_name, verdict from fct_quality_rules")
    assert dict(rules.itertuples(index=False)) == RULES
    issues = shop.query("select feed, record_key from fct_quality_issues order by all")
    assert issues.values.tolist() == [["customers", "2"], ["orders", "4"]]
    assert shop.query("from repaired_customers", "shop").customer_id.is_unique
    index = shop.query("from fct_quality_index where scope_type = 'shop'").iloc[0]
    # Of each table the mean of its dimensions, each a product of its components.
    expected = (0.8 + (0.25 + 0.25 * 0.8 + 0.25) / 0.75 + 1) / 3
    assert index.quality_index == pytest.approx(expected)


def test_a_table_that_is_not_repaired_stays_as_it_was_found(shop):
    repairs = shop.query("select feed, status from fct_repairs order by all")
    assert repairs.values.tolist() == [["customers", "applied"], ["orders", "proposed"]]
    effect = shop.query(
        "select feed, score_before, score_after, issues_resolved from fct_repair_effect"
        " where scope_type = 'feed' and dimension = 'all' order by all"
    )
    assert effect.feed.tolist() == ["customers", "orders", "payments"]
    assert effect.score_before[1:].tolist() == effect.score_after[1:].tolist()
    assert effect.issues_resolved.tolist() == [1, 0, 0]


def test_nothing_of_the_sample_is_in_the_warehouse(shop):
    tables = shop.query("select table_name from duckdb_tables()").table_name
    assert not tables[tables.str.contains("^sample_|_products|events|users")].any()
    # Of the rules that are over their limits, and of nothing else.
    assert "WARN=1 ERROR=0" in shop.result.output
    assert "unexpected cycles" not in shop.result.output


def test_tests_of_other_tables_are_those_of_dbt(shop):
    compiled = shop.folder / "target/compiled/corner_shop/models/schema.yml"
    unwatched = {
        "revenue": "customer_id",
        "stg_orders": "receipt",
        "products": "product_id",
    }
    for table, column in unwatched.items():
        text = (compiled / f"unique_{table}_{column}.sql").read_text()
        assert table in text
        assert "fct_quality_rules" not in text
    assert "fct_quality_rules" in (compiled / "unique_orders_order_id.sql").read_text()


def test_a_gate_fails_after_every_mart_is_built(shop):
    result = shop.dbt("build", ASSAY_GATE="error")
    assert result.returncode == 1
    assert "SKIP=0" in result.output
    assert "order_is_of_a_customer" in result.output


def test_the_lineage_begins_with_her_tables(shop):
    result = shop.dbt("docs", "generate")
    assert result.returncode == 0, result.output
    manifest = json.loads((shop.folder / "target/manifest.json").read_text())
    parents = manifest["parent_map"]["model.corner_shop.int_orders_issues"]
    assert {"model.corner_shop.orders", "model.corner_shop.customers"} <= set(parents)
    catalog = json.loads((shop.folder / "target/catalog.json").read_text())
    assert "model.assay.fct_quality_index" in catalog["nodes"]


def test_a_feed_is_a_model_or_a_source_of_hers(shop):
    columns = {"user_id": "customer_id", "updated_at": "ordered_at"}
    feeds = {
        "products": {"ref": "revenue", "columns": {"product_id": "customer_id"}},
        "users": {"source": "till.raw_orders", "columns": columns},
    }
    given = json.dumps({"feeds": feeds})
    result = shop.dbt("build", "--select", "+stg_products stg_users", "--vars", given)
    assert result.returncode == 0, result.output
    staged = shop.query("select product_id from stg_products order by all")
    assert staged.product_id.tolist() == ["1", "2", "3", "4"]
    assert len(shop.query("from stg_users where updated_at is not null")) == 5
    manifest = json.loads((shop.folder / "target/manifest.json").read_text())
    parents = manifest["parent_map"]
    assert "model.corner_shop.revenue" in parents["model.assay.stg_products"]
    assert "source.corner_shop.till.raw_orders" in parents["model.assay.stg_users"]


def test_without_dispatch_her_tests_are_dbts_and_warn(shop):
    settings = yaml.safe_load((shop.folder / "dbt_project.yml").read_text())
    del settings["dispatch"]
    shop.write("dbt_project.yml", yaml.safe_dump(settings))
    result = shop.dbt("test", "--select", "orders")
    assert result.returncode == 0, result.output
    assert "WARN 1 order_is_of_a_customer" in result.output


def test_it_installs_from_a_tag(tmp_path):
    shop = CornerShop(tmp_path)
    git(shop.assay.folder, "init", "--quiet")
    git(shop.assay.folder, "add", ".")
    git(shop.assay.folder, "commit", "--quiet", "--message", "Release")
    git(shop.assay.folder, "tag", "v1")
    shop.install({"git": shop.assay.folder.as_uri(), "revision": "v1"})
    result = shop.dbt("build")
    assert result.returncode == 0, result.output
    rules = shop.query("select rule_name, verdict from fct_quality_rules")
    assert dict(rules.itertuples(index=False)) == RULES
