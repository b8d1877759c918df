"""Regressions: linear, robust, binary, ordinal, categorical, bounded, hierarchical."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from benches.evaluator.models.registry import model

ordered = pm.distributions.transforms.ordered


@model
def linear(rng):
    x = rng.normal(size=(60, 3))
    beta = pm.Normal("beta", 0, 2, shape=3)
    pm.Normal("y", pm.Normal("a", 0, 5) + x @ beta, pm.HalfCauchy("s", 2), observed=x.sum(1))


@model
def linear_with_data_and_dims(rng):
    pm.modelcontext(None).add_coords({"row": range(50), "feature": ["a", "b"]})
    x = pm.Data("x", rng.normal(size=(50, 2)), dims=("row", "feature"))
    beta = pm.Normal("beta", 0, 1, dims="feature")
    mu = pm.Deterministic("mu", (x * beta).sum(axis=-1), dims="row")
    pm.Normal("y", mu, pm.Exponential("s", 1), observed=rng.normal(size=50), dims="row")


@model
def polynomial_standardised(rng):
    x = pm.Data("x", rng.normal(size=80))
    z = (x - x.mean()) / x.std()
    powers = pt.stack([z**k for k in range(4)], axis=1)
    beta = pm.Laplace("beta", 0, 1, shape=4)
    pm.Normal("y", pm.math.dot(powers, beta), pm.HalfNormal("s"), observed=rng.normal(size=80))


@model
def robust_t(rng):
    nu = pm.Deterministic("nu", 1 + pm.Exponential("nu_minus_one", 1 / 29))
    b = pm.Normal("b", 0, 1, shape=2)
    x = rng.normal(size=70)
    pm.StudentT("y", nu=nu, mu=b[0] + b[1] * x, lam=pm.Gamma("lam", 1, 1), observed=x * 2)


@model
def laplace_quantile(rng):
    mu = pm.Normal("a") + pm.Normal("b") * np.arange(30)
    pm.AsymmetricLaplace("y", q=0.3, mu=mu, b=pm.HalfNormal("scale"), observed=rng.normal(size=30))


@model
def skew_normal(rng):
    pm.SkewNormal(
        "y", mu=pm.Normal("mu"), sigma=pm.HalfNormal("s"), alpha=pm.Normal("alpha", 0, 3),
        observed=rng.normal(size=60),
    )  # fmt: skip


@model
def heteroscedastic(rng):
    x = rng.normal(size=90)
    g = pm.Normal("g", 0, 0.5, shape=2)
    pm.Normal("y", pm.Normal("b") * x, pm.math.exp(g[0] + g[1] * x), observed=rng.normal(size=90))


@model
def probit(rng):
    x = rng.normal(size=(80, 2))
    p = pm.math.invprobit(x @ pm.Normal("b", 0, 1, shape=2))
    pm.Bernoulli("y", p, observed=rng.integers(0, 2, 80))


@model
def complementary_loglog(rng):
    x = rng.normal(size=80)
    p = 1 - pm.math.exp(-pm.math.exp(pm.Normal("a") + pm.Normal("b") * x))
    pm.Bernoulli("y", p, observed=rng.integers(0, 2, 80))


@model
def logistic_written_out(rng):
    x = rng.normal(size=(100, 3))
    p = 1 / (1 + pm.math.exp(-pm.math.dot(x, pm.Normal("b", 0, 1, shape=3))))
    pm.Bernoulli("y", p=p, observed=rng.integers(0, 2, 100))


@model
def binomial_logit_hierarchical(rng):
    trials = rng.integers(5, 30, 12)
    theta = pm.Normal("theta", pm.Normal("mu"), pm.HalfCauchy("tau", 1), shape=12)
    pm.Binomial("y", n=trials, logit_p=theta, observed=rng.binomial(trials, 0.4))


@model
def beta_binomial(rng):
    mean, size = pm.Beta("mean", 2, 2), pm.Pareto("size", 1.5, 0.5)
    pm.BetaBinomial(
        "y", n=20, alpha=mean * size, beta=(1 - mean) * size, observed=rng.integers(0, 20, 15)
    )


@model
def beta_regression(rng):
    x = rng.normal(size=70)
    mu = pm.math.sigmoid(pm.Normal("a") + pm.Normal("b") * x)
    pm.Beta("y", mu=mu, nu=pm.Gamma("nu", 2, 0.1), observed=rng.beta(2, 3, 70))


@model
def kumaraswamy(rng):
    pm.Kumaraswamy("y", pm.HalfNormal("a", 3), pm.HalfNormal("b", 3), observed=rng.beta(2, 3, 40))


@model
def ordered_probit(rng):
    cut = pm.Normal("cut", [-1, 0, 1], 2, transform=ordered, initval=[-1, 0, 1], shape=3)
    eta = rng.normal(size=(60, 2)) @ pm.Normal("b", shape=2)
    pm.OrderedProbit("y", eta=eta, cutpoints=cut, sigma=1.0, observed=rng.integers(0, 4, 60))


@model
def ordered_monotone_predictor(rng):
    steps = pt.concatenate([pt.zeros(1), pm.Dirichlet("steps", np.full(4, 2.0))])
    level = rng.integers(0, 5, 80)
    mu = pm.Normal("a") + pm.Normal("b") * pt.cumsum(steps)[level]
    pm.Normal("y", mu, pm.Exponential("s", 1), observed=rng.normal(size=80))


@model
def multinomial_regression(rng):
    x = rng.normal(size=(60, 2))
    b = pt.concatenate([pm.Normal("b", shape=(2, 3)), pt.zeros((2, 1))], axis=1)
    p = pm.math.softmax(x @ b, axis=1)
    pm.Categorical("y", p=p, observed=rng.integers(0, 4, 60))


@model
def multinomial_counts(rng):
    p = pm.Dirichlet("p", np.ones((5, 3)))
    pm.Multinomial("y", n=30, p=p, observed=rng.multinomial(30, [0.2, 0.3, 0.5], size=5))


@model
def varying_intercepts_and_slopes(rng):
    g = rng.integers(0, 8, 120)
    x = rng.normal(size=120)
    a = pm.Normal("a", pm.Normal("mu_a"), pm.HalfNormal("s_a"), shape=8)
    b = pm.Normal("b", pm.Normal("mu_b"), pm.HalfNormal("s_b"), shape=8)
    pm.Normal("y", a[g] + b[g] * x, pm.HalfNormal("s"), observed=rng.normal(size=120))


@model
def crossed_effects(rng):
    i, j = rng.integers(0, 6, 100), rng.integers(0, 9, 100)
    effect = pm.Normal("effect", 0, pm.HalfNormal("s_e"), shape=(6, 9))
    row = pm.ZeroSumNormal("row", 1.0, shape=6)
    pm.Normal("y", effect[i, j] + row[i], 1.0, observed=rng.normal(size=100))


@model
def nested_groups(rng):
    school_of = rng.integers(0, 4, 12)
    room = rng.integers(0, 12, 90)
    school = pm.Normal("school", 0, 2, shape=4)
    rooms = pm.Normal("rooms", school[school_of], pm.HalfNormal("s_r"), shape=12)
    pm.Normal("y", rooms[room], pm.HalfNormal("s"), observed=rng.normal(size=90))


@model
def finnish_horseshoe(rng):
    x = rng.normal(size=(40, 20))
    tau = pm.HalfStudentT("tau", 2, 0.1)
    lam = pm.HalfStudentT("lam", 5, shape=20)
    c2 = pm.InverseGamma("c2", 1, 1)
    shrunk = lam * pm.math.sqrt(c2 / (c2 + tau**2 * lam**2))
    beta = pm.Normal("beta", 0, tau * shrunk, shape=20)
    pm.Normal("y", x @ beta, pm.HalfNormal("s"), observed=rng.normal(size=40))


@model
def r2d2(rng):
    x = rng.normal(size=(50, 6))
    r2, phi, s = pm.Beta("r2", 2, 2), pm.Dirichlet("phi", np.ones(6)), pm.HalfStudentT("s", 3, 2)
    scale = pt.sqrt(phi * r2 / (1 - r2)) * s
    pm.Normal("y", x @ (pm.Normal("z", shape=6) * scale), s, observed=rng.normal(size=50))


@model
def errors_in_variables(rng):
    true = pm.Normal("true", 0, 2, shape=40)
    pm.Normal("seen", true, 0.5, observed=rng.normal(size=40))
    pm.Normal("y", pm.Normal("a") + pm.Normal("b") * true, 1.0, observed=rng.normal(size=40))


@model
def imputed_predictors(rng):
    x = np.ma.masked_invalid(
        np.where(rng.uniform(size=(30, 2)) < 0.2, np.nan, rng.normal(size=(30, 2)))
    )
    seen = pm.Normal("x", pm.Normal("mu", shape=2), 1.0, observed=x)
    pm.Normal("y", seen @ pm.Normal("b", shape=2), 1.0, observed=rng.normal(size=30))


@model
def splines(rng):
    knots = np.linspace(0, 1, 12)
    x = rng.uniform(size=100)
    basis = np.maximum(0, 1 - np.abs(x[:, None] - knots) * 11)
    w = pm.GaussianRandomWalk("w", sigma=pm.HalfNormal("s_w"), init_dist=pm.Normal.dist(), shape=12)
    pm.Normal("y", pt.dot(basis, w), pm.HalfNormal("s"), observed=rng.normal(size=100))


@model
def change_point(rng):
    year = np.arange(60)
    rates = pm.Exponential("rates", 1.0, shape=2)
    at = pm.Uniform("at", 0.0, 60.0)
    pm.Poisson("y", pm.math.switch(at >= year, rates[0], rates[1]), observed=rng.poisson(2, 60))


@model
def michaelis_menten(rng):
    x = rng.uniform(0.1, 5, 30)
    top, half = pm.LogNormal("top", 1, 1), pm.LogNormal("half", 0, 1)
    pm.LogNormal(
        "y", pm.math.log(top * x / (half + x)), pm.HalfNormal("s"), observed=rng.lognormal(size=30)
    )


@model
def logistic_growth(rng):
    t = np.arange(25.0)
    k, r, mid = pm.LogNormal("k", 2, 1), pm.Gamma("r", 2, 4), pm.Normal("mid", 10, 5)
    mu = k / (1 + pt.exp(-r * (t - mid)))
    pm.Normal("y", mu, pm.HalfNormal("s", 2), observed=rng.normal(5, 1, 25))


@model
def saturation_and_adstock(rng):
    spend = rng.gamma(2, 1, size=50)
    decay, slope = pm.Beta("decay", 2, 2), pm.Gamma("slope", 2, 1)
    weights = decay ** pt.arange(6)
    lagged = np.stack([np.concatenate([np.zeros(k), spend[: 50 - k]]) for k in range(6)], axis=1)
    effect = pt.tanh(slope * pt.dot(lagged, weights / weights.sum()))
    pm.Normal("y", pm.HalfNormal("b") * effect, pm.HalfNormal("s"), observed=rng.normal(size=50))


@model
def two_piece_tanh_network(rng):
    x = rng.normal(size=(40, 3))
    hidden = pt.tanh(pt.dot(x, pm.Normal("w1", shape=(3, 4))) + pm.Normal("b1", shape=4))
    pm.Bernoulli("y", logit_p=hidden @ pm.Normal("w2", shape=4), observed=rng.integers(0, 2, 40))


@model
def relu_network(rng):
    x = rng.normal(size=(30, 3))
    hidden = pt.maximum(pt.dot(x, pm.Normal("w1", shape=(3, 5))), 0)
    pm.Normal("y", hidden @ pm.Normal("w2", shape=5), 1.0, observed=rng.normal(size=30))


@model
def von_mises(rng):
    pm.VonMises(
        "y", pm.VonMises("mu", 0, 0.1), pm.HalfNormal("kappa", 3), observed=rng.vonmises(0, 2, 40)
    )


@model
def ex_gaussian(rng):
    pm.ExGaussian(
        "y", mu=pm.Normal("mu"), sigma=pm.HalfNormal("s"), nu=pm.HalfNormal("nu"),
        observed=rng.normal(size=50) + rng.exponential(size=50),
    )  # fmt: skip


@model
def many_priors(rng):
    parts = [
        pm.Uniform("uniform", -2, 3),
        pm.Triangular("triangular", -1.0, 2.0, 0.5),
        pm.Logistic("logistic", 0, 1),
        pm.Gumbel("gumbel", 0, 1),
        pm.Moyal("moyal", 0, 1),
        pm.Rice("rice", 1, 1),
        pm.Weibull("weibull", 2, 1),
        pm.ChiSquared("chi_squared", 3),
        pm.LogitNormal("logit_normal", 0, 1),
        pm.Wald("wald", 1, 1),
        pm.Cauchy("cauchy", 0, 1),
        pm.HalfCauchy("half_cauchy", 1),
        pm.InverseGamma("inverse_gamma", 3, 1),
        pm.TruncatedNormal("truncated", 0, 1, lower=-1),
    ]
    pm.Normal("y", sum(parts), 1.0, observed=rng.normal(size=3))
