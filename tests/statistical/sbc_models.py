"""Small models whose data can be drawn from the prior and bound without compiling again."""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt

import rufous as rf
from statistical.exact_targets import ERRORS


def normal() -> rf.Model:
    """Mean and scale of a few numbers."""
    with rf.Model() as model:
        mu = rf.Normal("mu", 0, 2)
        sigma = rf.HalfNormal("sigma", 1)
        rf.Normal("y", mu, sigma, observed=rf.Data("data", np.zeros(10)))
    return model


def eight_schools() -> rf.Model:
    """Effects with a common mean and spread, non-centred."""
    with rf.Model() as model:
        mu = rf.Normal("mu", 0, 5)
        tau = rf.HalfNormal("tau", 5)
        trans = rf.Normal("trans", 0, 1, shape=8)
        rf.Normal("y", mu + tau * trans, ERRORS, observed=rf.Data("data", np.zeros(8)))
    return model


def poisson_regression() -> rf.Model:
    """Counts by two predictors."""
    x = np.random.default_rng(1).normal(size=(25, 2))
    with rf.Model() as model:
        alpha = rf.Normal("alpha", 1, 0.7)
        beta = rf.Normal("beta", 0, 0.5, shape=2)
        rate = pt.exp(alpha + pt.dot(x, beta))
        rf.Poisson("y", rate, observed=rf.Data("data", np.zeros(25, dtype=int)))
    return model


def beta_binomial() -> rf.Model:
    """Success rates of groups, around a common one."""
    with rf.Model() as model:
        mean = rf.Beta("mean", 3, 3)
        size = rf.Gamma("size", 5, 0.5)
        rate = rf.Beta("rate", mean * size, (1 - mean) * size, shape=6)
        rf.Binomial("y", 20, rate, observed=rf.Data("data", np.zeros(6, dtype=int)))
    return model


def correlated_regression() -> rf.Model:
    """Two predictors that hardly differ, for which the metric is not diagonal."""
    rng = np.random.default_rng(2)
    x = np.stack([np.ones(20), *(rng.normal(size=20) + 0.1 * rng.normal(size=(2, 20)))], axis=1)
    with rf.Model() as model:
        beta = rf.Normal("beta", 0, 2, shape=3)
        sigma = rf.LogNormal("sigma", -1, 0.5)
        rf.Normal("y", pt.dot(x, beta), sigma, observed=rf.Data("data", np.zeros(20)))
    return model


#: By name.
MODELS = {
    model.__name__: model
    for model in (normal, eight_schools, poisson_regression, beta_binomial, correlated_regression)
}
