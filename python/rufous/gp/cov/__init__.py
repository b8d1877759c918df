"""Covariance functions."""

from rufous.gp.cov.algebra import Add, Combination, Exponentiated, Prod
from rufous.gp.cov.base import BaseCovariance, Covariance
from rufous.gp.cov.matern import Exponential, Matern12, Matern32, Matern52
from rufous.gp.cov.modified import Gibbs, ScaledCov, WarpedInput
from rufous.gp.cov.multiple import Coregion, Kron
from rufous.gp.cov.periodic import Circular, Cosine, Periodic, WrappedPeriodic
from rufous.gp.cov.polynomial import Linear, Polynomial
from rufous.gp.cov.simple import Constant, WhiteNoise
from rufous.gp.cov.stationary import ExpQuad, RatQuad, Stationary

__all__ = [
    "Add",
    "BaseCovariance",
    "Circular",
    "Combination",
    "Constant",
    "Coregion",
    "Cosine",
    "Covariance",
    "ExpQuad",
    "Exponential",
    "Exponentiated",
    "Gibbs",
    "Kron",
    "Linear",
    "Matern12",
    "Matern32",
    "Matern52",
    "Periodic",
    "Polynomial",
    "Prod",
    "RatQuad",
    "ScaledCov",
    "Stationary",
    "WarpedInput",
    "WhiteNoise",
    "WrappedPeriodic",
]
