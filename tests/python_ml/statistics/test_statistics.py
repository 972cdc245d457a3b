"""Tests of differences: against what statsmodels and pingouin say, and at the edges.

The figures were made with statsmodels 0.15.0 and pingouin 0.7.0 on the numbers here:
`test_nominal_association`, `anova_oneway(use_var="unequal")`, `welch_anova`,
`kruskal`, `homoscedasticity`, `ttest(correction=True)`, `compute_effsize("hedges")`,
`mwu`, `corr` and `multipletests("fdr_bh")`.
"""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from python_ml.dbt_models import statistics as dbt_model
from python_ml.statistics.compare import compare
from python_ml.statistics.comparisons import COLUMNS, adjusted
from python_ml.statistics.components import compare_components
from python_ml.statistics.periods import periods_of
from python_ml.statistics.scores import compare_scores
from python_ml.statistics.shares import Shares, compare_shares, overdispersion

ERP = [0.91, 0.95, 0.93, 0.97, 0.92, 0.96, 0.94, 0.90]
SHOP = [0.88, 0.85, 0.90, 0.80, 0.87, 0.91, 0.83]
APP = [0.95, 0.96, 0.955, 0.965, 0.958, 0.962]
BEGIN = date(2026, 1, 5)  # A Monday.


def days(scores, every=3, checks=1000):
    """Days that are no neighbours, with checks that passed at these rates."""
    return {
        BEGIN + timedelta(days=every * number): (checks, checks * (1 - score))
        for number, score in enumerate(scores)
    }


def shares(**groups):
    rows, failing = zip(*groups.values(), strict=True)
    return Shares([*groups], np.array(rows, float), np.array(failing, float))


def asked(groups, **more):
    about = {"feed": "orders", "group_column": "source_system", "rule_name": "is_paid"}
    return compare_shares(groups, **{**about, **more})


def scored(groups):
    found = compare_scores(groups, feed="orders", group_column="source_system")
    return {
        (one.test, one.highest_group, one.lowest_group)
        if one.test in ("welch_t", "mann_whitney")
        else one.test: one
        for one in found
    }


def test_chi_square_is_that_of_statsmodels():
    found = asked(shares(erp=(400, 48), shop=(900, 28), app=(500, 30)))
    assert found.statistic == pytest.approx(39.495667282974324)
    assert found.p_value == pytest.approx(2.652313257911487e-09)
    assert (found.degrees_of_freedom, found.observations) == (2, 1800)
    assert found.p_value_basis == "asymptotic"
    # Bergsma (2013), equations 3 to 6, worked out by hand.
    assert found.effect == pytest.approx(0.14436721895032087)
    assert found.row(0.001)["sentence"] == (
        "Rows of erp fail is_paid more often (12.00% of 400), those of shop less often"
        " (3.11% of 900) than all rows together (5.89% of 1,800) (n = 1,800 rows,"
        " adjusted p = 0.001, cramers v 0.14)."
    )


@pytest.mark.parametrize("better", ["a", "b"])
def test_the_sentence_names_the_group_that_fails_more_often(better):
    worse = "ab".replace(better, "")
    found = asked(shares(**{better: (1000, 10), worse: (500, 40)}))
    assert (found.highest_group, found.lowest_group) == (worse, better)
    assert found.row(0.01)["sentence"].startswith(
        f"Rows of {worse} fail is_paid more often (8.00% of 500) than rows of {better}"
        " (1.00% of 1,000)"
    )


def test_no_difference_that_was_seen_is_not_said_to_be_none():
    found = asked(shares(a=(1000, 50), b=(1000, 50)), rule_name=None)
    assert (found.statistic, found.effect, found.p_value) == (0, 0, 1)
    assert (found.highest_group, found.lowest_group) == (None, None)
    assert found.row(1.0)["sentence"] == (
        "No difference between source systems was seen in how often rows have issues"
        " (n = 2,000 rows, adjusted p = 1)."
    )


@pytest.mark.parametrize(
    "groups",
    [
        {},
        {"a": (10, 3)},
        {"a": (10, 3), "b": (0, 0)},
        {"a": (10, 0), "b": (10, 0)},
        {"a": (10, 10), "b": (10, 10)},
    ],
)
def test_where_there_is_nothing_to_compare_nothing_is_said(groups):
    none = Shares([], np.array([]), np.array([]))
    assert asked(shares(**groups) if groups else none) is None


def test_few_rows_of_two_groups_have_an_exact_p():
    # Fisher's tea: 3 of 4 cups against 1 of 4, p = 34/70.
    found = asked(shares(milk=(4, 3), tea=(4, 1)))
    assert found.p_value_basis == "exact"
    assert found.p_value == pytest.approx(34 / 70)


