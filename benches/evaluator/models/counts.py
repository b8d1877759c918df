"""Counts: zero-inflated, hurdle, overdispersed, compositional."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from benches.evaluator.models.registry import model


@model
def poisson_with_exposure(rng):
    exposure = rng.uniform(1, 5, 60)
    rate = pm.math.exp(pm.Normal("a") + pm.Normal("b") * rng.normal(size=60) + np.log(exposure))
    pm.Poisson("y", rate, observed=rng.poisson(3, 60))


@model
def zero_inflated_binomial(rng):
    pm.ZeroInflatedBinomial(
        "y", psi=pm.Beta("psi", 2, 2), n=10, p=pm.Beta("p", 1, 1), observed=rng.integers(0, 5, 40)
    )


@model
def zero_inflated_negative_binomial(rng):
    pm.ZeroInflatedNegativeBinomial(
        "y", psi=pm.Beta("psi", 2, 2), mu=pm.Gamma("mu", 2, 1), alpha=pm.Exponential("alpha", 1),
        observed=rng.poisson(1, 40),
    )  # fmt: skip


@model
def hurdle_poisson(rng):
    pm.HurdlePoisson(
        "y", psi=pm.Beta("psi", 2, 2), mu=pm.Gamma("mu", 2, 1), observed=rng.poisson(1, 40)
    )


@model
def hurdle_negative_binomial(rng):
    pm.HurdleNegativeBinomial(
        "y", psi=pm.Beta("psi", 2, 2), mu=pm.Gamma("mu", 2, 1), alpha=pm.Exponential("alpha", 1),
        observed=rng.poisson(1, 40),
    )  # fmt: skip


@model
def hurdle_gamma(rng):
    y = np.where(rng.uniform(size=40) < 0.3, 0.0, rng.gamma(2, 1, 40))
    pm.HurdleGamma(
        "y",
        psi=pm.Beta("psi", 2, 2),
        alpha=pm.Gamma("a", 2, 1),
        beta=pm.Gamma("b", 2, 1),
        observed=y,
    )


@model
def hurdle_lognormal(rng):
    y = np.where(rng.uniform(size=40) < 0.3, 0.0, rng.lognormal(size=40))
    pm.HurdleLogNormal(
        "y", psi=pm.Beta("psi", 2, 2), mu=pm.Normal("mu"), sigma=pm.HalfNormal("s"), observed=y
    )


@model
def negative_binomial_n_p(rng):
    pm.NegativeBinomial(
        "y", n=pm.Gamma("n", 2, 0.5), p=pm.Beta("p", 2, 2), observed=rng.poisson(2, 30)
    )


@model
def geometric_and_discrete_weibull(rng):
    pm.Geometric("g", pm.Beta("p", 1, 1), observed=rng.geometric(0.3, 30))
    pm.DiscreteWeibull(
        "w", q=pm.Beta("q", 2, 2), beta=pm.HalfNormal("b", 2), observed=rng.integers(0, 6, 30)
    )


@model
def hypergeometric_and_uniform(rng):
    p = pm.Beta("p", 1, 1)
    pm.DiscreteUniform("u", 0, 9, observed=rng.integers(0, 9, 12))
    pm.Binomial("y", n=9, p=p, observed=rng.integers(0, 9, 12))


@model
def dirichlet_multinomial_rows(rng):
    a = pm.Gamma("a", 2, 1, shape=(1, 4))
    pm.DirichletMultinomial("y", n=25, a=a, observed=rng.multinomial(25, np.ones(4) / 4, size=8))


@model
def capture_recapture(rng):
    seen = rng.binomial(6, 0.4, size=50)
    p, inside = pm.Beta("p", 1, 1), pm.Beta("inside", 1, 1)
    kept = pm.logp(pm.Binomial.dist(6, p), seen) + pt.log(inside)
    missed = pt.log1p(-inside) + pt.switch(pt.eq(seen, 0), 0.0, -np.inf)
    pm.Potential("likelihood", pm.math.logaddexp(kept, missed).sum())


@model
def ordered_ranking(rng):
    skill = pm.Normal("skill", 0, 1, shape=10)
    winner, loser = rng.integers(0, 10, 80), rng.integers(0, 10, 80)
    pm.Bernoulli("won", logit_p=skill[winner] - skill[loser], observed=np.ones(80, dtype=int))


@model
def football(rng):
    home, away = rng.integers(0, 8, 60), rng.integers(0, 8, 60)
    attack = pm.ZeroSumNormal("attack", pm.HalfNormal("s_a"), shape=8)
    defence = pm.ZeroSumNormal("defence", pm.HalfNormal("s_d"), shape=8)
    base, advantage = pm.Normal("base"), pm.Normal("advantage")
    pm.Poisson(
        "h", pt.exp(base + advantage + attack[home] - defence[away]), observed=rng.poisson(1.5, 60)
    )
    pm.Poisson("a", pt.exp(base + attack[away] - defence[home]), observed=rng.poisson(1.1, 60))


@model
def rasch_with_discrimination(rng):
    person, item = np.divmod(np.arange(300), 15)
    theta = pm.Normal("theta", shape=20)
    a, b = pm.LogNormal("a", 0, 0.5, shape=15), pm.Normal("b", shape=15)
    guess = pm.Beta("guess", 5, 20)
    p = guess + (1 - guess) * pm.math.sigmoid(a[item] * (theta[person] - b[item]))
    pm.Bernoulli("y", p, observed=rng.integers(0, 2, 300))


@model
def graded_response(rng):
    theta = pm.Normal("theta", shape=25)
    cut = pm.Normal(
        "cut",
        0,
        2,
        shape=(6, 3),
        transform=pm.distributions.transforms.ordered,
        initval=np.tile([-1.0, 0, 1], (6, 1)),
    )
    pm.OrderedLogistic(
        "y", eta=theta[:, None], cutpoints=cut[None], observed=rng.integers(0, 4, (25, 6))
    )
