"""Distributions of the number of successes in one or several trials."""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt
from pytensor.tensor.random.basic import BernoulliRV, BinomialRV

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log1m_of, log_odds_of, times_log, times_log1m
from rufous.distributions.parameters import at_least_zero, given_one, integer, probability, real
from rufous.distributions.stable import as_real, binomln, inside, inside_whole
from rufous.model.registry import Constraint

__all__ = ["Bernoulli", "Binomial"]


class Bernoulli(Distribution, op=BernoulliRV()):
    r"""Bernoulli distribution: success (1) or failure (0) of one trial.

    .. math:: P(x \mid p) = p^x (1 - p)^{1 - x}

    ========  ==============
    Support   ``x`` in {0, 1}
    Mean      ``p``
    Variance  ``p * (1 - p)``
    ========  ==============

    Parameters
    ----------
    p : float, array_like or TensorVariable
        Probability of success; ``0 <= p <= 1``.
    logit_p : float, array_like or TensorVariable, optional
        Log odds ``log(p / (1 - p))``, instead of `p`; any real number.

    Raises
    ------
    SettingsError
        When not exactly one of `p` and `logit_p` is given, or `p` is out of range.

    Notes
    -----
    With `logit_p`, and also with ``p=rf.math.invlogit(eta)``, the log probability is computed from
    the log odds, so that it is exact where `p` has rounded to 0 or 1.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     eta = rf.Normal("eta", 0, 1)
    ...     y = rf.Bernoulli("y", logit_p=eta, observed=[0, 1, 1])
    """

    @classmethod
    def parametrise(cls, p: Any = None, logit_p: Any = None) -> Any:
        """Take `p` or `logit_p` to the probability."""
        return cls.op, (success(p, logit_p),)

    @staticmethod
    def logdensity(value: Any, p: Any) -> Any:
        """Write the log probability."""
        value = as_real(value)
        log_odds = log_odds_of(p)
        if log_odds is None:
            core = times_log(value, p) + times_log1m(1.0 - value, p)
        else:
            core = -pt.softplus((1.0 - 2.0 * value) * log_odds)
        return inside(pt.eq(value, 0.0) | pt.eq(value, 1.0), core)

    @staticmethod
    def logcdf(value: Any, p: Any) -> Any:
        """Write the log cdf."""
        value = as_real(value)
        below_one = pt.switch(pt.ge(value, 1.0), 0.0, log1m_of(p))
        return inside(pt.ge(value, 0.0), below_one)

    @staticmethod
    def icdf(probability: Any, p: Any) -> Any:
        """Write the quantile function."""
        return pt.cast(pt.gt(probability, 1.0 - p), "float64")

    @staticmethod
    def support_point(rv: Any, p: Any) -> Any:
        """Return the likelier outcome."""
        return pt.cast(pt.ge(p, 0.5), "int64")

    @staticmethod
    def constraints(p: Any) -> list[Constraint]:
        """Require a probability."""
        return probability.on("p", p)


class Binomial(Distribution, op=BinomialRV()):
    r"""Binomial distribution: the number of successes in `n` independent trials.

    .. math:: P(x \mid n, p) = \binom{n}{x} p^x (1 - p)^{n - x}

    ========  ===================
    Support   ``x`` in {0, ..., n}
    Mean      ``n * p``
    Variance  ``n * p * (1 - p)``
    ========  ===================

    Parameters
    ----------
    n : int, array_like of int or TensorVariable
        Number of trials; ``n >= 0``.
    p : float, array_like or TensorVariable
        Probability of success; ``0 <= p <= 1``.
    logit_p : float, array_like or TensorVariable, optional
        Log odds ``log(p / (1 - p))``, instead of `p`; any real number.

    Raises
    ------
    SettingsError
        When not exactly one of `p` and `logit_p` is given, or a parameter is out of range or `n`
        is not whole.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     p = rf.Beta("p", 1, 1)
    ...     y = rf.Binomial("y", n=10, p=p, observed=7)
    """

    @classmethod
    def parametrise(cls, n: Any, p: Any = None, logit_p: Any = None) -> Any:
        """Take `p` or `logit_p` to the probability; `n` stays an integer."""
        return cls.op, (integer("n", n, at_least_zero), success(p, logit_p))

    @staticmethod
    def logdensity(value: Any, n: Any, p: Any) -> Any:
        """Write the log probability."""
        count, n = as_real(value), as_real(n)
        log_odds = log_odds_of(p)
        if log_odds is None:
            core = times_log(count, p) + times_log1m(n - count, p)
        else:
            core = -count * pt.softplus(-log_odds) - (n - count) * pt.softplus(log_odds)
        supported = pt.ge(count, 0.0) & pt.le(count, n)
        return inside_whole(value, supported, binomln(n, count) + core)

    @staticmethod
    def logcdf(value: Any, n: Any, p: Any) -> Any:
        """Write the log cdf, an incomplete beta function."""
        count = pt.floor(as_real(value))
        within = pt.clip(count, 0.0, pt.maximum(n - 1.0, 0.0))
        # With no trials left to fail, the probability is one.
        core = pt.log(pt.betainc(pt.maximum(n - within, 1.0), within + 1.0, 1.0 - p))
        return inside(pt.ge(count, 0.0), pt.switch(pt.ge(count, n), 0.0, core))

    @staticmethod
    def support_point(rv: Any, n: Any, p: Any) -> Any:
        """Return the rounded mean."""
        return pt.cast(pt.round(as_real(n) * p), "int64")

    @staticmethod
    def constraints(n: Any, p: Any) -> list[Constraint]:
        """Require a number of trials and a probability."""
        return at_least_zero.on("n", n) + probability.on("p", p)


def success(p: Any, logit_p: Any) -> Any:
    """Return the probability of success from either parametrisation."""
    if given_one(p=p, logit_p=logit_p) == "p":
        return real("p", p, probability)
    return pt.sigmoid(real("logit_p", logit_p))
