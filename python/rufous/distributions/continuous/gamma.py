"""The gamma distribution and that of its reciprocal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.basic import GammaRV, InvGammaRV

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of, times_log
from rufous.distributions.parameters import given_pair, positive, real
from rufous.distributions.stable import as_real, inside
from rufous.model.registry import Constraint
from rufous.transforms import Transform, log

__all__ = ["ChiSquared", "Gamma", "InverseGamma"]


class Gamma(Distribution, op=GammaRV(dtype="float64")):
    r"""Gamma distribution.

    .. math:: f(x \mid \alpha, \beta)
        = \frac{\beta^\alpha}{\Gamma(\alpha)} x^{\alpha - 1} \exp(-\beta x)

    ========  =================
    Support   ``x >= 0``
    Mean      ``alpha / beta``
    Variance  ``alpha / beta**2``
    ========  =================

    Parameters
    ----------
    alpha : float, array_like or TensorVariable
        Shape; ``alpha > 0``.
    beta : float, array_like or TensorVariable
        Rate; ``beta > 0``.
    mu : float, array_like or TensorVariable
        Mean, together with `sigma` instead of `alpha` and `beta`; ``mu > 0``.
    sigma : float, array_like or TensorVariable
        Standard deviation; ``sigma > 0``.

    Raises
    ------
    SettingsError
        When neither or both of the pairs are given, or a parameter is out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     rate = rf.Gamma("rate", alpha=2, beta=0.5)
    ...     length = rf.Gamma("length", mu=3, sigma=1)
    """

    @classmethod
    def parametrise(
        cls, alpha: Any = None, beta: Any = None, mu: Any = None, sigma: Any = None
    ) -> Any:
        """Take either pair to shape and scale."""
        pairs = (("alpha", "beta"), ("mu", "sigma"))
        if given_pair(pairs, alpha=alpha, beta=beta, mu=mu, sigma=sigma) == pairs[0]:
            rate = real("beta", beta, positive)
            return cls.op, (real("alpha", alpha, positive), pt.reciprocal(rate))
        mean, deviation = real("mu", mu, positive), real("sigma", sigma, positive)
        # The sign keeps a negative deviation from passing unseen through its square.
        shape = pt.sqr(mean / deviation) * pt.sign(deviation)
        return cls.op, (shape, pt.sqr(deviation) / mean)

    @staticmethod
    def logdensity(value: Any, alpha: Any, scale: Any) -> Any:
        """Write the log density."""
        value = as_real(value)
        core = (
            times_log(alpha - 1.0, value)
            - value / scale
            - alpha * log_of(scale)
            - pt.gammaln(alpha)
        )
        return inside(pt.ge(value, 0.0) & pt.lt(value, float("inf")), core)

    @staticmethod
    def logcdf(value: Any, alpha: Any, scale: Any) -> Any:
        """Write the log cdf, an incomplete gamma function."""
        value = as_real(value)
        core = pt.log(pt.gammainc(alpha, pt.clip(value, 0.0, np.inf) / scale))
        return inside(pt.gt(value, 0.0), core)

    @staticmethod
    def icdf(probability: Any, alpha: Any, scale: Any) -> Any:
        """Write the quantile function."""
        return scale * pt.gammaincinv(alpha, probability)

    @staticmethod
    def support_point(rv: Any, alpha: Any, scale: Any) -> Any:
        """Return the mean."""
        return alpha * scale

    @staticmethod
    def constraints(alpha: Any, scale: Any) -> list[Constraint]:
        """Require a positive shape and a positive rate, which is a positive scale."""
        return positive.on("alpha", alpha) + positive.on("beta", scale)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the logarithm."""
        return log


