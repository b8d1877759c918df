"""The funnel: its neck is reached with shortened steps, and missed with a warning without them."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import rufous as rf
from rufous.results import get_group
from statistical import densities
from statistical.exact_targets import posterior
from statistical.gates import largest_z
from statistical.monte_carlo import Array, z_scores

pytestmark = pytest.mark.timeout(7200)

DIM = 10
NECK = -5.0


@functools.cache
def funnel() -> Any:
    return densities.funnel(DIM)


def sample(draws: int, seed: int, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rf.errors.RufousWarning)
        return rf.sample(funnel(), draws, chains=4, random_seed=seed, quiet=True, **options)


def in_the_neck(idata: Any) -> Array:
    return (posterior(idata, ("x",))[..., :1] < NECK).astype(float)


def z_of_the_neck(draws: int, seed: int) -> float:
    idata = sample(draws, seed, local_steps=True)
    return float(z_scores(in_the_neck(idata), np.array([norm.cdf(NECK / 3)]))[0])


def check_necks(draws: int, seeds: range) -> None:
    """Of several, one may be beyond two by chance; together they must not lean to a side."""
    z = np.array([z_of_the_neck(draws, seed) for seed in seeds])
    assert abs(z.sum()) <= 2 * np.sqrt(len(z)), z
    assert np.abs(z).max() <= largest_z(len(z)), z


@pytest.mark.statistical
def test_short_steps_reach_the_neck():
    check_necks(20_000, range(1, 4))


@pytest.mark.exhaustive
def test_many_short_steps_reach_the_neck():
    check_necks(20_000, range(1, 9))


def diverges(seed: int) -> bool:
    statistics = get_group(sample(10_000, seed), "sample_stats")
    return bool(np.asarray(statistics["diverging"]).any())


@pytest.mark.statistical
@pytest.mark.parametrize("adaptation", ["pooled", "nutpie", "stan"])
def test_no_run_passes_for_good_that_misses_the_neck(adaptation):
    for seed in range(10):
        idata = sample(1000, seed, adaptation=adaptation)
        assert in_the_neck(idata).mean() > 0.03 or not rf.check(idata).ok


@pytest.mark.statistical
@pytest.mark.parametrize("seed", range(10))
def test_without_them_every_long_run_reports_divergences(seed):
    assert diverges(seed)


@pytest.mark.exhaustive
def test_without_them_nearly_every_long_run_of_many_reports_divergences():
    assert np.mean([diverges(seed) for seed in range(100)]) >= 0.99
