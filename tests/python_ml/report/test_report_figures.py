"""Intervals, tests, blocks of days, and how values are shown."""

from datetime import date, timedelta
from random import Random

import pytest
from scipy.stats import binomtest, chi2_contingency

from python_ml.report import figures
from python_ml.report.calendar import calendars
from python_ml.report.marts import opened
from python_ml.report.scores import floor_of
from python_ml.report.shares import (
    binomial_p,
    same_share_p,
    share_p,
    true_spread,
    wilson,
)
from python_ml.report.trend import Day, blocks, chosen_grain, days_of_feeds, trend
from python_ml.report.visible import (
    Personal,
    clipped,
    shape,
    visible,
    without_contacts,
)
from tests.python_ml.report.shop import shop

LAST = date(2026, 6, 30)


@pytest.mark.parametrize("count, rows", [(0, 10), (3, 10), (10, 10), (917, 2500)])
def test_the_interval_is_that_of_wilson(count, rows):
    interval = binomtest(count, rows).proportion_ci(method="wilson")
    assert wilson(count, rows) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_the_interval_of_nothing_is_everything():
    assert wilson(0, 0) == (0, 1)


def test_two_shares_are_compared_as_by_chi_square():
    table = [[40, 60], [200, 150]]
    statistic = chi2_contingency(table, correction=False)
    found = same_share_p([(40, 100)], [(200, 350)])
    # The hypergeometric variance has N - 1 where that of chi-square has N.
    assert found == pytest.approx(statistic.pvalue, rel=0.05)
    assert same_share_p([(5, 10)], []) is None
    assert same_share_p([(10, 10)], [(30, 30)]) is None


def test_days_that_differ_anyway_are_no_change():
    """1,000 rows a day; the share varies by 0.05, and falls by 0.01 or by 0.1."""
    random = Random(5)
    before = [(1000 * random.gauss(0.8, 0.05), 1000) for _ in range(100)]
    recent = [(1000 * random.gauss(0.79, 0.05), 1000) for _ in range(28)]
    fallen = [(1000 * random.gauss(0.7, 0.05), 1000) for _ in range(28)]
    assert same_share_p(recent, before) > 0.01
    assert same_share_p(fallen, before) < 1e-6
    share = sum(count for count, _ in before) / 100_000
    assert true_spread(before) == pytest.approx(0.05, rel=0.2)
    strange = [share_p(*day, share, true_spread(before)) < 0.01 for day in before]
    assert sum(strange) <= 3
    assert sum(binomial_p(round(day[0]), 1000, share) < 0.01 for day in before) > 30


def test_days_that_differ_by_chance_have_no_spread():
    counts = [(day.clean, day.rows) for day in days(400, lambda back: 0.9)]
    assert true_spread(counts) < 0.01
    assert true_spread([(10, 10), (20, 20)]) == 0


@pytest.mark.parametrize(
    "count, rows, share", [(0, 1, 0.9), (12, 20, 0.9), (20, 20, 0.9), (150, 199, 0.8)]
)
def test_small_days_are_tested_exactly(count, rows, share):
    less = binomtest(count, rows, share, alternative="less").pvalue
    greater = binomtest(count, rows, share, alternative="greater").pvalue
    expected = min(1, 2 * min(less, greater))
    assert binomial_p(count, rows, share) == pytest.approx(expected)


def test_large_days_are_tested_nearly_so():
    exact = binomtest(795, 1000, 0.82, alternative="less").pvalue * 2
    assert binomial_p(795, 1000, 0.82) == pytest.approx(exact, rel=0.1)
    assert binomial_p(100, 100, 1.0) == 1
    assert binomial_p(99, 100, 1.0) == 0


def days(rows, share_of):
    random = Random(7)
    return [
        Day(
            LAST - timedelta(days=back),
            rows,
            sum(random.random() < share_of(back) for _ in range(rows)),
        )
        for back in range(180, -1, -1)
    ]


def grain(rows, share_of):
    of = days(rows, share_of)
    return chosen_grain(of, of[0].day, LAST)


def test_few_rows_without_a_change_are_drawn_in_long_blocks():
    assert grain(14, lambda back: 0.9) == 28


def test_a_change_that_days_show_is_drawn_by_day():
    assert grain(400, lambda back: 0.5 if back % 10 < 5 else 0.9) == 1


def test_a_change_that_days_hide_is_drawn_by_week():
    assert grain(14, lambda back: 0.75 if back % 28 < 14 else 0.92) == 7


def test_blocks_are_whole_and_end_with_the_last_day():
    of = [Day(LAST - timedelta(days=back), 10, 9) for back in range(30)]
    points = blocks(of, 7, of[-1].day, LAST)
    assert [point.rows for point in points] == [20, 70, 70, 70, 70]
    assert points[-1].last == LAST
    assert points[-1].first == LAST - timedelta(days=6)
    assert sum(point.width for point in points) == pytest.approx(100)
    assert points[-1].at + points[-1].width / 2 == pytest.approx(100)


