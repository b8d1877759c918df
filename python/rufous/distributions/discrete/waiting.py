"""Numbers of trials until an event: geometric and discrete Weibull."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.basic import GeometricRV

from rufous.distributions.base import Distribution
from rufous.distributions.discrete.counts import half_open_unit
from rufous.distributions.origin import log_of, times_log1m
from rufous.distributions.parameters import Requirement, positive, real
from rufous.distributions.rv import CountRV
from rufous.distributions.stable import as_real, inside, inside_whole
from rufous.model.registry import Constraint

__all__ = ["DiscreteWeibull", "Geometric"]

open_unit = Requirement("0 < {} < 1", lambda x: (x > 0) & (x < 1), "it must be a probability")


class Geometric(Distribution, op=GeometricRV()):
    r"""Geometric distribution: the number of trials until the first success.

    .. math:: P(x \mid p) = p \, (1 - p)^{x - 1}

    ========  ====================
    Support   ``x`` in {1, 2, ...}
    Mean      ``1 / p``
    Variance  ``(1 - p) / p**2``
    ========  ====================

    Parameters
    ----------
    p : float, array_like or TensorVariable
        Probability of success; ``0 < p <= 1``.

    Raises
    ------
    SettingsError
        When `p` is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.Geometric("y", p=0.25, observed=[1, 6])
    """

    @classmethod
    def parametrise(cls, p: Any) -> Any:
        """Take `p` as it is."""
        return cls.op, (real("p", p, half_open_unit),)

    @staticmethod
    def logdensity(value: Any, p: Any) -> Any:
        """Write the log probability."""
        count = as_real(value)
        core = log_of(p) + times_log1m(count - 1.0, p)
        return inside_whole(value, pt.ge(count, 1.0), core)

    @staticmethod
    def logcdf(value: Any, p: Any) -> Any:
        """Write the log cdf."""
        count = pt.floor(as_real(value))
        return inside(pt.ge(count, 1.0), pt.log1mexp(pt.maximum(count, 1.0) * pt.log1p(-p)))

    @staticmethod
    def icdf(probability: Any, p: Any) -> Any:
        """Write the quantile function."""
        return pt.maximum(1.0, pt.ceil(pt.log1p(-probability) / pt.log1p(-p)))

    @staticmethod
    def support_point(rv: Any, p: Any) -> Any:
        """Return the mean, rounded down."""
        return pt.cast(pt.floor(1.0 / p), "int64")

    @staticmethod
    def constraints(p: Any) -> list[Constraint]:
        """Require a positive probability."""
        return half_open_unit.on("p", p)


class DiscreteWeibullRV(CountRV):
    """Draws by inversion of the cdf."""

    name = "discrete_weibull"
    signature = "(),()->()"
    _print_name = ("DiscreteWeibull", "\\operatorname{DiscreteWeibull}")

    @staticmethod
    def draw(rng: Any, q: Any, beta: Any, size: Any) -> Any:
        """Invert the probability of a longer wait, which is uniform in (0, 1]."""
        ratio = np.log1p(-rng.random(size)) / np.log(q)
        return np.maximum(np.ceil(ratio ** (1.0 / beta)) - 1.0, 0.0)


class DiscreteWeibull(Distribution, op=DiscreteWeibullRV()):
    r"""Discrete Weibull distribution: a whole lifetime with a hazard that changes with age.

    .. math:: P(x \mid q, \beta) = q^{x^\beta} - q^{(x + 1)^\beta}

    ========  ===================================================
    Support   ``x`` in {0, 1, ...}
    Mean      ``m = sum of q**(k**beta) for k = 1, 2, ...``
    Variance  ``2 * sum of k * q**(k**beta) - m - m**2``
    ========  ===================================================

    Parameters
    ----------
    q : float, array_like or TensorVariable
        Probability of surviving the first step; ``0 < q < 1``.
    beta : float, array_like or TensorVariable
        Shape; ``beta > 0``, and 1 gives a constant hazard.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.DiscreteWeibull("y", q=0.8, beta=1.2, observed=[0, 3])
    """

    @classmethod
    def parametrise(cls, q: Any, beta: Any) -> Any:
        """Take both as they are."""
        return cls.op, (real("q", q, open_unit), real("beta", beta, positive))

    @staticmethod
    def logdensity(value: Any, q: Any, beta: Any) -> Any:
        """Write the log probability."""
        count = as_real(value)
        held = pt.switch(pt.ge(count, 0.0), count, 0.0)
        log_q = log_of(q)
        # Zero to the power beta is zero, and so is its derivative.
        first = pt.eq(held, 0.0)
        start = pt.switch(first, 0.0, _power(pt.switch(first, 1.0, held), beta))
        core = start * log_q + pt.log1mexp((_power(held + 1.0, beta) - start) * log_q)
        return inside_whole(value, pt.ge(count, 0.0), core)

    @staticmethod
    def logcdf(value: Any, q: Any, beta: Any) -> Any:
        """Write the log cdf."""
        count = pt.floor(as_real(value))
        power = _power(pt.maximum(count, 0.0) + 1.0, beta)
        return inside(pt.ge(count, 0.0), pt.log1mexp(power * pt.log(q)))

    @staticmethod
    def icdf(probability: Any, q: Any, beta: Any) -> Any:
        """Write the quantile function."""
        ratio = pt.log1p(-probability) / pt.log(q)
        return pt.maximum(pt.ceil(ratio ** (1.0 / beta)) - 1.0, 0.0)

    @staticmethod
    def support_point(rv: Any, q: Any, beta: Any) -> Any:
        """Return the median."""
        return pt.cast(DiscreteWeibull.icdf(0.5, q, beta), "int64")

    @staticmethod
    def constraints(q: Any, beta: Any) -> list[Constraint]:
        """Require a probability strictly between zero and one, and a positive shape."""
        return open_unit.on("q", q) + positive.on("beta", beta)


def _power(base: Any, exponent: Any) -> Any:
    return pt.exp(exponent * pt.log(base))
