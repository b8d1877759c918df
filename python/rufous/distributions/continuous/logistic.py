"""Distributions around the logistic function: logistic and logit-normal."""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt
from pytensor.tensor.random.basic import LogisticRV

from rufous.distributions.base import Distribution
from rufous.distributions.continuous.normal import Normal
from rufous.distributions.origin import log1m_of, log_odds_of, log_of
from rufous.distributions.parameters import positive, real, scale
from rufous.distributions.rv import NumberRV
from rufous.distributions.stable import LOG_2PI, as_real, inside
from rufous.model.registry import Constraint
from rufous.transforms import Transform, logodds

__all__ = ["Logistic", "LogitNormal"]


class Logistic(Distribution, op=LogisticRV(dtype="float64")):
    r"""Logistic distribution, whose cdf is the logistic function.

    .. math:: f(x \mid \mu, s) = \frac{e^{-z}}{s \left(1 + e^{-z}\right)^2},
        \quad z = \frac{x - \mu}{s}

    ========  ====================
    Support   all real numbers
    Mean      ``mu``
    Variance  ``pi**2 / 3 * s**2``
    ========  ====================

    Parameters
    ----------
    mu : float, array_like or TensorVariable, default 0
        Location, which is the mean; any real number.
    s : float, array_like or TensorVariable, default 1
        Scale; ``s > 0``.

    Raises
    ------
    SettingsError
        When a parameter is out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     x = rf.Logistic("x", mu=0, s=1)
    """

    @classmethod
    def parametrise(cls, mu: Any = 0.0, s: Any = 1.0) -> Any:
        """Take both as they are."""
        return cls.op, (real("mu", mu), real("s", s, positive))

    @staticmethod
    def logdensity(value: Any, mu: Any, s: Any) -> Any:
        """Write the log density."""
        z = (as_real(value) - mu) / s
        return -pt.softplus(z) - pt.softplus(-z) - log_of(s)

    @staticmethod
    def logcdf(value: Any, mu: Any, s: Any) -> Any:
        """Write the log cdf."""
        return -pt.softplus(-(as_real(value) - mu) / s)

    @staticmethod
    def logccdf(value: Any, mu: Any, s: Any) -> Any:
        """Write the log of the probability above."""
        return -pt.softplus((as_real(value) - mu) / s)

    @staticmethod
    def icdf(probability: Any, mu: Any, s: Any) -> Any:
        """Write the quantile function."""
        return mu + s * (pt.log(probability) - pt.log1p(-probability))

    @staticmethod
    def support_point(rv: Any, mu: Any, s: Any) -> Any:
        """Return the mean."""
        return mu

    @staticmethod
    def constraints(mu: Any, s: Any) -> list[Constraint]:
        """Require a positive scale."""
        return positive.on("s", s)


class LogitNormalRV(NumberRV):
    """The logistic function of normal numbers."""

    name = "logit_normal"
    signature = "(),()->()"
    _print_name = ("LogitNormal", "\\operatorname{LogitNormal}")

    @staticmethod
    def draw(rng: Any, mu: Any, sigma: Any, size: Any) -> Any:
        """Draw the log odds."""
        from scipy.special import expit

        return expit(rng.normal(mu, sigma, size))


class LogitNormal(Distribution, op=LogitNormalRV()):
    r"""Logit-normal distribution: the log odds are normal.

    .. math:: f(x \mid \mu, \sigma) = \frac{1}{x (1 - x) \sigma \sqrt{2\pi}}
        \exp\left(-\frac{\left(\operatorname{logit}(x) - \mu\right)^2}{2 \sigma^2}\right)

    ========  ==============
    Support   ``0 < x < 1``
    Mean      no closed form
    Variance  no closed form
    ========  ==============

    Parameters
    ----------
    mu : float, array_like or TensorVariable, default 0
        Mean of the log odds; any real number.
    sigma : float, array_like or TensorVariable, default 1
        Standard deviation of the log odds; ``sigma > 0``.
    tau : float, array_like or TensorVariable, optional
        Precision ``1 / sigma**2``, instead of `sigma`; ``tau > 0``.

    Raises
    ------
    SettingsError
        When both `sigma` and `tau` are given, or a parameter is out of range.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     share = rf.LogitNormal("share", mu=0, sigma=1.5)
    >>> model.value_vars
    [share_logodds__]
    """

    @classmethod
    def parametrise(cls, mu: Any = 0.0, sigma: Any = None, tau: Any = None) -> Any:
        """Take `sigma` or `tau` to the standard deviation of the log odds."""
        return cls.op, (real("mu", mu), scale(sigma, tau))

    @staticmethod
    def logdensity(value: Any, mu: Any, sigma: Any) -> Any:
        """Write the log density."""
        value = as_real(value)
        left, right = log_of(value), log1m_of(value)
        z = (_log_odds(value) - mu) / sigma
        core = -0.5 * pt.sqr(z) - left - right - log_of(sigma) - 0.5 * LOG_2PI
        return inside(pt.gt(value, 0.0) & pt.lt(value, 1.0), core)

    @staticmethod
    def logcdf(value: Any, mu: Any, sigma: Any) -> Any:
        """Write the log cdf."""
        within = pt.clip(as_real(value), 0.0, 1.0)
        return Normal.logcdf(_log_odds(within), mu, sigma)

    @staticmethod
    def icdf(probability: Any, mu: Any, sigma: Any) -> Any:
        """Write the quantile function."""
        return pt.sigmoid(Normal.icdf(probability, mu, sigma))

    @staticmethod
    def support_point(rv: Any, mu: Any, sigma: Any) -> Any:
        """Return the median."""
        return pt.sigmoid(mu)

    @staticmethod
    def constraints(mu: Any, sigma: Any) -> list[Constraint]:
        """Require a positive standard deviation."""
        return positive.on("sigma", sigma)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the log odds."""
        return logodds


def _log_odds(value: Any) -> Any:
    known = log_odds_of(value)
    return pt.log(value) - pt.log1p(-value) if known is None else known
