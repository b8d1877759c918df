"""Numbers with a hurdle before them: zero, or a number that is not zero."""

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
from rufous.distributions.continuous.gamma import Gamma
from rufous.distributions.continuous.positive import LogNormal
from rufous.distributions.discrete.counts import NegativeBinomial, Poisson
from rufous.distributions.origin import log1m_of, log_of
from rufous.distributions.parameters import probability, real
from rufous.distributions.stable import as_real, log_add_exp
from rufous.model import registry
from rufous.model.registry import Constraint

__all__ = ["HurdleGamma", "HurdleLogNormal", "HurdleNegativeBinomial", "HurdlePoisson"]

# After so many rounds that gave only zeros, the count is one in all likelihood.
MAX_ROUNDS = 10_000


class HurdleRV(ComposedRV):
    """Zero, or a number of the part that is not zero."""

    name = "hurdle"
    n_own = 1
    _print_name = ("Hurdle", "\\operatorname{Hurdle}")

    def draw(self, rng: Any, parameters: Any, size: tuple[int, ...]) -> Any:
        """Draw the part again where it is zero."""
        [(op, own)] = self.split(parameters)
        passed = rng.random(size) < parameters[0]
        drawn = np.asarray(op.rng_fn(rng, *own, size))
        for _ in range(MAX_ROUNDS):
            again = passed & (drawn == 0)
            if not again.any():
                break
            drawn = np.where(again, op.rng_fn(rng, *own, size), drawn)
        else:
            drawn = np.where(passed & (drawn == 0), 1, drawn)
        return np.where(passed, drawn, 0)


class Hurdle(Distribution, op_type=HurdleRV):
    """What the hurdle distributions share."""

    @staticmethod
    def logdensity(op: Any, value: Any, psi: Any, *parameters: Any) -> Any:
        """Write the log density: at zero that of the hurdle, elsewhere that of the part."""
        [(part, own)] = op.split((psi, *parameters))
        value = pt.as_tensor_variable(value)
        zero = pt.eq(value, 0)
        passed = log_of(psi) + checked_density(part, pt.switch(zero, 1, value), own)
        if not op.dtype.startswith("float"):
            at_zero = checked_density(part, pt.zeros_like(value), own)
            passed = passed - pt.log1mexp(at_zero)
        return pt.switch(zero, log1m_of(psi), passed)

    @staticmethod
    def logcdf(op: Any, value: Any, psi: Any, *parameters: Any) -> Any:
        """Write the log cdf: the hurdle, and what the part has above it."""
        [(part, own)] = op.split((psi, *parameters))
        value = as_real(value)
        up_to = registry.logcdf(part, pt.maximum(value, 0.0), *own)
        if not op.dtype.startswith("float"):
            at_zero = checked_density(part, pt.zeros_like(value), own)
            nothing = pt.le(up_to, at_zero)
            rest = pt.switch(nothing, -1.0, at_zero - up_to)
            above = up_to + pt.log1mexp(rest) - pt.log1mexp(at_zero)
            up_to = pt.switch(nothing, -np.inf, above)
        passed = log_of(psi) + up_to
        return pt.switch(pt.ge(value, 0.0), log_add_exp(log1m_of(psi), passed), -np.inf)

    @staticmethod
    def support_point(op: Any, rv: Any, psi: Any, *parameters: Any) -> Any:
        """Return the share of the typical number of the part; a count there is at least one."""
        [(part, own)] = op.split((psi, *parameters))
        point = registry.support_point(part, rv, *own)
        if op.dtype.startswith("float"):
            return psi * point
        return pt.cast(pt.round(psi * pt.maximum(point, 1)), "int64")

    @staticmethod
    def constraints(op: Any, psi: Any, *parameters: Any) -> list[Constraint]:
        """Require a probability and what the part requires."""
        [(part, own)] = op.split((psi, *parameters))
        return probability.on("psi", psi) + part_constraints(part, own)


class HurdlePoisson(Distribution):
    r"""Hurdle Poisson distribution: zero, or a Poisson count that is not zero.

    .. math:: P(x \mid \psi, \mu) = \begin{cases} 1 - \psi & x = 0 \\
        \psi \, \frac{\mu^x \exp(-\mu)}{x! \, (1 - \exp(-\mu))} & x > 0 \end{cases}

    ========  ==============================================
    Support   ``x`` in {0, 1, ...}
    Mean      ``m = psi * mu / (1 - exp(-mu))``
    Variance  ``m * (1 + mu - m)``
    ========  ==============================================

    Parameters
    ----------
    psi : float, array_like or TensorVariable
        Probability of a count that is not zero; ``0 <= psi <= 1``.
    mu : float, array_like or TensorVariable
        Expected count before zeros are taken out; ``mu >= 0``.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.HurdlePoisson("y", psi=0.7, mu=3, observed=[0, 0, 4])
    """

    @classmethod
    def parametrise(cls, psi: Any, mu: Any) -> Any:
        """Put the hurdle before the Poisson distribution."""
        return _with_hurdle(psi, *Poisson.parametrise(mu))