class ChiSquared(Distribution):
    r"""Chi-squared distribution: the sum of the squares of standard normal numbers.

    .. math:: f(x \mid \nu) = \frac{x^{\nu / 2 - 1} \exp(-x / 2)}
        {2^{\nu / 2} \, \Gamma(\nu / 2)}

    ========  ==========
    Support   ``x >= 0``
    Mean      ``nu``
    Variance  ``2 * nu``
    ========  ==========

    Parameters
    ----------
    nu : float, array_like or TensorVariable
        Degrees of freedom; ``nu > 0``, need not be whole.

    Raises
    ------
    SettingsError
        When `nu` is missing or out of range.

    Notes
    -----
    It is the gamma distribution with ``alpha = nu / 2`` and ``beta = 1 / 2``.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.ChiSquared("x", nu=5)
    >>> model.value_vars
    [x_log__]
    """

    @classmethod
    def parametrise(cls, nu: Any) -> Any:
        """Take `nu` to shape and scale of a gamma distribution."""
        return Gamma.op, (0.5 * real("nu", nu, positive), real("scale", 2.0))


class InverseGamma(Distribution, op=InvGammaRV(dtype="float64")):
    r"""Inverse gamma distribution: the reciprocal of a gamma number.

    .. math:: f(x \mid \alpha, \beta)
        = \frac{\beta^\alpha}{\Gamma(\alpha)} x^{-\alpha - 1} \exp\left(-\frac{\beta}{x}\right)

    ========  ============================================================
    Support   ``x > 0``
    Mean      ``beta / (alpha - 1)`` for ``alpha > 1``
    Variance  ``beta**2 / ((alpha - 1)**2 * (alpha - 2))`` for ``alpha > 2``
    ========  ============================================================

    Parameters
    ----------
    alpha : float, array_like or TensorVariable
        Shape; ``alpha > 0``.
    beta : float, array_like or TensorVariable, default 1
        Scale; ``beta > 0``.
    mu : float, array_like or TensorVariable
        Mean, together with `sigma` instead of `alpha` and `beta`; ``mu > 0``.
    sigma : float, array_like or TensorVariable
        Standard deviation; ``sigma > 0``.

    Raises
    ------
    SettingsError
        When neither or both of the pairs are given, or a parameter is out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     variance = rf.InverseGamma("variance", alpha=3, beta=2)
    """

    @classmethod
    def parametrise(
        cls, alpha: Any = None, beta: Any = None, mu: Any = None, sigma: Any = None
    ) -> Any:
        """Take either pair to shape and scale."""
        if alpha is not None and beta is None:
            beta = 1.0
        pairs = (("alpha", "beta"), ("mu", "sigma"))
        if given_pair(pairs, alpha=alpha, beta=beta, mu=mu, sigma=sigma) == pairs[0]:
            return cls.op, (real("alpha", alpha, positive), real("beta", beta, positive))
        mean, deviation = real("mu", mu, positive), real("sigma", sigma, positive)
        squared = pt.sqr(mean / deviation)
        # The sign keeps a negative deviation from passing unseen through its square.
        return cls.op, ((2.0 + squared) * pt.sign(deviation), mean * (1.0 + squared))

    @staticmethod
    def logdensity(value: Any, alpha: Any, beta: Any) -> Any:
        """Write the log density."""
        value = as_real(value)
        core = (
            alpha * log_of(beta) - pt.gammaln(alpha) - (alpha + 1.0) * log_of(value) - beta / value
        )
        return inside(pt.gt(value, 0.0), core)

    @staticmethod
    def logcdf(value: Any, alpha: Any, scale: Any) -> Any:
        """Write the log cdf, an incomplete gamma function."""
        value = as_real(value)
        within = pt.switch(pt.gt(value, 0.0), value, 1.0)
        return inside(pt.gt(value, 0.0), pt.log(pt.gammaincc(alpha, scale / within)))

    @staticmethod
    def icdf(probability: Any, alpha: Any, scale: Any) -> Any:
        """Write the quantile function."""
        return scale / pt.gammainccinv(alpha, probability)

    @staticmethod
    def support_point(rv: Any, alpha: Any, beta: Any) -> Any:
        """Return the mean, or the mode where there is no mean."""
        return beta / pt.switch(alpha > 1.0, alpha - 1.0, alpha + 1.0)

    @staticmethod
    def constraints(alpha: Any, beta: Any) -> list[Constraint]:
        """Require positive shape and scale."""
        return positive.on("alpha", alpha) + positive.on("beta", beta)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the logarithm."""
        return log
