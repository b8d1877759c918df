"""More distributions of a number between two bounds: Kumaraswamy and triangular."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of, times_log
from rufous.distributions.parameters import all_constants, less_than, positive, real
from rufous.distributions.rv import NumberRV
from rufous.distributions.stable import LOG_2, as_real, inside
from rufous.errors import SettingsError
from rufous.model.registry import Constraint
from rufous.transforms import Interval, Transform, logodds

__all__ = ["Kumaraswamy", "Triangular"]


class KumaraswamyRV(NumberRV):
    """Draws by inversion of the cdf."""

    name = "kumaraswamy"
    signature = "(),()->()"
    _print_name = ("Kumaraswamy", "\\operatorname{Kumaraswamy}")

    @staticmethod
    def draw(rng: Any, a: Any, b: Any, size: Any) -> Any:
        """Invert the cdf in logarithms."""
        log_above = np.log1p(-rng.random(size)) / b
        return (-np.expm1(log_above)) ** (1.0 / a)


class Kumaraswamy(Distribution, op=KumaraswamyRV()):
    r"""Kumaraswamy distribution, like the beta but with a cdf in closed form.

    .. math:: f(x \mid a, b) = a b x^{a - 1} \left(1 - x^a\right)^{b - 1}

    ========  =====================================================
    Support   ``0 <= x <= 1``
    Mean      ``m(1)`` with ``m(k) = b * B(1 + k / a, b)``
    Variance  ``m(2) - m(1)**2``
    ========  =====================================================

    Parameters
    ----------
    a : float, array_like or TensorVariable
        First shape; ``a > 0``.
    b : float, array_like or TensorVariable
        Second shape; ``b > 0``.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     share = rf.Kumaraswamy("share", a=2, b=5)
    >>> model.value_vars
    [share_logodds__]
    """

    @classmethod
    def parametrise(cls, a: Any, b: Any) -> Any:
        """Take both as they are."""
        return cls.op, (real("a", a, positive), real("b", b, positive))

    @staticmethod
    def logdensity(value: Any, a: Any, b: Any) -> Any:
        """Write the log density."""
        value = as_real(value)
        log_power = a * log_of(value)
        # At the upper end the logarithm is infinite, and counts nothing for b = 1.
        counts_not = pt.eq(log_power, 0.0) & pt.eq(b, 1.0)
        tail = (b - 1.0) * pt.log1mexp(pt.switch(counts_not, -1.0, log_power))
        core = log_of(a) + log_of(b) + times_log(a - 1.0, value) + tail
        return inside(pt.ge(value, 0.0) & pt.le(value, 1.0), core)

    @staticmethod
    def logcdf(value: Any, a: Any, b: Any) -> Any:
        """Write the log cdf."""
        value = as_real(value)
        log_power = a * pt.log(pt.clip(value, 0.0, 1.0))
        core = pt.log1mexp(b * pt.log1mexp(log_power))
        return pt.switch(pt.ge(value, 1.0), 0.0, inside(pt.gt(value, 0.0), core))

    @staticmethod
    def icdf(probability: Any, a: Any, b: Any) -> Any:
        """Write the quantile function."""
        return (-pt.expm1(pt.log1p(-probability) / b)) ** (1.0 / a)

    @staticmethod
    def support_point(rv: Any, a: Any, b: Any) -> Any:
        """Return the mean."""
        first = 1.0 + 1.0 / a
        return pt.exp(pt.log(b) + pt.gammaln(first) + pt.gammaln(b) - pt.gammaln(first + b))

    @staticmethod
    def constraints(a: Any, b: Any) -> list[Constraint]:
        """Require positive shapes."""
        return positive.on("a", a) + positive.on("b", b)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the log odds."""
        return logodds


class TriangularRV(NumberRV):
    """Triangular numbers; NumPy's parameters in the order of the interval."""

    name = "triangular"
    signature = "(),(),()->()"
    _print_name = ("Triangular", "\\operatorname{Triangular}")

    @staticmethod
    def draw(rng: Any, lower: Any, c: Any, upper: Any, size: Any) -> Any:
        """Draw."""
        return rng.triangular(lower, c, upper, size)


