"""Distributions of one whole number."""

from rufous.distributions.discrete.binary import Bernoulli, Binomial
from rufous.distributions.discrete.categorical import Categorical
from rufous.distributions.discrete.counts import NegativeBinomial, Poisson
from rufous.distributions.discrete.ordered import OrderedLogistic, OrderedProbit
from rufous.distributions.discrete.points import DiracDelta, DiscreteUniform
from rufous.distributions.discrete.trials import BetaBinomial, HyperGeometric
from rufous.distributions.discrete.waiting import DiscreteWeibull, Geometric

__all__ = [
    "Bernoulli",
    "BetaBinomial",
    "Binomial",
    "Categorical",
    "DiracDelta",
    "DiscreteUniform",
    "DiscreteWeibull",
    "Geometric",
    "HyperGeometric",
    "NegativeBinomial",
    "OrderedLogistic",
    "OrderedProbit",
    "Poisson",
]