class HurdleNegativeBinomial(Distribution):
    r"""Hurdle negative binomial distribution: zero, or such a count that is not zero.

    .. math:: P(x \mid \psi, \mu, \alpha) = \begin{cases} 1 - \psi & x = 0 \\
        \psi \, \frac{f(x \mid \mu, \alpha)}{1 - f(0 \mid \mu, \alpha)} & x > 0 \end{cases}

    with :math:`f` the probability of the negative binomial distribution.

    ========  =======================================================
    Support   ``x`` in {0, 1, ...}
    Mean      ``m = psi * mu / (1 - f(0))``
    Variance  ``m * (1 + mu + mu / alpha - m)``
    ========  =======================================================

    Parameters
    ----------
    psi : float, array_like or TensorVariable
        Probability of a count that is not zero; ``0 <= psi <= 1``.
    mu : float, array_like or TensorVariable
        Mean before zeros are taken out; ``mu >= 0``.
    alpha : float, array_like or TensorVariable
        Dispersion; ``alpha > 0``.
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
    ...     y = rf.HurdleNegativeBinomial("y", psi=0.7, mu=3, alpha=1, observed=[0, 9])
    """

    @classmethod
    def parametrise(
        cls, psi: Any, mu: Any = None, alpha: Any = None, p: Any = None, n: Any = None
    ) -> Any:
        """Put the hurdle before the negative binomial distribution."""
        return _with_hurdle(psi, *NegativeBinomial.parametrise(mu, alpha, p, n))


class HurdleGamma(Distribution):
    r"""Hurdle gamma distribution: zero, or a gamma number.

    .. math:: f(x \mid \psi, \alpha, \beta) = \begin{cases} 1 - \psi & x = 0 \\
        \psi \, \frac{\beta^\alpha}{\Gamma(\alpha)} x^{\alpha - 1} \exp(-\beta x) & x > 0
        \end{cases}

    ========  =============================================================
    Support   ``x >= 0``
    Mean      ``psi * alpha / beta``
    Variance  ``psi * alpha * (1 + (1 - psi) * alpha) / beta**2``
    ========  =============================================================

    Parameters
    ----------
    psi : float, array_like or TensorVariable
        Probability of a number that is not zero; ``0 <= psi <= 1``.
    alpha : float, array_like or TensorVariable
        Shape; ``alpha > 0``.
    beta : float, array_like or TensorVariable
        Rate; ``beta > 0``.
    mu : float, array_like or TensorVariable
        Mean of the gamma number, together with `sigma` instead of `alpha` and `beta`; ``mu > 0``.
    sigma : float, array_like or TensorVariable
        Its standard deviation; ``sigma > 0``.

    Raises
    ------
    SettingsError
        When not exactly one of the pairs is given, or a parameter is out of range.

    Notes
    -----
    The value zero counts with its probability, the others with their density. PyMC truncates the
    gamma numbers at the machine precision, which shows for a small `alpha`.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     rain = rf.HurdleGamma("rain", psi=0.4, alpha=2, beta=1, observed=[0, 1.3])
    """

    @classmethod
    def parametrise(
        cls, psi: Any, alpha: Any = None, beta: Any = None, mu: Any = None, sigma: Any = None
    ) -> Any:
        """Put the hurdle before the gamma distribution."""
        return _with_hurdle(psi, *Gamma.parametrise(alpha, beta, mu, sigma))


class HurdleLogNormal(Distribution):
    r"""Hurdle log-normal distribution: zero, or a log-normal number.

    .. math:: f(x \mid \psi, \mu, \sigma) = \begin{cases} 1 - \psi & x = 0 \\
        \psi \, \frac{1}{x \sigma \sqrt{2\pi}}
        \exp\left(-\frac{(\log x - \mu)^2}{2 \sigma^2}\right) & x > 0 \end{cases}

    ========  ==================================================================
    Support   ``x >= 0``
    Mean      ``m = psi * exp(mu + sigma**2 / 2)``
    Variance  ``psi * exp(2 * mu + 2 * sigma**2) - m**2``
    ========  ==================================================================

    Parameters
    ----------
    psi : float, array_like or TensorVariable
        Probability of a number that is not zero; ``0 <= psi <= 1``.
    mu : float, array_like or TensorVariable, default 0
        Mean of the logarithm; any real number.
    sigma : float, array_like or TensorVariable, default 1
        Standard deviation of the logarithm; ``sigma > 0``.
    tau : float, array_like or TensorVariable, optional
        Precision ``1 / sigma**2``, instead of `sigma`; ``tau > 0``.

    Raises
    ------
    SettingsError
        When both `sigma` and `tau` are given, or a parameter is out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     claim = rf.HurdleLogNormal("claim", psi=0.1, mu=7, sigma=1, observed=[0, 900.0])
    """

    @classmethod
    def parametrise(cls, psi: Any, mu: Any = 0.0, sigma: Any = None, tau: Any = None) -> Any:
        """Put the hurdle before the log-normal distribution."""
        return _with_hurdle(psi, *LogNormal.parametrise(mu, sigma, tau))


def _with_hurdle(psi: Any, part: Any, inputs: Any) -> Any:
    signature = ",".join(["()", *part_signature(part, "h")])
    op = HurdleRV([part], f"{signature}->()", part.dtype)
    return op, (real("psi", psi, probability), *inputs)
