"""Which anomalies are one incident, and what is said of it."""

import numpy as np
import pyarrow as pa

from python_ml.anomalies.find import find_anomalies
from python_ml.anomalies.incidents import group_incidents
from python_ml.anomalies.schemas import incidents_schema
from tests.python_ml.anomalies.series_tables import SCHEMA, day, rates, series


def incidents(*tables):
    table = pa.concat_tables(tables)
    return group_incidents(find_anomalies(table), table).to_pylist()


def noise(seed, days=80, level=50.0):
    return level + np.random.default_rng(seed).normal(size=days)


def shifted(seed, start, size, end=None, **names):
    values = noise(seed)
    values[start:end] += size
    return series(values, **({"series_id": f"s{seed}"} | names))


def test_without_anomalies_there_are_no_incidents():
    table = series(noise(0))
    found = group_incidents(find_anomalies(table), table)
    assert len(found) == 0
    assert found.schema == incidents_schema()
    empty = SCHEMA.empty_table()
    assert len(group_incidents(find_anomalies(empty), empty)) == 0


def test_one_shift_of_level_is_one_incident():
    (one,) = incidents(shifted(2, 60, 9, column_name="price"))
    assert (one["first_day"], one["direction"]) == (day(60), "above")
    assert 5 <= one["alarm_days"] <= 7
    assert not one["is_open"]
    assert one["size"] == one["found"] - one["expected"]
    assert 7 < one["size"] < 12
    assert one["related"] == 0
    assert one["slice_type"] is None
    assert "orders: the mean of price was" in one["summary"]
    assert f"({day(60)} to {one['last_day']})" in one["summary"]


def test_it_is_open_while_the_last_day_is_in_it():
    table = shifted(2, 78, 9)
    (one,) = incidents(table)
    assert one["is_open"]
    assert one["alarm_days"] == 2
    # Its name stays as the days go on.
    (before,) = incidents(shifted(2, 78, 9).slice(0, 79))
    assert before["incident_id"] == one["incident_id"]
    assert before["is_open"]


def test_far_apart_days_and_other_sides_are_other_incidents():
    values = noise(4)
    values[[40, 44, 49]] += 12
    values[50] -= 12
    found = incidents(series(values))
    # Three days between the first two, four to the next.
    days = [(one["first_day"], one["last_day"], one["direction"]) for one in found]
    assert days == [
        (day(40), day(44), "above"),
        (day(49), day(49), "above"),
        (day(50), day(50), "below"),
    ]
    assert len({one["incident_id"] for one in found}) == 3


def test_alarms_of_one_column_and_days_are_one():
    (one,) = incidents(
        shifted(4, 60, 9, 63, column_name="price"),
        shifted(5, 61, 9, 63, column_name="price", measure="spread"),
    )
    assert one["related"] == 1
    assert one["measure"] == "mean"
    assert "with it one other series" in one["summary"]


def test_other_columns_feeds_and_days_are_not():
    found = incidents(
        shifted(4, 60, 9, 63, column_name="price"),
        shifted(5, 60, 9, 63, column_name="brand"),
        shifted(6, 60, 9, 63, column_name="price", feed="users"),
        shifted(7, 70, 9, 73, column_name="price", measure="spread"),
    )
    assert len(found) == 4


def test_the_index_follows_from_what_moved_it():
    index = 0.9 + np.random.default_rng(8).normal(size=80) / 200
    index[60:62] -= 0.2
    moved = series(index, series_id="i", measure="quality_index")
    (one,) = incidents(moved, shifted(4, 60, 9, 62, column_name="price"))
    assert one["measure"] == "mean"
    assert one["related"] == 1
    (alone,) = incidents(moved)
    assert alone["measure"] == "quality_index"


def failing(random, rates_of, rows=1000, days=70):
    """Failure rates of two sources and the whole; {source: rate by day}."""
    tables, total = [], np.zeros(days)
    for source, rate in rates_of.items():
        count = random.binomial(rows, rate, days).astype(float)
        total += count
        tables.append(
            rates(
                count,
                np.full(days, rows),
                series_id=f"r-{source}",
                slice_type="source_system",
                slice_value=source,
            )
        )
    return [rates(total, np.full(days, rows * len(rates_of))), *tables]


def test_the_slice_that_fails_more_explains():
    random = np.random.default_rng(9)
    good = np.full(70, 0.02)
    bad = np.where(np.arange(70) >= 68, 0.2, 0.02)
    (one,) = incidents(*failing(random, {"erp": good, "shop": bad, "app": good}))
    assert (one["slice_type"], one["slice_value"]) == ("source_system", "shop")
    assert one["explained_share"] > 0.8
    assert "source system shop explains" in one["summary"]


def test_where_all_slices_fail_more_none_explains():
    random = np.random.default_rng(10)
    bad = np.where(np.arange(70) >= 68, 0.2, 0.02)
    (one,) = incidents(*failing(random, {"erp": bad, "shop": bad, "app": bad}))
    assert one["slice_type"] is None
    assert one["explained_share"] is None


def test_a_slice_that_is_nearly_the_whole_does_not_explain_it():
    random = np.random.default_rng(11)
    bad = np.where(np.arange(70) >= 68, 0.2, 0.02)
    (one,) = incidents(*failing(random, {"shop": bad}))
    assert one["slice_type"] is None


def test_rows_that_stay_away_are_explained_by_who_sent_them():
    random = np.random.default_rng(12)
    of = {
        name: random.poisson(300, 70).astype(float) for name in ("erp", "shop", "app")
    }
    of["erp"][68:] = 0
    whole = series(sum(of.values()), measure="rows")
    # A day without rows has none in its slice.
    parts = [
        series(
            values,
            series_id=name,
            measure="rows",
            slice_type="source_system",
            slice_value=name,
        ).slice(0, 68 if name == "erp" else 70)
        for name, values in of.items()
    ]
    (one,) = incidents(whole, *parts)
    assert one["direction"] == "below"
    assert one["slice_value"] == "erp"
    assert one["explained_share"] > 0.8


def test_two_rules_that_one_source_breaks_are_one_incident():
    random = np.random.default_rng(13)
    good = np.full(70, 0.02)
    bad = np.where(np.arange(70) >= 68, 0.3, 0.02)
    tables = []
    for rule in ("one", "two"):
        for table in failing(random, {"erp": good, "shop": bad, "app": good}):
            names = [f"{rule}-{each}" for each in table["series_id"].to_pylist()]
            table = table.set_column(0, "series_id", pa.array(names))
            table = table.set_column(3, "rule_name", pa.repeat(rule, len(table)))
            tables.append(table)
    (one,) = incidents(*tables)
    assert one["related"] == 1


def test_a_sentence_obeys_no_terminal_and_stays_short():
    hostile = "\x1b[31mred\u202e" + "x" * 200
    (one,) = incidents(shifted(14, 78, 12, column_name=hostile))
    assert "\x1b" not in one["summary"]
    assert "\u202e" not in one["summary"]
    assert len(one["summary"]) < 300


def test_little_history_is_said():
    values = noise(15, days=20)
    values[19] += 15
    (one,) = incidents(series(values))
    assert one["little_history"]
    assert "little history, 19 days" in one["summary"]


def test_a_number_of_rows_above_the_expected_is_none_of_those_expected():
    table = series([5.0] * 39 + [6.0], measure="rows")
    (one,) = group_incidents(find_anomalies(table), table).to_pylist()
    assert "was 6 on" in one["summary"]
    assert "above the expected 5." in one["summary"]
