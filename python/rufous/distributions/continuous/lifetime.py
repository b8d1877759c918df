"""Distributions of a lifetime or a size: Weibull, Pareto and Wald."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.basic import ParetoRV

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of, times_log
from rufous.distributions.parameters import positive, real
from rufous.distributions.rv import NumberRV
from rufous.distributions.stable import LOG_2PI, as_real, inside, log_normal_cdf, shifted
from rufous.errors import SettingsError
from rufous.model.registry import Constraint
from rufous.transforms import Interval, Transform, constant_value, log

__all__ = ["Pareto", "Wald", "Weibull"]


class WeibullRV(NumberRV):
    """Powers of exponential numbers; PyTensor's op has no scale."""

    name = "weibull"
    signature = "(),()->()"
    _print_name = ("Weibull", "\\operatorname{Weibull}")

    @staticmethod
    def draw(rng: Any, alpha: Any, beta: Any, size: Any) -> Any:
        """Scale the standard numbers."""
        return beta * rng.weibull(alpha, size)


class Weibull(Distribution, op=WeibullRV()):
    r"""Weibull distribution: a lifetime whose hazard is a power of the age.

    .. math:: f(x \mid \alpha, \beta) = \frac{\alpha}{\beta}
        \left(\frac{x}{\beta}\right)^{\alpha - 1}
        \exp\left[-\left(\frac{x}{\beta}\right)^\alpha\right]

    ========  ====================================================
    Support   ``x >= 0``
    Mean      ``beta * Gamma(1 + 1 / alpha)``
    Variance  ``beta**2 * Gamma(1 + 2 / alpha) - mean**2``
    ========  ====================================================

    Parameters
    ----------
    alpha : float, array_like or TensorVariable
        Shape; ``alpha > 0``.
    beta : float, array_like or TensorVariable
        Scale; ``beta > 0``.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     life = rf.Weibull("life", alpha=1.5, beta=1000)
    >>> model.value_vars
    [life_log__]
    """

    @classmethod
    def parametrise(cls, alpha: Any, beta: Any) -> Any:
        """Take both as they are."""
        return cls.op, (real("alpha", alpha, positive), real("beta", beta, positive))

    @staticmethod
    def logdensity(value: Any, alpha: Any, beta: Any) -> Any:
        """Write the log density."""
        value = as_real(value)
        log_scale = log_of(beta)
        core = (
            log_of(alpha)
            + times_log(alpha - 1.0, value)
            - alpha * log_scale
            - pt.exp(alpha * (log_of(value) - log_scale))
        )
        return inside(pt.ge(value, 0.0) & pt.lt(value, np.inf), core)

    @staticmethod
    def logcdf(value: Any, alpha: Any, beta: Any) -> Any:
        """Write the log cdf."""
        value = as_real(value)
        power = (pt.switch(pt.gt(value, 0.0), value, 0.0) / beta) ** alpha
        return inside(pt.gt(value, 0.0), pt.log1mexp(-power))

    @staticmethod
    def logccdf(value: Any, alpha: Any, beta: Any) -> Any:
        """Write the log of the probability above."""
        value = as_real(value)
        power = (pt.switch(pt.gt(value, 0.0), value, 1.0) / beta) ** alpha
        return pt.switch(pt.gt(value, 0.0), -power, 0.0)

    @staticmethod
    def icdf(probability: Any, alpha: Any, beta: Any) -> Any:
        """Write the quantile function."""
        return beta * (-pt.log1p(-probability)) ** (1.0 / alpha)

    @staticmethod
    def support_point(rv: Any, alpha: Any, beta: Any) -> Any:
        """Return the mean."""
        return beta * pt.exp(pt.gammaln(1.0 + 1.0 / alpha))

    @staticmethod
    def constraints(alpha: Any, beta: Any) -> list[Constraint]:
        """Require a positive shape and scale."""
        return positive.on("alpha", alpha) + positive.on("beta", beta)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the logarithm."""
        return log


class Pareto(Distribution, op=ParetoRV(dtype="float64")):
    r"""Pareto distribution, a power law above a least value.

    .. math:: f(x \mid \alpha, m) = \frac{\alpha m^\alpha}{x^{\alpha + 1}}

    ========  =================================================================
    Support   ``x >= m``
    Mean      ``alpha * m / (alpha - 1)`` for ``alpha > 1``
    Variance  ``alpha * m**2 / ((alpha - 1)**2 * (alpha - 2))`` for ``alpha > 2``
    ========  =================================================================

    Parameters
    ----------
    alpha : float, array_like or TensorVariable
        Exponent of the tail; ``alpha > 0``.
    m : float, array_like or TensorVariable
        Least value; ``m > 0``.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     income = rf.Pareto("income", alpha=3, m=1)
    >>> model.value_vars
    [income_interval__]
    """

    @classmethod
    def parametrise(cls, alpha: Any, m: Any) -> Any:
        """Take both as they are."""
        return cls.op, (real("alpha", alpha, positive), real("m", m, positive))

    @staticmethod
    def logdensity(value: Any, alpha: Any, m: Any) -> Any:
        """Write the log density by the ratio to the least value."""
        value = as_real(value)
        log_value = log_of(value)
        core = log_of(alpha) - log_value - alpha * (log_value - log_of(m))
        return inside(pt.ge(value, m), core)

    @staticmethod
    def logcdf(value: Any, alpha: Any, m: Any) -> Any:
        """Write the log cdf."""
        ratio = pt.clip(m / as_real(value), 0.0, 1.0)
        return inside(pt.gt(as_real(value), m), pt.log1mexp(alpha * pt.log(ratio)))

    @staticmethod
    def logccdf(value: Any, alpha: Any, m: Any) -> Any:
        """Write the log of the probability above."""
        value = as_real(value)
        return alpha * pt.log(m / pt.maximum(value, m))

    @staticmethod
    def icdf(probability: Any, alpha: Any, m: Any) -> Any:
        """Write the quantile function."""
        return m * pt.exp(-pt.log1p(-probability) / alpha)

    @staticmethod
    def support_point(rv: Any, alpha: Any, m: Any) -> Any:
        """Return the median."""
        return m * pt.exp(float(np.log(2.0)) / alpha)

    @staticmethod
    def constraints(alpha: Any, m: Any) -> list[Constraint]:
        """Require a positive exponent and least value."""
        return positive.on("alpha", alpha) + positive.on("m", m)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the log distance from the least value."""
        return Interval(bounds_fn=_above_least)


