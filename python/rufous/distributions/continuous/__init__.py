"""Distributions of one real number."""

from rufous.distributions.continuous.bounded import Beta, Uniform
from rufous.distributions.continuous.flat import Flat, HalfFlat
from rufous.distributions.continuous.gamma import Gamma, InverseGamma
from rufous.distributions.continuous.half import HalfCauchy, HalfNormal
from rufous.distributions.continuous.heavy import Cauchy, Laplace, StudentT
from rufous.distributions.continuous.normal import Normal
from rufous.distributions.continuous.positive import Exponential, LogNormal
from rufous.distributions.continuous.truncated_normal import TruncatedNormal

__all__ = [
    "Beta",
    "Cauchy",
    "Exponential",
    "Flat",
    "Gamma",
    "HalfCauchy",
    "HalfFlat",
    "HalfNormal",
    "InverseGamma",
    "Laplace",
    "LogNormal",
    "Normal",
    "StudentT",
    "TruncatedNormal",
    "Uniform",
]
