"""The normal distribution."""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt
from pytensor.tensor.random.basic import NormalRV

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of
from rufous.distributions.parameters import positive, real, scale
from rufous.distributions.stable import LOG_2PI, as_real, log_normal_cdf, normal_quantile
from rufous.model.registry import Constraint

__all__ = ["Normal"]


class Normal(Distribution, op=NormalRV(dtype="float64")):
    r"""Normal (Gaussian) distribution.

    .. math:: f(x \mid \mu, \sigma)
        = \frac{1}{\sigma \sqrt{2\pi}} \exp\left(-\frac{(x - \mu)^2}{2 \sigma^2}\right)

    ========  ==========================
    Support   all real numbers
    Mean      ``mu``
    Variance  ``sigma**2``
    ========  ==========================

    Parameters
    ----------
    mu : float, array_like or TensorVariable, default 0
        Mean; any real number.
    sigma : float, array_like or TensorVariable, default 1
        Standard deviation; ``sigma > 0``.
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
    ...     mu = rf.Normal("mu", 0, 10)
    ...     y = rf.Normal("y", mu, sigma=2, observed=[1.2, 0.7, 3.1])
    """

    @classmethod
    def parametrise(cls, mu: Any = 0.0, sigma: Any = None, tau: Any = None) -> Any:
        """Take `sigma` or `tau` to the standard deviation."""
        return cls.op, (real("mu", mu), scale(sigma, tau))

    @staticmethod
    def logdensity(value: Any, mu: Any, sigma: Any) -> Any:
        """Write the log density."""
        standardised = (as_real(value) - mu) / sigma
        return -0.5 * pt.sqr(standardised) - log_of(sigma) - 0.5 * LOG_2PI

    @staticmethod
    def logcdf(value: Any, mu: Any, sigma: Any) -> Any:
        """Write the log cdf."""
        return log_normal_cdf((as_real(value) - mu) / sigma)

    @staticmethod
    def logccdf(value: Any, mu: Any, sigma: Any) -> Any:
        """Write the log of the probability above."""
        return log_normal_cdf((mu - as_real(value)) / sigma)

    @staticmethod
    def icdf(probability: Any, mu: Any, sigma: Any) -> Any:
        """Write the quantile function."""
        return mu + sigma * normal_quantile(probability)

    @staticmethod
    def support_point(rv: Any, mu: Any, sigma: Any) -> Any:
        """Return the mean."""
        return mu

    @staticmethod
    def constraints(mu: Any, sigma: Any) -> list[Constraint]:
        """Require a positive standard deviation."""
        return positive.on("sigma", sigma)
