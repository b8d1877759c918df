"""Gaussian processes: covariance and mean functions, and ways to put them into a model.

Names, arguments and defaults are those of ``pymc.gp``.
"""

from rufous.gp import cov, mean, util
from rufous.gp.latent import Latent
from rufous.gp.marginal import Marginal
from rufous.gp.marginal_approx import MarginalApprox, MarginalSparse

__all__ = [
    "Latent",
    "Marginal",
    "MarginalApprox",
    "MarginalSparse",
    "cov",
    "mean",
    "util",
]
