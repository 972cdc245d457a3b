"""Few rows: the beta-binomial forecast and how much more than chance days differ."""

import numpy as np
import pytest
from scipy import stats

from python_ml.anomalies.counts import CountForecast, count_forecast, overdispersion


def drawn(random, rate, rho, shape, rows=400):
    size = 1 / rho - 1 if rho else None
    rates = random.beta(rate * size, (1 - rate) * size, shape) if rho else rate
    return random.binomial(rows, rates, shape).astype(float)


def test_tails_and_limits_are_those_of_the_beta_binomial_distribution():
    mean, size = np.array([0.01, 0.2, 0.4, 0.05]), np.array([50.0, 5, 900, 20])
    whole, found = np.array([400, 30, 20, 100]), np.array([12.0, 25, 3, 0])
    test = CountForecast(mean, size, whole.astype(float)).test(found, 0.005)
    exact = [
        stats.betabinom(n, m * s, (1 - m) * s)
        for n, m, s in zip(whole, mean, size, strict=True)
    ]
    p = [
        min(1, 2 * min(d.cdf(x), d.sf(x - 1)))
        for d, x in zip(exact, found, strict=True)
    ]
    np.testing.assert_allclose(test.p_value, p, rtol=1e-8)
    for limit, tail in ((test.low, 0.005), (test.high, 0.995)):
        wanted = [next(x for x in range(401) if d.cdf(x) >= tail) for d in exact]
        np.testing.assert_array_equal(limit, wanted)


def test_what_lies_far_above_has_a_small_p_value_and_no_error():
    test = CountForecast(np.array([1e-6]), np.array([1e6]), np.array([1e7]))
    result = test.test(np.array([2e6]), 0.005)
    assert result.p_value[0] <= 1e-9
    assert result.high[0] < 100


@pytest.mark.parametrize("rho", [0, 0.003, 0.01, 0.05])
def test_overdispersion_is_found(rho):
    random = np.random.default_rng(0)
    count = drawn(random, 0.02, rho, (300, 60))
    whole = np.full(count.shape, 400.0)
    found = overdispersion(count, whole, np.ones(count.shape, bool))
    assert abs(np.median(found) - rho) < 0.2 * rho + 5e-4


def test_a_series_that_differs_from_the_others_keeps_its_own():
    random = np.random.default_rng(1)
    count = drawn(random, 0.05, 0, (200, 60))
    count[:20] = drawn(random, 0.05, 0.1, (20, 60))
    whole = np.full(count.shape, 400.0)
    found = overdispersion(count, whole, np.ones(count.shape, bool))
    assert np.median(found[:20]) > 0.05
    assert np.median(found[20:]) < 0.005


@pytest.mark.parametrize(("rho", "seen"), [(0, 0.6), (0.01, 0.05)])
def test_good_days_give_no_alarms_and_jumps_do(rho, seen):
    random = np.random.default_rng(2)
    count = drawn(random, 0.01, rho, (4000, 30))
    whole = np.full(count.shape, 400.0)
    used = np.ones(count.shape, bool)
    given = count_forecast(
        count, whole, used, overdispersion(count, whole, used), np.full(4000, 400.0)
    )
    good = given.test(drawn(random, 0.01, rho, 4000), 0.005).p_value
    bad = given.test(drawn(random, 0.03, rho, 4000), 0.005).p_value
    assert np.mean(good < 0.01) < 0.016
    assert np.mean(bad < 0.01) > seen


def test_nothing_counted_at_all_is_a_history_too():
    nothing = np.zeros((1, 30))
    whole = np.full((1, 30), 400.0)
    used = np.ones((1, 30), bool)
    rho = overdispersion(nothing, whole, used)
    given = count_forecast(nothing, whole, used, rho, np.array([400.0]))
    assert given.test(np.array([0.0]), 0.005).p_value[0] == 1
    assert given.test(np.array([5.0]), 0.005).p_value[0] < 1e-4
