"""The gates themselves: they let the right draws through, and stop slightly wrong ones."""

from __future__ import annotations

import numpy as np
import pytest

from statistical.gates import independent_tests, judge, largest_distance, largest_z
from statistical.marginals import normals, tabulated
from statistical.monte_carlo import effective_draws, z_scores
from statistical.summaries import summary, verdict

SD = np.array([1.0, 0.5, 2.0, 10.0])


def autoregressive(shape, correlation, seed):
    """Draw a normal process of unit variance whose lag-one correlation is given."""
    rng = np.random.default_rng(seed)
    draws = rng.normal(size=shape)
    for i in range(1, shape[1]):
        draws[:, i] = correlation * draws[:, i - 1] + np.sqrt(1 - correlation**2) * draws[:, i]
    return draws


def test_bounds_are_those_of_a_family():
    assert [round(largest_z(count), 2) for count in (10, 100, 1000, 10_000)] == [
        3.89,
        4.42,
        4.89,
        5.33,
    ]
    distances = [largest_distance(count, 1.0) for count in (1, 100, 1000)]
    np.testing.assert_allclose(distances, [1.95, 2.47, 2.69], atol=0.005)


@pytest.mark.parametrize("correlation", [-0.4, 0.0, 0.8])
def test_effective_draws_are_those_of_the_process(correlation):
    found = effective_draws(autoregressive((4, 5000, 20), correlation, 1))
    expected = 20_000 * (1 - correlation) / (1 + correlation)
    np.testing.assert_allclose(found.mean(), expected, rtol=0.1)


def test_z_scores_are_standard_normal():
    z = np.concatenate(
        [z_scores(autoregressive((4, 1000, 100), 0.5, seed), np.zeros(100)) for seed in range(5)]
    )
    assert abs(np.mean(z**2) - 1) < 0.2
    assert np.abs(z).max() < largest_z(500)


def test_copies_count_once():
    draws = np.random.default_rng(1).normal(size=(4, 250, 10))
    assert independent_tests(draws) == pytest.approx(10, abs=1)
    copied = np.repeat(draws, 5, axis=2)
    assert independent_tests(copied) == pytest.approx(10, abs=1)


def drawn(seed, factor=1, shift=0.0, scale=1.0, parts=1):
    marginals = normals(SD)
    shape = (4, 1000 * factor // parts, 4)
    runs = [
        summary((autoregressive(shape, 0.5, seed + i) * scale + shift) * SD, marginals)
        for i in range(parts)
    ]
    return verdict(runs, marginals)


def test_right_draws_are_accepted():
    for seed in range(5):
        judge(lambda factor, again, seed=seed: drawn(100 * seed + again, factor))


def test_parts_say_what_one_run_of_all_draws_says():
    z = np.stack([drawn(50 * seed, 10, parts=10).z for seed in range(20)])
    assert abs(np.mean(z**2) - 1) < 0.35
    shifted = [np.abs(drawn(1, 10, shift=0.1, parts=parts).z).max() for parts in (1, 10)]
    assert shifted[1] == pytest.approx(shifted[0], rel=0.3)
    assert shifted[1] > 2 * np.abs(drawn(1, 1, shift=0.1).z).max()
    limits = [drawn(1, 10, parts=parts).limit for parts in (1, 10)]
    assert limits[1] == pytest.approx(limits[0], rel=0.3)
    assert not drawn(1, 10, parts=10).complaints()


@pytest.mark.parametrize(("shift", "scale"), [(0.1, 1.0), (0.0, 1.08), (0.0, 0.92)])
def test_draws_that_are_slightly_off_are_refused(shift, scale):
    with pytest.raises(AssertionError, match="first:"):
        judge(lambda factor, seed: drawn(seed, factor, shift, scale))


def test_a_distribution_of_the_right_moments_is_refused():
    def two_points(factor, seed):
        rng = np.random.default_rng(seed)
        signs = rng.choice([-1.0, 1.0], size=(4, 1000 * factor, 4))
        return verdict([summary(signs * SD, normals(SD))], normals(SD))

    with pytest.raises(AssertionError, match="distance of distributions"):
        judge(two_points)


def test_tables_give_the_moments_of_the_density():
    grid = np.linspace(-12.0, 12.0, 4001)
    table, exact = tabulated([(grid, np.exp(-0.5 * grid**2))]), normals(np.ones(1))
    np.testing.assert_allclose(table.truths(), exact.truths(), atol=1e-5)
    np.testing.assert_allclose(table.quantiles, exact.quantiles, atol=1e-4)
    x = np.linspace(-3.0, 3.0, 7)[:, None]
    np.testing.assert_allclose(table.cdf(x), exact.cdf(x), atol=1e-4)
