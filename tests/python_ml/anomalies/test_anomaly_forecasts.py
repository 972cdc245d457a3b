"""The forecast of level, slope and weekday, and the distributions that it yields."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from python_ml.anomalies import forecast as module
from python_ml.anomalies.forecast import History, forecast
from python_ml.anomalies.shared_scale import shared_scale
from python_ml.anomalies.student import lower_tail, mixture_quantile, mixture_tails


def history(values, weekdays=None, **more):
    series, days = values.shape
    weekdays = np.arange(days) % 7 if weekdays is None else weekdays
    nothing = np.zeros(series)
    given = {
        "values": values,
        "weights": np.ones(values.shape),
        "weekdays": weekdays,
        "weekday": int(weekdays[-1] + 1) % 7,
        "weight": np.ones(series),
        "floor": nothing + 1e-9,
        "prior_degrees": nothing,
        "prior_variance": nothing,
    }
    return History(**(given | more))


def seasonal(random, series, days):
    values = random.normal(size=(series, days))
    return values + np.where(np.arange(days) % 7 >= 5, -6.0, 0.0)


@pytest.mark.parametrize("degrees", [1, 2, 5, 13, 90])
def test_the_tail_is_that_of_students_t(degrees):
    distance = np.array([-8.0, -4, -2.5, -1, 0, 0.3, 2, 6])
    found = lower_tail(distance, np.array(float(degrees)))
    np.testing.assert_allclose(found, stats.t.cdf(distance, degrees), rtol=3e-4)


def test_a_quantile_of_a_mixture_has_its_share_below_it():
    random = np.random.default_rng(0)
    location, scale = random.normal(0, 5, (16, 50)), random.uniform(0.1, 3, (16, 50))
    share = random.dirichlet(np.ones(16) * 0.3, 50).T
    degrees = random.integers(6, 90, 50).astype(float)
    for tail in (0.005, 0.3, 0.995):
        at = mixture_quantile(tail, location, scale, share, degrees)
        low, high = mixture_tails(at, location, scale, share, degrees)
        np.testing.assert_allclose(low, tail, rtol=1e-3)
        np.testing.assert_allclose(low + high, 1, atol=1e-6)


def test_it_is_the_average_of_regressions_written_out():
    random = np.random.default_rng(1)
    values = seasonal(random, 3, 30) + 100
    weights = (random.random((3, 30)) > 0.1) * random.uniform(0.5, 1.5, (3, 30))
    given = history(values, weights=weights, weight=np.array([0.5, 1.0, 2.0]))
    found = forecast(given)
    design, point = module._design(given)
    for row in range(3):
        exact = np.diag(weights[row])
        count = (weights[row] > 0).sum()
        evidence = []
        for number, (slope, season) in enumerate(module._PRIORS):
            ridge = np.diag([0, slope**-2, *[season**-2] * 6])
            matrix = design.T @ exact @ design + ridge
            inverse = np.linalg.inv(matrix)
            beta = inverse @ design.T @ exact @ values[row]
            left = values[row] - design @ beta
            rest = left @ exact @ left + beta @ ridge @ beta
            np.testing.assert_allclose(found.location[number, row], point @ beta)
            variance = rest / (count - 1)
            own = 1 / given.weight[row] + point @ inverse @ point
            np.testing.assert_allclose(
                found.scale[number, row], np.sqrt(variance * own), rtol=1e-6
            )
            evidence.append(
                np.linalg.slogdet(ridge[1:, 1:])[1] / 2
                - np.linalg.slogdet(matrix)[1] / 2
                - (count - 1) / 2 * np.log(variance)
            )
        share = np.exp(np.array(evidence) - max(evidence))
        np.testing.assert_allclose(found.share[:, row], share / share.sum(), rtol=1e-5)


def test_of_noise_alone_few_are_strange_and_rare_ones_rarely():
    random = np.random.default_rng(2)
    for clip, days in ((None, 14), (2.5, 30)):
        values = random.normal(size=(20000, days + 1))
        p = forecast(history(values[:, :-1]), clip).p_value(values[:, -1])
        assert 0.007 < np.mean(p < 0.01) < 0.016
        assert np.mean(p < 0.001) < 0.003


def test_a_season_is_learned_and_jumps_are_seen():
    random = np.random.default_rng(3)
    values = seasonal(random, 2000, 31)
    found = forecast(history(values[:, :-1]), 2.5)
    assert np.mean(found.p_value(values[:, -1]) < 0.01) < 0.016
    assert np.mean(found.p_value(values[:, -1] + 6) < 0.01) > 0.97


def test_days_that_are_not_used_say_nothing():
    random = np.random.default_rng(4)
    values = seasonal(random, 20, 40)
    weights = (random.random(values.shape) > 0.3).astype(float)
    other = np.where(weights > 0, values, 1e6)
    one = forecast(history(values, weights=weights), 2.5)
    two = forecast(history(other, weights=weights), 2.5)
    np.testing.assert_allclose(one.expected(), two.expected())
    np.testing.assert_allclose(one.deviation(), two.deviation())


def test_unit_and_zero_of_a_series_do_not_matter():
    values = seasonal(np.random.default_rng(5), 20, 40)
    one, two = forecast(history(values), 2.5), forecast(history(values * 7 + 9e5), 2.5)
    np.testing.assert_allclose(one.expected() * 7 + 9e5, two.expected())
    np.testing.assert_allclose(one.deviation() * 7, two.deviation(), rtol=1e-6)


def test_a_step_is_learned_from_a_few_days_beside_the_season():
    values = seasonal(np.random.default_rng(6), 500, 48)
    values[:, 42:] += 30
    step = np.zeros((500, 47))
    step[:, 42:] = 1
    given = replace(history(values[:, :-1]), step=step)
    p = forecast(given, 2.5).p_value(values[:, -1])
    assert np.mean(p < 0.01) < 0.03
    assert np.mean(forecast(given, 2.5).p_value(values[:, -1] + 8) < 0.01) > 0.95


def test_a_constant_history_has_the_noise_of_its_floor():
    given = replace(history(np.full((1, 30), 5.0)), floor=np.array([0.25]))
    found = forecast(given, 2.5)
    np.testing.assert_allclose(found.expected(), 5)
    assert found.p_value(np.array([5.0]))[0] > 0.9
    assert found.p_value(np.array([6.0]))[0] < 0.01


def test_noise_is_shared_by_series_that_are_alike_only():
    random = np.random.default_rng(7)
    degrees = np.full(200, 13.0)
    alike = 4 * random.chisquare(13, 200) / 13
    count, variance = shared_scale(alike, degrees)
    assert count > 30
    assert 3.5 < variance < 4.5
    count, _ = shared_scale(alike * 10 ** random.normal(0, 3, 200), degrees)
    assert count < 3
    assert shared_scale(alike[:29], degrees[:29])[0] == 0
    constant = np.concatenate([alike[:40], np.zeros(50), [np.nan]])
    assert np.isfinite(shared_scale(constant, np.full(91, 13.0))).all()
