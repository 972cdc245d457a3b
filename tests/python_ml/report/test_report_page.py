"""The page of HTML: what stands in it, and what never does."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import duckdb
import pytest
import yaml

from python_ml.__main__ import main
from python_ml.report import page as page_module
from python_ml.report.changes import SHOWN
from python_ml.report.marts import opened, personal_columns
from python_ml.report.page import write_report
from python_ml.report.words import LANGUAGES, Words, catalogue
from tests.build import ROOT
from tests.python_ml.report.shop import (
    AS_OF,
    EMAIL,
    IMAGE,
    PHONE,
    SCRIPT,
    TURNED,
    WATCHED,
    Warehouse,
    shop,
)

HOSTILE = (SCRIPT, IMAGE, TURNED, "users")
FOLDER = ROOT / "python_ml" / "report" / "page"
QUESTIONS = "good changed trend feeds inside when rules labels repairs".split()
# What the templates look up by a value: closed vocabularies of the marts.
VOCABULARIES = (
    """
    completeness accuracy consistency timeliness missing repeat coverage label class
    relation source format frequency validity open acknowledged snoozed resolved better
    worse other rows share mean spread clean_row_share failure_rate quality_index
    freshness source_system category disagreement orphan impossible near_duplicate
""".split()
    + ["no rule", "not measured", "no difference", "too few rows"]
)


class Parsed(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self._inside = [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._inside = tag

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, text):
        if self._inside not in ("style", "script"):
            self.texts.append(text)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.texts))


@pytest.fixture
def written(tmp_path):
    """Writes the page of a warehouse and returns it."""

    def write(warehouse, **options):
        database = warehouse.write(tmp_path / "shop.duckdb")
        out = tmp_path / "new" / "report.html"
        write_report(database, out, **options)
        return out.read_text(encoding="utf-8")

    return write


def test_the_nine_questions_stand_in_their_order(written):
    tags = Parsed(written(shop())).tags
    assert [each["id"] for tag, each in tags if tag == "section"] == QUESTIONS
    links = [each["href"][1:] for tag, each in tags if tag == "a"]
    assert links[1:10] == QUESTIONS


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_of_data_are_text_and_nothing_else(written, language):
    html = written(shop(HOSTILE, hostile=True), language=language)
    parsed = Parsed(html)
    tags = [tag for tag, _ in parsed.tags]
    assert tags.count("script") == 1
    assert not {"img", "iframe", "object", "embed", "form "} & set(tags)
    names = {name for _, each in parsed.tags for name in each}
    assert not [name for name in names if name.startswith("on") or name == "style"]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u0007]", html)
    for said in (SCRIPT, IMAGE, "a‹U+202E›gnp.exe‹U+2066›‹U+0007›"):
        assert said in parsed.text
    options = [each["value"] for tag, each in parsed.tags if tag == "option"]
    assert SCRIPT in options


def test_the_policy_lets_in_the_script_and_style_of_the_page_alone(written):
    html = written(shop(HOSTILE, hostile=True))
    (policy,) = [
        each["content"]
        for tag, each in Parsed(html).tags
        if each.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        (found,) = re.findall(rf"<{kind}>(.*?)</{kind}>", html, re.DOTALL)
        digest = b64encode(sha256(found.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_a_page_asks_for_nothing_from_elsewhere(written):
    html = written(shop())
    assert not re.search(r"https?://|@import|url\(", html)


@pytest.mark.parametrize("hostile", [True, False])
def test_values_that_tell_a_person_are_shown_as_shapes(written, hostile):
    html = written(shop(HOSTILE if hostile else ("orders",), hostile=hostile))
    assert EMAIL not in html
    assert PHONE not in html
    assert "aaaa.aaaaa@aaaaaaa.aaa" in html
    assert "email: values of persons, not shown" in Parsed(html).text


def test_a_project_says_which_columns_are_personal(written, tmp_path):
    column = {"meta": {}, "config": {"meta": {"contains_pii": True}}}
    node = {
        "name": "stg_orders",
        "config": {"meta": {"key": "title"}},
        "columns": {"title": column, "email": {"meta": {"contains_pii": False}}},
    }
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"nodes": {"model.a.stg_orders": node}}))
    personal = personal_columns(tmp_path)
    assert personal.is_personal("orders", "title")
    assert not personal.is_personal("orders", "email")
    assert personal.key("orders", "Anna 7") == "Aaaa 9"
    assert personal.key("users", "Anna 7") == "Anna 7"
    html = written(shop(("orders",)), target=tmp_path)
    values = re.findall("<q>(.*?)</q>", html)
    assert "  &lt;aaaaaa&gt;aaaaaaaa.aaaa…" in values
    # The three of the label are left.
    assert sum(value.startswith("  &lt;script") for value in values) == 3
    # A mark hides a column, and lets one be seen; addresses never are.
    assert EMAIL not in html


def test_what_is_not_watched_is_said_in_words(written):
    text = Parsed(written(shop(unwatched=True))).text
    for table in ("incidents", "history", "anomalies"):
        assert re.search(rf"[Nn]ot watched yet[^.]*\.?[^.]*fct_quality_{table}", text)


def test_empty_marts_of_watching_are_no_absent_ones(written):
    warehouse = shop()
    for mart in WATCHED:
        warehouse.rows[mart] = []
    text = Parsed(written(warehouse)).text
    assert "Nothing unusual in the last 365 days." in text
    assert "has no incidents" not in text


def test_incidents_say_what_was_expected_and_where(written):
    text = Parsed(written(shop())).text
    assert "Open incidents: 3." in text
    assert "40.0% expected 5.0% to 15.0% · p < 0.0001" in text
    assert "83.0% of it in source system app · 2 related" in text
    assert "· little history" in text
    for state in ("open", "snoozed", "resolved"):
        assert state in text
    assert f"{SHOWN} of 4 incidents" in text


def test_repairs_may_be_left_out_of_a_build(written):
    warehouse = shop()
    warehouse.absent = {"fct_repairs", "fct_repair_effect"}
    text = Parsed(written(warehouse)).text
    assert "Not measured: this build left repairs out." in text
    assert "What they are worth" not in text


def test_what_repairs_are_worth_is_said_of_the_best(written):
    warehouse = shop()
    for model, found, repaired in (("popularity", 0.2, 0.5), ("ease", 0.3, 0.31)):
        for version, value in (("found", found), ("repaired", repaired)):
            warehouse.add(
                "fct_recommender_effect",
                version=version,
                model=model,
                target="new",
                metric="ndcg_at_100",
                value=value,
                value_found=found,
                difference=repaired - found,
                difference_low=0.004,
                difference_high=0.016,
                p_adjusted=0.03,
                smallest_difference=0.008,
                users=1234,
            )
    warehouse.add(
        "fct_search_effect", metric="mrr", note="not measured: 3 judged queries"
    )
    text = Parsed(written(warehouse)).text
    assert "What they are worth" in text
    assert "search: not measured: 3 judged queries" in text
    shown = text[text.index("recommendation, new") :]
    said = ("ease", "ndcg_at_100", "0.300", "0.310", "+0.0100 (+0.0040, +0.0160)")
    places = [shown.index(word) for word in (*said, "0.030", "1,234")]
    assert places == sorted(places)
    assert "popularity" not in shown


def test_a_shop_where_nothing_was_measured_has_no_number(written):
    warehouse = Warehouse()
    for scope, feed in (("shop", None), ("feed", "orders")):
        warehouse.add(
            "fct_quality_index",
            scope_type=scope,
            feed=feed,
            measured_weight=0,
            rows_checked=10,
            issue_count=0,
            as_of=AS_OF,
        )
    warehouse.add(
        "fct_quality_rules",
        rule_name="title_present",
        feed="orders",
        component="missing",
        dimension="completeness",
        weight=1,
        verdict="not measured",
        reason="title is not supplied",
    )
    text = Parsed(written(warehouse)).text
    assert "Nothing was measured" in text
    assert "Not measured by day." in text
    assert "title is not supplied" in text
    assert not re.search(r"\d\.\d{3}|100\.0%", text)


def test_marts_without_a_row_are_an_error_in_words(written):
    with pytest.raises(ValueError, match="The marts are empty: run `dbt build`"):
        written(Warehouse())


def test_a_database_without_marts_is_an_error_in_words(tmp_path):
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    with pytest.raises(ValueError, match="has no readable marts"):
        write_report(tmp_path / "empty.duckdb", tmp_path / "report.html")
    with pytest.raises(FileNotFoundError, match="run `dbt build` first"):
        write_report(tmp_path / "absent.duckdb", tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_tables_say_how_much_they_show(written):
    warehouse = shop(tuple(f"feed_{number}" for number in range(9)))
    text = Parsed(written(warehouse)).text
    assert "10 of 27 rules over their limits or in error" in text
    assert "8 of 9 suspects" in text
    assert "8 of 18 causes" in text
    assert "10 of 18 slices" in text
    assert "3 of 5 failing rows" in text


def test_a_page_grows_with_rules_and_not_with_rows(written, tmp_path):
    few = len(written(shop()))
    warehouse = shop()
    issues = warehouse.rows["fct_quality_issues"]
    issues += [dict(issues[0], issue_id=f"more {number}") for number in range(500)]
    (tmp_path / "shop.duckdb").unlink()
    assert len(written(warehouse)) - few < 20


def test_marts_are_read_only(tmp_path):
    database = shop().write(tmp_path / "shop.duckdb")
    with pytest.raises(ValueError, match="read-only"), opened(database) as marts:
        marts.rows("create table written (number bigint)")


def test_a_rule_without_days_says_so_in_shorter_periods(written):
    warehouse = shop(("orders",))
    warehouse.rows["fct_quality_measures"] = [
        row
        for row in warehouse.rows["fct_quality_measures"]
        if "emails" not in row["rule_name"]
    ]
    text = Parsed(written(warehouse)).text
    assert "43 of 200" in text  # 3 and 40 of 100 rows each, in the last 90 days.
    assert "3 of 100" in text
    assert text.count("not by day") == 2


def test_the_page_is_chinese_where_that_is_asked_for(written):
    html = written(shop(), language="zh")
    assert '<html lang="zh-Hans">' in html
    text = Parsed(html).text
    for said in (
        "数据质量如何？",
        "未处理的异常事件：3 个。",
        "变差：orders。",
        "未测量",
    ):
        assert said in text
    known = {said for said in catalogue("zh") if len(said) > 12 and "{" not in said}
    assert known
    assert not [said for said in known if said in text]


def test_the_catalogue_has_every_sentence_with_its_places():
    said = set()
    for template in FOLDER.glob("*.html"):
        said |= set(re.findall(r'_\("([^"]*)"', template.read_text(encoding="utf-8")))
    assert len(said) > 150
    known = catalogue("zh")
    for name in ("mean", "spread"):
        said.add(f"{name} of {{column}}")
    said.add("{hours} hours")
    assert not said - set(known)
    unused = set(known) - said - {Words("en")(name) for name in VOCABULARIES}
    assert not unused
    for sentence, other in known.items():
        places = re.findall(r"\{\w+\}", sentence)
        assert sorted(places) == sorted(re.findall(r"\{\w+\}", other)), sentence


@pytest.mark.parametrize("name", VOCABULARIES)
def test_words_of_the_marts_are_known_in_chinese(name):
    assert Words("zh")(name) != Words("en")(name)


def test_a_language_without_a_catalogue_is_an_error_in_words(tmp_path):
    with pytest.raises(ValueError, match="The report speaks en, zh"):
        write_report(tmp_path / "shop.duckdb", tmp_path / "x.html", language="fr")


def test_values_in_sentences_are_escaped():
    said = Words("en")("Worse: {feeds}.", feeds=SCRIPT + TURNED)
    assert "<script>" not in said
    assert "\u202e" not in said
    assert Words("en")("{not} <a> place") == "{not} &lt;a&gt; place"


@pytest.mark.parametrize(
    "given, tag",
    [({}, "en"), ({"lang": "zh"}, "zh-Hans"), ({"assay": {"lang": "zh"}}, "zh-Hans")],
)
def test_the_command_writes_the_page_in_the_language_of_the_project(
    given, tag, tmp_path, monkeypatch, capsys
):
    shop().write(tmp_path / "warehouse.duckdb")
    (tmp_path / "dbt_project.yml").write_text(yaml.safe_dump({"vars": given}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    assert main(["report", "--database", "warehouse.duckdb"]) == 0
    assert capsys.readouterr().out.startswith("target/report.html (0.")
    html = (tmp_path / "target" / "report.html").read_text(encoding="utf-8")
    assert f'<html lang="{tag}">' in html
    assert "index.html" not in html
    (tmp_path / "target" / "index.html").write_text("")
    assert main(["report", "--database", "warehouse.duckdb", "--lang", "en"]) == 0
    html = (tmp_path / "target" / "report.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in html
    assert 'href="index.html"' in html


def test_dark_is_the_same_by_choice_and_by_system():
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    blocks = re.findall(r"color-scheme: dark;([^}]*)}", style)
    by_system, by_choice = (
        re.findall(r"(--[\w-]+): ([^;]+);", block) for block in blocks
    )
    assert by_system == by_choice
    light = re.findall(r"(--[\w-]+): [^;]+;", style.split("}")[0])
    assert [name for name, _ in by_choice] == light


def test_a_wheel_carries_what_the_page_is_made_of():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"python_ml.report" = ["page/*"]' in text
    assert not [path for path in FOLDER.iterdir() if path.is_dir()]
    assert page_module._file("page.css") and page_module._file("page.js")
