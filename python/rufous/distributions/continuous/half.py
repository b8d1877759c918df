"""Distributions of a magnitude: a symmetric distribution folded at zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.basic import HalfCauchyRV, HalfNormalRV

from rufous.distributions.base import Distribution
from rufous.distributions.continuous.heavy import StudentT
from rufous.distributions.origin import log_of
from rufous.distributions.parameters import positive, real, scale
from rufous.distributions.rv import NumberRV
from rufous.distributions.stable import LOG_2, as_real, inside, shifted
from rufous.model.registry import Constraint
from rufous.transforms import Transform, log

__all__ = ["HalfCauchy", "HalfNormal", "HalfStudentT"]


class HalfNormal(Distribution, op=HalfNormalRV(dtype="float64")):
    r"""Half-normal distribution: the absolute value of a normal number with mean zero.

    .. math:: f(x \mid \sigma) = \sqrt{\frac{2}{\pi}} \, \frac{1}{\sigma}
        \exp\left(-\frac{x^2}{2 \sigma^2}\right)

    ========  ================================
    Support   ``x >= 0``
    Mean      ``sigma * sqrt(2 / pi)``
    Variance  ``sigma**2 * (1 - 2 / pi)``
    ========  ================================

    Parameters
    ----------
    sigma : float, array_like or TensorVariable, default 1
        Scale, the standard deviation of the number before folding; ``sigma > 0``.
    tau : float, array_like or TensorVariable, optional
        Precision ``1 / sigma**2``, instead of `sigma`; ``tau > 0``.

    Raises
    ------
    SettingsError
        When both `sigma` and `tau` are given, or a parameter is out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     sigma = rf.HalfNormal("sigma", 5)
    >>> model.value_vars
    [sigma_log__]
    """

    @classmethod
    def parametrise(cls, sigma: Any = None, tau: Any = None) -> Any:
        """Take `sigma` or `tau` to the scale."""
        return cls.op, (real("loc", 0.0), scale(sigma, tau))

    @staticmethod
    def logdensity(value: Any, loc: Any, sigma: Any) -> Any:
        """Write the log density."""
        distance = shifted(as_real(value), loc)
        core = -0.5 * pt.sqr(distance / sigma) - log_of(sigma) + 0.5 * float(np.log(2.0 / np.pi))
        return inside(pt.ge(distance, 0.0), core)

    @staticmethod
    def logcdf(value: Any, loc: Any, sigma: Any) -> Any:
        """Write the log cdf."""
        scaled = (as_real(value) - loc) / (sigma * np.sqrt(2.0))
        near = pt.log(pt.erf(pt.clip(scaled, 0.0, 1.0)))
        return pt.switch(pt.lt(scaled, 1.0), near, pt.log1p(-pt.erfc(scaled)))

    @staticmethod
    def icdf(probability: Any, loc: Any, sigma: Any) -> Any:
        """Write the quantile function."""
        return loc + sigma * np.sqrt(2.0) * pt.erfinv(probability)

    @staticmethod
    def support_point(rv: Any, loc: Any, sigma: Any) -> Any:
        """Return the scale."""
        return sigma + loc

    @staticmethod
    def constraints(loc: Any, sigma: Any) -> list[Constraint]:
        """Require a positive scale."""
        return positive.on("sigma", sigma)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the logarithm."""
        return log


