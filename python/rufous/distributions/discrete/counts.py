"""Distributions of counts without an upper limit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.basic import NegBinomialRV, PoissonRV
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution, register_op
from rufous.distributions.origin import ALWAYS_PROBABILITY, log_of, times_log, times_log1m
from rufous.distributions.parameters import (
    Requirement,
    at_least_zero,
    given_one,
    positive,
    real,
)
from rufous.distributions.stable import as_real, inside, inside_whole, log_gamma_ratio
from rufous.model.registry import Constraint

__all__ = ["NegativeBinomial", "Poisson"]

half_open_unit = Requirement(
    "0 < {} <= 1",
    lambda x: (x > 0) & (x <= 1),
    "it must be a positive probability",
    ALWAYS_PROBABILITY,
)


class Poisson(Distribution, op=PoissonRV()):
    r"""Poisson distribution: the number of events at a constant rate.

    .. math:: P(x \mid \mu) = \frac{\mu^x \exp(-\mu)}{x!}

    ========  ===================
    Support   ``x`` in {0, 1, ...}
    Mean      ``mu``
    Variance  ``mu``
    ========  ===================

    Parameters
    ----------
    mu : float, array_like or TensorVariable
        Expected number of events; ``mu >= 0``.

    Raises
    ------
    SettingsError
        When `mu` is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     eta = rf.Normal("eta", 0, 1)
    ...     y = rf.Poisson("y", mu=rf.math.exp(eta), observed=[2, 0, 1])
    """

    @classmethod
    def parametrise(cls, mu: Any) -> Any:
        """Take `mu` as it is."""
        return cls.op, (real("mu", mu, at_least_zero),)

    @staticmethod
    def logdensity(value: Any, mu: Any) -> Any:
        """Write the log probability."""
        count = as_real(value)
        core = times_log(count, mu) - mu - pt.gammaln(count + 1.0)
        return inside_whole(value, pt.ge(count, 0.0), core)

    @staticmethod
    def logcdf(value: Any, mu: Any) -> Any:
        """Write the log cdf, an incomplete gamma function."""
        count = pt.floor(as_real(value))
        core = pt.log(pt.gammaincc(pt.maximum(count, 0.0) + 1.0, mu))
        return inside(pt.ge(count, 0.0), core)

    @staticmethod
    def support_point(rv: Any, mu: Any) -> Any:
        """Return the mean, rounded down."""
        return pt.cast(pt.floor(mu), "int64")

    @staticmethod
    def constraints(mu: Any) -> list[Constraint]:
        """Require a mean that is not negative."""
        return at_least_zero.on("mu", mu)


class MeanNegBinomialRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Negative binomial numbers by mean and dispersion: Poisson with a gamma rate."""

    name = "mean_negative_binomial"
    signature = "(),()->()"
    dtype = "int64"
    _print_name = ("NegativeBinomial", "\\operatorname{NegativeBinomial}")

    @classmethod
    def rng_fn(cls, rng: Any, mu: Any, alpha: Any, size: Any) -> Any:
        """Draw the rate, then the count."""
        if size is None:
            size = np.broadcast_shapes(np.shape(mu), np.shape(alpha))
        return rng.poisson(rng.gamma(alpha, mu / alpha, size), size)


