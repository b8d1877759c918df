"""Distributions of directions and of distances in the plane: von Mises and Rice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.basic import VonMisesRV

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of
from rufous.distributions.parameters import at_least_zero, given_one, positive, real
from rufous.distributions.rv import NumberRV
from rufous.distributions.stable import LOG_2PI, as_real, inside, log_bessel_i0
from rufous.model.registry import Constraint
from rufous.transforms import Transform, circular, log

__all__ = ["Rice", "VonMises"]


class VonMises(Distribution, op=VonMisesRV(dtype="float64")):
    r"""Von Mises distribution, the normal distribution of angles.

    .. math:: f(x \mid \mu, \kappa) = \frac{\exp\left(\kappa \cos(x - \mu)\right)}
        {2 \pi I_0(\kappa)}

    =================  ==================================
    Support            ``-pi <= x <= pi``
    Mean direction     ``mu``
    Circular variance  ``1 - I_1(kappa) / I_0(kappa)``
    =================  ==================================

    Parameters
    ----------
    mu : float, array_like or TensorVariable, default 0
        Mean direction in radians; any real number.
    kappa : float, array_like or TensorVariable, default 1
        Concentration, about the reciprocal of the variance; ``kappa > 0``.

    Raises
    ------
    SettingsError
        When a parameter is out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     wind = rf.VonMises("wind", mu=0, kappa=4)
    >>> model.value_vars
    [wind_circular__]
    """

    @classmethod
    def parametrise(cls, mu: Any = 0.0, kappa: Any = 1.0) -> Any:
        """Take both as they are."""
        return cls.op, (real("mu", mu), real("kappa", kappa, positive))

    @staticmethod
    def logdensity(value: Any, mu: Any, kappa: Any) -> Any:
        """Write the log density with a Bessel function that does not overflow."""
        value = as_real(value)
        turned = -2.0 * kappa * pt.sqr(pt.sin(0.5 * (value - mu)))
        core = turned - log_bessel_i0(kappa) - LOG_2PI
        return inside(pt.ge(value, -np.pi) & pt.le(value, np.pi), core)

    @staticmethod
    def support_point(rv: Any, mu: Any, kappa: Any) -> Any:
        """Return the mean direction, without full turns."""
        return circular.backward(mu)

    @staticmethod
    def constraints(mu: Any, kappa: Any) -> list[Constraint]:
        """Require a positive concentration."""
        return positive.on("kappa", kappa)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Let the angle wrap around."""
        return circular


class RiceRV(NumberRV):
    """Distances of normal points in the plane from the origin."""

    name = "rice"
    signature = "(),()->()"
    _print_name = ("Rice", "\\operatorname{Rice}")

    @staticmethod
    def draw(rng: Any, nu: Any, sigma: Any, size: Any) -> Any:
        """Draw both coordinates."""
        return np.hypot(rng.normal(nu, sigma, size), rng.normal(0.0, sigma, size))


class Rice(Distribution, op=RiceRV()):
    r"""Rice distribution: the length of a vector in the plane with normal noise.

    .. math:: f(x \mid \nu, \sigma) = \frac{x}{\sigma^2}
        \exp\left(-\frac{x^2 + \nu^2}{2 \sigma^2}\right) I_0\left(\frac{x \nu}{\sigma^2}\right)

    ========  ====================================================================
    Support   ``x >= 0``
    Mean      ``m = sigma * sqrt(pi / 2) * exp(-t) * ((1 + 2 * t) * I_0(t)
              + 2 * t * I_1(t))`` with ``t = nu**2 / (4 * sigma**2)``
    Variance  ``2 * sigma**2 + nu**2 - m**2``
    ========  ====================================================================

    Parameters
    ----------
    nu : float, array_like or TensorVariable
        Length of the vector without noise; ``nu >= 0``.
    sigma : float, array_like or TensorVariable, default 1
        Standard deviation of each coordinate; ``sigma > 0``.
    b : float, array_like or TensorVariable
        ``nu / sigma``, instead of `nu`; ``b >= 0``.

    Raises
    ------
    SettingsError
        When not exactly one of `nu` and `b` is given, or a parameter is out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     signal = rf.Rice("signal", nu=4, sigma=1)
    >>> model.value_vars
    [signal_log__]
    """

    @classmethod
    def parametrise(cls, nu: Any = None, sigma: Any = None, b: Any = None) -> Any:
        """Take `nu` or `b` to the length."""
        width = real("sigma", 1.0 if sigma is None else sigma, positive)
        if given_one(nu=nu, b=b) == "nu":
            return cls.op, (real("nu", nu, at_least_zero), width)
        return cls.op, (real("b", b, at_least_zero) * width, width)

    @staticmethod
    def logdensity(value: Any, nu: Any, sigma: Any) -> Any:
        """Write the log density with a Bessel function that does not overflow."""
        value = as_real(value)
        x, length = value / sigma, nu / sigma
        bessel = log_bessel_i0(x * length)
        core = log_of(value) - 2.0 * log_of(sigma) - 0.5 * pt.sqr(x - length) + bessel
        return inside(pt.ge(value, 0.0) & pt.lt(value, np.inf), core)

    @staticmethod
    def support_point(rv: Any, nu: Any, sigma: Any) -> Any:
        """Return the larger of the two lengths."""
        return pt.maximum(nu, sigma)

    @staticmethod
    def constraints(nu: Any, sigma: Any) -> list[Constraint]:
        """Require a length that is not negative and a positive standard deviation."""
        return at_least_zero.on("nu", nu) + positive.on("sigma", sigma)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the logarithm."""
        return log
