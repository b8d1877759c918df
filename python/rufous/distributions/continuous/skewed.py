"""Distributions of a real number with tails of different weight."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of
from rufous.distributions.parameters import (
    Requirement,
    given_one,
    positive,
    real,
    scale,
)
from rufous.distributions.rv import NumberRV
from rufous.distributions.stable import LOG_2, LOG_2PI, as_real, log_normal_cdf
from rufous.model.registry import Constraint

__all__ = ["AsymmetricLaplace", "ExGaussian", "SkewNormal"]

open_unit = Requirement("0 < {} < 1", lambda x: (x > 0) & (x < 1), "it is a quantile")


class SkewNormalRV(NumberRV):
    """Normal numbers with the sign of a correlated one (Azzalini 1985)."""

    name = "skew_normal"
    signature = "(),(),()->()"
    _print_name = ("SkewNormal", "\\operatorname{SkewNormal}")

    @staticmethod
    def draw(rng: Any, mu: Any, sigma: Any, alpha: Any, size: Any) -> Any:
        """Draw a folded normal number and an independent one, and mix them."""
        delta = alpha / np.sqrt(1.0 + alpha**2)
        folded, free = np.abs(rng.standard_normal(size)), rng.standard_normal(size)
        return mu + sigma * (delta * folded + np.sqrt(1.0 - delta**2) * free)


class SkewNormal(Distribution, op=SkewNormalRV()):
    r"""Skew-normal distribution: normal for ``alpha = 0``.

    .. math:: f(x \mid \mu, \sigma, \alpha) = \frac{2}{\sigma} \phi(z) \Phi(\alpha z),
        \quad z = \frac{x - \mu}{\sigma}

    ========  =================================================================
    Support   all real numbers
    Mean      ``mu + sigma * delta * sqrt(2 / pi)`` with
              ``delta = alpha / sqrt(1 + alpha**2)``
    Variance  ``sigma**2 * (1 - 2 * delta**2 / pi)``
    ========  =================================================================

    Parameters
    ----------
    alpha : float, array_like or TensorVariable, default 1
        Skewness, of either sign; any real number.
    mu : float, array_like or TensorVariable, default 0
        Location, which is not the mean; any real number.
    sigma : float, array_like or TensorVariable, default 1
        Scale, which is not the standard deviation; ``sigma > 0``.
    tau : float, array_like or TensorVariable, optional
        ``1 / sigma**2``, instead of `sigma`; ``tau > 0``.

    Raises
    ------
    SettingsError
        When both `sigma` and `tau` are given, or a parameter is out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     x = rf.SkewNormal("x", alpha=4, mu=0, sigma=1)
    """

    @classmethod
    def parametrise(
        cls, alpha: Any = 1.0, mu: Any = 0.0, sigma: Any = None, tau: Any = None
    ) -> Any:
        """Take `sigma` or `tau` to the scale."""
        return cls.op, (real("mu", mu), scale(sigma, tau), real("alpha", alpha))

    @staticmethod
    def logdensity(value: Any, mu: Any, sigma: Any, alpha: Any) -> Any:
        """Write the log density."""
        z = (as_real(value) - mu) / sigma
        return LOG_2 - 0.5 * (pt.sqr(z) + LOG_2PI) - log_of(sigma) + log_normal_cdf(alpha * z)

    @staticmethod
    def support_point(rv: Any, mu: Any, sigma: Any, alpha: Any) -> Any:
        """Return the mean."""
        delta = alpha / pt.sqrt(1.0 + pt.sqr(alpha))
        return mu + sigma * delta * float(np.sqrt(2.0 / np.pi))

    @staticmethod
    def constraints(mu: Any, sigma: Any, alpha: Any) -> list[Constraint]:
        """Require a positive scale."""
        return positive.on("sigma", sigma)


class AsymmetricLaplaceRV(NumberRV):
    """The difference of two exponential numbers."""

    name = "asymmetric_laplace"
    signature = "(),(),()->()"
    _print_name = ("AsymmetricLaplace", "\\operatorname{AsymmetricLaplace}")

    @staticmethod
    def draw(rng: Any, b: Any, kappa: Any, mu: Any, size: Any) -> Any:
        """Draw one exponential number for each side."""
        right = rng.standard_exponential(size) / kappa
        return mu + (right - rng.standard_exponential(size) * kappa) / b


class AsymmetricLaplace(Distribution, op=AsymmetricLaplaceRV()):
    r"""Asymmetric Laplace distribution, the likelihood of quantile regression.

    .. math:: f(x \mid b, \kappa, \mu) = \frac{b}{\kappa + 1 / \kappa}
        \exp\left(-b \, |x - \mu| \, \kappa^{s}\right), \quad s = \operatorname{sign}(x - \mu)

    ========  ==============================================
    Support   all real numbers
    Mean      ``mu + (1 / kappa - kappa) / b``
    Variance  ``(1 / kappa**2 + kappa**2) / b**2``
    ========  ==============================================

    Parameters
    ----------
    kappa : float, array_like or TensorVariable
        Asymmetry; ``kappa > 0``, and 1 gives the Laplace distribution.
    mu : float, array_like or TensorVariable
        Location, which is the mode; any real number.
    b : float, array_like or TensorVariable
        Rate of both sides for ``kappa = 1``; ``b > 0``.
    q : float, array_like or TensorVariable
        The probability left of `mu`, instead of `kappa`: ``kappa = sqrt(q / (1 - q))``;
        ``0 < q < 1``.

    Raises
    ------
    SettingsError
        When not exactly one of `kappa` and `q` is given, or a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     x = rf.AsymmetricLaplace("x", q=0.9, mu=0, b=1)
    """

    @classmethod
    def parametrise(cls, kappa: Any = None, mu: Any = None, b: Any = None, q: Any = None) -> Any:
        """Take `kappa` or `q` to the asymmetry."""
        if given_one(kappa=kappa, q=q) == "kappa":
            asymmetry = real("kappa", kappa, positive)
        else:
            quantile = real("q", q, open_unit)
            asymmetry = pt.sqrt(quantile / (1.0 - quantile))
        return cls.op, (real("b", b, positive), asymmetry, real("mu", mu))

    @staticmethod
    def logdensity(value: Any, b: Any, kappa: Any, mu: Any) -> Any:
        """Write the log density."""
        distance = as_real(value) - mu
        slope = pt.switch(pt.ge(distance, 0.0), kappa, 1.0 / kappa)
        return log_of(b) - pt.log(kappa + 1.0 / kappa) - b * pt.abs(distance) * slope

    @staticmethod
    def logcdf(value: Any, b: Any, kappa: Any, mu: Any) -> Any:
        """Write the log cdf."""
        distance = pt.abs(as_real(value) - mu) * b
        square = pt.sqr(kappa)
        left = -distance / kappa - pt.log1p(1.0 / square)
        right = pt.log1p(-pt.exp(-distance * kappa) / (1.0 + square))
        return pt.switch(pt.lt(as_real(value), mu), left, right)

    @staticmethod
    def icdf(probability: Any, b: Any, kappa: Any, mu: Any) -> Any:
        """Write the quantile function."""
        square = pt.sqr(kappa)
        left = pt.log(probability * (1.0 + 1.0 / square)) * kappa
        right = -pt.log((1.0 - probability) * (1.0 + square)) / kappa
        return mu + pt.switch(pt.lt(probability * (1.0 + square), square), left, right) / b

    @staticmethod
    def support_point(rv: Any, b: Any, kappa: Any, mu: Any) -> Any:
        """Return the mean."""
        return mu + (1.0 / kappa - kappa) / b

    @staticmethod
    def constraints(b: Any, kappa: Any, mu: Any) -> list[Constraint]:
        """Require a positive rate and asymmetry."""
        return positive.on("b", b) + positive.on("kappa", kappa)


class ExGaussianRV(NumberRV):
    """The sum of a normal and an exponential number."""

    name = "ex_gaussian"
    signature = "(),(),()->()"
    _print_name = ("ExGaussian", "\\operatorname{ExGaussian}")

    @staticmethod
    def draw(rng: Any, mu: Any, sigma: Any, nu: Any, size: Any) -> Any:
        """Draw both and add them."""
        return rng.normal(mu, sigma, size) + rng.exponential(nu, size)


class ExGaussian(Distribution, op=ExGaussianRV()):
    r"""Exponentially modified normal distribution, common for reaction times.

    .. math:: f(x \mid \mu, \sigma, \nu) = \frac{1}{\nu}
        \exp\left(\frac{\mu - x}{\nu} + \frac{\sigma^2}{2 \nu^2}\right)
        \Phi\left(\frac{x - \mu}{\sigma} - \frac{\sigma}{\nu}\right)

    ========  =====================
    Support   all real numbers
    Mean      ``mu + nu``
    Variance  ``sigma**2 + nu**2``
    ========  =====================

    Parameters
    ----------
    mu : float, array_like or TensorVariable, default 0
        Mean of the normal part; any real number.
    sigma : float, array_like or TensorVariable, default 1
        Standard deviation of the normal part; ``sigma > 0``.
    nu : float, array_like or TensorVariable
        Mean of the exponential part; ``nu > 0``. Keyword only.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Notes
    -----
    The density is the same formula for any ratio of `nu` and `sigma`, written with the scaled
    complementary error function where the normal cdf would underflow.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     time = rf.ExGaussian("time", mu=0.4, sigma=0.1, nu=0.2, observed=[0.5, 0.9])
    """

    @classmethod
    def parametrise(cls, mu: Any = 0.0, sigma: Any = 1.0, *, nu: Any) -> Any:
        """Take all three as they are."""
        return cls.op, (real("mu", mu), real("sigma", sigma, positive), real("nu", nu, positive))

    @staticmethod
    def logdensity(value: Any, mu: Any, sigma: Any, nu: Any) -> Any:
        """Write the log density."""
        z = (as_real(value) - mu) / sigma
        ratio = sigma / nu
        deep = pt.gt(ratio - z, 0.0)
        argument = pt.switch(deep, ratio - z, 0.0)
        left = pt.log(0.5 * pt.erfcx(argument / np.sqrt(2.0))) - 0.5 * pt.sqr(z)
        right = ratio * (0.5 * ratio - z) + log_normal_cdf(pt.switch(deep, 0.0, z - ratio))
        return pt.switch(deep, left, right) - log_of(nu)

    @staticmethod
    def logcdf(value: Any, mu: Any, sigma: Any, nu: Any) -> Any:
        """Write the log cdf: that of the normal part less the density times `nu`."""
        normal = log_normal_cdf((as_real(value) - mu) / sigma)
        held = pt.gt(normal, -np.inf)
        log_ratio = ExGaussian.logdensity(value, mu, sigma, nu) + pt.log(nu) - normal
        rest = pt.log1mexp(pt.minimum(pt.switch(held, log_ratio, -1.0), 0.0))
        return pt.switch(held, normal + rest, -np.inf)

    @staticmethod
    def support_point(rv: Any, mu: Any, sigma: Any, nu: Any) -> Any:
        """Return the mean."""
        return mu + nu

    @staticmethod
    def constraints(mu: Any, sigma: Any, nu: Any) -> list[Constraint]:
        """Require a positive standard deviation and mean."""
        return positive.on("sigma", sigma) + positive.on("nu", nu)
