"""Probability distributions: log densities, draws, support points and transforms."""

from rufous.distributions import transforms
from rufous.distributions.base import Distribution
from rufous.distributions.continuous import (
    Beta,
    Cauchy,
    Exponential,
    Flat,
    Gamma,
    HalfCauchy,
    HalfFlat,
    HalfNormal,
    InverseGamma,
    Laplace,
    LogNormal,
    Normal,
    StudentT,
    TruncatedNormal,
    Uniform,
)
from rufous.distributions.discrete import (
    Bernoulli,
    Binomial,
    Categorical,
    NegativeBinomial,
    Poisson,
)
from rufous.distributions.multivariate import Dirichlet, MvNormal, ZeroSumNormal

__all__ = [
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Cauchy",
    "Dirichlet",
    "Distribution",
    "Exponential",
    "Flat",
    "Gamma",
    "HalfCauchy",
    "HalfFlat",
    "HalfNormal",
    "InverseGamma",
    "Laplace",
    "LogNormal",
    "MvNormal",
    "NegativeBinomial",
    "Normal",
    "Poisson",
    "StudentT",
    "TruncatedNormal",
    "Uniform",
    "ZeroSumNormal",
    "transforms",
]