def test_few_rows_of_several_groups_have_a_simulated_p():
    found = asked(shares(a=(3, 3), b=(3, 0), c=(3, 0)))
    assert found.p_value_basis == "simulated"
    # All three failing rows in one group: 3 of the 84 ways to choose them.
    assert found.p_value == pytest.approx(3 / 84, abs=0.006)
    assert found.p_value == asked(shares(a=(3, 3), b=(3, 0), c=(3, 0))).p_value


def test_small_groups_are_taken_together_and_are_no_group():
    many = {f"tiny{number}": (2, 2) for number in range(40)}
    found = asked(shares(a=(1000, 100), b=(1000, 50), **many))
    assert found.groups == 3
    assert found.observations == 2080
    assert {found.highest_group, found.lowest_group} == {"a", "b"} or (
        found.highest_group is None
    )
    assert "40 groups with few rows are taken together." in found.row(0.01)["sentence"]


def clustered(rng, days, rows, rate, rho):
    """Failing rows of days on which they fail together."""
    both = (1 - rho) / rho
    return rng.binomial(rows, rng.beta(rate * both, (1 - rate) * both, size=days))


def test_overdispersion_is_found_as_it_was_planted():
    rng = np.random.default_rng(3)
    months = [f"2026-{number // 30 + 1:02}" for number in range(360)]
    rows = np.full(360, 100.0)
    estimates = [
        overdispersion(months, rows, clustered(rng, 360, 100, 0.05, 0.05))
        for _ in range(20)
    ]
    assert np.mean(estimates) == pytest.approx(0.05, abs=0.006)
    independent = [
        overdispersion(months, rows, rng.binomial(100, 0.05, 360)) for _ in range(20)
    ]
    assert np.mean(independent) < 0.002
    assert overdispersion(months[:4], rows[:4], np.array([1.0, 2, 9, 0])) == 0
    assert overdispersion([], np.array([]), np.array([])) == 0


def test_rows_that_fail_together_count_as_fewer():
    """Of two months without a difference 5 % are to be seen as different, not 40 %."""
    rng, naive, counted = np.random.default_rng(5), 0, 0
    for _ in range(400):
        failing = clustered(rng, 60, 200, 0.05, 0.03).astype(float)
        rows = np.full(60, 200.0)
        months = ["2026-01"] * 30 + ["2026-02"] * 30
        groups = shares(jan=(6000, failing[:30].sum()), feb=(6000, failing[30:].sum()))
        rho = overdispersion(months, rows, failing)
        naive += asked(groups, group_column="month").p_value < 0.05
        counted += (
            asked(groups, group_column="month", overdispersion=rho, days=60).p_value
            < 0.05
        )
    assert naive > 100
    assert counted < 40


def test_tests_of_scores_are_those_of_statsmodels_and_pingouin():
    groups = {"erp": days(ERP), "shop": days(SHOP), "app": days(APP)}
    found = scored(groups)
    anova = found["welch_anova"]
    assert anova.statistic == pytest.approx(21.777956907727)
    assert anova.p_value == pytest.approx(0.00031599027701038)
    assert anova.degrees_of_freedom == 2
    assert anova.degrees_of_freedom_within == pytest.approx(9.256654401297)
    assert anova.effect == pytest.approx(0.7121158823852)
    assert (anova.highest_group, anova.lowest_group) == ("app", "shop")
    kruskal = found["kruskal"]
    assert kruskal.statistic == pytest.approx(14.003596230158)
    assert kruskal.p_value == pytest.approx(0.00091024377011)
    assert kruskal.effect == pytest.approx((14.003596230158 - 2) / 18)
    levene = found["levene"]
    assert levene.statistic == pytest.approx(4.669087974172)
    assert levene.p_value == pytest.approx(0.023255556537)
    assert (levene.highest_group, levene.lowest_group) == ("shop", "app")
    t = found["welch_t", "erp", "shop"]
    assert t.statistic == pytest.approx(4.216883141401)
    assert t.degrees_of_freedom == pytest.approx(9.844920331195)
    assert t.p_value == pytest.approx(0.001843016593163)
    assert t.effect == pytest.approx(2.1193937897325, rel=1e-9)
    ranks = found["mann_whitney", "erp", "shop"]
    assert ranks.statistic == 54
    assert ranks.p_value == pytest.approx(0.003113182878232)
    assert ranks.effect == pytest.approx(0.9285714285714)
    assert {one.observation for one in found.values()} == {"day"}
    assert len(found) == 3 + 2 * 3
    assert len({one.comparison_id for one in found.values()}) == len(found)


