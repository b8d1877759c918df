"""Missing values, marginalised states and mixtures written out."""

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt

from benches.evaluator.models.registry import model


def with_gaps(rng, values, share=0.2):
    """Make some of the data missing."""
    values = np.asarray(values, dtype=float)
    return np.ma.masked_array(values, mask=rng.uniform(size=values.shape) < share)


@model
def missing_normal_outcome(rng):
    x = rng.normal(size=40)
    mu = pm.Normal("a") + pm.Normal("b") * x
    pm.Normal("y", mu, pm.HalfNormal("s"), observed=with_gaps(rng, rng.normal(size=40)))


@model
def missing_in_a_matrix(rng):
    mu = pm.Normal("mu", shape=3)
    pm.Normal(
        "y", mu, pm.HalfNormal("s", shape=3), observed=with_gaps(rng, rng.normal(size=(20, 3)))
    )


@model
def missing_covariates_two(rng):
    x = with_gaps(rng, rng.normal(size=(30, 2)))
    filled = pm.Normal("x", pm.Normal("m", shape=2), pm.HalfNormal("sx"), observed=x)
    pm.Normal(
        "y", filled @ pm.Normal("b", shape=2), pm.HalfNormal("s"), observed=rng.normal(size=30)
    )


@model
def missing_positive(rng):
    pm.Gamma(
        "y",
        pm.HalfNormal("a") + 1,
        pm.HalfNormal("b") + 1,
        observed=with_gaps(rng, rng.gamma(2, 1, 25)),
    )


@model
def missing_bounded(rng):
    y = with_gaps(rng, rng.beta(2, 3, 25))
    pm.Beta("y", pm.HalfNormal("a") + 1, pm.HalfNormal("b") + 1, observed=y)


@model
def missing_in_a_random_walk(rng):
    z = pm.GaussianRandomWalk("z", sigma=pm.HalfNormal("s"), init_dist=pm.Normal.dist(), steps=29)
    pm.StudentT(
        "y", nu=4, mu=z, sigma=pm.HalfNormal("noise"), observed=with_gaps(rng, rng.normal(size=30))
    )


@model
def missing_in_an_autoregression(rng):
    y = with_gaps(rng, np.cumsum(rng.normal(size=30)))
    filled = pm.Normal("x", 0, 5, shape=30)
    seen = ~np.ma.getmaskarray(y)
    pm.Normal("y", filled[np.flatnonzero(seen)], 0.1, observed=y.data[seen])
    rho = pm.Uniform("rho", -1, 1)
    pm.Potential("process", pm.logp(pm.Normal.dist(rho * filled[:-1], 1.0), filled[1:]).sum())


@model
def mixture_written_with_logsumexp(rng):
    y = rng.normal(size=40)
    w = pm.Dirichlet("w", np.ones(3))
    mu = pm.Normal("mu", [-1, 0, 1], 1, shape=3)
    parts = pm.logp(pm.Normal.dist(mu, pm.HalfNormal("s", shape=3)), y[:, None])
    pm.Potential("likelihood", pt.logsumexp(pt.log(w) + parts, axis=-1).sum())


@model
def mixture_of_poissons_and_zeros(rng):
    y = rng.poisson(2, 40) * (rng.uniform(size=40) < 0.6)
    pm.Mixture(
        "y",
        w=pm.Dirichlet("w", np.ones(3)),
        comp_dists=[
            pm.DiracDelta.dist(0),
            pm.Poisson.dist(pm.HalfNormal("a")),
            pm.NegativeBinomial.dist(mu=pm.HalfNormal("b") + 1, alpha=2),
        ],
        observed=y,
    )


@model
def mixture_of_multivariate_normals(rng):
    chols = [np.eye(2), np.array([[1.0, 0], [0.5, 0.8]])]
    pm.Mixture(
        "y",
        w=pm.Dirichlet("w", np.ones(2)),
        comp_dists=[
            pm.MvNormal.dist(pm.Normal(f"mu{k}", shape=2), chol=c) for k, c in enumerate(chols)
        ],
        observed=rng.normal(size=(30, 2)),
    )


@model
def latent_classes(rng):
    y = rng.integers(0, 2, (40, 5))
    w = pm.Dirichlet("w", np.ones(2))
    p = pm.Beta("p", 1, 1, shape=(2, 5))
    parts = (y[:, None] * pt.log(p) + (1 - y[:, None]) * pt.log1p(-p)).sum(axis=2)
    pm.Potential("likelihood", pt.logsumexp(parts + pt.log(w), axis=1).sum())


