"""Gaussian processes: covariance and mean functions, and ways to put them into a model.

Names, arguments and defaults are those of ``pymc.gp``.
"""

from rufous.gp import cov, hsgp_approx, mean, util
from rufous.gp.hsgp_approx import HSGP, HSGPPeriodic
from rufous.gp.latent import Latent
from rufous.gp.marginal import Marginal
from rufous.gp.marginal_approx import MarginalApprox, MarginalSparse

__all__ = [
    "HSGP",
    "HSGPPeriodic",
    "Latent",
    "Marginal",
    "MarginalApprox",
    "MarginalSparse",
    "cov",
    "hsgp_approx",
    "mean",
    "util",
]
