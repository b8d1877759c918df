"""Distributions of a positive number: exponential and log-normal."""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt
from pytensor.tensor.random.basic import ExponentialRV, LogNormalRV

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of
from rufous.distributions.parameters import given_one, positive, real, scale
from rufous.distributions.stable import LOG_2PI, as_real, inside, log_normal_cdf, normal_quantile
from rufous.model.registry import Constraint
from rufous.transforms import Transform, log

__all__ = ["Exponential", "LogNormal"]


class Exponential(Distribution, op=ExponentialRV(dtype="float64")):
    r"""Exponential distribution: waiting time until the first event at a constant rate.

    .. math:: f(x \mid \lambda) = \lambda \exp(-\lambda x)

    ========  ==============
    Support   ``x >= 0``
    Mean      ``1 / lam``
    Variance  ``1 / lam**2``
    ========  ==============

    Parameters
    ----------
    lam : float, array_like or TensorVariable, default 1
        Rate; ``lam > 0``.
    scale : float, array_like or TensorVariable, optional
        Mean ``1 / lam``, instead of `lam`; ``scale > 0``. Keyword only.

    Raises
    ------
    SettingsError
        When both `lam` and `scale` are given, or one is out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     sigma = rf.Exponential("sigma", 1)
    >>> model.value_vars
    [sigma_log__]
    """

    @classmethod
    def parametrise(cls, lam: Any = None, *, scale: Any = None) -> Any:
        """Take `lam` or `scale` to the mean."""
        if lam is None and scale is None:
            scale = 1.0
        if given_one(lam=lam, scale=scale) == "scale":
            return cls.op, (real("scale", scale, positive),)
        return cls.op, (pt.reciprocal(real("lam", lam, positive)),)

    @staticmethod
    def logdensity(value: Any, scale: Any) -> Any:
        """Write the log density."""
        value = as_real(value)
        return inside(pt.ge(value, 0.0), -value / scale - log_of(scale))

    @staticmethod
    def logcdf(value: Any, scale: Any) -> Any:
        """Write the log cdf."""
        value = as_real(value)
        return inside(pt.gt(value, 0.0), pt.log1mexp(-pt.abs(value) / scale))

    @staticmethod
    def logccdf(value: Any, scale: Any) -> Any:
        """Write the log of the probability above."""
        return -pt.maximum(as_real(value), 0.0) / scale

    @staticmethod
    def icdf(probability: Any, scale: Any) -> Any:
        """Write the quantile function."""
        return -scale * pt.log1p(-probability)

    @staticmethod
    def support_point(rv: Any, scale: Any) -> Any:
        """Return the mean."""
        return scale

    @staticmethod
    def constraints(scale: Any) -> list[Constraint]:
        """Require a positive rate, which is a positive mean."""
        return positive.on("lam", scale)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the logarithm."""
        return log


class LogNormal(Distribution, op=LogNormalRV(dtype="float64")):
    r"""Log-normal distribution: the logarithm is normal.

    .. math:: f(x \mid \mu, \sigma) = \frac{1}{x \sigma \sqrt{2\pi}}
        \exp\left(-\frac{(\log x - \mu)^2}{2 \sigma^2}\right)

    ========  ======================================================
    Support   ``x > 0``
    Mean      ``exp(mu + sigma**2 / 2)``
    Variance  ``(exp(sigma**2) - 1) * exp(2 * mu + sigma**2)``
    ========  ======================================================

    Parameters
    ----------
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
    ...     y = rf.LogNormal("y", mu=0, sigma=0.5, observed=[0.8, 1.1, 2.0])
    """

    @classmethod
    def parametrise(cls, mu: Any = 0.0, sigma: Any = None, tau: Any = None) -> Any:
        """Take `sigma` or `tau` to the standard deviation of the logarithm."""
        return cls.op, (real("mu", mu), scale(sigma, tau))

    @staticmethod
    def logdensity(value: Any, mu: Any, sigma: Any) -> Any:
        """Write the log density."""
        value = as_real(value)
        log_value = log_of(value)
        standardised = (log_value - mu) / sigma
        core = -0.5 * pt.sqr(standardised) - log_value - log_of(sigma) - 0.5 * LOG_2PI
        return inside(pt.gt(value, 0.0), core)

    @staticmethod
    def logcdf(value: Any, mu: Any, sigma: Any) -> Any:
        """Write the log cdf."""
        value = as_real(value)
        positive_part = pt.switch(pt.gt(value, 0.0), value, 1.0)
        core = log_normal_cdf((pt.log(positive_part) - mu) / sigma)
        return inside(pt.gt(value, 0.0), core)

    @staticmethod
    def logccdf(value: Any, mu: Any, sigma: Any) -> Any:
        """Write the log of the probability above."""
        value = as_real(value)
        positive_part = pt.switch(pt.gt(value, 0.0), value, 1.0)
        core = log_normal_cdf((mu - pt.log(positive_part)) / sigma)
        return pt.switch(pt.gt(value, 0.0), core, 0.0)

    @staticmethod
    def icdf(probability: Any, mu: Any, sigma: Any) -> Any:
        """Write the quantile function."""
        return pt.exp(mu + sigma * normal_quantile(probability))

    @staticmethod
    def support_point(rv: Any, mu: Any, sigma: Any) -> Any:
        """Return the mean."""
        return pt.exp(mu + 0.5 * pt.sqr(sigma))

    @staticmethod
    def constraints(mu: Any, sigma: Any) -> list[Constraint]:
        """Require a positive standard deviation."""
        return positive.on("sigma", sigma)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the logarithm."""
        return log
