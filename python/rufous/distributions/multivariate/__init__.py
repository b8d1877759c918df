"""Distributions of vectors and arrays."""

from rufous.distributions.multivariate.dirichlet import Dirichlet
from rufous.distributions.multivariate.mv_normal import MvNormal
from rufous.distributions.multivariate.zero_sum_normal import ZeroSumNormal

__all__ = ["Dirichlet", "MvNormal", "ZeroSumNormal"]
