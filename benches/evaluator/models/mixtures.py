"""Mixtures and marginalised discrete variables."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from benches.evaluator.models.registry import model

ordered = pm.distributions.transforms.ordered


@model
def mixture_of_normals(rng):
    mu = pm.Normal("mu", [-1, 1], 2, transform=ordered, initval=[-1, 1])
    parts = pm.Normal.dist(mu, pm.HalfNormal("s", 1, shape=2))
    pm.Mixture("y", w=pm.Dirichlet("w", np.ones(2)), comp_dists=parts, observed=rng.normal(size=80))


@model
def mixture_of_kinds(rng):
    parts = [
        pm.Normal.dist(pm.Normal("mu"), 1.0),
        pm.StudentT.dist(nu=3, mu=0, sigma=pm.HalfNormal("s")),
    ]
    pm.Mixture("y", w=[0.3, 0.7], comp_dists=parts, observed=rng.normal(size=50))


@model
def poisson_mixture(rng):
    rate = pm.Gamma("rate", [1.0, 5.0], 1, shape=2)
    pm.Mixture(
        "y", pm.Dirichlet("w", np.ones(2)), pm.Poisson.dist(rate), observed=rng.poisson(3, 60)
    )


@model
def multivariate_mixture(rng):
    mu = pm.Normal("mu", 0, 3, shape=(3, 2))
    parts = [pm.MvNormal.dist(mu[k], np.eye(2)) for k in range(3)]
    pm.Mixture("y", pm.Dirichlet("w", np.ones(3)), parts, observed=rng.normal(size=(40, 2)))


@model
def regression_mixture(rng):
    x = rng.normal(size=50)
    b = pm.Normal("b", 0, 2, shape=(2, 2))
    mu = b[:, 0] + b[:, 1] * x[:, None]
    pm.NormalMixture("y", w=pm.Dirichlet("w", [2.0, 2.0]), mu=mu, sigma=1.0, observed=x)


@model
def stick_breaking(rng):
    beta = pm.Beta("beta", 1, pm.Gamma("alpha", 1, 1), shape=6)
    left = pt.concatenate([pt.ones(1), pt.extra_ops.cumprod(1 - beta)[:-1]])
    w = pm.Deterministic("w", beta * left)
    mu = pm.Normal("mu", 0, 3, shape=6)
    pm.NormalMixture(
        "y", w / w.sum(), mu, sigma=pm.HalfNormal("s", shape=6), observed=rng.normal(size=60)
    )


@model
def marginal_change_point(rng):
    y = rng.poisson(2, 40)
    early, late = pm.Exponential("early", 1), pm.Exponential("late", 1)
    one, two = pm.logp(pm.Poisson.dist(early), y), pm.logp(pm.Poisson.dist(late), y)
    totals = pt.concatenate([pt.zeros(1), pt.cumsum(one)]) + pt.concatenate(
        [pt.cumsum(two[::-1])[::-1], pt.zeros(1)]
    )
    pm.Potential("likelihood", pm.math.logsumexp(totals) - np.log(41))


@model
def dawid_skene(rng):
    items, raters, kinds = 20, 4, 3
    votes = rng.integers(0, kinds, (items, raters))
    prevalence = pm.Dirichlet("prevalence", np.ones(kinds))
    confusion = pm.Dirichlet(
        "confusion", np.ones(kinds) + 3 * np.eye(kinds), shape=(raters, kinds, kinds)
    )
    lp = pt.log(confusion)[
        np.arange(raters)[None, :, None], np.arange(kinds)[None, None], votes[:, :, None]
    ]
    joint = pt.log(prevalence) + lp.sum(axis=1)
    pm.Potential("likelihood", pt.logsumexp(joint, axis=1).sum())


@model
def topic_model(rng):
    doc, word = rng.integers(0, 6, 100), rng.integers(0, 12, 100)
    theta = pm.Dirichlet("theta", np.ones((6, 3)))
    phi = pm.Dirichlet("phi", np.ones((3, 12)))
    pm.Potential("likelihood", pt.log((theta[doc] * phi.T[word]).sum(axis=-1)).sum())


@model
def zero_one_inflated_beta(rng):
    y = np.clip(rng.normal(0.5, 0.4, 50), 0, 1)
    p = pm.Dirichlet("p", np.ones(3))
    a, b = pm.Gamma("a", 2, 1), pm.Gamma("b", 2, 1)
    inner = pm.logp(pm.Beta.dist(a, b), np.clip(y, 0.01, 0.99))
    lp = pt.switch(y <= 0, pt.log(p[0]), pt.switch(y >= 1, pt.log(p[1]), pt.log(p[2]) + inner))
    pm.Potential("likelihood", lp.sum())


@model
def spike_and_slab(rng):
    x = rng.normal(size=(40, 5))
    w = pm.Beta("w", 1, 1)
    beta = pm.Normal("beta", 0, 2, shape=5)
    spike, slab = pm.logp(pm.Normal.dist(0, 0.05), beta), pm.logp(pm.Normal.dist(0, 2.0), beta)
    pm.Potential("mixture", pt.logaddexp(pt.log1p(-w) + spike, pt.log(w) + slab).sum())
    pm.Normal("y", x @ beta, 1.0, observed=rng.normal(size=40))


@model
def outliers(rng):
    q = pm.Beta("q", 1, 1)
    mu = pm.Normal("a") + pm.Normal("b") * np.arange(30) / 30
    parts = [pm.Normal.dist(mu, 1.0), pm.Normal.dist(mu, 10.0)]
    pm.Mixture("y", w=pt.stack([1 - q, q]), comp_dists=parts, observed=rng.normal(size=30))
