"""Distributions of a number between two bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.basic import BetaRV, UniformRV

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of, times_log, times_log1m
from rufous.distributions.parameters import (
    Requirement,
    check_increasing,
    given_pair,
    less_than,
    positive,
    real,
)
from rufous.distributions.stable import as_real, betaln, inside
from rufous.model.registry import Constraint
from rufous.transforms import Interval, Transform, constant_value, logodds

__all__ = ["Beta", "Uniform"]

open_unit = Requirement("0 < {} < 1", lambda x: (x > 0) & (x < 1), "a mean lies inside (0, 1)")


class Beta(Distribution, op=BetaRV(dtype="float64")):
    r"""Beta distribution.

    .. math:: f(x \mid \alpha, \beta)
        = \frac{\Gamma(\alpha + \beta)}{\Gamma(\alpha) \Gamma(\beta)}
        x^{\alpha - 1} (1 - x)^{\beta - 1}

    ========  ===============================================================
    Support   ``0 <= x <= 1``
    Mean      ``alpha / (alpha + beta)``
    Variance  ``alpha * beta / ((alpha + beta)**2 * (alpha + beta + 1))``
    ========  ===============================================================

    Parameters
    ----------
    alpha : float, array_like or TensorVariable
        First shape; ``alpha > 0``.
    beta : float, array_like or TensorVariable
        Second shape; ``beta > 0``.
    mu : float, array_like or TensorVariable
        Mean, together with `sigma` or `nu` instead of `alpha` and `beta`; ``0 < mu < 1``.
    sigma : float, array_like or TensorVariable
        Standard deviation; ``0 < sigma < sqrt(mu * (1 - mu))``.
    nu : float, array_like or TensorVariable
        Number of pseudo-observations ``alpha + beta``; ``nu > 0``.

    Raises
    ------
    SettingsError
        When not exactly one of the pairs is given, or a parameter is out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     share = rf.Beta("share", alpha=2, beta=5)
    ...     other = rf.Beta("other", mu=0.3, nu=10)
    >>> model.value_vars
    [share_logodds__, other_logodds__]
    """

    @classmethod
    def parametrise(
        cls,
        alpha: Any = None,
        beta: Any = None,
        mu: Any = None,
        sigma: Any = None,
        nu: Any = None,
    ) -> Any:
        """Take any of the three pairs to the two shapes."""
        pairs = (("alpha", "beta"), ("mu", "sigma"), ("mu", "nu"))
        pair = given_pair(pairs, alpha=alpha, beta=beta, mu=mu, sigma=sigma, nu=nu)
        if pair == pairs[0]:
            return cls.op, (real("alpha", alpha, positive), real("beta", beta, positive))
        mean = real("mu", mu, open_unit)
        if pair == pairs[1]:
            size = cls._size(mean, real("sigma", sigma, positive))
        else:
            size = real("nu", nu, positive)
        return cls.op, (mean * size, (1.0 - mean) * size)

    @staticmethod
    def _size(mean: Any, deviation: Any) -> Any:
        """Return the number of pseudo-observations that gives a standard deviation."""
        limit = pt.sqrt(mean * (1.0 - mean))
        constant = constant_value(mean)
        if constant is not None:
            limit = pt.constant(np.sqrt(constant * (1.0 - constant)))
            check_increasing("sigma", deviation, "sqrt(mu * (1 - mu))", limit)
        # A negative deviation must not pass unseen through its square.
        return pt.switch(deviation > 0.0, pt.sqr(limit / deviation) - 1.0, -1.0)

    @staticmethod
    def logdensity(value: Any, alpha: Any, beta: Any) -> Any:
        """Write the log density."""
        value = as_real(value)
        core = times_log(alpha - 1.0, value) + times_log1m(beta - 1.0, value) - betaln(alpha, beta)
        return inside(pt.ge(value, 0.0) & pt.le(value, 1.0), core)

    @staticmethod
    def logcdf(value: Any, alpha: Any, beta: Any) -> Any:
        """Write the log cdf, an incomplete beta function."""
        value = as_real(value)
        return inside(pt.gt(value, 0.0), pt.log(pt.betainc(alpha, beta, pt.clip(value, 0.0, 1.0))))

    @staticmethod
    def icdf(probability: Any, alpha: Any, beta: Any) -> Any:
        """Write the quantile function."""
        return pt.betaincinv(alpha, beta, probability)

    @staticmethod
    def support_point(rv: Any, alpha: Any, beta: Any) -> Any:
        """Return the mean."""
        return alpha / (alpha + beta)

    @staticmethod
    def constraints(alpha: Any, beta: Any) -> list[Constraint]:
        """Require positive shapes."""
        return positive.on("alpha", alpha) + positive.on("beta", beta)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the log odds."""
        return logodds


class Uniform(Distribution, op=UniformRV(dtype="float64")):
    r"""Uniform distribution on an interval.

    .. math:: f(x \mid a, b) = \frac{1}{b - a}

    ========  ==========================
    Support   ``lower <= x <= upper``
    Mean      ``(lower + upper) / 2``
    Variance  ``(upper - lower)**2 / 12``
    ========  ==========================

    Parameters
    ----------
    lower : float, array_like or TensorVariable, default 0
        Lower end; less than `upper`, finite.
    upper : float, array_like or TensorVariable, default 1
        Upper end; finite.

    Raises
    ------
    SettingsError
        When a bound is not finite, or `lower` is not less than `upper`.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Uniform("x", -100, 100)
    >>> model.value_vars
    [x_interval__]
    """

    @classmethod
    def parametrise(cls, lower: Any = 0.0, upper: Any = 1.0) -> Any:
        """Take both bounds as they are."""
        low, high = real("lower", lower), real("upper", upper)
        check_increasing("lower", low, "upper", high)
        return cls.op, (low, high)

    @staticmethod
    def logdensity(value: Any, lower: Any, upper: Any) -> Any:
        """Write the log density."""
        value = as_real(value)
        return inside(pt.ge(value, lower) & pt.le(value, upper), -log_of(upper - lower))

    @staticmethod
    def logcdf(value: Any, lower: Any, upper: Any) -> Any:
        """Write the log cdf."""
        share = pt.clip((as_real(value) - lower) / (upper - lower), 0.0, 1.0)
        return pt.log(share)

    @staticmethod
    def icdf(probability: Any, lower: Any, upper: Any) -> Any:
        """Write the quantile function."""
        return lower + probability * (upper - lower)

    @staticmethod
    def support_point(rv: Any, lower: Any, upper: Any) -> Any:
        """Return the middle."""
        return 0.5 * (lower + upper)

    @staticmethod
    def constraints(lower: Any, upper: Any) -> list[Constraint]:
        """Require the bounds in order."""
        return [less_than("lower", lower, "upper", upper)]

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the interval between the bounds."""
        return Interval(bounds_fn=_bounds)


def _bounds(lower: Any, upper: Any) -> tuple[Any, Any]:
    return lower, upper
