"""Survival: censoring, truncation, hazards, cure."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from benches.evaluator.models.registry import model


@model
def weibull_censored(rng):
    t = rng.weibull(1.5, 60)
    latent = pm.Weibull.dist(alpha=pm.HalfNormal("alpha", 2), beta=pm.HalfNormal("beta", 2))
    pm.Censored("y", latent, lower=None, upper=1.2, observed=np.minimum(t, 1.2))


@model
def censored_by_row(rng):
    t, end = rng.gamma(2, 1, 50), rng.uniform(1, 4, 50)
    latent = pm.Normal.dist(pm.Normal("mu"), pm.HalfNormal("s"))
    pm.Censored("y", latent, lower=None, upper=end, observed=np.minimum(t, end))


@model
def exponential_censored_potential(rng):
    t, event = rng.exponential(1, 60), rng.uniform(size=60) < 0.7
    rate = pt.exp(pm.Normal("b", shape=2)[0] + 0.3 * rng.normal(size=60))
    pm.Potential("survival", pt.sum(pt.switch(event, pt.log(rate), 0.0) - rate * t))


@model
def weibull_accelerated(rng):
    y, event = np.log(rng.weibull(2, 50)), rng.uniform(size=50) < 0.8
    eta, s = pm.Normal("b") * rng.normal(size=50), 5.0 * pm.HalfNormal("s")
    pm.Gumbel("seen", mu=eta[event], beta=s, observed=y[event])
    pm.Potential("censored", pt.log1p(-pt.exp(-pt.exp(-(y[~event] - eta[~event]) / s))))


@model
def log_logistic(rng):
    y, event = np.log(rng.weibull(2, 50)), rng.uniform(size=50) < 0.8
    eta, s = pm.Normal("a") + pm.Normal("b") * rng.normal(size=50), pm.HalfNormal("s")
    pm.Logistic("seen", eta[event], s, observed=y[event])
    pm.Potential("censored", -pt.softplus((y[~event] - eta[~event]) / s))


@model
def piecewise_hazard(rng):
    intervals, people = 8, 40
    hazard = pm.Gamma("hazard", 0.5, 0.5, shape=intervals)
    x = rng.normal(size=people)
    rate = pt.outer(pt.exp(pm.Normal("b") * x), hazard)
    exposure = rng.uniform(0.1, 1, size=(people, intervals))
    pm.Poisson("y", rate * exposure, observed=rng.integers(0, 2, (people, intervals)))


@model
def cox_partial_likelihood(rng):
    x = rng.normal(size=(40, 2))
    eta = pt.dot(x, pm.Normal("b", shape=2))
    risk = pt.log(pt.cumsum(pt.exp(eta)[::-1])[::-1])
    pm.Potential("partial", pt.sum((eta - risk)[rng.uniform(size=40) < 0.8]))


@model
def cure_fraction(rng):
    t, event = rng.exponential(1, 50), rng.uniform(size=50) < 0.6
    cured, rate = pm.Beta("cured", 2, 2), pm.Gamma("rate", 2, 1)
    dead = pt.log1p(-cured) + pt.log(rate) - rate * t
    alive = pt.logaddexp(pt.log(cured), pt.log1p(-cured) - rate * t)
    pm.Potential("likelihood", pt.where(event, dead, alive).sum())


@model
def truncated_lognormal(rng):
    base = pm.LogNormal.dist(pm.Normal("mu"), pm.HalfNormal("s"))
    pm.Truncated("y", base, lower=0.5, upper=4.0, observed=rng.uniform(0.6, 3.9, 40))


@model
def truncated_poisson(rng):
    base = pm.Poisson.dist(pm.Gamma("rate", 2, 1))
    pm.Truncated("y", base, lower=1, observed=rng.integers(1, 6, 40))


@model
def interval_censored(rng):
    low = rng.normal(size=40)
    mu, s = pm.Normal("mu"), pm.HalfNormal("s")
    d = pm.Normal.dist(mu, s)
    pm.Potential("between", pm.math.logdiffexp(pm.logcdf(d, low + 1.0), pm.logcdf(d, low)).sum())


@model
def frailty(rng):
    cluster = rng.integers(0, 7, 60)
    frail = pm.Gamma("frail", alpha=2, beta=2, shape=7)
    pm.Exponential("t", lam=frail[cluster] * pm.LogNormal("rate"), observed=rng.exponential(1, 60))


@model
def gamma_censored(rng):
    latent = pm.Exponential.dist(pm.HalfNormal("rate"))
    pm.Censored(
        "y", latent, lower=0.1, upper=2.0, observed=np.clip(rng.exponential(1, 50), 0.1, 2.0)
    )


@model
def rounded_measurements(rng):
    y = np.round(rng.normal(size=30))
    mu, s = pm.Normal("mu"), pm.HalfNormal("s")
    upper, lower = (y + 0.5 - mu) / s, (y - 0.5 - mu) / s
    area = 0.5 * (pt.erf(upper / np.sqrt(2)) - pt.erf(lower / np.sqrt(2)))
    pm.Potential("rounded", pt.log(area).sum())
