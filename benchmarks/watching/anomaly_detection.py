"""Anomalies: what is found and what is a false alarm, beside Elementary's default.

    python benchmarks/watching/anomaly_detection.py --only detection,tail,many,level

Series are simulated: noise of deviation 1; a week whose weekend is 6 lower and whose
Friday is 1 higher; a weekend that is 60 lower; a trend of 0.2 a day, up or down; two
old outliers of 8. Their last day jumps by 0, 4, 6 or 8. Elementary is computed from the
published formula of its anomaly tests: the z-score of a day among the 14 days that end
with it, itself included, by their mean and sample deviation, at its default sensitivity
of 3.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

from report import machine  # noqa: E402

from python_ml.anomalies.find import find_anomalies  # noqa: E402
from python_ml.anomalies.incidents import group_incidents  # noqa: E402

FIRST = 20454  # Days since 1970: the first of January 2026.
JUMPS = (0, 4, 6, 8)
SERIES = 7000
KINDS = {
    "white noise": {},
    "weekly season": {"season": True},
    "season and trend": {"season": True, "trend": True},
    "two old outliers": {"outliers": True},
    "weekends 60 lower": {"season": True, "closed": True},
    "season and two outliers": {"season": True, "outliers": True},
    "autoregressive, 0.5": {"memory": 0.5},
    "Student's t, 5 degrees": {"degrees": 5},
}
# Found at 4, 6 and 8, in per cent, which was asked for.
ASKED = {
    ("white noise", 14): (77, 98, 100),
    ("white noise", 30): (85, 99, 100),
    ("white noise", 90): (90, 99, 100),
    ("weekly season", 14): (38, 75, 93),
    ("weekly season", 30): (70, 98, 100),
    ("weekly season", 90): (85, 99, 100),
    ("season and trend", 14): (25, 55, 80),
    ("season and trend", 30): (65, 97, 100),
    ("season and trend", 90): (84, 99, 100),
    ("two old outliers", 30): (80, 98, 100),
}


def simulated(
    random,
    series,
    days,
    season=False,
    trend=False,
    outliers=False,
    memory=0.0,
    degrees=None,
    closed=False,
    weekday=0,
):
    """Return [series, days]; old outliers are not on the last day.

    weekday is that of the last day, 0 to 6.
    """
    noise = random.normal(size=(series, days + 50))
    if degrees:
        noise = random.standard_t(degrees, size=(series, days + 50))
    for day in range(1, days + 50):
        noise[:, day] += memory * noise[:, day - 1]
    values = noise[:, 50:] * np.sqrt(1 - memory**2)
    weekday = (np.arange(days) - days + 1 + weekday) % 7
    if season:
        values = values + np.where(weekday >= 5, -6.0, 0) + np.where(weekday == 4, 1, 0)
    if closed:
        values = values - np.where(weekday >= 5, 54.0, 0)
    if trend:
        slope = 0.2 * random.choice([-1, 1], size=(series, 1))
        values = values + slope * np.arange(days)
    if outliers:
        at = random.random((series, days - 1)).argsort(1)[:, :2]
        size = 8 * random.choice([-1.0, 1.0], size=at.shape)
        np.put_along_axis(values, at, np.take_along_axis(values, at, 1) + size, axis=1)
    return values


def table(values, measure="mean", whole=None):
    """Return series as find_anomalies takes them."""
    series, days = values.shape
    count = series * days
    names = pa.array([f"s{row:06}" for row in range(series)])
    row = pa.array(np.repeat(np.arange(series), days))
    nothing = pa.nulls(count, pa.string())
    day = np.tile(np.arange(FIRST, FIRST + days, dtype=np.int32), series)
    flat = values.ravel().astype(float)
    of = np.ones(count) if whole is None else np.full(count, float(whole))
    return pa.table(
        {
            "series_id": names.take(row),
            "feed": pa.repeat("f", count),
            "measure": pa.repeat(measure, count),
            "rule_name": nothing,
            "column_name": nothing,
            "slice_type": pa.repeat("all", count),
            "slice_value": pa.repeat("all", count),
            "value_of_column": nothing,
            "day": pa.array(day, pa.int32()).cast(pa.date32()),
            "numerator": flat,
            "denominator": of,
            "value": flat / of,
        }
    )


def last_day(values, **more):
    """Return the p-values of the last day and whether they are anomalies."""
    first_day = FIRST + values.shape[1] - 1
    found = find_anomalies(table(values, **more), first_day=first_day)
    return found["p_value"].to_numpy(), found["is_anomaly"].to_numpy()


def elementary(values):
    """Return whether Elementary's default calls the last day an anomaly."""
    days = values[:, -14:]
    deviation = days.std(1, ddof=1)
    score = (days[:, -1] - days.mean(1)) / np.where(deviation, deviation, np.inf)
    return np.abs(score) > 3


