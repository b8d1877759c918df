"""The continuous distributions beyond the common ones, with SciPy or a formula as the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate, special, stats

import rufous.distributions as rd
from contracts.case import ABOVE, INSIDE, WIDE, Case
from contracts.case import needs_positive as _positive

NEAR = np.concatenate([-np.logspace(2, -6, 9), [0.0], np.logspace(-6, 2, 9)])


class Gumbel:
    """SciPy warns of the overflow that stands for a density of zero."""

    def __init__(self, mu: float, beta: float) -> None:
        self.frozen = stats.gumbel_r(mu, beta)
        self.cdf, self.ppf = self.frozen.cdf, self.frozen.ppf

    def logpdf(self, values: Any) -> Any:
        with np.errstate(over="ignore"):
            return self.frozen.logpdf(values)

    def logcdf(self, values: Any) -> Any:
        with np.errstate(over="ignore"):
            return self.frozen.logcdf(values)


class Kumaraswamy:
    def __init__(self, a: float, b: float) -> None:
        self.a, self.b = a, b

    def logpdf(self, x: Any) -> Any:
        inner = special.xlog1py(self.b - 1, -(x**self.a))
        return np.log(self.a * self.b) + special.xlogy(self.a - 1, x) + inner

    def cdf(self, x: Any) -> Any:
        return -np.expm1(self.b * np.log1p(-(x**self.a)))

    def ppf(self, q: Any) -> Any:
        return (-np.expm1(np.log1p(-np.asarray(q)) / self.b)) ** (1 / self.a)


class LogitNormal:
    def __init__(self, mu: float, sigma: float) -> None:
        self.normal = stats.norm(mu, sigma)

    def logpdf(self, x: Any) -> Any:
        odds = np.log(x) - np.log1p(-x)
        return self.normal.logpdf(odds) - np.log(x) - np.log1p(-x)

    def cdf(self, x: Any) -> Any:
        return self.normal.cdf(special.logit(x))

    def ppf(self, q: Any) -> Any:
        return special.expit(self.normal.ppf(q))


class Interpolated:
    def __init__(self, x: Any, density: Any) -> None:
        self.spline = interpolate.InterpolatedUnivariateSpline(x, density, k=1)
        self.total, self.ends = self.spline.integral(x[0], x[-1]), (x[0], x[-1])

    def logpdf(self, x: Any) -> Any:
        return np.log(self.spline(x) / self.total)

    def cdf(self, x: Any) -> Any:
        return np.array([self.spline.integral(self.ends[0], each) for each in x]) / self.total

    def ppf(self, q: Any) -> Any:
        grid = np.linspace(*self.ends, 20001)
        return np.interp(q, self.cdf(grid), grid)


class HalfT:
    def __init__(self, nu: float, sigma: float) -> None:
        self.whole, self.nu, self.sigma = stats.t(nu, scale=sigma), nu, sigma

    def logpdf(self, x: Any) -> Any:
        return np.log(2) + self.whole.logpdf(x)

    def cdf(self, x: Any) -> Any:
        squared = (x / self.sigma) ** 2
        return special.betainc(0.5, self.nu / 2, squared / (self.nu + squared))

    def ppf(self, q: Any) -> Any:
        return self.whole.isf((1 - np.asarray(q)) / 2)


MORE_CONTINUOUS = [
    Case(rd.HalfStudentT, {"nu": 3, "sigma": 36}, HalfT(3, 36), ABOVE, (-1.0, -1e-300, np.inf),
         (_positive("nu"), _positive("sigma", nu=1), ({"nu": 1, "sigma": 1, "lam": 1}, "both"),
          ({}, "nu")), "log"),
    Case(rd.HalfStudentT, {"nu": 100, "lam": 4}, HalfT(100, 0.5), ABOVE, (-1.0,), (), "log"),
    Case(rd.Weibull, {"alpha": 2, "beta": 100}, stats.weibull_min(2, scale=100), ABOVE,
         (-1.0, np.inf), (_positive("alpha", beta=1), _positive("beta", alpha=1)), "log"),
    Case(rd.Weibull, {"alpha": 0.5, "beta": 2}, stats.weibull_min(0.5, scale=2), ABOVE, (-1.0,),
         (), "log", label="decreasing"),
    Case(rd.Logistic, {"mu": 100, "s": 4}, stats.logistic(100, 4), WIDE, (np.inf, -np.inf),
         (_positive("s"),)),
    Case(rd.ChiSquared, {"nu": 5}, stats.chi2(5), ABOVE, (-1.0, np.inf),
         (({"nu": -1}, "`nu` > 0"), ({}, "nu")), "log"),
    Case(rd.Gumbel, {"mu": 3, "beta": 100}, Gumbel(3, 100), WIDE, (np.inf,),
         (_positive("beta", mu=0),)),
    Case(rd.SkewNormal, {"alpha": 4, "mu": 1, "sigma": 2}, stats.skewnorm(4, 1, 2), NEAR,
         (np.inf, -np.inf), (_positive("sigma"), ({"sigma": 1, "tau": 1}, "`sigma` or `tau`"))),
    Case(rd.SkewNormal, {"alpha": -2, "tau": 4}, stats.skewnorm(-2, 0, 0.5), NEAR),
    Case(rd.AsymmetricLaplace, {"kappa": 2, "mu": 1, "b": 4},
         stats.laplace_asymmetric(2, 1, 0.25), NEAR, (np.inf, -np.inf),
         (_positive("kappa", mu=0, b=1), _positive("b", kappa=1, mu=0),
          ({"kappa": 1, "q": 0.5, "mu": 0, "b": 1}, "`kappa` or `q`"),
          ({"kappa": 1, "b": 1}, "`mu` is missing")), kink=1.0),
    Case(rd.AsymmetricLaplace, {"q": 0.2, "mu": 0, "b": 1},
         stats.laplace_asymmetric(0.5, 0, 1), NEAR, (),
         (({"q": 1.0, "mu": 0, "b": 1}, "0 < `q` < 1"),), kink=0.0),
    Case(rd.LogitNormal, {"mu": 1, "sigma": 2}, LogitNormal(1, 2), INSIDE,
         (-0.1, 0.0, 1.0, 1.1, np.inf), (_positive("sigma"),), "logodds"),
    Case(rd.LogitNormal, {"mu": 0, "tau": 4}, LogitNormal(0, 0.5), INSIDE, (), (), "logodds"),
    Case(rd.ExGaussian, {"mu": 1, "sigma": 2, "nu": 4}, stats.exponnorm(2, 1, 2), NEAR,
         (np.inf, -np.inf), (_positive("sigma", nu=1), _positive("nu"), ({}, "nu"))),
    Case(rd.ExGaussian, {"mu": 0, "sigma": 4, "nu": 1}, stats.exponnorm(0.25, 0, 4),
         np.linspace(-20, 30, 11), label="nearly-normal"),
    Case(rd.Moyal, {"mu": 1, "sigma": 3}, stats.moyal(1, 3), np.linspace(-15, 100, 24),
         (np.inf,), (_positive("sigma"),)),
    Case(rd.Pareto, {"alpha": 3, "m": 2}, stats.pareto(3, scale=2), 2 + ABOVE, (1.99, -1.0, np.inf),
         (_positive("alpha", m=1), _positive("m", alpha=1)), "interval"),
    Case(rd.Kumaraswamy, {"a": 2, "b": 5}, Kumaraswamy(2, 5), INSIDE, (-0.1, 1.1, np.inf),
         (_positive("a", b=1), _positive("b", a=1)), "logodds"),
    Case(rd.Kumaraswamy, {"a": 1, "b": 1}, Kumaraswamy(1, 1), np.linspace(0, 1, 5), (-0.1, 1.1),
         (), "logodds", label="flat"),
    Case(rd.Triangular, {"lower": -100, "upper": 100, "c": 0},
         stats.triang(0.5, -100, 200), np.linspace(-99, 100, 9), (-101.0, 100.001, np.inf),
         (({"lower": 0, "upper": 1, "c": 2}, "`lower` <= `c` <= `upper`"),
          ({"lower": 1, "upper": 1, "c": 1}, "`lower` < `upper`")), "interval"),
    Case(rd.Triangular, {"lower": 0, "upper": 2, "c": 2}, stats.triang(1.0, 0, 2),
         np.linspace(0.1, 2, 9), (-0.1, 2.1), (), "interval", label="edge"),
    Case(rd.VonMises, {"mu": 1, "kappa": 4}, stats.vonmises(4, 1), np.linspace(-3.1, 3.1, 9),
         (-3.2, 3.2, np.inf), (_positive("kappa"),), "circular", circle=(-np.pi, np.pi)),
    Case(rd.Wald, {"mu": 3, "lam": 2}, stats.invgauss(1.5, scale=2), ABOVE[6:], (-1.0, 0.0, np.inf),
         (_positive("mu"), _positive("lam", mu=1), _positive("phi", mu=1),
          ({}, "give `mu`"), ({"mu": 1, "lam": 1, "phi": 1}, "give `mu`")), "log"),
    Case(rd.Wald, {"mu": 4, "phi": 0.5, "alpha": 3}, stats.invgauss(2, loc=3, scale=2),
         3 + ABOVE[6:], (2.9, 3.0), (), "interval"),
    Case(rd.Wald, {"lam": 4, "phi": 2}, stats.invgauss(0.5, scale=4), ABOVE[6:], (-1.0,), (),
         "log"),
    Case(rd.Rice, {"nu": 4, "sigma": 2}, stats.rice(2, scale=2), np.logspace(-12, 1, 14),
         (-1.0, np.inf), (({"nu": -1}, "`nu` >= 0"), _positive("sigma", nu=1),
                          ({"nu": 1, "b": 1}, "`nu` or `b`")), "log"),
    Case(rd.Rice, {"b": 0.5}, stats.rice(0.5), np.logspace(-12, 1, 14), (-1.0,), (), "log"),
    Case(rd.Interpolated, {"x_points": [0, 1, 2], "pdf_points": [0, 2, 1]},
         Interpolated([0, 1, 2], [0, 2, 1]), np.linspace(0.1, 2, 9), (-0.1, 2.1, np.inf),
         (({"x_points": [1, 0], "pdf_points": [1, 1]}, "increasing"),
          ({"x_points": [0, 1], "pdf_points": [1, -1]}, "`pdf_points` >= 0"),
          ({"x_points": [0, 1], "pdf_points": [0, 0]}, "zero everywhere"),
          ({"x_points": [0, 1], "pdf_points": [1, 1, 1]}, "same length")), "interval",
         fixed=("x_points", "pdf_points")),
]  # fmt: skip
