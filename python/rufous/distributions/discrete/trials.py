"""Counts of successes when the trials are not alike: beta-binomial and hypergeometric."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.distributions.base import Distribution
from rufous.distributions.parameters import (
    all_constants,
    at_least_zero,
    integer,
    positive,
    real,
)
from rufous.distributions.rv import CountRV
from rufous.distributions.stable import as_real, betaln, binomln, inside_whole, log_sum_exp
from rufous.errors import SettingsError
from rufous.model.registry import Constraint

__all__ = ["BetaBinomial", "HyperGeometric"]


class BetaBinomialRV(CountRV):
    """Binomial numbers whose probability is beta."""

    name = "beta_binomial"
    signature = "(),(),()->()"
    _print_name = ("BetaBinomial", "\\operatorname{BetaBinomial}")

    @staticmethod
    def draw(rng: Any, n: Any, alpha: Any, beta: Any, size: Any) -> Any:
        """Draw the probability, then the count."""
        return rng.binomial(n, rng.beta(alpha, beta, size), size)


class BetaBinomial(Distribution, op=BetaBinomialRV()):
    r"""Beta-binomial distribution: successes when the probability varies between runs.

    .. math:: P(x \mid \alpha, \beta, n) = \binom{n}{x}
        \frac{B(x + \alpha, n - x + \beta)}{B(\alpha, \beta)}

    ========  ====================================================================
    Support   ``x`` in {0, ..., n}
    Mean      ``n * p`` with ``p = alpha / (alpha + beta)``
    Variance  ``n * p * (1 - p) * (alpha + beta + n) / (alpha + beta + 1)``
    ========  ====================================================================

    Parameters
    ----------
    alpha : float, array_like or TensorVariable
        First shape of the probability; ``alpha > 0``.
    beta : float, array_like or TensorVariable
        Second shape of the probability; ``beta > 0``.
    n : int, array_like or TensorVariable
        Number of trials; ``n >= 0``.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.BetaBinomial("y", alpha=2, beta=3, n=10, observed=[3, 7])
    """

    @classmethod
    def parametrise(cls, alpha: Any, beta: Any, n: Any) -> Any:
        """Take all three as they are."""
        shapes = (real("alpha", alpha, positive), real("beta", beta, positive))
        return cls.op, (integer("n", n, at_least_zero), *shapes)

    @staticmethod
    def logdensity(value: Any, n: Any, alpha: Any, beta: Any) -> Any:
        """Write the log probability."""
        count, total = as_real(value), as_real(n)
        supported = pt.ge(count, 0.0) & pt.le(count, total)
        held = pt.switch(supported, count, 0.0)
        core = (
            binomln(total, held) + betaln(held + alpha, total - held + beta) - betaln(alpha, beta)
        )
        return inside_whole(value, supported, core)

    @staticmethod
    def logcdf(value: Any, n: Any, alpha: Any, beta: Any) -> Any:
        """Write the log cdf, a sum over the counts."""
        return _summed(lambda count: BetaBinomial.logdensity(count, n, alpha, beta), value, n)

    @staticmethod
    def support_point(rv: Any, n: Any, alpha: Any, beta: Any) -> Any:
        """Return the mean, rounded down."""
        return pt.cast(pt.floor(n * alpha / (alpha + beta)), "int64")

    @staticmethod
    def constraints(n: Any, alpha: Any, beta: Any) -> list[Constraint]:
        """Require positive shapes and a number of trials that is not negative."""
        return at_least_zero.on("n", n) + positive.on("alpha", alpha) + positive.on("beta", beta)


class HyperGeometricRV(CountRV):
    """Draws without replacement, by NumPy."""

    name = "hypergeometric"
    signature = "(),(),()->()"
    _print_name = ("HyperGeometric", "\\operatorname{HyperGeometric}")

    @staticmethod
    def draw(rng: Any, total: Any, good: Any, drawn: Any, size: Any) -> Any:
        """Draw."""
        return rng.hypergeometric(good, total - good, drawn, size)


class HyperGeometric(Distribution, op=HyperGeometricRV()):
    r"""Hypergeometric distribution: successes among draws without replacement.

    .. math:: P(x \mid N, k, n) = \binom{k}{x} \binom{N - k}{n - x} \Big/ \binom{N}{n}

    ========  ==============================================================
    Support   ``max(0, n - N + k) <= x <= min(k, n)``
    Mean      ``n * k / N``
    Variance  ``n * k * (N - k) * (N - n) / (N**2 * (N - 1))``
    ========  ==============================================================

    Parameters
    ----------
    N : int, array_like or TensorVariable
        Size of the population; ``N >= 0``.
    k : int, array_like or TensorVariable
        Number of successes in the population; ``0 <= k <= N``.
    n : int, array_like or TensorVariable
        Number of draws; ``0 <= n <= N``.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.HyperGeometric("y", N=50, k=10, n=5, observed=2)
    """

    @classmethod
    def parametrise(cls, N: Any, k: Any, n: Any) -> Any:
        """Take all three as they are."""
        total = integer("N", N, at_least_zero)
        good, drawn = integer("k", k, at_least_zero), integer("n", n, at_least_zero)
        for name, part in (("k", good), ("n", drawn)):
            values = all_constants(part, total)
            if values is not None and (values[0] > values[1]).any():
                raise SettingsError(f"`{name}` <= `N` must hold, got {values[0]} and {values[1]}")
        return cls.op, (total, good, drawn)

    @staticmethod
    def logdensity(value: Any, total: Any, good: Any, drawn: Any) -> Any:
        """Write the log probability."""
        count = as_real(value)
        total, good, drawn = as_real(total), as_real(good), as_real(drawn)
        rest = drawn - count
        supported = (
            pt.ge(count, 0.0) & pt.le(count, good) & pt.ge(rest, 0.0) & pt.le(rest, total - good)
        )
        held = pt.switch(supported, count, 0.0)
        others = pt.switch(supported, rest, 0.0)
        core = binomln(good, held) + binomln(total - good, others) - binomln(total, drawn)
        return inside_whole(value, supported, core)

    @staticmethod
    def logcdf(value: Any, total: Any, good: Any, drawn: Any) -> Any:
        """Write the log cdf, a sum over the counts."""
        return _summed(
            lambda count: HyperGeometric.logdensity(count, total, good, drawn), value, drawn
        )

    @staticmethod
    def support_point(rv: Any, total: Any, good: Any, drawn: Any) -> Any:
        """Return the mode."""
        return (drawn + 1) * (good + 1) // (total + 2)

    @staticmethod
    def constraints(total: Any, good: Any, drawn: Any) -> list[Constraint]:
        """Require both numbers within the population."""
        return [
            Constraint(pt.ge(good, 0) & pt.le(good, total), "0 <= k <= N"),
            Constraint(pt.ge(drawn, 0) & pt.le(drawn, total), "0 <= n <= N"),
        ]


def _summed(logdensity: Callable[[Any], Any], value: Any, most: Any) -> Any:
    """Return the log of the sum of probabilities of the counts up to a value."""
    value = as_real(value)
    axes = max(value.type.ndim, most.type.ndim)
    counts = pt.shape_padright(pt.arange(pt.max(most) + 1), axes)
    terms = pt.switch(pt.le(counts, value), logdensity(counts), -np.inf)
    return pt.minimum(log_sum_exp(terms, axis=0), 0.0)
