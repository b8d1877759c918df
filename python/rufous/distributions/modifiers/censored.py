"""Numbers that are cut to an interval: what lies outside is seen at its end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.distributions.base import Distribution
from rufous.distributions.components import (
    ComposedRV,
    checked_density,
    part_constraints,
    part_of,
    part_signature,
)
from rufous.distributions.parameters import all_constants, real
from rufous.distributions.stable import as_real
from rufous.errors import SettingsError
from rufous.model import registry
from rufous.model.registry import Constraint
from rufous.transforms import finite_end

__all__ = ["Censored"]


class CensoredRV(ComposedRV):
    """Numbers of the part, clipped."""

    name = "censored"
    n_own = 2
    _print_name = ("Censored", "\\operatorname{Censored}")

    def draw(self, rng: Any, parameters: Any, size: tuple[int, ...]) -> Any:
        """Clip the numbers of the part."""
        [(op, own)] = self.split(parameters)
        return np.clip(op.rng_fn(rng, *own, size), parameters[0], parameters[1])


class Censored(Distribution, op_type=CensoredRV):
    r"""Censored distribution: numbers outside an interval are recorded as its end.

    .. math:: f(x \mid a, b) = \begin{cases} P(X \le a) & x = a \\ f_X(x) & a < x < b \\
        P(X \ge b) & x = b \end{cases}

    ========  =====================================================
    Support   ``lower <= x <= upper``
    Mean      ``lower * P(X <= lower) + upper * P(X >= upper)`` and
              the integral of ``x * f(x)`` between them
    Variance  by the same sums for ``x**2``
    ========  =====================================================

    Parameters
    ----------
    dist : distribution
        Of single numbers, made with ``.dist()``, with a log cdf in closed form.
    lower : float, array_like or TensorVariable, default -inf
        Numbers below are recorded as this one; None or -inf for none.
    upper : float, array_like or TensorVariable, default inf
        Numbers above are recorded as this one; None or inf for none.

    Raises
    ------
    SettingsError
        When `dist` is no distribution of numbers, or the ends are out of order.
    UnsupportedError
        When the log cdf of `dist` is not known.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     mu = rf.Normal("mu", 0, 1)
    ...     latent = rf.Normal.dist(mu, 1)
    ...     y = rf.Censored("y", latent, lower=None, upper=2, observed=[0.3, 2.0])
    """

    @classmethod
    def parametrise(cls, dist: Any, lower: Any = -np.inf, upper: Any = np.inf) -> Any:
        """Put the op of the numbers into one op."""
        part, ends = read_interval(dist, lower, upper)
        signature = ",".join(["()", "()", *part_signature(part.op, "c")])
        return CensoredRV([part.op], f"{signature}->()", part.op.dtype), (*ends, *part.parameters)

    @staticmethod
    def logdensity(op: Any, value: Any, lower: Any, upper: Any, *parameters: Any) -> Any:
        """Write the log density: at an end that of all numbers beyond."""
        [(part, own)] = op.split((lower, upper, *parameters))
        density = checked_density(part, value, own)
        low, high = finite_end(lower), finite_end(upper)
        if low is not None:
            below = registry.logcdf(part, held(low), *own)
            density = pt.switch(pt.eq(value, low), below, density)
            density = pt.switch(pt.lt(value, low), -np.inf, density)
        if high is not None:
            last = held(high) if op.dtype.startswith("float") else pt.ceil(held(high)) - 1.0
            above = registry.logccdf(part, last, *own)
            density = pt.switch(pt.eq(value, high), above, density)
            density = pt.switch(pt.gt(value, high), -np.inf, density)
        return density

    @staticmethod
    def logcdf(op: Any, value: Any, lower: Any, upper: Any, *parameters: Any) -> Any:
        """Write the log cdf."""
        [(part, own)] = op.split((lower, upper, *parameters))
        inside = registry.logcdf(part, value, *own)
        below = pt.lt(as_real(value), lower)
        return pt.switch(below, -np.inf, pt.switch(pt.ge(as_real(value), upper), 0.0, inside))

    @staticmethod
    def icdf(op: Any, probability: Any, lower: Any, upper: Any, *parameters: Any) -> Any:
        """Clip the quantile."""
        [(part, own)] = op.split((lower, upper, *parameters))
        return pt.clip(registry.icdf(part, probability, *own), lower, upper)

    @staticmethod
    def support_point(op: Any, rv: Any, lower: Any, upper: Any, *parameters: Any) -> Any:
        """Return the typical point of the numbers, or the nearest end."""
        [(part, own)] = op.split((lower, upper, *parameters))
        return pt.clip(registry.support_point(part, rv, *own), lower, upper)

    @staticmethod
    def constraints(op: Any, lower: Any, upper: Any, *parameters: Any) -> list[Constraint]:
        """Require the ends in order, and what the numbers require."""
        [(part, own)] = op.split((lower, upper, *parameters))
        return [Constraint(pt.le(lower, upper), "lower <= upper"), *part_constraints(part, own)]


def read_interval(dist: Any, lower: Any, upper: Any) -> tuple[Any, tuple[Any, Any]]:
    """Read a distribution of numbers and the two ends of an interval."""
    part = part_of("dist", dist)
    if part.op.ndim_supp:
        raise SettingsError("`dist` must be a distribution of single numbers, got one of arrays")
    low = real("lower", -np.inf if lower is None else lower, infinite=True)
    high = real("upper", np.inf if upper is None else upper, infinite=True)
    values = all_constants(low, high)
    if values is not None and np.any(values[0] > values[1]):
        raise SettingsError(f"`lower` <= `upper` must hold, got {values[0]} and {values[1]}")
    return part, (low, high)


def held(end: Any) -> Any:
    """Return an end with zero instead of infinity, so that no gradient is taken there."""
    return pt.switch(pt.isinf(end), 0.0, end)
