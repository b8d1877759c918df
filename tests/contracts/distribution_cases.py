"""One table of all distributions: what each must satisfy, with SciPy as the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special, stats

import rufous.distributions as rd
from contracts.case import ABOVE, COUNTS, INSIDE, WIDE, Case
from contracts.case import needs_positive as _positive
from contracts.continuous_cases import MORE_CONTINUOUS
from contracts.discrete_cases import HURDLES, MORE_DISCRETE


class Improper:
    """A reference for the flat priors."""

    def __init__(self, lower: float) -> None:
        self.lower = lower

    def logpdf(self, values: Any) -> Any:
        return np.where(values >= self.lower, 0.0, -np.inf)


class ByRate:
    """Negative binomial by mean and dispersion, exact for a huge dispersion through the Poisson."""

    def __init__(self, mu: float, alpha: float) -> None:
        self.frozen = stats.nbinom(alpha, alpha / (mu + alpha))
        self.logpmf, self.pmf, self.cdf = self.frozen.logpmf, self.frozen.pmf, self.frozen.cdf
        self.ppf = self.frozen.ppf


class Laplace:
    """SciPy takes the logarithm of an underflowed density."""

    def __init__(self, mu: float, b: float) -> None:
        self.mu, self.b = mu, b
        self.cdf, self.ppf = stats.laplace(mu, b).cdf, stats.laplace(mu, b).ppf

    def logpdf(self, values: Any) -> Any:
        return -np.abs(values - self.mu) / self.b - np.log(2 * self.b)


def _truncated(mu: float, sigma: float, lower: float, upper: float) -> Any:
    return stats.truncnorm((lower - mu) / sigma, (upper - mu) / sigma, loc=mu, scale=sigma)


def _gamma_by_moments(mu: float, sigma: float) -> Any:
    return stats.gamma(mu**2 / sigma**2, scale=sigma**2 / mu)


def _inverse_gamma_by_moments(mu: float, sigma: float) -> Any:
    alpha = 2 + mu**2 / sigma**2
    return stats.invgamma(alpha, scale=mu * (alpha - 1))


CONTINUOUS = [
    Case(rd.Normal, {"mu": 3, "sigma": 2}, stats.norm(3, 2), WIDE, (np.inf, -np.inf),
         (_positive("sigma"), _positive("sigma", 0.0), ({"sigma": 1, "tau": 1}, "`sigma` or `tau`"),
          ({"mu": np.nan}, "`mu`"), ({"mu": "a"}, "`mu`"), ({"mu": np.inf}, "finite"),
          ({"sigma": None, "tau": -1}, "`tau` > 0"))),
    Case(rd.Normal, {"mu": 100, "tau": 4}, stats.norm(100, 0.5), WIDE),
    Case(rd.HalfNormal, {"sigma": 3}, stats.halfnorm(scale=3), ABOVE, (-1.0, -1e-300, np.inf),
         (_positive("sigma"), ({"sigma": 1, "tau": 1}, "`sigma` or `tau`")), "log"),
    Case(rd.HalfNormal, {"tau": 4}, stats.halfnorm(scale=0.5), ABOVE, (-1.0,), (), "log"),
    Case(rd.StudentT, {"nu": 3, "mu": 1, "sigma": 36}, stats.t(3, 1, 36), WIDE, (np.inf,),
         (_positive("nu"), _positive("sigma", nu=1), ({"nu": 1, "sigma": 1, "lam": 1}, "both"),
          ({}, "nu"))),
    Case(rd.StudentT, {"nu": 100, "mu": 0, "lam": 4}, stats.t(100, 0, 0.5), WIDE),
    Case(rd.Cauchy, {"alpha": 1, "beta": 100}, stats.cauchy(1, 100), WIDE, (np.inf,),
         (_positive("beta", alpha=0), ({"alpha": 1}, "beta"))),
    Case(rd.HalfCauchy, {"beta": 5}, stats.halfcauchy(scale=5), ABOVE, (-1.0, np.inf),
         (_positive("beta"), ({}, "beta")), "log"),
    Case(rd.Exponential, {"lam": 4}, stats.expon(scale=0.25), ABOVE, (-1.0, np.inf),
         (_positive("lam"), _positive("lam", 0), ({"lam": 1, "scale": 1}, "`lam` or `scale`")),
         "log"),
    Case(rd.Exponential, {"scale": 4}, stats.expon(scale=4), ABOVE, (-1.0,),
         (_positive("scale"),), "log"),
    Case(rd.Gamma, {"alpha": 3, "beta": 2}, stats.gamma(3, scale=0.5), ABOVE, (-1.0, np.inf),
         (_positive("alpha", beta=1), _positive("beta", alpha=1),
          ({"alpha": 1}, "`mu` and `sigma`"),
          ({"alpha": 1, "beta": 1, "mu": 1}, "`alpha` and `beta`")), "log"),
    Case(rd.Gamma, {"mu": 100, "sigma": 20}, _gamma_by_moments(100, 20), ABOVE, (-1.0,),
         (_positive("mu", sigma=1), _positive("sigma", mu=1)), "log"),
    Case(rd.InverseGamma, {"alpha": 3, "beta": 2}, stats.invgamma(3, scale=2), ABOVE[6:],
         (-1.0, 0.0, np.inf),
         (_positive("alpha", beta=1), _positive("beta", alpha=1), ({}, "give")), "log"),
    Case(rd.InverseGamma, {"alpha": 3}, stats.invgamma(3), ABOVE[6:], (-1.0,), (), "log"),
    Case(rd.InverseGamma, {"mu": 20, "sigma": 10}, _inverse_gamma_by_moments(20, 10), ABOVE[6:],
         (-1.0,), (_positive("mu", sigma=1), _positive("sigma", mu=1)), "log"),
    Case(rd.Beta, {"alpha": 2, "beta": 100}, stats.beta(2, 100), INSIDE, (-0.1, 1.1, np.inf),
         (_positive("alpha", beta=1), _positive("beta", alpha=1), ({"mu": 0.5}, "`mu` and `nu`")),
         "logodds"),
    Case(rd.Beta, {"mu": 0.25, "nu": 8}, stats.beta(2, 6), INSIDE, (-0.1,),
         (({"mu": 1.5, "nu": 1}, "`mu` < 1"), _positive("nu", mu=0.5)), "logodds"),
    Case(rd.Beta, {"mu": 0.5, "sigma": 0.25}, stats.beta(1.5, 1.5), INSIDE, (-0.1,),
         (({"mu": 0.5, "sigma": 0.6}, "`sigma` must be less"), _positive("sigma", mu=0.5)),
         "logodds"),
    Case(rd.Uniform, {"lower": -100, "upper": 100}, stats.uniform(-100, 200),
         np.linspace(-100, 100, 9), (-101.0, 100.001, np.inf),
         (({"lower": 2, "upper": 1}, "`lower` must be less than `upper`"),
          ({"lower": -np.inf}, "finite")), "interval"),
    Case(rd.LogNormal, {"mu": 1, "sigma": 2}, stats.lognorm(2, scale=np.e), ABOVE,
         (-1.0, 0.0, np.inf), (_positive("sigma"),), "log"),
    Case(rd.LogNormal, {"mu": 1, "tau": 4}, stats.lognorm(0.5, scale=np.e), ABOVE, (-1.0,),
         (_positive("tau"),), "log"),
    Case(rd.TruncatedNormal, {"mu": 1, "sigma": 2, "lower": -1, "upper": 4},
         _truncated(1, 2, -1, 4), np.linspace(-1, 4, 7), (-1.1, 4.1),
         (_positive("sigma"), ({"lower": 2, "upper": 1}, "`lower` must be less than `upper`"),
          ({"lower": np.nan}, "`lower`")), "interval"),
    Case(rd.TruncatedNormal, {"mu": 1, "tau": 4, "lower": -1}, _truncated(1, 0.5, -1, np.inf),
         np.linspace(-1, 9, 7), (-1.1, np.inf), (_positive("tau"),), "interval"),
    Case(rd.TruncatedNormal, {"mu": -3, "sigma": 1, "upper": -2},
         _truncated(-3, 1, -np.inf, -2), np.linspace(-9, -2, 7), (-1.9, -np.inf), (), "interval"),
    Case(rd.TruncatedNormal, {"mu": 1, "sigma": 2}, stats.norm(1, 2), WIDE, (), (), "interval",
         label="open"),
    Case(rd.Laplace, {"mu": 1, "b": 4}, Laplace(1, 4), WIDE, (np.inf,),
         (_positive("b", mu=0),)),
    *MORE_CONTINUOUS,
]  # fmt: skip

IMPROPER = [
    Case(rd.Flat, {}, Improper(-np.inf), WIDE, label="flat"),
    Case(rd.HalfFlat, {}, Improper(0.0), ABOVE, (-1.0,), (), "log", label="half"),
]

DISCRETE = [
    Case(rd.Bernoulli, {"p": 0.25}, stats.bernoulli(0.25), np.array([0, 1]), (-1, 2, 300),
         (({"p": 1.5}, "0 <= `p` <= 1"), ({"p": 0.5, "logit_p": 0}, "`p` or `logit_p`"),
          ({}, "`p` or `logit_p`"), ({"p": -0.1}, "logit_p"))),
    Case(rd.Bernoulli, {"logit_p": 2}, stats.bernoulli(special.expit(2)), np.array([0, 1]),
         (-1, 2)),
    Case(rd.Binomial, {"n": 100, "p": 0.25}, stats.binom(100, 0.25), np.arange(101), (-1, 101),
         (({"n": -1, "p": 0.5}, "`n` >= 0"), ({"n": 2.5, "p": 0.5}, "whole"),
          ({"n": 2, "p": 2}, "0 <= `p` <= 1"))),
    Case(rd.Binomial, {"n": 10, "logit_p": -1}, stats.binom(10, special.expit(-1)), np.arange(11),
         (-1, 11)),
    Case(rd.Poisson, {"mu": 100}, stats.poisson(100), COUNTS, (-1,),
         (({"mu": -1}, "`mu` >= 0"), ({}, "mu"))),
    Case(rd.NegativeBinomial, {"mu": 4, "alpha": 2}, ByRate(4, 2), COUNTS, (-1,),
         (_positive("alpha", mu=1), ({"mu": -1, "alpha": 1}, "`mu` >= 0"),
          ({"mu": 1, "alpha": 1, "n": 1}, "`alpha` or `n`"), ({"alpha": 1}, "`mu` or `p`"))),
    Case(rd.NegativeBinomial, {"p": 0.25, "n": 3}, stats.nbinom(3, 0.25), COUNTS, (-1,),
         (_positive("n", p=0.5), ({"p": 0.0, "n": 1}, "0 < `p` <= 1"))),
    Case(rd.Categorical, {"p": [0.125, 0.5, 0.375]},
         stats.rv_discrete(values=(range(3), [0.125, 0.5, 0.375])), np.arange(3), (-1, 3),
         (({"p": [0.5, 0.6]}, "sum to 1"), ({"p": [1.5, -0.5]}, "0 <= `p` <= 1"),
          ({"p": 0.5}, "axis"))),
    Case(rd.Categorical, {"logit_p": [0, 2, -1]},
         stats.rv_discrete(values=(range(3), special.softmax([0.0, 2, -1]))), np.arange(3), (-1,)),
    *MORE_DISCRETE,
]  # fmt: skip

SCALAR = [*CONTINUOUS, *IMPROPER, *DISCRETE, *HURDLES]
PROPER = [*CONTINUOUS, *DISCRETE]