class HalfCauchy(Distribution, op=HalfCauchyRV(dtype="float64")):
    r"""Half-Cauchy distribution: the absolute value of a Cauchy number with median zero.

    .. math:: f(x \mid \beta) = \frac{2}{\pi \beta \left[1 + (x / \beta)^2\right]}

    ========  ==============
    Support   ``x >= 0``
    Mean      does not exist
    Variance  does not exist
    ========  ==============

    Parameters
    ----------
    beta : float, array_like or TensorVariable
        Scale, which is the median; ``beta > 0``.

    Raises
    ------
    SettingsError
        When `beta` is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     tau = rf.HalfCauchy("tau", 5)
    >>> model.value_vars
    [tau_log__]
    """

    @classmethod
    def parametrise(cls, beta: Any) -> Any:
        """Take `beta` as it is."""
        return cls.op, (real("loc", 0.0), real("beta", beta, positive))

    @staticmethod
    def logdensity(value: Any, loc: Any, beta: Any) -> Any:
        """Write the log density."""
        distance = shifted(as_real(value), loc)
        core = float(np.log(2.0 / np.pi)) - log_of(beta) - pt.log1p(pt.sqr(distance / beta))
        return inside(pt.ge(distance, 0.0), core)

    @staticmethod
    def logcdf(value: Any, loc: Any, beta: Any) -> Any:
        """Write the log cdf."""
        scaled = (as_real(value) - loc) / beta
        return inside(pt.gt(scaled, 0.0), pt.log(2.0 / np.pi * pt.arctan(scaled)))

    @staticmethod
    def icdf(probability: Any, loc: Any, beta: Any) -> Any:
        """Write the quantile function."""
        return loc + beta * pt.tan(0.5 * np.pi * probability)

    @staticmethod
    def support_point(rv: Any, loc: Any, beta: Any) -> Any:
        """Return the median."""
        return beta + loc

    @staticmethod
    def constraints(loc: Any, beta: Any) -> list[Constraint]:
        """Require a positive scale."""
        return positive.on("beta", beta)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the logarithm."""
        return log


class HalfStudentTRV(NumberRV):
    """The absolute value of a Student t number with location zero."""

    name = "half_student_t"
    signature = "(),()->()"
    _print_name = ("HalfStudentT", "\\operatorname{HalfStudentT}")

    @staticmethod
    def draw(rng: Any, nu: Any, sigma: Any, size: Any) -> Any:
        """Fold numbers of the symmetric distribution."""
        return np.abs(rng.standard_t(nu, size)) * sigma


class HalfStudentT(Distribution, op=HalfStudentTRV()):
    r"""Half-Student's t distribution: the absolute value of a Student t number.

    .. math:: f(x \mid \nu, \sigma) = \frac{2 \, \Gamma\left(\frac{\nu + 1}{2}\right)}
        {\Gamma\left(\frac{\nu}{2}\right) \sqrt{\nu \pi} \, \sigma}
        \left[1 + \frac{1}{\nu} \left(\frac{x}{\sigma}\right)^2\right]^{-(\nu + 1) / 2}

    ========  ===================================================================
    Support   ``x >= 0``
    Mean      ``m = 2 * sigma * sqrt(nu / pi) * Gamma((nu + 1) / 2)
              / (Gamma(nu / 2) * (nu - 1))`` for ``nu > 1``
    Variance  ``sigma**2 * nu / (nu - 2) - m**2`` for ``nu > 2``
    ========  ===================================================================

    Parameters
    ----------
    nu : float, array_like or TensorVariable
        Degrees of freedom; ``nu > 0``. Large values approach the half-normal distribution.
    sigma : float, array_like or TensorVariable, default 1
        Scale, not the standard deviation; ``sigma > 0``.
    lam : float, array_like or TensorVariable, optional
        ``1 / sigma**2``, instead of `sigma`; ``lam > 0``.

    Raises
    ------
    SettingsError
        When both `sigma` and `lam` are given, or a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     sigma = rf.HalfStudentT("sigma", nu=3, sigma=2.5)
    >>> model.value_vars
    [sigma_log__]
    """

    @classmethod
    def parametrise(cls, nu: Any, sigma: Any = None, lam: Any = None) -> Any:
        """Take `sigma` or `lam` to the scale."""
        _, (freedom, _, width) = StudentT.parametrise(nu, 0.0, sigma=sigma, lam=lam)
        return cls.op, (freedom, width)

    @staticmethod
    def logdensity(value: Any, nu: Any, sigma: Any) -> Any:
        """Write the log density: twice that of the symmetric distribution."""
        value = as_real(value)
        return inside(
            pt.ge(value, 0.0), LOG_2 + StudentT.logdensity(value, nu, pt.constant(0.0), sigma)
        )

    @staticmethod
    def logcdf(value: Any, nu: Any, sigma: Any) -> Any:
        """Write the log cdf, an incomplete beta function."""
        value = as_real(value)
        share = 1.0 / (1.0 + nu / pt.sqr(value / sigma))
        return inside(pt.gt(value, 0.0), pt.log(pt.betainc(0.5, 0.5 * nu, share)))

    @staticmethod
    def icdf(probability: Any, nu: Any, sigma: Any) -> Any:
        """Write the quantile function."""
        share = pt.betaincinv(0.5, 0.5 * nu, probability)
        return sigma * pt.sqrt(nu * share / (1.0 - share))

    @staticmethod
    def support_point(rv: Any, nu: Any, sigma: Any) -> Any:
        """Return the scale."""
        return sigma

    @staticmethod
    def constraints(nu: Any, sigma: Any) -> list[Constraint]:
        """Require positive degrees of freedom and scale."""
        return positive.on("nu", nu) + positive.on("sigma", sigma)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the logarithm."""
        return log
