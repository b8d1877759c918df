"""Distributions made of others: mixtures, censored, truncated and custom ones."""

from rufous.distributions.modifiers.censored import Censored
from rufous.distributions.modifiers.custom import CustomDist
from rufous.distributions.modifiers.hurdle import (
    HurdleGamma,
    HurdleLogNormal,
    HurdleNegativeBinomial,
    HurdlePoisson,
)
from rufous.distributions.modifiers.mixture import Mixture, NormalMixture
from rufous.distributions.modifiers.simulator import Simulator
from rufous.distributions.modifiers.truncated import Truncated
from rufous.distributions.modifiers.zero_inflated import (
    ZeroInflatedBinomial,
    ZeroInflatedNegativeBinomial,
    ZeroInflatedPoisson,
)

__all__ = [
    "Censored",
    "CustomDist",
    "HurdleGamma",
    "HurdleLogNormal",
    "HurdleNegativeBinomial",
    "HurdlePoisson",
    "Mixture",
    "NormalMixture",
    "Simulator",
    "Truncated",
    "ZeroInflatedBinomial",
    "ZeroInflatedNegativeBinomial",
    "ZeroInflatedPoisson",
]
