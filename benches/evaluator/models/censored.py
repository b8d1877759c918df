"""Every distribution with a distribution function, censored and truncated, and survival models."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from benches.evaluator.models.registry import MODELS, model


def positive(name):
    """Make a free positive number."""
    return pm.LogNormal(name, 0, 0.5)


#: Distributions with all parameters free, and two numbers inside their support.
DISTRIBUTIONS = {
    "normal": (lambda: pm.Normal.dist(pm.Normal("a"), positive("b")), -0.7, 1.1),
    "student_t": (
        lambda: pm.StudentT.dist(nu=positive("n"), mu=pm.Normal("a"), sigma=positive("b")),
        -0.7,
        1.1,
    ),
    "cauchy": (lambda: pm.Cauchy.dist(pm.Normal("a"), positive("b")), -0.7, 1.1),
    "half_cauchy": (lambda: pm.HalfCauchy.dist(positive("b")), 0.4, 2.0),
    "half_normal": (lambda: pm.HalfNormal.dist(positive("b")), 0.4, 2.0),
    "laplace": (lambda: pm.Laplace.dist(pm.Normal("a"), positive("b")), -0.7, 1.1),
    "logistic": (lambda: pm.Logistic.dist(pm.Normal("a"), positive("b")), -0.7, 1.1),
    "gumbel": (lambda: pm.Gumbel.dist(pm.Normal("a"), positive("b")), -0.7, 1.1),
    "moyal": (lambda: pm.Moyal.dist(pm.Normal("a"), positive("b")), -0.7, 1.1),
    "ex_gaussian": (
        lambda: pm.ExGaussian.dist(mu=pm.Normal("a"), sigma=positive("b"), nu=positive("n")),
        -0.7,
        1.1,
    ),
    "exponential": (lambda: pm.Exponential.dist(positive("b")), 0.4, 2.0),
    "lognormal": (lambda: pm.LogNormal.dist(pm.Normal("a"), positive("b")), 0.4, 2.0),
    "gamma": (lambda: pm.Gamma.dist(positive("a"), positive("b")), 0.4, 2.0),
    "inverse_gamma": (lambda: pm.InverseGamma.dist(positive("a"), positive("b")), 0.4, 2.0),
    "chi_squared": (lambda: pm.ChiSquared.dist(positive("a")), 0.4, 2.0),
    "weibull": (lambda: pm.Weibull.dist(positive("a"), positive("b")), 0.4, 2.0),
    "pareto": (lambda: pm.Pareto.dist(positive("a"), 0.2), 0.4, 2.0),
    "wald": (lambda: pm.Wald.dist(positive("a"), positive("b")), 0.4, 2.0),
    "beta": (lambda: pm.Beta.dist(positive("a"), positive("b")), 0.2, 0.7),
    "kumaraswamy": (lambda: pm.Kumaraswamy.dist(positive("a"), positive("b")), 0.2, 0.7),
    "logit_normal": (lambda: pm.LogitNormal.dist(pm.Normal("a"), positive("b")), 0.2, 0.7),
    "uniform": (lambda: pm.Uniform.dist(0, 1 + positive("b")), 0.2, 0.7),
    "triangular": (
        lambda: pm.Triangular.dist(lower=0, c=0.4 + pm.Beta("c", 2, 2), upper=2), 0.3, 1.6,
    ),
    "poisson": (lambda: pm.Poisson.dist(positive("b")), 1, 3),
    "negative_binomial": (
        lambda: pm.NegativeBinomial.dist(mu=positive("a"), alpha=positive("b")), 1, 3,
    ),
    "binomial": (lambda: pm.Binomial.dist(9, pm.Beta("p", 2, 2)), 2, 6),
    "geometric": (lambda: pm.Geometric.dist(pm.Beta("p", 2, 2)), 2, 4),
    "discrete_weibull": (
        lambda: pm.DiscreteWeibull.dist(pm.Beta("p", 2, 2), positive("b")), 1, 3,
    ),
    "zero_inflated_poisson": (
        lambda: pm.ZeroInflatedPoisson.dist(pm.Beta("p", 2, 2), positive("b")), 1, 3,
    ),
}  # fmt: skip


def register(name, make, low, high):
    """Put both models of a distribution into the table."""

    def censored(rng):
        inside = np.array([low, 0.4 * low + 0.6 * high, high])
        observed = np.round(inside) if isinstance(low, int) else inside
        pm.Censored("y", make(), lower=low, upper=high, observed=observed)

    def truncated(rng):
        middle = 0.5 * (low + high)
        observed = [round(middle)] if isinstance(low, int) else [middle, 0.9 * low + 0.1 * high]
        pm.Truncated("y", make(), lower=low, upper=high, observed=observed)

    MODELS[f"censored_{name}"] = censored
    if not name.startswith("zero_inflated"):  # PyMC has none
        MODELS[f"truncated_{name}"] = truncated


for _name, _entry in DISTRIBUTIONS.items():
    register(_name, *_entry)


def survival_data(rng, n=60):
    """Make times, events and a covariate."""
    return rng.weibull(1.5, n) + 0.05, rng.uniform(size=n) < 0.7, rng.normal(size=(n, 2))


@model
def gamma_accelerated_failure(rng):
    t, event, x = survival_data(rng)
    scale = pt.exp(x @ pm.Normal("b", shape=2))
    base = pm.Gamma.dist(alpha=positive("shape"), beta=1 / scale)
    pm.Potential("seen", pm.logp(base, t)[event].sum())
    pm.Potential("unseen", pt.log1mexp(pm.logcdf(base, t))[~event].sum())


@model
def lognormal_accelerated_failure(rng):
    t, event, x = survival_data(rng)
    mu, s = x @ pm.Normal("b", shape=2), positive("s")
    pm.LogNormal("seen", mu[event], s, observed=t[event])
    z = (np.log(t[~event]) - mu[~event]) / s
    pm.Potential("unseen", pt.log(0.5 * pt.erfc(z / np.sqrt(2))).sum())


@model
def weibull_accelerated_failure_by_group(rng):
    t, event, _ = survival_data(rng)
    group = rng.integers(0, 4, len(t))
    shape, scale = positive("shape"), pm.LogNormal("scale", 0, 1, shape=4)[group]
    end = np.where(event, np.inf, t)
    latent = pm.Weibull.dist(shape, scale)
    pm.Censored("y", latent, lower=None, upper=end, observed=t)


@model
def cox_piecewise(rng):
    t, event, x = survival_data(rng)
    ends = np.quantile(t, [0.25, 0.5, 0.75, 1.0])
    starts = np.concatenate([[0], ends[:-1]])
    exposure = np.clip(t[:, None] - starts, 0, ends - starts)
    deaths = (event[:, None] & (t[:, None] > starts) & (t[:, None] <= ends)).astype(int)
    steps = pm.GaussianRandomWalk(
        "log_hazard", 0.0, positive("s"), init_dist=pm.Normal.dist(), steps=3
    )
    rate = pt.outer(pt.exp(x @ pm.Normal("b", shape=2)), pt.exp(steps))
    pm.Poisson("deaths", rate * exposure + 1e-9, observed=deaths)


@model
def generalised_gamma(rng):
    t, event, _ = survival_data(rng)
    a, d, p = positive("a"), positive("d"), positive("p")
    scaled = (t / a) ** p
    density = pt.log(p) - d * pt.log(a) + (d - 1) * np.log(t) - scaled - pt.gammaln(d / p)
    survival = pt.log(pt.gammaincc(d / p, scaled))
    pm.Potential("likelihood", pt.switch(event, density, survival).sum())


@model
def competing_risks(rng):
    t, _, x = survival_data(rng)
    cause = rng.integers(0, 3, len(t))
    log_rate = pm.Normal("a", shape=2) + x @ pm.Normal("b", shape=(2, 2))
    hazard = pt.exp(log_rate)
    own = log_rate[np.arange(len(t)), np.maximum(cause - 1, 0)]
    pm.Potential("likelihood", (pt.where(cause > 0, own, 0.0) - hazard.sum(axis=1) * t).sum())


@model
def gompertz_survival(rng):
    t, event, _ = survival_data(rng)
    a, b = positive("a"), positive("b")
    survival = -a / b * pt.expm1(b * t)
    pm.Potential("likelihood", (event * (pt.log(a) + b * t) + survival).sum())


@model
def recurrent_events(rng):
    counts, exposure = rng.poisson(3, 30), rng.uniform(1, 4, 30)
    frailty = pm.Gamma("frailty", alpha=positive("k"), beta=positive("k2"), shape=30)
    pm.Poisson("y", frailty * exposure * positive("rate"), observed=counts)
