"""Distributions with one exponential and one doubly exponential tail: Gumbel and Moyal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.basic import GumbelRV

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of
from rufous.distributions.parameters import positive, real
from rufous.distributions.rv import NumberRV
from rufous.distributions.stable import LOG_2, LOG_2PI, as_real
from rufous.model.registry import Constraint

__all__ = ["Gumbel", "Moyal"]


class Gumbel(Distribution, op=GumbelRV(dtype="float64")):
    r"""Gumbel distribution, the limit of the largest of many numbers.

    .. math:: f(x \mid \mu, \beta) = \frac{1}{\beta} \exp\left(-z - e^{-z}\right),
        \quad z = \frac{x - \mu}{\beta}

    ========  ==========================================
    Support   all real numbers
    Mean      ``mu + beta * 0.5772...`` (Euler's constant)
    Variance  ``pi**2 / 6 * beta**2``
    ========  ==========================================

    Parameters
    ----------
    mu : float, array_like or TensorVariable
        Location, which is the mode; any real number.
    beta : float, array_like or TensorVariable
        Scale; ``beta > 0``.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     flood = rf.Gumbel("flood", mu=10, beta=2, observed=[9.1, 14.0])
    """

    @classmethod
    def parametrise(cls, mu: Any, beta: Any) -> Any:
        """Take both as they are."""
        return cls.op, (real("mu", mu), real("beta", beta, positive))

    @staticmethod
    def logdensity(value: Any, mu: Any, beta: Any) -> Any:
        """Write the log density."""
        z = (as_real(value) - mu) / beta
        return -z - pt.exp(-z) - log_of(beta)

    @staticmethod
    def logcdf(value: Any, mu: Any, beta: Any) -> Any:
        """Write the log cdf."""
        return -pt.exp(-(as_real(value) - mu) / beta)

    @staticmethod
    def icdf(probability: Any, mu: Any, beta: Any) -> Any:
        """Write the quantile function."""
        return mu - beta * pt.log(-pt.log(probability))

    @staticmethod
    def support_point(rv: Any, mu: Any, beta: Any) -> Any:
        """Return the mean."""
        return mu + beta * float(np.euler_gamma)

    @staticmethod
    def constraints(mu: Any, beta: Any) -> list[Constraint]:
        """Require a positive scale."""
        return positive.on("beta", beta)


class MoyalRV(NumberRV):
    """Minus the logarithm of a chi-squared number with one degree of freedom."""

    name = "moyal"
    signature = "(),()->()"
    _print_name = ("Moyal", "\\operatorname{Moyal}")

    @staticmethod
    def draw(rng: Any, mu: Any, sigma: Any, size: Any) -> Any:
        """Shift and scale the standard numbers."""
        return mu - sigma * np.log(rng.chisquare(1.0, size))


class Moyal(Distribution, op=MoyalRV()):
    r"""Moyal distribution, a model of the energy that a fast particle loses.

    .. math:: f(x \mid \mu, \sigma) = \frac{1}{\sqrt{2\pi} \, \sigma}
        \exp\left(-\frac{z + e^{-z}}{2}\right), \quad z = \frac{x - \mu}{\sigma}

    ========  =============================================
    Support   all real numbers
    Mean      ``mu + sigma * (0.5772... + log(2))``
    Variance  ``pi**2 / 2 * sigma**2``
    ========  =============================================

    Parameters
    ----------
    mu : float, array_like or TensorVariable, default 0
        Location, which is the mode; any real number.
    sigma : float, array_like or TensorVariable, default 1
        Scale; ``sigma > 0``.

    Raises
    ------
    SettingsError
        When a parameter is out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     x = rf.Moyal("x", mu=0, sigma=1)
    """

    @classmethod
    def parametrise(cls, mu: Any = 0.0, sigma: Any = 1.0) -> Any:
        """Take both as they are."""
        return cls.op, (real("mu", mu), real("sigma", sigma, positive))

    @staticmethod
    def logdensity(value: Any, mu: Any, sigma: Any) -> Any:
        """Write the log density."""
        z = (as_real(value) - mu) / sigma
        return -0.5 * (z + pt.exp(-z)) - log_of(sigma) - 0.5 * LOG_2PI

    @staticmethod
    def logcdf(value: Any, mu: Any, sigma: Any) -> Any:
        """Write the log cdf; the scaled error function keeps the left tail."""
        half = 0.5 * pt.exp(-(as_real(value) - mu) / sigma)
        return pt.log(pt.erfcx(pt.sqrt(half))) - half

    @staticmethod
    def icdf(probability: Any, mu: Any, sigma: Any) -> Any:
        """Write the quantile function."""
        return mu - sigma * (LOG_2 + 2.0 * pt.log(pt.erfcinv(probability)))

    @staticmethod
    def support_point(rv: Any, mu: Any, sigma: Any) -> Any:
        """Return the mean."""
        return mu + sigma * float(np.euler_gamma + np.log(2.0))

    @staticmethod
    def constraints(mu: Any, sigma: Any) -> list[Constraint]:
        """Require a positive scale."""
        return positive.on("sigma", sigma)