@model
def occupancy(rng):
    y = rng.integers(0, 2, (30, 4)) * rng.integers(0, 2, (30, 1))
    psi, p = pm.math.invlogit(pm.Normal("a")), pm.math.invlogit(pm.Normal("b"))
    seen = y.sum(axis=1)
    present = pt.log(psi) + seen * pt.log(p) + (4 - seen) * pt.log1p(-p)
    absent = pt.log1p(-psi)
    pm.Potential("likelihood", pt.where(seen > 0, present, pt.logaddexp(present, absent)).sum())


@model
def n_mixture(rng):
    y = rng.poisson(3, (12, 3))
    rate, p = pm.HalfNormal("rate", 5), pm.Beta("p", 2, 2)
    n = np.arange(40)
    prior = pm.logp(pm.Poisson.dist(rate), n)
    seen = pm.logp(pm.Binomial.dist(n[:, None, None], p), y[None])
    total = pt.where(n[:, None] >= y.max(axis=1), seen.sum(axis=2), -1e3)
    pm.Potential("likelihood", pt.logsumexp(total + prior[:, None], axis=0).sum())


@model
def hidden_markov_two_states(rng):
    y = rng.normal(size=25)
    p = pm.Beta("stay", 5, 1, shape=2)
    moves = pt.stack([pt.stack([p[0], 1 - p[0]]), pt.stack([1 - p[1], p[1]])])
    likelihood = pm.logp(pm.Normal.dist(pm.Normal("mu", shape=2), 1.0), y[:, None])

    def step(own, before, log_moves):
        return own + pt.logsumexp(before[:, None] + log_moves, axis=0)

    out = pytensor.scan(
        step,
        sequences=[likelihood[1:]],
        outputs_info=[likelihood[0] - np.log(2.0)],
        non_sequences=[pt.log(moves)],
        return_updates=False,
    )
    pm.Potential("likelihood", pt.logsumexp(out[-1]))


@model
def hurdle_by_hand(rng):
    y = rng.poisson(1.5, 40)
    x = rng.normal(size=40)
    psi = pm.math.sigmoid(pm.Normal("a") + pm.Normal("b") * x)
    mu = pt.exp(pm.Normal("c") + pm.Normal("d") * x)
    positive = pm.logp(pm.Poisson.dist(mu), y) - pt.log1mexp(-mu)
    pm.Potential("likelihood", pt.switch(y > 0, pt.log(psi) + positive, pt.log1p(-psi)).sum())


@model
def dirichlet_regression(rng):
    x = rng.normal(size=(25, 2))
    alpha = pt.exp(x @ pm.Normal("b", shape=(2, 3)))
    pm.Dirichlet("y", alpha, observed=rng.dirichlet(np.ones(3), 25))


@model
def beta_binomial_regression(rng):
    x = rng.normal(size=30)
    mu = pm.math.invlogit(pm.Normal("a") + pm.Normal("b") * x)
    k = pm.HalfNormal("k", 5) + 1
    pm.BetaBinomial("y", mu * k, (1 - mu) * k, 12, observed=rng.integers(0, 13, 30))


@model
def softmax_with_reference(rng):
    x = rng.normal(size=(40, 3))
    free = x @ pm.Normal("b", shape=(3, 2))
    eta = pt.concatenate([pt.zeros((40, 1)), free], axis=1)
    pm.Categorical("y", logit_p=eta, observed=rng.integers(0, 3, 40))


@model
def nested_logit(rng):
    u = pm.Normal("u", shape=4) + pm.Normal("slope") * rng.normal(size=(30, 4))
    scale = pm.Beta("scale", 2, 2)
    groups = [u[:, :2] / scale, u[:, 2:] / scale]
    inclusive = pt.stack([pt.logsumexp(v, axis=1) for v in groups], axis=1)
    outer = scale * inclusive - pt.logsumexp(scale * inclusive, axis=1, keepdims=True)
    inner = pt.concatenate([v - pt.logsumexp(v, axis=1, keepdims=True) for v in groups], axis=1)
    choice = rng.integers(0, 4, 30)
    rows = np.arange(30)
    pm.Potential("likelihood", (outer[rows, choice // 2] + inner[rows, choice]).sum())


@model
def plackett_luce(rng):
    skill = pm.Normal("skill", shape=6)
    orders = np.array([rng.permutation(6) for _ in range(12)])
    ranked = skill[orders]
    below = pt.log(pt.cumsum(pt.exp(ranked)[:, ::-1], axis=1)[:, ::-1])
    pm.Potential("likelihood", (ranked - below).sum())


@model
def bradley_terry(rng):
    skill = pm.ZeroSumNormal("skill", 1.0, shape=7)
    i, j = rng.integers(0, 7, 50), rng.integers(0, 7, 50)
    pm.Bernoulli("won", logit_p=skill[i] - skill[j], observed=rng.integers(0, 2, 50))
