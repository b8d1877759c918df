"""A mixture of two normals, its likelihood written as a Potential, against exact integration."""

from __future__ import annotations

import warnings

import numpy as np
import pytensor.tensor as pt
import pytest
from scipy.special import logsumexp
from scipy.stats import norm

import rufous as rf

WEIGHTS = np.array([0.4, 0.6])
PRIOR_SD = 3.0


def simulated() -> np.ndarray:
    rng = np.random.default_rng(5)
    from_second = rng.uniform(size=60) < WEIGHTS[1]
    return rng.normal(np.where(from_second, 1.0, -1.0), 1.0)


def mixture(y: np.ndarray) -> rf.Model:
    with rf.Model() as model:
        mu = rf.Normal(
            "mu",
            0,
            PRIOR_SD,
            shape=2,
            transform=rf.distributions.transforms.ordered,
            initval=np.array([-1.0, 1.0]),
        )
        components = rf.logp(rf.Normal.dist(mu[None, :], 1.0), y[:, None])
        rf.Potential("likelihood", pt.logsumexp(np.log(WEIGHTS) + components, axis=1))
    return model


def exact_moments(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Integrate over the triangle mu[0] < mu[1] on a grid."""
    grid = np.linspace(-4.0, 4.0, 801)
    component = norm.logpdf(y[:, None], grid[None, :])
    first = (np.log(WEIGHTS[0]) + component)[:, :, None]
    second = (np.log(WEIGHTS[1]) + component)[:, None, :]
    log_density = sum(np.logaddexp(a, b) for a, b in zip(first, second, strict=True))
    log_density += norm.logpdf(grid, 0, PRIOR_SD)[:, None] + norm.logpdf(grid, 0, PRIOR_SD)
    log_density[grid[:, None] >= grid[None, :]] = -np.inf
    weight = np.exp(log_density - logsumexp(log_density))
    mean = np.array([weight.sum(axis=1) @ grid, weight.sum(axis=0) @ grid])
    square = np.array([weight.sum(axis=1) @ grid**2, weight.sum(axis=0) @ grid**2])
    return mean, np.sqrt(square - mean**2)


@pytest.mark.statistical
def test_ordered_means_of_a_mixture():
    y = simulated()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rf.errors.RufousWarning)
        idata = rf.sample(mixture(y), 2000, tune=1000, random_seed=11, progressbar=False)
    draws = np.asarray(idata.posterior["mu"])
    assert np.all(draws[..., 0] < draws[..., 1])
    mean, sd = exact_moments(y)
    for i in range(2):
        error = batch_error(draws[:, :, i])
        assert abs(draws[:, :, i].mean() - mean[i]) < 5 * error
        deviation = (draws[:, :, i] - mean[i]) ** 2
        assert abs(deviation.mean() - sd[i] ** 2) < 5 * batch_error(deviation)


def batch_error(x: np.ndarray) -> float:
    """Estimate the Monte Carlo error of a mean from the means of 10 batches of each chain."""
    batches = x.reshape(x.shape[0], 10, -1).mean(axis=2)
    return batches.std(ddof=1) / np.sqrt(batches.size)