class NegativeBinomial(Distribution, op=MeanNegBinomialRV()):
    r"""Negative binomial distribution: a Poisson count whose rate varies like a gamma number.

    .. math:: P(x \mid \mu, \alpha) = \frac{\Gamma(x + \alpha)}{x! \, \Gamma(\alpha)}
        \left(\frac{\alpha}{\mu + \alpha}\right)^\alpha \left(\frac{\mu}{\mu + \alpha}\right)^x

    ========  ==================================
    Support   ``x`` in {0, 1, ...}
    Mean      ``mu = n * (1 - p) / p``
    Variance  ``mu * (1 + mu / alpha)``
    ========  ==================================

    Parameters
    ----------
    mu : float, array_like or TensorVariable
        Mean; ``mu >= 0``.
    alpha : float, array_like or TensorVariable
        Dispersion, shape of the gamma rate; ``alpha > 0``. Large values approach the Poisson
        distribution.
    p : float, array_like or TensorVariable
        Probability of success ``alpha / (mu + alpha)``, instead of `mu`; ``0 < p <= 1``.
    n : float, array_like or TensorVariable
        Number of successes to wait for, another name of `alpha`; ``n > 0``, need not be whole.

    Raises
    ------
    SettingsError
        When not exactly one of `mu` and `p` and one of `alpha` and `n` is given, or a parameter is
        out of range.

    Notes
    -----
    With `mu` the log probability is written with ``log(mu / alpha)``, so that it stays exact for a
    very large `alpha` and for ``mu=rf.math.exp(eta)`` at any ``eta``.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     alpha = rf.Exponential("alpha", 0.1)
    ...     y = rf.NegativeBinomial("y", mu=3, alpha=alpha, observed=[2, 0, 7])
    """

    @classmethod
    def parametrise(cls, mu: Any = None, alpha: Any = None, p: Any = None, n: Any = None) -> Any:
        """Choose the op by `mu` or `p`; `alpha` and `n` are the same."""
        name = given_one(alpha=alpha, n=n)
        size = real(name, alpha if name == "alpha" else n, positive)
        if given_one(mu=mu, p=p) == "mu":
            return cls.op, (real("mu", mu, at_least_zero), size)
        return NegBinomialRV(), (size, real("p", p, half_open_unit))

    @staticmethod
    def logdensity(value: Any, mu: Any, alpha: Any) -> Any:
        """Write the log probability by mean and dispersion."""
        count = as_real(value)
        log_ratio = log_of(mu) - log_of(alpha)
        # At a mean of zero the log ratio is -inf: a count of zero must not meet it.
        log_share = -pt.softplus(pt.switch(pt.eq(count, 0.0), 0.0, -log_ratio))
        core = (
            log_gamma_ratio(alpha, count)
            - pt.gammaln(count + 1.0)
            + count * log_share
            - alpha * pt.softplus(log_ratio)
        )
        return inside_whole(value, pt.ge(count, 0.0), core)

    @staticmethod
    def logcdf(value: Any, mu: Any, alpha: Any) -> Any:
        """Write the log cdf, an incomplete beta function."""
        return _logcdf_by_probability(value, alpha, alpha / (mu + alpha))

    @staticmethod
    def support_point(rv: Any, mu: Any, alpha: Any) -> Any:
        """Return the mean, rounded down."""
        return pt.cast(pt.floor(mu), "int64")

    @staticmethod
    def constraints(mu: Any, alpha: Any) -> list[Constraint]:
        """Require a mean that is not negative and a positive dispersion."""
        return at_least_zero.on("mu", mu) + positive.on("alpha", alpha)


def _logdensity_by_probability(value: Any, n: Any, p: Any) -> Any:
    count = as_real(value)
    core = (
        log_gamma_ratio(n, count) - pt.gammaln(count + 1.0) + n * log_of(p) + times_log1m(count, p)
    )
    return inside_whole(value, pt.ge(count, 0.0), core)


def _logcdf_by_probability(value: Any, n: Any, p: Any) -> Any:
    count = pt.floor(as_real(value))
    core = pt.log(pt.betainc(n, pt.maximum(count, 0.0) + 1.0, p))
    return inside(pt.ge(count, 0.0), core)


register_op(
    NegBinomialRV,
    logdensity=_logdensity_by_probability,
    support_point=lambda rv, n, p: pt.cast(pt.floor(n * (1.0 - p) / p), "int64"),
    constraints=lambda n, p: positive.on("n", n) + half_open_unit.on("p", p),
    default_transform=NegativeBinomial.default_transform,
    logcdf=_logcdf_by_probability,
)
