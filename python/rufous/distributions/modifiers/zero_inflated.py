"""Counts with more zeros than their distribution has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.distributions.base import Distribution
from rufous.distributions.components import (
    ComposedRV,
    checked_density,
    part_constraints,
    part_signature,
)
from rufous.distributions.discrete.binary import Binomial
from rufous.distributions.discrete.counts import NegativeBinomial, Poisson
from rufous.distributions.origin import log1m_of, log_of
from rufous.distributions.parameters import probability, real
from rufous.distributions.stable import as_real, log_add_exp
from rufous.model import registry
from rufous.model.registry import Constraint

__all__ = ["ZeroInflatedBinomial", "ZeroInflatedNegativeBinomial", "ZeroInflatedPoisson"]


class ZeroInflatedRV(ComposedRV):
    """Counts of the part, some replaced by zero."""

    name = "zero_inflated"
    n_own = 1
    _print_name = ("ZeroInflated", "\\operatorname{ZeroInflated}")

    def draw(self, rng: Any, parameters: Any, size: tuple[int, ...]) -> Any:
        """Keep a count of the part with probability psi."""
        [(op, own)] = self.split(parameters)
        return np.where(rng.random(size) < parameters[0], op.rng_fn(rng, *own, size), 0)


class ZeroInflated(Distribution, op_type=ZeroInflatedRV):
    """What the zero-inflated distributions share."""

    @staticmethod
    def logdensity(op: Any, value: Any, psi: Any, *parameters: Any) -> Any:
        """Write the log probability: at zero of either way to get there."""
        [(part, own)] = op.split((psi, *parameters))
        counted = log_of(psi) + checked_density(part, value, own)
        zero = pt.eq(value, 0)
        # Where the value is another, the sum of both must not be met.
        other = log_add_exp(log1m_of(psi), pt.switch(zero, counted, 0.0))
        return pt.switch(zero, other, counted)

    @staticmethod
    def logcdf(op: Any, value: Any, psi: Any, *parameters: Any) -> Any:
        """Write the log cdf."""
        [(part, own)] = op.split((psi, *parameters))
        counted = pt.log(psi) + registry.logcdf(part, value, *own)
        return pt.switch(pt.ge(as_real(value), 0.0), log_add_exp(pt.log1p(-psi), counted), -np.inf)

    @staticmethod
    def support_point(op: Any, rv: Any, psi: Any, *parameters: Any) -> Any:
        """Return the share of the typical count, rounded down."""
        [(part, own)] = op.split((psi, *parameters))
        return pt.cast(pt.floor(psi * registry.support_point(part, rv, *own)), "int64")

    @staticmethod
    def constraints(op: Any, psi: Any, *parameters: Any) -> list[Constraint]:
        """Require a probability and what the counts require."""
        [(part, own)] = op.split((psi, *parameters))
        return probability.on("psi", psi) + part_constraints(part, own)


class ZeroInflatedPoisson(Distribution):
    r"""Zero-inflated Poisson distribution: a Poisson count, or zero for another reason.

    .. math:: P(x \mid \psi, \mu) = (1 - \psi) \, [x = 0]
        + \psi \, \frac{\mu^x \exp(-\mu)}{x!}

    ========  ======================================
    Support   ``x`` in {0, 1, ...}
    Mean      ``psi * mu``
    Variance  ``psi * mu * (1 + (1 - psi) * mu)``
    ========  ======================================

    Parameters
    ----------
    psi : float, array_like or TensorVariable
        Probability that the count is Poisson; ``0 <= psi <= 1``.
    mu : float, array_like or TensorVariable
        Expected Poisson count; ``mu >= 0``.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.ZeroInflatedPoisson("y", psi=0.7, mu=3, observed=[0, 0, 4])
    """

    @classmethod
    def parametrise(cls, psi: Any, mu: Any) -> Any:
        """Inflate the Poisson distribution."""
        return _inflated(psi, *Poisson.parametrise(mu))


class ZeroInflatedBinomial(Distribution):
    r"""Zero-inflated binomial distribution: a binomial count, or zero for another reason.

    .. math:: P(x \mid \psi, n, p) = (1 - \psi) \, [x = 0]
        + \psi \binom{n}{x} p^x (1 - p)^{n - x}

    ========  ===================================================
    Support   ``x`` in {0, ..., n}
    Mean      ``psi * n * p``
    Variance  ``psi * n * p * (1 - p + (1 - psi) * n * p)``
    ========  ===================================================

    Parameters
    ----------
    psi : float, array_like or TensorVariable
        Probability that the count is binomial; ``0 <= psi <= 1``.
    n : int, array_like or TensorVariable
        Number of trials; ``n >= 0``.
    p : float, array_like or TensorVariable
        Probability of success; ``0 <= p <= 1``.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.ZeroInflatedBinomial("y", psi=0.7, n=10, p=0.3, observed=[0, 0, 4])
    """

    @classmethod
    def parametrise(cls, psi: Any, n: Any, p: Any) -> Any:
        """Inflate the binomial distribution."""
        return _inflated(psi, *Binomial.parametrise(n, p))


class ZeroInflatedNegativeBinomial(Distribution):
    r"""Zero-inflated negative binomial distribution.

    .. math:: P(x \mid \psi, \mu, \alpha) = (1 - \psi) \, [x = 0]
        + \psi \, \frac{\Gamma(x + \alpha)}{x! \, \Gamma(\alpha)}
        \left(\frac{\alpha}{\mu + \alpha}\right)^\alpha \left(\frac{\mu}{\mu + \alpha}\right)^x

    ========  ==============================================================
    Support   ``x`` in {0, 1, ...}
    Mean      ``psi * mu``
    Variance  ``psi * mu * (1 + mu / alpha + (1 - psi) * mu)``
    ========  ==============================================================

    Parameters
    ----------
    psi : float, array_like or TensorVariable
        Probability that the count is negative binomial; ``0 <= psi <= 1``.
    mu : float, array_like or TensorVariable
        Mean of that count; ``mu >= 0``.
    alpha : float, array_like or TensorVariable
        Its dispersion; ``alpha > 0``.
    p : float, array_like or TensorVariable
        ``alpha / (mu + alpha)``, instead of `mu`; ``0 < p <= 1``.
    n : float, array_like or TensorVariable
        Another name of `alpha`.

    Raises
    ------
    SettingsError
        When not exactly one of `mu` and `p` and one of `alpha` and `n` is given, or a parameter is
        out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.ZeroInflatedNegativeBinomial("y", psi=0.7, mu=3, alpha=1, observed=[0, 9])
    """

    @classmethod
    def parametrise(
        cls, psi: Any, mu: Any = None, alpha: Any = None, p: Any = None, n: Any = None
    ) -> Any:
        """Inflate the negative binomial distribution."""
        return _inflated(psi, *NegativeBinomial.parametrise(mu, alpha, p, n))


def _inflated(psi: Any, part: Any, inputs: Any) -> Any:
    signature = ",".join(["()", *part_signature(part, "z")])
    op = ZeroInflatedRV([part], f"{signature}->()", "int64")
    return op, (real("psi", psi, probability), *inputs)
