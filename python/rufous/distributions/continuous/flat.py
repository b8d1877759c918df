"""Improper priors: the log density is zero wherever it is not minus infinity."""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.stable import as_real, inside
from rufous.errors import UnsupportedError
from rufous.transforms import Transform, log

__all__ = ["Flat", "HalfFlat"]


class ImproperRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """A random variable that no generator can draw."""

    signature = "->()"
    dtype = "float64"

    def rng_fn(self, *args: Any) -> Any:
        """Refuse to draw."""
        raise UnsupportedError(
            f"{self._print_name[0]} is no probability distribution (it has infinite mass) and "
            "cannot be drawn from; use a proper prior, or leave this variable out of the draws"
        )


class FlatRV(ImproperRV):
    """The real line."""

    name = "flat"
    _print_name = ("Flat", "\\operatorname{Flat}")


class HalfFlatRV(ImproperRV):
    """The positive half of the real line."""

    name = "half_flat"
    _print_name = ("HalfFlat", "\\operatorname{HalfFlat}")


class Flat(Distribution, op=FlatRV()):
    r"""Improper flat prior on all real numbers.

    .. math:: f(x) \propto 1

    ========  ================
    Support   all real numbers
    Mean      does not exist
    Variance  does not exist
    ========  ================

    It is not a probability distribution: it has no draws, and the posterior may be improper too.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     x = rf.Flat("x")
    ...     y = rf.Normal("y", x, 1, observed=[0.2, 0.1])
    """

    @classmethod
    def parametrise(cls) -> Any:
        """There are no parameters."""
        return cls.op, ()

    @staticmethod
    def logdensity(value: Any) -> Any:
        """Return zeros."""
        return pt.zeros_like(as_real(value))

    @staticmethod
    def support_point(rv: Any) -> Any:
        """Return zero."""
        return pt.constant(0.0)


class HalfFlat(Distribution, op=HalfFlatRV()):
    r"""Improper flat prior on the positive numbers.

    .. math:: f(x) \propto 1 \text{ for } x \geq 0

    ========  ==============
    Support   ``x >= 0``
    Mean      does not exist
    Variance  does not exist
    ========  ==============

    It is not a probability distribution: it has no draws, and the posterior may be improper too.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     sigma = rf.HalfFlat("sigma")
    ...     y = rf.Normal("y", 0, sigma, observed=[0.2, 0.1])
    """

    @classmethod
    def parametrise(cls) -> Any:
        """There are no parameters."""
        return cls.op, ()

    @staticmethod
    def logdensity(value: Any) -> Any:
        """Return zero for positive values."""
        value = as_real(value)
        return inside(pt.ge(value, 0.0), pt.zeros_like(value))

    @staticmethod
    def support_point(rv: Any) -> Any:
        """Return one."""
        return pt.constant(1.0)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the logarithm."""
        return log
