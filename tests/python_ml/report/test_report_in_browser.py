"""The report in headless Chromium: what is seen of it, and what may not happen."""

import pytest

from python_ml.report.page import write_report
from tests.python_ml.report.browser import look, missing
from tests.python_ml.report.shop import IMAGE, SCRIPT, TURNED, shop

_MISSING = missing()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(_MISSING is not None, reason=str(_MISSING)),
]
LONG = "a_feed_whose_name_has_no_end_" * 5


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A shop as it may be, in English; one as bad as can be, in Chinese."""
    folder = tmp_path_factory.mktemp("pages")
    plain = shop(("orders", "users", *(f"feed_{n}" for n in range(5))))
    hostile = shop((SCRIPT, IMAGE, TURNED, LONG), hostile=True)
    found = {}
    for name, warehouse, language in [
        ("plain", plain, "en"),
        ("hostile", hostile, "zh"),
        ("unwatched", shop(unwatched=True), "zh"),
    ]:
        database = warehouse.write(folder / f"{name}.duckdb")
        found[name] = folder / f"{name}.html"
        write_report(database, found[name], language=language)
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 768, 1440])
@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_nothing_is_wrong_at_any_width(pages, name, width, theme):
    seen = look(pages[name], width=width, theme=theme, axe=True, open=True)
    assert seen["errors"] == []
    assert seen["requests"] == []
    assert seen["width"] == 0
    assert seen["beyond"] == []
    assert seen["violations"] == []
    assert seen["checked"] > 30
    assert set(seen["tables"]) == {"block" if width < 640 else "table"}


def test_what_is_not_watched_has_no_violations_either(pages):
    seen = look(pages["unwatched"], axe=True, open=True)
    assert (seen["errors"], seen["violations"]) == ([], [])


def test_a_page_that_is_wrong_is_seen_to_be(pages, tmp_path):
    page = tmp_path / "wrong.html"
    html = pages["plain"].read_text(encoding="utf-8")
    html = html.replace('<html lang="en">', "<html>").replace(
        "</main>", "<pre>" + "wide" * 400 + "</pre><img src=x.png></main>"
    )
    page.write_text(html, encoding="utf-8")
    seen = look(page, axe=True)
    assert seen["width"] > 0 and seen["errors"] and seen["requests"]
    assert {each.split(":")[0] for each in seen["violations"]} >= {
        "html-has-lang",
        "image-alt",
    }


def test_hostile_values_are_text(pages):
    seen = look(pages["hostile"], choose={"feed": IMAGE}, open=True)
    assert (seen["errors"], seen["images"], seen["handlers"]) == ([], 0, 0)
    assert seen["scripts"] == 1
    for said in (SCRIPT, IMAGE, "a‹U+202E›gnp.exe"):
        assert said in seen["text"]


def test_the_policy_refuses_what_was_not_written_by_assay(pages, tmp_path):
    page = tmp_path / "changed.html"
    html = pages["plain"].read_text(encoding="utf-8")
    alien = "<script>document.body.append('it ran')</script></main>"
    page.write_text(html.replace("</main>", alien), encoding="utf-8")
    seen = look(page)
    assert "it ran" not in seen["text"]
    assert any("Content Security Policy" in error for error in seen["errors"])


def test_the_first_three_questions_stand_on_the_first_screen(pages):
    seen = look(pages["plain"], width=1440, height=900)
    assert [each["top"] < 600 for each in seen["questions"][:4]] == [True] * 3 + [False]
    assert seen["questions"][2]["bottom"] <= 900


def test_a_feed_and_a_period_can_be_chosen(pages):
    every = look(pages["plain"])
    assert "10 of 21 rules over their limits or in error" in every["shown"]
    assert every["rows"] == 10
    one = look(pages["plain"], choose={"feed": "users", "period": "28"})
    assert "3 of 3 rules over their limits or in error" in one["shown"]
    assert "0 of 0 incidents, open ones first" in one["shown"]
    assert "None for this choice." in one["text"]
    assert "3 of 100" in one["text"] and "20 of 100" not in one["text"]
    # The number is that of the feed, and its chart the only one.
    assert "0.860" in one["text"] and "0.910" not in one["text"]
    assert "by week" in one["text"]
    # So are the sentences.
    assert "Worse: orders." in every["text"] and "Worse: orders." not in one["text"]
    assert "The last 28 days beside those before: no difference." in one["text"]
    assert "Over their limits or in error: 3 of 4 rules." in one["text"]


def test_more_rows_are_shown_when_asked_for(pages):
    seen = look(pages["plain"], click=["#rules .more"])
    assert "21 of 21 rules over their limits or in error" in seen["shown"]
    assert seen["rows"] == 21


def test_colours_are_those_of_the_system_or_of_the_reader(pages):
    light, dark = (
        look(pages["plain"], theme=theme)["background"] for theme in ("light", "dark")
    )
    chosen = look(pages["plain"], theme="light", choose={"theme": "dark"})
    assert light != dark
    assert chosen["background"] == dark
    back = look(pages["plain"], theme="dark", choose={"theme": "light"})
    assert back["background"] == light


def test_the_keyboard_reaches_the_answers(pages):
    assert look(pages["plain"], keys=["Tab"])["focused"] == "To the answers"
    seen = look(pages["plain"], keys=["Tab", "Enter"])
    assert seen["focused"].startswith("1How good is it?")


def test_a_point_says_what_it_is(pages):
    seen = look(pages["plain"], hover="#trend [data-feed] .point rect >> nth=0")
    assert "rows: " in seen["tip"]


def test_all_is_there_without_scripts(pages):
    seen = look(pages["plain"], script=False)
    assert (seen["errors"], seen["requests"], seen["width"]) == ([], [], 0)
    for said in ("0.910", "Open incidents: 3.", "Worse: orders.", "orders_are_there"):
        assert said in seen["text"]
    # What cannot work is not offered.
    assert "all feeds\n" not in seen["text"].split("1\n")[0]
    assert "show more" not in seen["text"]


def test_on_paper_there_is_nothing_to_click(pages, tmp_path):
    seen = look(pages["plain"], media="print", pdf=str(tmp_path / "page.pdf"))
    assert "show more" not in seen["text"]
    assert "What did repairs do, and what is left?" in seen["text"]
    assert (tmp_path / "page.pdf").stat().st_size > 10_000
