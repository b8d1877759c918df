"""Distributions with an axis of their own, modifiers and transforms, each as a small model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytensor.tensor as pt

import rufous.distributions as rd
from rufous import transforms

RNG = np.random.default_rng(0)
COV = np.array([[2.0, 0.6, 0.1], [0.6, 1.0, -0.2], [0.1, -0.2, 0.5]])
CHAIN = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
ROWS = RNG.normal(size=(20, 3))
COUNTS = np.array([[1, 2, 2], [0, 4, 1]])
SERIES = np.cumsum(RNG.normal(size=12))


def positive(name: str = "s") -> Any:
    """A scale that is a free variable."""
    return rd.HalfNormal(name, 1.0)


def covariance() -> Any:
    """A covariance matrix that depends on a free variable."""
    return COV * positive() + 0.1 * np.eye(3)


def simplex() -> Any:
    """Probabilities that are free variables."""
    return rd.Dirichlet("p", np.array([1.0, 2.0, 3.0]))


MODELS: dict[str, Callable[[], Any]] = {
    "MvNormal-cov": lambda: rd.MvNormal("y", mu=np.zeros(3), cov=covariance(), observed=ROWS),
    "MvNormal-tau": lambda: rd.MvNormal("y", mu=np.zeros(3), tau=covariance(), observed=ROWS),
    "MvNormal-free": lambda: rd.MvNormal("y", mu=np.ones(3), chol=np.linalg.cholesky(COV)),
    "MvStudentT": lambda: rd.MvStudentT(
        "y", nu=3 + positive("n"), mu=np.zeros(3), scale=covariance(), observed=ROWS
    ),
    "LKJCholeskyCov": lambda: rd.MvNormal(
        "y",
        mu=rd.Normal("m", 0, 1, shape=3),
        chol=rd.LKJCholeskyCov("c", n=3, eta=2.0, sd_dist=rd.Exponential.dist(1.0))[0],
        observed=ROWS,
    ),
    "LKJCorr": lambda: rd.LKJCorr("c", n=3, eta=2.0),
    "Wishart": lambda: rd.Wishart("y", nu=5, V=covariance(), observed=COV),
    "MatrixNormal": lambda: rd.MatrixNormal(
        "y", mu=np.zeros((3, 3)), rowcov=covariance(), colcov=COV, observed=COV
    ),
    "KroneckerNormal": lambda: rd.KroneckerNormal(
        "y", mu=np.zeros(6), covs=[COV[:2, :2], COV], sigma=positive(), observed=np.arange(6.0)
    ),
    "KroneckerNormal-random": lambda: rd.KroneckerNormal(
        "y",
        mu=np.zeros(6),
        covs=[COV[:2, :2], covariance()],
        sigma=0.3,
        observed=np.arange(6.0),
    ),
    "CAR": lambda: rd.CAR(
        "y", mu=np.zeros(3), W=CHAIN, alpha=0.5, tau=positive(), observed=[0.1, 1.0, -0.3]
    ),
    "CAR-alpha": lambda: rd.CAR(
        "y", mu=np.zeros(3), W=CHAIN, alpha=rd.Beta("a", 2, 2), tau=1.0, observed=[0.1, 1.0, -0.3]
    ),
    "ICAR": lambda: rd.ICAR("x", W=CHAIN, sigma=positive()),
    "Dirichlet": lambda: rd.Dirichlet("x", a=np.array([0.5, 2.0, 3.0])),
    "Dirichlet-observed": lambda: rd.Dirichlet(
        "y", a=np.ones(3) * (0.5 + positive()), observed=[0.2, 0.3, 0.5]
    ),
    "Multinomial": lambda: rd.Multinomial("y", n=5, p=simplex(), observed=COUNTS),
    "DirichletMultinomial": lambda: rd.DirichletMultinomial(
        "y", n=5, a=np.ones(3) * (0.5 + positive()), observed=COUNTS
    ),
    "Categorical": lambda: rd.Categorical("y", p=simplex(), observed=[0, 2, 1, 1]),
    "OrderedLogistic": lambda: rd.OrderedLogistic(
        "y", eta=rd.Normal("e", 0, 1), cutpoints=[-1.0, 1.0], observed=[0, 2, 1, 1]
    ),
    "OrderedProbit": lambda: rd.OrderedProbit(
        "y", eta=rd.Normal("e", 0, 1), cutpoints=[-1.0, 1.0], observed=[0, 2, 1, 1]
    ),
    "OrderedMultinomial": lambda: rd.OrderedMultinomial(
        "y", eta=rd.Normal("e", 0, 1), cutpoints=[-1.0, 1.0], n=5, observed=COUNTS[0]
    ),
    "StickBreakingWeights": lambda: rd.StickBreakingWeights("x", alpha=1 + positive(), K=4),
    "ZeroSumNormal": lambda: rd.ZeroSumNormal("x", sigma=positive(), shape=5),
    "ZeroSumNormal-two": lambda: rd.ZeroSumNormal("x", n_zerosum_axes=2, shape=(3, 4)),
    "AR": lambda: rd.AR("y", rho=[rd.Normal("r", 0, 0.5), 0.2], sigma=positive(), observed=SERIES),
    "GaussianRandomWalk": lambda: rd.GaussianRandomWalk("x", sigma=positive(), steps=6),
    "MvGaussianRandomWalk": lambda: rd.MvGaussianRandomWalk(
        "y", mu=np.zeros(3), cov=covariance(), observed=ROWS
    ),
    "GARCH11": lambda: rd.GARCH11(
        "y", omega=positive(), alpha_1=0.2, beta_1=0.3, initial_vol=1.0, observed=SERIES
    ),
    "EulerMaruyama": lambda: rd.EulerMaruyama(
        "y", 0.1, lambda x, a: (-a * x, 0.5), [positive()], observed=SERIES
    ),
    "Mixture": lambda: rd.Mixture(
        "y",
        w=simplex(),
        comp_dists=[
            rd.Normal.dist(0, 1),
            rd.StudentT.dist(3, mu=1, sigma=positive()),
            rd.Normal.dist(4, 2),
        ],
        observed=SERIES,
    ),
    "NormalMixture": lambda: rd.NormalMixture(
        "y", w=simplex(), mu=np.arange(3.0), sigma=positive(), observed=SERIES
    ),
    "Censored": lambda: rd.Censored(
        "y", rd.Normal.dist(0, positive()), lower=-1, upper=1, observed=[-1.0, 0.3, 1.0]
    ),
    "Truncated": lambda: rd.Truncated(
        "y", rd.Gamma.dist(2.0, 1 / positive()), lower=0.5, upper=4, observed=[0.6, 1.3, 3.0]
    ),
    "CustomDist": lambda: rd.CustomDist(
        "y", positive(), logp=lambda value, s: -pt.sqr(value / s) - pt.log(s), observed=SERIES
    ),
    "transform-ordered": lambda: rd.Normal(
        "x", 0, 1, shape=4, transform=transforms.ordered, initval=np.arange(4.0)
    ),
    "transform-simplex": lambda: rd.Dirichlet("x", np.ones(4), transform=transforms.simplex),
    "transform-log": lambda: rd.Gamma("x", 2, 1, transform=transforms.log),
    "transform-log_exp_m1": lambda: rd.Gamma("x", 2, 1, transform=transforms.log_exp_m1),
    "transform-logodds": lambda: rd.Beta("x", 2, 3, transform=transforms.logodds),
    "transform-circular": lambda: rd.VonMises("x", 0, 2, transform=transforms.circular),
    "transform-interval": lambda: rd.Normal(
        "x", 0, 1, transform=transforms.Interval(-1.0, 2.0), initval=0.0
    ),
    "transform-half-interval": lambda: rd.Normal(
        "x", 0, 1, transform=transforms.Interval(None, 2.0), initval=0.0
    ),
    "transform-sum_to_1": lambda: rd.Normal(
        "x", 0.3, 1, shape=3, transform=transforms.sum_to_1, initval=np.ones(3) / 3
    ),
}