def test_of_two_groups_there_is_no_analysis_of_variance():
    found = scored({"shop": days(SHOP), "erp": days(ERP)})
    assert set(found) == {
        "levene",
        ("welch_t", "erp", "shop"),
        ("mann_whitney", "erp", "shop"),
    }
    assert found["welch_t", "erp", "shop"].row(0.01)["sentence"] == (
        "The mean score of erp (0.935) is higher than that of shop (0.863) (n = 15"
        " days, adjusted p = 0.01, hedges g 2.12)."
    )
    assert found["mann_whitney", "erp", "shop"].row(0.4)["sentence"] == (
        "No difference between erp and shop was seen in the ranks of scores (n = 15"
        " days, adjusted p = 0.4)."
    )


@pytest.mark.parametrize("turned", [False, True])
def test_what_is_higher_is_said_to_be_higher(turned):
    low, high = ("b", "a") if turned else ("a", "b")
    found = scored({low: days(SHOP), high: days(ERP), "c": days([*SHOP, *ERP])})
    assert found["welch_anova"].highest_group == high
    assert found["welch_anova"].lowest_group == low
    assert found["kruskal"].highest_group == high
    assert ("mann_whitney", high, low) in found
    said = found["mann_whitney", high, low].row(0.01)["sentence"]
    assert said.startswith(
        f"A day of {high} has a higher score than one of {low} in 96%"
    )


def test_one_group_or_few_days_are_not_compared():
    assert scored({}) == {}
    assert scored({"erp": days(ERP)}) == {}
    assert scored({"erp": days(ERP), "shop": days(SHOP[:3])}) == {}
    assert scored({"erp": days(ERP), "shop": days(SHOP, checks=0)}) == {}
    found = scored({"erp": days(ERP), "shop": days(SHOP), "app": days(APP[:3])})
    assert len(found) == 3
    for one in found.values():
        assert one.note == "1 further group has too few days."


def test_scores_that_never_change_are_said_to_be_so():
    found = scored({"a": days([1.0] * 9), "b": days([1.0] * 7)})
    assert list(found) == ["kruskal"]
    row = found["kruskal"].row(None)
    assert row["sentence"] == (
        "All days of all groups have the score 1.000: there is nothing to compare (n ="
        " 16 days)."
    )
    assert (row["p_value"], row["is_different"]) == (None, None)


def test_a_group_that_never_changes_is_compared_by_what_can_be():
    found = scored({"a": days([1.0] * 9), "b": days(ERP), "c": days(SHOP)})
    assert "welch_anova" not in found
    assert ("welch_t", "a", "b") in found and "kruskal" in found
    both = scored({"a": days([1.0] * 9), "b": days([0.5] * 9)})
    assert list(both) == [("mann_whitney", "a", "b")]
    assert both["mann_whitney", "a", "b"].p_value < 0.001


def test_three_distinct_observations():
    found = scored({"a": days([1.0, 0.9, 1.0, 0.9, 1.0]), "b": days([0.8] * 5)})
    for one in found.values():
        assert 0 <= one.p_value <= 1
        assert one.highest_group == "a"


def walk(rng, count, alike):
    """Scores that resemble the day before."""
    values, last = [], rng.normal()
    for _ in range(count):
        last = alike * last + rng.normal() * np.sqrt(1 - alike**2)
        values.append(0.9 + 0.01 * last)
    return values


def test_days_that_are_alike_are_taken_together():
    rng = np.random.default_rng(2)
    alone = {name: days(walk(rng, 180, 0), every=1) for name in "ab"}
    assert periods_of(alone).unit == "day"
    alike = {name: days(walk(rng, 180, 0.7), every=1) for name in "ab"}
    found = periods_of(alike)
    assert found.unit in ("week", "month")
    weeks = {at.weekday() for scores in found.scores.values() for at in scores}
    assert found.unit == "month" or weeks == {0}
    # A month for each is too few: it is said that p is too small.
    trend = {name: days(np.linspace(0.8, 0.9, 60), every=1) for name in "ab"}
    assert periods_of(trend) == periods_of(trend)
    assert (periods_of(trend).unit, periods_of(trend).is_dependent) == ("week", True)
    said = [one.row(0.5)["sentence"] for one in scored(trend).values()]
    assert all(text.endswith("p is too small.") for text in said)


def test_a_difference_is_not_seen_because_days_are_alike():
    rng, naive, found = np.random.default_rng(7), 0, 0
    for _ in range(200):
        values = {name: walk(rng, 180, 0.6) for name in "ab"}
        far = scored({name: days(of) for name, of in values.items()})
        near = scored({name: days(of, every=1) for name, of in values.items()})
        for tests, is_naive in ((far, True), (near, False)):
            (t,) = [one for key, one in tests.items() if "welch_t" in key]
            naive += is_naive and t.p_value < 0.05
            found += not is_naive and t.p_value < 0.05
    assert naive > 40
    assert found < 24


X = [0.01, 0.03, 0.02, 0.05, 0.04, 0.06, 0.09, 0.08, 0.07, 0.1, 0.12]
Y = [0.1, 0.2, 0.15, 0.3, 0.2, 0.35, 0.3, 0.4, 0.28, 0.5, 0.45]


