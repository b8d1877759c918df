"""Probability distributions: log densities, draws, support points and transforms."""

from rufous import transforms
from rufous.distributions.base import Distribution
from rufous.distributions.continuous import (
    Cauchy,
    Flat,
    HalfCauchy,
    HalfFlat,
    HalfNormal,
    Laplace,
    Normal,
    StudentT,
)

__all__ = [
    "Cauchy",
    "Distribution",
    "Flat",
    "HalfCauchy",
    "HalfFlat",
    "HalfNormal",
    "Laplace",
    "Normal",
    "StudentT",
    "transforms",
]
