"""Distributions of a real number with heavier tails than the normal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.basic import CauchyRV, LaplaceRV, StudentTRV

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of
from rufous.distributions.parameters import given_one, positive, real
from rufous.distributions.stable import LOG_2, as_real, log_gamma_ratio
from rufous.model.registry import Constraint

__all__ = ["Cauchy", "Laplace", "StudentT"]


class StudentT(Distribution, op=StudentTRV(dtype="float64")):
    r"""Student's t distribution with location and scale.

    .. math:: f(x \mid \nu, \mu, \sigma) = \frac{\Gamma\left(\frac{\nu + 1}{2}\right)}
        {\Gamma\left(\frac{\nu}{2}\right) \sqrt{\nu \pi} \, \sigma}
        \left[1 + \frac{1}{\nu} \left(\frac{x - \mu}{\sigma}\right)^2\right]^{-(\nu + 1) / 2}

    ========  =========================================
    Support   all real numbers
    Mean      ``mu`` for ``nu > 1``
    Variance  ``sigma**2 * nu / (nu - 2)`` for ``nu > 2``
    ========  =========================================

    Parameters
    ----------
    nu : float, array_like or TensorVariable
        Degrees of freedom; ``nu > 0``. Large values approach the normal distribution.
    mu : float, array_like or TensorVariable, default 0
        Location; any real number.
    sigma : float, array_like or TensorVariable, default 1
        Scale (not the standard deviation); ``sigma > 0``. Keyword only.
    lam : float, array_like or TensorVariable, optional
        ``1 / sigma**2``, instead of `sigma`; ``lam > 0``. Keyword only.

    Raises
    ------
    SettingsError
        When both `sigma` and `lam` are given, or a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.StudentT("y", nu=4, mu=0, sigma=1, observed=[0.1, -2.0, 0.7])
    """

    @classmethod
    def parametrise(cls, nu: Any, mu: Any = 0.0, *, sigma: Any = None, lam: Any = None) -> Any:
        """Take `sigma` or `lam` to the scale."""
        if sigma is None and lam is None:
            sigma = 1.0
        if given_one(sigma=sigma, lam=lam) == "sigma":
            width = real("sigma", sigma, positive)
        else:
            width = pt.reciprocal(pt.sqrt(real("lam", lam, positive)))
        return cls.op, (real("nu", nu, positive), real("mu", mu), width)

    @staticmethod
    def logdensity(value: Any, nu: Any, mu: Any, sigma: Any) -> Any:
        """Write the log density; the normaliser keeps its digits for large `nu`."""
        squared = pt.sqr((as_real(value) - mu) / sigma)
        normaliser = (
            log_gamma_ratio(0.5 * nu, pt.constant(0.5))
            - 0.5 * log_of(nu)
            - 0.5 * float(np.log(np.pi))
            - log_of(sigma)
        )
        return normaliser - 0.5 * (nu + 1.0) * pt.log1p(squared / nu)

    @staticmethod
    def logcdf(value: Any, nu: Any, mu: Any, sigma: Any) -> Any:
        """Write the log cdf, an incomplete beta function."""
        z = (as_real(value) - mu) / sigma
        inner = pt.betainc(0.5, 0.5 * nu, 1.0 / (1.0 + nu / pt.sqr(z)))
        # Either probability is precise where it is small.
        outer = pt.betainc(0.5 * nu, 0.5, 1.0 / (1.0 + pt.sqr(z) / nu))
        tail = 0.5 * pt.switch(pt.lt(inner, 0.5), 1.0 - inner, outer)
        return pt.switch(pt.lt(z, 0.0), pt.log(tail), pt.log1p(-tail))

    @staticmethod
    def logccdf(value: Any, nu: Any, mu: Any, sigma: Any) -> Any:
        """Write the log of the probability above."""
        return StudentT.logcdf(2.0 * mu - as_real(value), nu, mu, sigma)

    @staticmethod
    def icdf(probability: Any, nu: Any, mu: Any, sigma: Any) -> Any:
        """Write the quantile function."""
        outside = pt.betaincinv(0.5 * nu, 0.5, 1.0 - pt.abs(1.0 - 2.0 * probability))
        inside = pt.betaincinv(0.5, 0.5 * nu, pt.abs(1.0 - 2.0 * probability))
        # Either share is precise where it is small.
        squared = pt.switch(pt.lt(inside, 0.5), inside / (1.0 - inside), (1.0 - outside) / outside)
        return mu + sigma * pt.sign(probability - 0.5) * pt.sqrt(nu * squared)

    @staticmethod
    def support_point(rv: Any, nu: Any, mu: Any, sigma: Any) -> Any:
        """Return the location."""
        return mu

    @staticmethod
    def constraints(nu: Any, mu: Any, sigma: Any) -> list[Constraint]:
        """Require positive degrees of freedom and scale."""
        return positive.on("nu", nu) + positive.on("sigma", sigma)


class Cauchy(Distribution, op=CauchyRV(dtype="float64")):
    r"""Cauchy distribution.

    .. math:: f(x \mid \alpha, \beta)
        = \frac{1}{\pi \beta \left[1 + \left(\frac{x - \alpha}{\beta}\right)^2\right]}

    ========  ================
    Support   all real numbers
    Mean      does not exist
    Variance  does not exist
    ========  ================

    Parameters
    ----------
    alpha : float, array_like or TensorVariable
        Location, which is the median; any real number.
    beta : float, array_like or TensorVariable
        Scale, half of the interquartile range; ``beta > 0``.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     x = rf.Cauchy("x", alpha=0, beta=2.5)
    """

    @classmethod
    def parametrise(cls, alpha: Any, beta: Any) -> Any:
        """Take both as they are."""
        return cls.op, (real("alpha", alpha), real("beta", beta, positive))

    @staticmethod
    def logdensity(value: Any, alpha: Any, beta: Any) -> Any:
        """Write the log density."""
        squared = pt.sqr((as_real(value) - alpha) / beta)
        return -float(np.log(np.pi)) - log_of(beta) - pt.log1p(squared)

    @staticmethod
    def logcdf(value: Any, alpha: Any, beta: Any) -> Any:
        """Write the log cdf by an angle that is small in the left tail."""
        return pt.log(pt.arctan2(1.0, (alpha - as_real(value)) / beta) / np.pi)

    @staticmethod
    def logccdf(value: Any, alpha: Any, beta: Any) -> Any:
        """Write the log of the probability above."""
        return Cauchy.logcdf(2.0 * alpha - as_real(value), alpha, beta)

    @staticmethod
    def icdf(probability: Any, alpha: Any, beta: Any) -> Any:
        """Write the quantile function."""
        return alpha - beta / pt.tan(np.pi * probability)

    @staticmethod
    def support_point(rv: Any, alpha: Any, beta: Any) -> Any:
        """Return the median."""
        return alpha

    @staticmethod
    def constraints(alpha: Any, beta: Any) -> list[Constraint]:
        """Require a positive scale."""
        return positive.on("beta", beta)


class Laplace(Distribution, op=LaplaceRV(dtype="float64")):
    r"""Laplace (double exponential) distribution.

    .. math:: f(x \mid \mu, b) = \frac{1}{2 b} \exp\left(-\frac{|x - \mu|}{b}\right)

    ========  ================
    Support   all real numbers
    Mean      ``mu``
    Variance  ``2 * b**2``
    ========  ================

    Parameters
    ----------
    mu : float, array_like or TensorVariable
        Location, which is the mean; any real number.
    b : float, array_like or TensorVariable
        Scale, the mean absolute deviation; ``b > 0``.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     x = rf.Laplace("x", mu=0, b=1)
    """

    @classmethod
    def parametrise(cls, mu: Any, b: Any) -> Any:
        """Take both as they are."""
        return cls.op, (real("mu", mu), real("b", b, positive))

    @staticmethod
    def logdensity(value: Any, mu: Any, b: Any) -> Any:
        """Write the log density."""
        return -pt.abs(as_real(value) - mu) / b - log_of(b) - float(np.log(2.0))

    @staticmethod
    def logcdf(value: Any, mu: Any, b: Any) -> Any:
        """Write the log cdf."""
        z = (as_real(value) - mu) / b
        right = pt.log1p(-0.5 * pt.exp(-pt.abs(z)))
        return pt.switch(pt.lt(z, 0.0), z - LOG_2, right)

    @staticmethod
    def logccdf(value: Any, mu: Any, b: Any) -> Any:
        """Write the log of the probability above."""
        return Laplace.logcdf(2.0 * mu - as_real(value), mu, b)

    @staticmethod
    def icdf(probability: Any, mu: Any, b: Any) -> Any:
        """Write the quantile function."""
        left = pt.log(2.0 * probability)
        right = -pt.log(2.0 * (1.0 - probability))
        return mu + b * pt.switch(pt.lt(probability, 0.5), left, right)

    @staticmethod
    def support_point(rv: Any, mu: Any, b: Any) -> Any:
        """Return the mean."""
        return mu

    @staticmethod
    def constraints(mu: Any, b: Any) -> list[Constraint]:
        """Require a positive scale."""
        return positive.on("b", b)
