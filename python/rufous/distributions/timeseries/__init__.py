"""Distributions of sequences in time."""

from rufous.distributions.timeseries.autoregressive import AR
from rufous.distributions.timeseries.euler_maruyama import EulerMaruyama
from rufous.distributions.timeseries.garch import GARCH11
from rufous.distributions.timeseries.random_walk import (
    GaussianRandomWalk,
    MvGaussianRandomWalk,
    RandomWalk,
)

__all__ = [
    "AR",
    "EulerMaruyama",
    "GARCH11",
    "GaussianRandomWalk",
    "MvGaussianRandomWalk",
    "RandomWalk",
]
