"""Distributions of one whole number."""

from rufous.distributions.discrete.binary import Bernoulli, Binomial
from rufous.distributions.discrete.categorical import Categorical
from rufous.distributions.discrete.counts import NegativeBinomial, Poisson

__all__ = ["Bernoulli", "Binomial", "Categorical", "NegativeBinomial", "Poisson"]
