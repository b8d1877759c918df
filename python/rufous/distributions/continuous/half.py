"""Distributions of a magnitude: a symmetric distribution folded at zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.basic import HalfCauchyRV, HalfNormalRV

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of
from rufous.distributions.parameters import positive, real, scale
from rufous.distributions.stable import as_real, inside, shifted
from rufous.model.registry import Constraint
from rufous.transforms import Transform, log

__all__ = ["HalfCauchy", "HalfNormal"]


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