def correlated(x, y):
    components = {
        name: days([1 - value for value in values])
        for name, values in {"missing": x, "format": y}.items()
    }
    return {one.test: one for one in compare_components(components, feed="orders")}


def test_correlations_are_those_of_pingouin():
    found = correlated(X, Y)
    assert found["spearman"].effect == pytest.approx(0.908685272304)
    assert found["spearman"].p_value == pytest.approx(0.000107665457472)
    assert found["pearson"].effect == pytest.approx(0.913628909703)
    assert found["pearson"].p_value == pytest.approx(8.442669479424e-05)
    assert found["spearman"].row(0.001)["sentence"] == (
        "When the failure rate of format rises, that of missing tends to rise, too (n ="
        " 11 days, adjusted p = 0.001, r 0.91)."
    )
    against = correlated(X, [1 - value for value in Y])
    assert against["spearman"].effect < 0
    assert "tends to fall (" in against["spearman"].row(0.001)["sentence"]
    assert (
        against["spearman"]
        .row(0.3)["sentence"]
        .startswith(
            "No connection between the failure rates of format and missing was seen (n"
        )
    )


def test_what_never_changes_or_is_short_is_not_correlated():
    assert correlated(X, [0.5] * 11) == {}
    assert correlated(X[:9], Y[:9]) == {}
    assert compare_components({"missing": days(X)}, feed="orders") == []


def test_p_values_are_adjusted_as_benjamini_and_hochberg_do():
    assert adjusted([0.01, 0.02, 0.03, 0.5]) == pytest.approx([0.04, 0.04, 0.04, 0.5])
    assert adjusted([]) == []


def slices(feed, rule_name, slice_type, groups):
    return [
        {
            "feed": feed,
            "rule_name": rule_name,
            "component": rule_name and "missing",
            "slice_type": slice_type,
            "slice_value": name,
            "rows_checked": rows,
            "failing_rows": failing,
        }
        for name, (rows, failing) in groups.items()
    ]


def shop():
    by_day = {
        f"{BEGIN + timedelta(days=number)}": (100, number % 7 + (number > 60) * 20)
        for number in range(90)
    }
    by_source = {"erp": (4000, 400), "shop": (5000, 240)}
    given = [
        *slices("orders", None, "source_system", by_source),
        *slices("orders", "is_paid", "source_system", by_source),
        *slices("orders", "is_paid", "day", by_day),
        *slices("orders", "clean", "source_system", {"erp": (40, 0), "shop": (5, 0)}),
    ]
    of_days = [
        {
            "feed": "orders",
            "slice_type": kind,
            "slice_value": name,
            "day": day,
            "checks": checks,
            "failures": failing,
        }
        for kind, groups in {
            "source_system": {"erp": ERP, "shop": SHOP},
            "component": {"missing": X, "format": Y},
        }.items()
        for name, scores in groups.items()
        for day, (checks, failing) in days([1 - s for s in scores]).items()
    ]
    return given, of_days


def test_all_of_a_shop_is_compared_and_adjusted_by_test():
    rows = compare(*shop())
    assert [row["comparison_id"] for row in rows] == sorted(
        {row["comparison_id"] for row in rows}
    )
    by_test = {}
    for row in rows:
        assert list(row) == list(COLUMNS)
        by_test.setdefault(row["test"], []).append(row)
    assert {test: len(of) for test, of in by_test.items()} == {
        "chi_square": 3,
        "welch_t": 1,
        "mann_whitney": 1,
        "levene": 1,
        "spearman": 1,
        "pearson": 1,
    }
    chi = {
        (row["rule_name"], row["group_column"]): row for row in by_test["chi_square"]
    }
    month = chi["is_paid", "month"]
    assert (month["highest_group"], month["component"]) == ("2026-03", "missing")
    assert month["sentence"].startswith("Rows of 2026-0")
    values = [row["p_value"] for row in by_test["chi_square"]]
    assert [row["adjusted_p_value"] for row in by_test["chi_square"]] == pytest.approx(
        adjusted(values)
    )
    assert compare(*shop()) == rows
    given, of_days = shop()
    assert compare(given[::-1], of_days[::-1]) == rows


def test_an_empty_table_has_no_comparisons():
    assert compare([], []) == []
    none = dbt_model.quality_statistics(pa.table({}), pa.table({}))
    assert (none.num_rows, none.column_names) == (0, [*COLUMNS])


def test_the_dbt_model_has_the_columns_of_the_comparisons():
    given, of_days = map(pa.Table.from_pylist, shop())
    found = dbt_model.quality_statistics(given, of_days)
    assert found.to_pylist() == compare(*shop())
    kinds = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    assert dict(zip(found.schema.names, found.schema.types, strict=True)) == {
        name: kinds[kind] for name, kind in COLUMNS.items()
    }
