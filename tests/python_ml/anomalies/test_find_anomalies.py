"""find_anomalies on tables of series, good and odd."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from python_ml.anomalies.find import find_anomalies
from python_ml.anomalies.schemas import anomalies_schema
from tests.python_ml.anomalies.series_tables import (
    FIRST,
    SCHEMA,
    day,
    many,
    on,
    rates,
    series,
)


def noise(days, seed=0, level=50.0):
    return level + np.random.default_rng(seed).normal(size=days)


def anomalies(table):
    return [row for row in table.to_pylist() if row["is_anomaly"]]


def test_a_jump_is_found_and_described():
    values = noise(60)
    values[50] += 10
    found = find_anomalies(series(values, column_name="price"))
    assert found.schema == anomalies_schema()
    (row,) = anomalies(found)
    assert (row["day"], row["direction"]) == (day(50), "above")
    assert (row["series_id"], row["feed"], row["column_name"]) == (
        "s",
        "orders",
        "price",
    )
    assert row["found"] == values[50]
    assert row["expected_low"] < 50 < row["expected_high"] < values[50]
    assert row["p_value"] == row["q_value"] < 1e-6
    assert row["history_days"] == 50
    assert not row["little_history"]
    assert 3 < row["detectable_change"] < 6
    assert row["rows_needed"] is None


def test_no_day_is_in_its_own_forecast():
    values = noise(60)
    other = values.copy()
    other[59] += 1000
    one, two = (on(find_anomalies(series(v)), 59)[0] for v in (values, other))
    for name in ("expected", "expected_low", "expected_high", "detectable_change"):
        assert one[name] == two[name]


def test_later_days_change_nothing():
    values = noise(80)
    values[40:48] += 9
    whole = find_anomalies(series(values))
    for end in (41, 44, 47, 60):
        part = find_anomalies(series(values[:end]))
        assert whole.slice(0, len(part)).equals(part)


def test_the_range_is_what_p_values_are_made_of():
    random = np.random.default_rng(1)
    table = pa.concat_tables(
        [
            many(random.normal(size=(20, 60))),
            many(random.poisson(200, (20, 60)), measure="rows", feed="a"),
        ]
    )
    names = [f"s{row:03}" for row in range(40) for _ in range(60)]
    table = table.set_column(0, "series_id", pa.array(names))
    for row in find_anomalies(table).to_pylist():
        outside = not row["expected_low"] <= row["found"] <= row["expected_high"]
        assert outside == (row["p_value"] < 0.01) or abs(row["p_value"] - 0.01) < 1e-4


def test_a_weekly_season_is_no_anomaly_and_breaking_it_is():
    values = noise(70) - 6 * (np.arange(70) % 7 >= 5)
    values[68] += 6  # A Saturday like a weekday.
    found = anomalies(find_anomalies(series(values)))
    assert [row["day"] for row in found] == [day(68)]


def test_old_outliers_do_not_hide_a_new_one():
    values = noise(60)
    values[[20, 33]] += [30, -30]
    values[59] += 7
    assert on(find_anomalies(series(values)), 59)[0]["is_anomaly"]


def test_a_new_level_is_learned_within_a_week():
    values = noise(90)
    values[60:] += 8
    found = find_anomalies(series(values))
    days = [row["day"] for row in anomalies(found)]
    assert days[:5] == [day(number) for number in range(60, 65)]
    assert all(one < day(67) for one in days)
    since = {
        row["day"]: row["level_since"]
        for row in find_anomalies(series(values)).to_pylist()
    }
    assert since[day(63)] is None
    assert since[day(70)] == day(60)


def test_an_episode_ends_without_an_alarm():
    values = noise(100)
    values[60:70] += 8
    days = {row["day"] for row in anomalies(find_anomalies(series(values)))}
    assert day(60) in days
    assert not {day(number) for number in range(70, 100)} & days


def test_after_a_new_level_has_held_for_long_going_back_is_news():
    values = noise(140)
    values[60:110] += 8
    days = {row["day"] for row in anomalies(find_anomalies(series(values)))}
    assert day(110) in days


@pytest.mark.parametrize("level", [0.0, 5.0, 1e9])
@pytest.mark.parametrize("measure", ["mean", "rows", "freshness", "spread"])
def test_any_change_after_a_constant_history_is_seen(measure, level):
    values = np.full(41, level)
    good = on(find_anomalies(series(values, measure=measure)), 40)[0]
    assert good["p_value"] > 0.5
    assert not good["is_anomaly"]
    values[40] += max(1, 0.001 * level) * (4 if measure == "rows" and not level else 1)
    assert on(find_anomalies(series(values, measure=measure)), 40)[0]["is_anomaly"]


def test_a_rate_with_its_denominator():
    failing = np.random.default_rng(3).binomial(400, 0.01, 60).astype(float)
    failing[59] = 20
    row = on(find_anomalies(rates(failing, 400)), 59)[0]
    assert row["is_anomaly"]
    assert row["direction"] == "above"
    assert 0.005 < row["expected"] < 0.02
    assert row["expected_high"] < 0.05 == row["found"]
    assert 0 < row["detectable_change"] < 0.05
    assert 100 < row["rows_needed"] < 2000


def test_a_detectable_change_is_seen_nine_times_in_ten():
    random = np.random.default_rng(4)
    for rows, rate in ((400, 0.01), (5000, 0.2)):
        failing = random.binomial(rows, rate, (400, 41)).astype(float)
        table = pa.concat_tables(
            [rates(one, rows, series_id=f"s{n:03}") for n, one in enumerate(failing)]
        )
        last = on(find_anomalies(table, first_day=FIRST + 40), 40)
        change = np.median([row["detectable_change"] for row in last])
        failing[:, 40] = random.binomial(rows, rate + change, 400)
        table = pa.concat_tables(
            [rates(one, rows, series_id=f"s{n:03}") for n, one in enumerate(failing)]
        )
        last = on(find_anomalies(table, first_day=FIRST + 40), 40)
        assert 0.84 < np.mean([row["p_value"] < 0.01 for row in last]) < 0.96


def test_rows_needed_show_a_change_of_three_points():
    random = np.random.default_rng(5)
    failing = random.binomial(4000, 0.1, 41)
    needed = on(find_anomalies(rates(failing, 4000)), 40)[0]["rows_needed"]
    failing = random.binomial(needed, 0.1, (300, 41)).astype(float)
    failing[:, 40] = random.binomial(needed, 0.13, 300)
    table = pa.concat_tables(
        [rates(one, needed, series_id=f"s{n:03}") for n, one in enumerate(failing)]
    )
    last = on(find_anomalies(table, first_day=FIRST + 40), 40)
    assert 0.82 < np.mean([row["p_value"] < 0.01 for row in last]) < 0.97


def test_what_rows_cannot_show_has_no_number_of_them():
    random = np.random.default_rng(6)
    failing = random.binomial(4000, random.beta(5, 45, 41)).astype(float)
    assert on(find_anomalies(rates(failing, 4000)), 40)[0]["rows_needed"] is None


def test_a_rare_day_is_left_out_and_many_are_not():
    failing = np.random.default_rng(19).binomial(400, 0.01, 80).astype(float)
    failing[[40, 50]] = 40
    (row,) = on(find_anomalies(rates(failing, 400)), 79)
    assert row["expected"] < 0.013
    assert row["expected_high"] < 0.04
    failing[[35, 45, 55, 60, 65]] = 40
    (row,) = on(find_anomalies(rates(failing, 400)), 79)
    assert row["expected_high"] > 0.05


def test_a_rate_near_one_is_tested_by_what_is_left():
    failing = np.full(60, 400.0) - np.random.default_rng(7).binomial(400, 0.005, 60)
    failing[59] = 380
    row = on(find_anomalies(rates(failing, 400)), 59)[0]
    assert row["is_anomaly"]
    assert row["direction"] == "below"
    assert row["expected_high"] <= 1


def test_shares_of_false_alarms_are_held_among_many_series():
    values = np.random.default_rng(8).normal(size=(1000, 41))
    values[:50, 40] += 7
    last = on(find_anomalies(many(values), first_day=FIRST + 40), 40)
    found = [row["series_id"] for row in last if row["is_anomaly"]]
    true = [name for name in found if int(name[1:]) < 50]
    assert len(true) >= 45
    assert len(found) - len(true) <= 9
    assert sum(row["p_value"] < 0.01 for row in last) > len(found)


def test_little_history_is_said_and_shares_the_noise_of_its_kind():
    values = np.random.default_rng(9).normal(size=(60, 15))
    together = find_anomalies(many(values))
    alone = find_anomalies(many(values[:1]))
    assert all(row["little_history"] for row in together.to_pylist())
    reach = [
        np.median([row["detectable_change"] for row in on(one, 14)])
        for one in (alone, together)
    ]
    assert reach[1] < reach[0]


ODD = {
    "no row": SCHEMA.empty_table(),
    "one day": series([3.0]),
    "three points": series([3.0, 4.0, 5.0]),
    "only NaN": series([float("nan")] * 40),
    "only null": series([None] * 40),
    "not finite": series([float("inf"), float("-inf")] * 20),
    "nothing checked": rates(np.zeros(40), 0),
    "only slices": series(noise(40), slice_type="category", slice_value="x"),
    "no slice type": series(noise(40), slice_type=None),
}


@pytest.mark.parametrize("name", ODD)
def test_where_nothing_can_be_tested_nothing_is(name):
    found = find_anomalies(ODD[name])
    assert len(found) == 0
    assert found.schema == anomalies_schema()


def test_days_without_values_are_passed_over():
    values = noise(60).tolist()
    for number, odd in ((10, None), (20, float("nan")), (30, float("inf")), (31, None)):
        values[number] = odd
    found = find_anomalies(series(values))
    assert not {day(10), day(20), day(30), day(31)} & set(found["day"].to_pylist())
    assert on(found, 59)[0]["history_days"] == 55


def test_counts_with_days_of_zero():
    values = np.random.default_rng(10).poisson(300, 60).astype(float)
    values[[20, 59]] = 0
    found = find_anomalies(series(values, measure="rows"))
    assert [row["day"] for row in anomalies(found)] == [day(20), day(59)]
    sparse = np.random.default_rng(11).poisson(0.1, 200).astype(float)
    found = find_anomalies(series(sparse, measure="rows"))
    assert np.mean([row["p_value"] < 0.01 for row in found.to_pylist()]) < 0.03


def test_rates_with_days_on_which_nothing_was_checked():
    random = np.random.default_rng(12)
    rows = np.where(np.arange(60) % 7 == 6, 0, 500)
    found = find_anomalies(rates(random.binomial(rows, 0.02), rows))
    assert len(found) == 60 - 8 - 7
    assert not anomalies(found)


def test_numerators_that_are_no_counts_are_passed_over():
    failing = [5.0] * 40
    failing[20:23] = [float("nan"), -3.0, 900.0]
    found = find_anomalies(rates(failing, 400))
    assert not {day(20), day(21), day(22)} & set(found["day"].to_pylist())
    assert len(found) == 40 - 7 - 3


def test_a_date_of_1970_among_those_of_today_is_passed_over():
    old = series([50.0], first=0)
    values = noise(60)
    found = find_anomalies(pa.concat_tables([old, series(values)]))
    assert found.drop_columns("history_state").equals(
        find_anomalies(series(values)).drop_columns("history_state")
    )


def test_series_of_1970_are_series():
    found = find_anomalies(series(noise(60), first=0))
    assert len(found) == 53


def test_nothing_is_looked_at_after_the_last_day():
    values = noise(60)
    found = find_anomalies(series(values), last_day=FIRST + 49)
    assert found.equals(find_anomalies(series(values[:50])))


def test_the_order_of_rows_changes_nothing():
    table = many(np.random.default_rng(13).normal(size=(12, 45)))
    order = np.random.default_rng(14).permutation(len(table))
    assert find_anomalies(table).equals(find_anomalies(table.take(order)))


def test_what_was_found_before_is_kept_and_equal():
    values = np.random.default_rng(15).normal(size=(40, 75))
    values[3, 40:] += 9
    values[4, 40:47] += 9
    values[5, 70:] -= 9
    counts = np.random.default_rng(16).binomial(400, 0.01, 75).astype(float)
    counts[50:] += 15
    counts[30] = 30
    table = pa.concat_tables([many(values), rates(counts, 400, series_id="t")])
    whole = find_anomalies(table)
    ordinal = table["day"].cast(pa.int32())
    for end in (20, 43, 45, 48, 55, 74):
        before = find_anomalies(table.filter(pc.less(ordinal, FIRST + end)))
        assert find_anomalies(table, known=before).equals(whole)
        shuffled = before.take(np.random.default_rng(17).permutation(len(before)))
        assert find_anomalies(table, known=shuffled).equals(whole)


def test_what_has_changed_since_is_tested_again(monkeypatch):
    values = np.random.default_rng(18).normal(size=(5, 60))
    before = find_anomalies(many(values))
    tested = []
    from python_ml.anomalies import find

    next_day = find._Measured.next
    monkeypatch.setattr(
        find._Measured, "next", lambda self, at: tested.append(at) or next_day(self, at)
    )
    assert find_anomalies(many(values), known=before).equals(before)
    assert not tested
    values[2, 50] = 40.0
    after = find_anomalies(many(values), known=before)
    assert len(tested) == 10
    assert after.equals(find_anomalies(many(values)))
    # A series less, or a table of another version.
    fewer = find_anomalies(many(values[:4]), known=before)
    assert fewer.equals(find_anomalies(many(values[:4])))
    other = before.drop_columns("left_out")
    assert find_anomalies(many(values), known=other).equals(after)


def test_a_share_that_is_none_is_refused():
    with pytest.raises(ValueError, match="false_share: must be between 0 and 1"):
        find_anomalies(SCHEMA.empty_table(), false_share=1)


@pytest.mark.parametrize("measure", ["mean", "rows", "failure_rate"])
@pytest.mark.parametrize("huge", [1e155, 1e308, -1e300])
def test_a_number_beyond_all_measure_is_passed_over(measure, huge):
    values = [5.0, 6.0] * 20
    known = series([*values, None], measure=measure)
    found = find_anomalies(series([*values, huge], measure=measure))
    assert found.equals(find_anomalies(known))