@pytest.fixture
def marts(tmp_path):
    with opened(shop().write(tmp_path / "shop.duckdb")) as found:
        yield found


def test_the_last_28_days_are_compared_with_those_before(marts):
    found = trend(marts, days_of_feeds(marts), ["orders", "users"])
    verdicts = {chart.feed: chart.verdict for chart in found.charts}
    assert verdicts == {"orders": "worse", "users": "no difference"}
    # One day is missing, one is today, and two are to come: of two feeds.
    assert found.undated == 2 * (40 + 3 * 100)
    assert max(point.last for chart in found.charts for point in chart.points) == LAST


def test_a_watched_day_is_as_strange_as_its_strangest_series(marts):
    found = calendars(marts, days_of_feeds(marts), ["orders", "users"], Personal())
    assert found.is_watched
    assert {(tile.feed, tile.day.day) for tile in found.strangest} == {
        ("orders", 25),
        ("orders", 26),
    }
    assert {tile.direction for tile in found.strangest} == {"worse"}
    assert found.totals == {"": 2, "orders": 2}
    (of_all, *_) = found.calendars
    assert (of_all.feed, of_all.alarms) == ("", 2)


def test_an_unwatched_day_is_compared_with_its_feed_and_never_an_alarm(tmp_path):
    warehouse = shop(unwatched=True)
    for row in warehouse.rows["fct_quality_index"]:
        if (row.get("feed"), row.get("scope_value")) == ("users", "2026-06-10"):
            row["clean_row_share"] = 0.2
    with opened(warehouse.write(tmp_path / "shop.duckdb")) as marts:
        found = calendars(marts, days_of_feeds(marts), ["orders", "users"], Personal())
    assert not found.is_watched
    assert [(tile.feed, tile.day) for tile in found.strangest] == [
        ("users", date(2026, 6, 10))
    ]
    assert {level for _, level in found.kinds} <= {1, 2}


def test_one_feed_alone_has_a_calendar_of_all(tmp_path):
    database = shop(("orders",)).write(tmp_path / "shop.duckdb")
    with opened(database) as marts:
        found = calendars(marts, days_of_feeds(marts), ["orders"], Personal())
    assert [calendar.feed for calendar in found.calendars] == ["", "orders"]


def test_scales_start_at_the_tenth_below_the_least():
    assert floor_of([0.97, 0.61, None]) == 0.5
    assert floor_of([0.99]) == 0.9
    assert floor_of([0.0, 0.9]) == 0.0
    assert floor_of([None]) == 0.0


def test_all_and_nothing_are_told_from_nearly_that():
    written = [figures.percent(v) for v in (0, 0.0004, 0.157, 0.9997, 1, None)]
    assert written == ["0.0%", "<0.1%", "15.7%", ">99.9%", "100.0%", "–"]


@pytest.mark.parametrize(
    "text, seen",
    [
        ("晨屿帆布鞋 é", "晨屿帆布鞋 é"),
        ("a\u202eb", "a‹U+202E›b"),
        ("a\nb\tc", "a ↵ b ⇥ c"),
        ("a\u00a0b\u3000c", "a b c"),
        ("\u0000\ufeff\u200b", "‹U+0000›‹U+FEFF›‹U+200B›"),
        ("👩\u200d🔬", "👩\u200d🔬"),
    ],
)
def test_every_character_is_seen(text, seen):
    assert visible(text) == seen


@pytest.mark.parametrize(
    "table, column, is_personal",
    [
        ("users", "email", True),
        ("orders", "Customer_Phone", True),
        ("orders", "delivery_address", True),
        ("customers", "name", True),
        ("users", "city", True),
        ("users", "updated_at", False),
        ("users", "user_id", False),
        ("products", "name", False),
        ("products", "title", False),
        ("events", "user_name", True),
        ("会员", "手机号", True),
        ("users", None, True),
        ("events", None, False),
    ],
)
def test_columns_that_tell_a_person_are_known_by_their_names(
    table, column, is_personal
):
    assert Personal().is_personal(table, column) is is_personal


def test_a_shape_keeps_what_a_format_is_seen_by():
    assert shape("clara.50 at example.org") == "aaaaa.99 aa aaaaaaa.aaa"
    assert len(shape("x" * 100)) == 24
    assert clipped("x" * 200)[-1] == "…"


def test_contacts_are_hidden_in_any_text_and_times_are_not():
    assert without_contacts("ask a.b@c.de") == "ask a.a@a.aa"
    assert without_contacts("+49 170 5550123!") == "+99 999 9999999!"
    assert without_contacts("手机13812345678") == "手机99999999999"
    for kept in ("2026-06-21 00:00:00", "Q000209|P000005", "1767225600", "12 345 678"):
        assert without_contacts(kept) == kept