def found_of(series, points, how, together):
    """Return shares flagged in per cent of jumps, ours and Elementary's.

    As many series are tested at a time as are together, on each weekday as many.
    """
    ours, theirs = np.zeros(len(JUMPS)), np.zeros(len(JUMPS))
    for weekday in range(7):
        random = np.random.default_rng(10 * points + weekday)
        values = simulated(random, series // 7, points + 1, weekday=weekday, **how)
        for number, jump in enumerate(JUMPS):
            changed = values.copy()
            changed[:, -1] += jump
            for row in range(0, len(values), together):
                p, _ = last_day(changed[row : row + together])
                ours[number] += np.sum(p < 0.01)
            theirs[number] += np.sum(elementary(changed))
    count = series // 7 * 7
    return 100 * ours / count, 100 * theirs / count


def detection(series):
    """Print what is flagged of the last day of series of each kind, in per cent."""
    print(
        "| series | points | Assay: 0 / 4 / 6 / 8 | asked | Elementary: 0 / 4 / 6 / 8 |"
    )
    print("| --- | ---: | --- | --- | --- |")
    for kind, how in KINDS.items():
        for points in (14, 30, 90):
            ours, theirs = found_of(series, points, how, series)
            asked = ASKED.get((kind, points))
            asked = " / ".join(["1.5", *map(str, asked)]) if asked else ""
            print(f"| {kind} | {points} | {_list(ours)} | {asked} | {_list(theirs)} |")


def alone(series):
    """Print the same at 14 points for series without others of their kind."""
    print("| series alone | points | Assay: 0 / 4 / 6 / 8 |")
    print("| --- | ---: | --- |")
    for kind in ("white noise", "weekly season", "season and trend"):
        ours, _ = found_of(series, 14, KINDS[kind], together=25)
        print(f"| {kind} | 14 | {_list(ours)} |")


def tail(_):
    """Print how often p-values of clean series are small, by how often they should."""
    print("| 100,000 clean series | points | p < 0.01 | p < 0.001 | p < 0.0001 |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for kind in ("white noise", "weekly season"):
        for points in (28, 30, 90):
            random = np.random.default_rng(points)
            parts = []
            for _ in range(20):
                values = simulated(random, 5000, points + 1, **KINDS[kind])
                parts.append(last_day(values)[0])
            p = np.concatenate(parts)
            over = " | ".join(f"{np.mean(p < a) / a:.2f}" for a in (1e-2, 1e-3, 1e-4))
            print(f"| {kind} | {points} | {over} |")


def many(_):
    """Print what is found of 10,000 series of which 100 jump by 6."""
    print("| 10,000 series, 100 jump by 6 | points | found | false | share false |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for points in (14, 30, 90):
        found, false = 0, 0
        for seed in range(3):
            random = np.random.default_rng(seed)
            values = simulated(random, 10000, points + 1, season=True)
            values[:100, -1] += 6
            is_anomaly = last_day(values)[1]
            found += is_anomaly[:100].sum() / 3
            false += is_anomaly[100:].sum() / 3
        share = false / max(found + false, 1)
        print(f"| season | {points} | {found:.0f} | {false:.1f} | {share:.1%} |")


def rates(series):
    """Print alarms of rates of 1 % of 400 rows, on good days and at 3 %."""
    from scipy.stats import binom

    print("| overdispersion | | good days | at 3 % |")
    print("| ---: | --- | ---: | ---: |")
    for rho in (0.0, 0.003, 0.01, 0.05):
        random = np.random.default_rng(int(1000 * rho))

        def drawn(rate, shape, rho=rho, random=random):
            size = 1 / rho - 1 if rho else 1.0
            if rho:
                rate = random.beta(rate * size, (1 - rate) * size, shape)
            return random.binomial(400, rate, shape).astype(float)

        before = drawn(0.01, (series, 30))
        ours, naive, theirs = [], [], []
        for rate in (0.01, 0.03):
            values = np.column_stack([before, drawn(rate, series)])
            p, _ = last_day(values, measure="failure_rate", whole=400)
            ours.append(100 * np.mean(p < 0.01))
            usual = before.mean(1) / 400
            low = binom.cdf(values[:, -1], 400, usual)
            high = binom.sf(values[:, -1] - 1, 400, usual)
            naive.append(100 * np.mean(2 * np.minimum(low, high) < 0.01))
            theirs.append(100 * np.mean(elementary(values / 400)))
        for name, found in (
            ("Assay", ours),
            ("exact binomial", naive),
            ("Elementary", theirs),
        ):
            print(f"| {rho:g} | {name} | {found[0]:.2f} % | {found[1]:.1f} % |")


def level(_):
    """Print what becomes of levels that move by 6 on day 90 and stay."""
    print(
        "| level moves by 6 | on day 1 | alarm days | one incident | later, p < 0.01 |"
    )
    print("| --- | ---: | ---: | ---: | ---: |")
    for kind in ("white noise", "weekly season"):
        found = np.mean([moved(kind, weekday, 200) for weekday in range(7)], axis=0)
        first, days, once, later, first_day, alarm_days = found
        print(f"| {kind} | {first:.1%} | {days:.1f} | {once:.1%} | {later:.1%} |")
        print(f"| the same, Elementary | {first_day:.1%} | {alarm_days:.1f} | | |")


def moved(kind, weekday, series):
    """Return shares of series found on day 1, with one incident, and so on."""
    random = np.random.default_rng(weekday)
    values = simulated(random, series, 120, weekday=weekday, **KINDS[kind])
    values[:, 90:] += 6
    of_all = table(values)
    found = find_anomalies(of_all)
    day = found["day"].cast(pa.int32()).to_numpy() - FIRST
    is_anomaly = found["is_anomaly"].to_numpy()
    near = (day >= 90) & (day < 105)
    # Each by itself, as if it were the only series of its feed.
    place = found.schema.get_field_index("feed")
    alone = found.filter(pa.array(day >= 90))
    alone = alone.set_column(place, "feed", alone["series_id"])
    incidents = group_incidents(alone, of_all)
    incidents = incidents.filter(pc.equal(incidents["direction"], "above"))
    start = incidents["first_day"].cast(pa.int32()).to_numpy() - FIRST
    names, count = np.unique(
        np.array(incidents["feed"].to_pylist())[start < 97], return_counts=True
    )
    theirs = np.array([elementary(values[:, : one + 1]) for one in range(90, 105)])
    return (
        np.mean(is_anomaly[day == 90]),
        is_anomaly[near].sum() / series,
        np.sum(count == 1) / series,
        np.mean(found["p_value"].to_numpy()[day >= 97] < 0.01),
        np.mean(theirs[0]),
        theirs.sum() / series,
    )


def speed(_):
    """Print CPU seconds of a year of 10,000 series, and of the day after it."""
    print("| 10,000 series with a season | CPU seconds |")
    print("| --- | ---: |")
    values = simulated(np.random.default_rng(0), 10000, 366, season=True)
    last_weeks = table(values[:, -92:])
    begin = time.process_time()
    find_anomalies(last_weeks, first_day=FIRST + 91)
    print(
        f"| one day, of thirteen weeks before it | {time.process_time() - begin:.1f} |"
    )
    year = table(values[:, :-1])
    begin = time.process_time()
    before = find_anomalies(year)
    print(f"| 365 days back | {time.process_time() - begin:.0f} |", flush=True)
    year = table(values)
    begin = time.process_time()
    found = find_anomalies(year, known=before)
    print(
        f"| one day, of a year before it and what was found of it "
        f"| {time.process_time() - begin:.1f} |"
    )
    p_value = found["p_value"].to_numpy()
    day = found["day"].cast(pa.int32()).to_numpy() - FIRST
    print(f"\np < 0.01 from day 28 on: {np.mean(p_value[day >= 28] < 0.01):.2%}")


def _list(shares):
    return " / ".join(f"{one:.1f}" if one < 10 else f"{one:.0f}" for one in shares)


PARTS = {
    "detection": detection,
    "alone": alone,
    "tail": tail,
    "many": many,
    "rates": rates,
    "level": level,
    "speed": speed,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas")
    parser.add_argument("--series", type=int, default=SERIES)
    options = parser.parse_args()
    print(machine(), end="\n\n")
    for name in options.only.split(","):
        begin = time.process_time()
        PARTS[name](options.series)
        print(
            f"\n({name}: {time.process_time() - begin:.0f} CPU seconds)\n", flush=True
        )


if __name__ == "__main__":
    main()
