"""Distributions on given points: uniform on whole numbers, and all on one number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.distributions.base import Distribution
from rufous.distributions.parameters import all_constants, integer, real
from rufous.distributions.rv import CountRV, NumberRV
from rufous.distributions.stable import as_real, inside, inside_whole
from rufous.errors import SettingsError
from rufous.model.registry import Constraint

__all__ = ["DiracDelta", "DiscreteUniform"]


class DiscreteUniformRV(CountRV):
    """Whole numbers between two ends, both included."""

    name = "discrete_uniform"
    signature = "(),()->()"
    _print_name = ("DiscreteUniform", "\\operatorname{DiscreteUniform}")

    @staticmethod
    def draw(rng: Any, lower: Any, upper: Any, size: Any) -> Any:
        """Draw."""
        return rng.integers(lower, upper, size, endpoint=True)


class DiscreteUniform(Distribution, op=DiscreteUniformRV()):
    r"""Uniform distribution on the whole numbers between two ends.

    .. math:: P(x \mid a, b) = \frac{1}{b - a + 1}

    ========  =========================================
    Support   ``x`` in {lower, lower + 1, ..., upper}
    Mean      ``(lower + upper) / 2``
    Variance  ``((upper - lower + 1)**2 - 1) / 12``
    ========  =========================================

    Parameters
    ----------
    lower : int, array_like or TensorVariable
        Lower end.
    upper : int, array_like or TensorVariable
        Upper end; at least `lower`.

    Raises
    ------
    SettingsError
        When a parameter is missing, no whole number or out of order.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.DiscreteUniform("y", lower=1, upper=6, observed=[3, 6])
    """

    @classmethod
    def parametrise(cls, lower: Any, upper: Any) -> Any:
        """Take both as they are."""
        low, high = integer("lower", lower), integer("upper", upper)
        values = all_constants(low, high)
        if values is not None and np.any(values[0] > values[1]):
            raise SettingsError(f"`lower` <= `upper` must hold, got {values[0]} and {values[1]}")
        return cls.op, (low, high)

    @staticmethod
    def logdensity(value: Any, lower: Any, upper: Any) -> Any:
        """Write the log probability."""
        supported = pt.ge(value, lower) & pt.le(value, upper)
        return inside_whole(value, supported, -pt.log(as_real(upper - lower + 1)))

    @staticmethod
    def logcdf(value: Any, lower: Any, upper: Any) -> Any:
        """Write the log cdf."""
        reached = pt.floor(pt.clip(as_real(value), lower - 1.0, as_real(upper))) - lower + 1.0
        return pt.log(reached) - pt.log(as_real(upper - lower + 1))

    @staticmethod
    def icdf(probability: Any, lower: Any, upper: Any) -> Any:
        """Write the quantile function."""
        steps = pt.ceil(probability * as_real(upper - lower + 1)) - 1.0
        return lower + pt.maximum(steps, 0.0)

    @staticmethod
    def support_point(rv: Any, lower: Any, upper: Any) -> Any:
        """Return the middle, rounded down."""
        return (lower + upper) // 2

    @staticmethod
    def constraints(lower: Any, upper: Any) -> list[Constraint]:
        """Require the ends in order."""
        return [Constraint(pt.le(lower, upper), "lower <= upper")]


class DiracDeltaRV(NumberRV):
    """Always the same number."""

    name = "dirac_delta"
    signature = "()->()"
    _print_name = ("DiracDelta", "\\operatorname{DiracDelta}")

    @staticmethod
    def draw(rng: Any, c: Any, size: Any) -> Any:
        """Repeat the number."""
        return np.broadcast_to(c, size).copy()


class DiracDelta(Distribution, op=DiracDeltaRV()):
    r"""Distribution with all probability on one number.

    .. math:: P(x \mid c) = 1 \text{ if } x = c, \text{ else } 0

    ========  =====
    Support   ``c``
    Mean      ``c``
    Variance  0
    ========  =====

    Parameters
    ----------
    c : float, int, array_like or TensorVariable
        The number; whole numbers make a discrete variable.

    Raises
    ------
    SettingsError
        When `c` is missing or no number.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     zero = rf.DiracDelta("zero", 0)
    """

    @classmethod
    def parametrise(cls, c: Any) -> Any:
        """Choose the dtype by that of the number."""
        dtype = c.dtype if hasattr(c, "dtype") else np.asarray(c).dtype
        if np.dtype(dtype).kind in "biu":
            return DiracDeltaRV(dtype="int64"), (integer("c", c),)
        return cls.op, (real("c", c),)

    @staticmethod
    def logdensity(value: Any, c: Any) -> Any:
        """Write the log probability."""
        return inside(pt.eq(value, c), pt.zeros_like(as_real(value) - c))

    @staticmethod
    def logcdf(value: Any, c: Any) -> Any:
        """Write the log cdf."""
        return inside(pt.ge(value, c), pt.zeros_like(as_real(value) - c))

    @staticmethod
    def icdf(probability: Any, c: Any) -> Any:
        """Write the quantile function."""
        return as_real(c) + pt.zeros_like(probability)

    @staticmethod
    def support_point(rv: Any, c: Any) -> Any:
        """Return the number."""
        return c
