"""Distributions of one real number."""

from rufous.distributions.continuous.angles import Rice, VonMises
from rufous.distributions.continuous.bounded import Beta, Uniform
from rufous.distributions.continuous.extreme import Gumbel, Moyal
from rufous.distributions.continuous.flat import Flat, HalfFlat
from rufous.distributions.continuous.gamma import ChiSquared, Gamma, InverseGamma
from rufous.distributions.continuous.half import HalfCauchy, HalfNormal, HalfStudentT
from rufous.distributions.continuous.heavy import Cauchy, Laplace, StudentT
from rufous.distributions.continuous.interpolated import Interpolated
from rufous.distributions.continuous.lifetime import Pareto, Wald, Weibull
from rufous.distributions.continuous.logistic import Logistic, LogitNormal
from rufous.distributions.continuous.normal import Normal
from rufous.distributions.continuous.positive import Exponential, LogNormal
from rufous.distributions.continuous.skewed import AsymmetricLaplace, ExGaussian, SkewNormal
from rufous.distributions.continuous.truncated_normal import TruncatedNormal
from rufous.distributions.continuous.unit import Kumaraswamy, Triangular

__all__ = [
    "AsymmetricLaplace",
    "Beta",
    "Cauchy",
    "ChiSquared",
    "ExGaussian",
    "Exponential",
    "Flat",
    "Gamma",
    "Gumbel",
    "HalfCauchy",
    "HalfFlat",
    "HalfNormal",
    "HalfStudentT",
    "Interpolated",
    "InverseGamma",
    "Kumaraswamy",
    "Laplace",
    "LogNormal",
    "Logistic",
    "LogitNormal",
    "Moyal",
    "Normal",
    "Pareto",
    "Rice",
    "SkewNormal",
    "StudentT",
    "Triangular",
    "TruncatedNormal",
    "Uniform",
    "VonMises",
    "Wald",
    "Weibull",
]