def _above_least(alpha: Any, m: Any) -> tuple[Any, Any]:
    return m, None


class WaldRV(NumberRV):
    """Inverse Gaussian numbers, shifted."""

    name = "wald"
    signature = "(),(),()->()"
    _print_name = ("Wald", "\\operatorname{Wald}")

    @staticmethod
    def draw(rng: Any, mu: Any, lam: Any, alpha: Any, size: Any) -> Any:
        """Shift the numbers of NumPy."""
        return rng.wald(mu, lam, size) + alpha


class Wald(Distribution, op=WaldRV()):
    r"""Wald (inverse Gaussian) distribution: the time a drifting random walk takes to a level.

    .. math:: f(x \mid \mu, \lambda) = \sqrt{\frac{\lambda}{2 \pi y^3}}
        \exp\left(-\frac{\lambda (y - \mu)^2}{2 \mu^2 y}\right), \quad y = x - \alpha

    ========  =================
    Support   ``x > alpha``
    Mean      ``mu + alpha``
    Variance  ``mu**3 / lam``
    ========  =================

    Parameters
    ----------
    mu : float, array_like or TensorVariable
        Mean of an unshifted number; ``mu > 0``.
    lam : float, array_like or TensorVariable, default 1
        Relative precision; ``lam > 0``.
    phi : float, array_like or TensorVariable
        ``lam / mu``, instead of one of the two; ``phi > 0``.
    alpha : float, array_like or TensorVariable, default 0
        Shift: where the support starts; any real number.

    Raises
    ------
    SettingsError
        When all or none of `mu`, `lam` and `phi` are given, or a parameter is out of range.

    Notes
    -----
    With a shift, the value variable is ``<name>_interval__``, the log distance from `alpha`; PyMC
    takes the logarithm of the number itself, which lets the sampler leave the support.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     time = rf.Wald("time", mu=1, lam=2)
    >>> model.value_vars
    [time_log__]
    """

    @classmethod
    def parametrise(cls, mu: Any = None, lam: Any = None, phi: Any = None, alpha: Any = 0.0) -> Any:
        """Take any two to mean and precision."""
        given = [
            name for name, each in (("mu", mu), ("lam", lam), ("phi", phi)) if each is not None
        ]
        if given not in (["mu"], ["mu", "lam"], ["mu", "phi"], ["lam", "phi"]):
            raise SettingsError(
                "give `mu`, or two of `mu`, `lam` and `phi`, got "
                + (", ".join(f"`{name}`" for name in given) or "none of them")
            )
        if given == ["lam", "phi"]:
            precision = real("lam", lam, positive)
            mean = precision / real("phi", phi, positive)
        else:
            mean = real("mu", mu, positive)
            precision = real("lam", 1.0 if lam is None else lam, positive)
            if phi is not None:
                precision = mean * real("phi", phi, positive)
        return cls.op, (mean, precision, real("alpha", alpha))

    @staticmethod
    def logdensity(value: Any, mu: Any, lam: Any, alpha: Any) -> Any:
        """Write the log density."""
        distance = shifted(as_real(value), alpha)
        log_distance = log_of(distance)
        square = lam * pt.sqr(distance / mu - 1.0) / distance
        core = 0.5 * (log_of(lam) - LOG_2PI - square) - 1.5 * log_distance
        return inside(pt.gt(distance, 0.0) & pt.lt(distance, np.inf), core)

    @staticmethod
    def logcdf(value: Any, mu: Any, lam: Any, alpha: Any) -> Any:
        """Write the log cdf, a sum of two normal probabilities."""
        distance = as_real(value) - alpha
        within = pt.switch(pt.gt(distance, 0.0), distance, 1.0)
        root = pt.sqrt(lam / within)
        first = log_normal_cdf((within / mu - 1.0) * root)
        second = 2.0 * lam / mu + log_normal_cdf(-(within / mu + 1.0) * root)
        core = pt.minimum(first + pt.softplus(second - first), 0.0)
        return inside(pt.gt(distance, 0.0), core)

    @staticmethod
    def support_point(rv: Any, mu: Any, lam: Any, alpha: Any) -> Any:
        """Return the mean."""
        return mu + alpha

    @staticmethod
    def constraints(mu: Any, lam: Any, alpha: Any) -> list[Constraint]:
        """Require a positive mean and precision."""
        return positive.on("mu", mu) + positive.on("lam", lam)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the logarithm, of the distance from the shift if there is one."""
        shift = constant_value(rv.owner.op.dist_params(rv.owner)[2])
        return log if shift is not None and not shift.any() else Interval(bounds_fn=_above_shift)


def _above_shift(mu: Any, lam: Any, alpha: Any) -> tuple[Any, Any]:
    return alpha, None
