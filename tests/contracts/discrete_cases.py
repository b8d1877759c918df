"""The discrete distributions beyond the common ones, with SciPy or a table as the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special, stats

import rufous.distributions as rd
from contracts.case import COUNTS, Case
from contracts.case import needs_positive as _positive

UNIT = "0 <= `psi` <= 1"


class Table:
    """A reference made of a log probability mass function on the first whole numbers."""

    def __init__(self, logpmf: Callable[[Any], Any], length: int = 3000) -> None:
        self.logpmf = logpmf
        with np.errstate(all="ignore"):
            self.steps = np.cumsum(np.exp(logpmf(np.arange(length))))

    def cdf(self, values: Any) -> Any:
        index = np.floor(np.minimum(values, len(self.steps) - 1)).astype(int)
        return np.where(index < 0, 0.0, self.steps[index])

    def ppf(self, share: Any) -> Any:
        return np.searchsorted(self.steps, np.asarray(share) - 1e-13)


def inflated(psi: float, base: Any) -> Table:
    def logpmf(values: Any) -> Any:
        zero = np.log(1 - psi + psi * base.pmf(0))
        return np.where(np.asarray(values) == 0, zero, np.log(psi) + base.logpmf(values))

    return Table(logpmf)


def hurdle(psi: float, base: Any) -> Table:
    def logpmf(values: Any) -> Any:
        counted = np.log(psi) + base.logpmf(values) - np.log1p(-base.pmf(0))
        return np.where(np.asarray(values) == 0, np.log1p(-psi), counted)

    return Table(logpmf)


class Amount:
    """Zero with some probability, else a positive number."""

    def __init__(self, psi: float, base: Any) -> None:
        self.psi, self.base = psi, base

    def logpdf(self, values: Any) -> Any:
        positive = np.log(self.psi) + self.base.logpdf(np.where(values == 0, 1, values))
        return np.where(values == 0, np.log1p(-self.psi), positive)


def discrete_weibull(q: float, beta: float) -> Table:
    return Table(lambda x: np.log(q ** (x**beta) - q ** ((x + 1.0) ** beta)))


def between(cdf: Any) -> Any:
    """Return probabilities from the cdf at the cutpoints."""
    return stats.rv_discrete(values=(range(len(cdf) + 1), np.diff([0, *cdf, 1])))


CUTS = [-1, 0, 2]
MORE_DISCRETE = [
    Case(rd.BetaBinomial, {"alpha": 2, "beta": 3, "n": 100}, stats.betabinom(100, 2, 3),
         np.arange(101), (-1, 101),
         (_positive("alpha", beta=1, n=1), _positive("beta", alpha=1, n=1),
          ({"alpha": 1, "beta": 1, "n": -1}, "`n` >= 0"),
          ({"alpha": 1, "beta": 1, "n": 1.5}, "whole")), fixed=("n",)),
    Case(rd.HyperGeometric, {"N": 100, "k": 30, "n": 40}, stats.hypergeom(100, 30, 40),
         np.arange(31), (-1, 31, 41),
         (({"N": 10, "k": 11, "n": 1}, "`k` <= `N`"), ({"N": 10, "k": 1, "n": 11}, "`n` <= `N`"),
          ({"N": -1, "k": 0, "n": 0}, "`N` >= 0")), fixed=("N", "k", "n")),
    Case(rd.Geometric, {"p": 0.25}, stats.geom(0.25), 1 + COUNTS, (-1, 0),
         (({"p": 0.0}, "0 < `p` <= 1"), ({}, "p"))),
    Case(rd.DiscreteUniform, {"lower": 3, "upper": 100}, stats.randint(3, 101), np.arange(3, 101),
         (2, 101), (({"lower": 2, "upper": 1}, "`lower` <= `upper`"),
                    ({"lower": 0.5, "upper": 1}, "whole")), fixed=("lower", "upper")),
    Case(rd.DiscreteWeibull, {"q": 0.75, "beta": 2}, discrete_weibull(0.75, 2), np.arange(12),
         (-1,), (({"q": 1.0, "beta": 1}, "0 < `q` < 1"), _positive("beta", q=0.5))),
    Case(rd.DiscreteWeibull, {"q": 0.5, "beta": 1}, Table(stats.geom(0.5, loc=-1).logpmf, 900),
         np.arange(40), (-1,), (), label="geometric"),
    Case(rd.OrderedLogistic, {"eta": 0.5, "cutpoints": CUTS},
         between(special.expit(np.array(CUTS) - 0.5)), np.arange(4), (-1, 4),
         (({"eta": 0, "cutpoints": [1, 0]}, "`cutpoints` must increase"),
          ({"eta": 0, "cutpoints": 1}, "axis"))),
    Case(rd.OrderedProbit, {"eta": 0.5, "cutpoints": CUTS, "sigma": 2},
         between(special.ndtr((np.array(CUTS) - 0.5) / 2)), np.arange(4), (-1, 4),
         (({"eta": 0, "cutpoints": [1, 0]}, "`cutpoints` must increase"),
          _positive("sigma", eta=0, cutpoints=[0]))),
    Case(rd.ZeroInflatedPoisson, {"psi": 0.75, "mu": 4}, inflated(0.75, stats.poisson(4)), COUNTS,
         (-1,), (({"psi": 1.5, "mu": 1}, UNIT), ({"psi": 0.5, "mu": -1}, "`mu` >= 0"))),
    Case(rd.ZeroInflatedBinomial, {"psi": 0.5, "n": 20, "p": 0.25},
         inflated(0.5, stats.binom(20, 0.25)), np.arange(21), (-1, 21),
         (({"psi": -1, "n": 1, "p": 0.5}, UNIT), ({"psi": 1, "n": 1, "p": 2}, "0 <= `p` <= 1")),
         fixed=("n",)),
    Case(rd.ZeroInflatedNegativeBinomial, {"psi": 0.5, "mu": 4, "alpha": 2},
         inflated(0.5, stats.nbinom(2, 1 / 3)), COUNTS, (-1,),
         (({"psi": 2, "mu": 1, "alpha": 1}, UNIT), _positive("alpha", psi=0.5, mu=1))),
    Case(rd.ZeroInflatedNegativeBinomial, {"psi": 0.5, "p": 0.25, "n": 3},
         inflated(0.5, stats.nbinom(3, 0.25)), COUNTS, (-1,)),
    Case(rd.HurdlePoisson, {"psi": 0.75, "mu": 4}, hurdle(0.75, stats.poisson(4)), COUNTS, (-1,),
         (({"psi": 1.5, "mu": 1}, UNIT), ({"psi": 0.5, "mu": -1}, "`mu` >= 0"))),
    Case(rd.HurdleNegativeBinomial, {"psi": 0.5, "mu": 4, "alpha": 2},
         hurdle(0.5, stats.nbinom(2, 1 / 3)), COUNTS, (-1,),
         (({"psi": 2, "mu": 1, "alpha": 1}, UNIT), _positive("alpha", psi=0.5, mu=1))),
]  # fmt: skip

AMOUNTS = np.concatenate([[0.0], np.logspace(-6, 4, 11)])
HURDLES = [
    Case(rd.HurdleGamma, {"psi": 0.75, "alpha": 3, "beta": 2},
         Amount(0.75, stats.gamma(3, scale=0.5)), AMOUNTS, (-1.0, np.inf),
         (({"psi": 2, "alpha": 1, "beta": 1}, UNIT),)),
    Case(rd.HurdleLogNormal, {"psi": 0.75, "mu": 1, "sigma": 2},
         Amount(0.75, stats.lognorm(2, scale=np.e)), AMOUNTS, (-1.0, np.inf),
         (({"psi": 2}, UNIT), _positive("sigma", psi=0.5))),
]  # fmt: skip
