"""Distributions of one real number."""

from rufous.distributions.continuous.flat import Flat, HalfFlat
from rufous.distributions.continuous.half import HalfCauchy, HalfNormal
from rufous.distributions.continuous.heavy import Cauchy, Laplace, StudentT
from rufous.distributions.continuous.normal import Normal