class Triangular(Distribution, op=TriangularRV()):
    r"""Triangular distribution: a density that rises to a mode and falls again.

    .. math:: f(x \mid a, c, b) = \begin{cases}
        \frac{2 (x - a)}{(b - a)(c - a)} & a \le x < c \\
        \frac{2 (b - x)}{(b - a)(b - c)} & c \le x \le b \end{cases}

    ========  ====================================================================
    Support   ``lower <= x <= upper``
    Mean      ``(lower + upper + c) / 3``
    Variance  ``(lower**2 + upper**2 + c**2 - lower * upper - lower * c - upper * c)
              / 18``
    ========  ====================================================================

    Parameters
    ----------
    lower : float, array_like or TensorVariable, default 0
        Lower end; less than `upper`.
    upper : float, array_like or TensorVariable, default 1
        Upper end.
    c : float, array_like or TensorVariable, default 0.5
        Mode; ``lower <= c <= upper``.

    Raises
    ------
    SettingsError
        When the parameters are not in order.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Triangular("x", lower=-100, c=0, upper=100)
    >>> model.value_vars
    [x_interval__]
    """

    @classmethod
    def parametrise(cls, lower: Any = 0.0, upper: Any = 1.0, c: Any = 0.5) -> Any:
        """Take all three as they are."""
        low, mode, high = real("lower", lower), real("c", c), real("upper", upper)
        values = all_constants(low, mode, high)
        if values is not None and not _in_order(*values):
            raise SettingsError(
                "`lower` <= `c` <= `upper` and `lower` < `upper` must hold, "
                f"got lower={lower!r}, c={c!r}, upper={upper!r}"
            )
        return cls.op, (low, mode, high)

    @staticmethod
    def logdensity(value: Any, lower: Any, c: Any, upper: Any) -> Any:
        """Write the log density; a side of no width is never met."""
        value = as_real(value)
        left = pt.lt(value, c)
        height = pt.switch(left, value - lower, upper - value)
        width = pt.switch(left, c - lower, upper - c)
        # At a mode on the upper end both are zero, and their ratio is one.
        flat = pt.eq(width, 0.0)
        ratio = pt.switch(flat, 1.0, height) / pt.switch(flat, 1.0, width)
        core = LOG_2 + pt.log(ratio) - pt.log(upper - lower)
        return inside(pt.ge(value, lower) & pt.le(value, upper), core)

    @staticmethod
    def logcdf(value: Any, lower: Any, c: Any, upper: Any) -> Any:
        """Write the log cdf."""
        value = pt.clip(as_real(value), lower, upper)
        width = upper - lower
        left = pt.switch(pt.le(value, c), value - lower, 0.0)
        rise = pt.log(pt.switch(pt.gt(left, 0.0), pt.sqr(left) / ((c - lower) * width), 0.0))
        right = pt.switch(pt.le(value, c), 0.0, upper - value)
        fall = pt.log1p(-pt.switch(pt.gt(right, 0.0), pt.sqr(right) / ((upper - c) * width), 0.0))
        core = pt.switch(pt.le(value, c) & pt.lt(value, upper), rise, fall)
        return inside(pt.gt(value, lower), core)

    @staticmethod
    def icdf(probability: Any, lower: Any, c: Any, upper: Any) -> Any:
        """Write the quantile function."""
        width = upper - lower
        left = lower + pt.sqrt(probability * width * (c - lower))
        right = upper - pt.sqrt((1.0 - probability) * width * (upper - c))
        return pt.switch(pt.lt(probability * width, c - lower), left, right)

    @staticmethod
    def support_point(rv: Any, lower: Any, c: Any, upper: Any) -> Any:
        """Return the mean."""
        return (lower + upper + c) / 3.0

    @staticmethod
    def constraints(lower: Any, c: Any, upper: Any) -> list[Constraint]:
        """Require the mode between the ends."""
        ordered = pt.le(lower, c) & pt.le(c, upper)
        return [
            Constraint(ordered, "lower <= c <= upper"),
            less_than("lower", lower, "upper", upper),
        ]

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the interval between the ends."""
        return Interval(bounds_fn=_ends)


def _ends(lower: Any, c: Any, upper: Any) -> tuple[Any, Any]:
    return lower, upper


def _in_order(lower: Any, c: Any, upper: Any) -> bool:
    try:
        return bool(np.all((lower <= c) & (c <= upper) & (lower < upper)))
    except ValueError:  # shapes that do not broadcast are reported as such later
        return True
