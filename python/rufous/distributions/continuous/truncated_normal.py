"""The normal distribution cut off on one or both sides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of
from rufous.distributions.parameters import check_increasing, less_than, positive, real, scale
from rufous.distributions.stable import (
    LOG_2PI,
    as_real,
    inside,
    log_diff_normal_cdf,
    log_normal_cdf,
    normal_cdf,
    normal_quantile,
)
from rufous.model.registry import Constraint
from rufous.transforms import Interval, Transform, by_finite_ends, finite_end

__all__ = ["TruncatedNormal"]


class TruncatedNormalRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Draws by inversion of the cdf, in logarithms so that both tails keep their digits."""

    name = "truncated_normal"
    signature = "(),(),(),()->()"
    dtype = "float64"
    _print_name = ("TruncatedNormal", "\\operatorname{TruncatedNormal}")

    @classmethod
    def rng_fn(cls, rng: Any, mu: Any, sigma: Any, lower: Any, upper: Any, size: Any) -> Any:
        """Draw; an interval right of the mean is reflected to the left."""
        from scipy.special import log_ndtr, ndtri_exp

        if size is None:
            size = np.broadcast_shapes(*(np.shape(each) for each in (mu, sigma, lower, upper)))
        # In (0, 1]: zero would be drawn at an open end.
        log_uniform = np.log1p(-rng.random(size))
        low, high = (lower - mu) / sigma, (upper - mu) / sigma
        reflected = low + high > 0
        near, far = np.where(reflected, -low, high), np.where(reflected, -high, low)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_far, log_near = log_ndtr(far), log_ndtr(near)
            log_mass = log_near + np.log1p(-np.exp(log_far - log_near))
            standard = ndtri_exp(np.logaddexp(log_far, log_uniform + log_mass))
        return np.clip(mu + sigma * np.where(reflected, -standard, standard), lower, upper)


class TruncatedNormal(Distribution, op=TruncatedNormalRV()):
    r"""Normal distribution restricted to an interval.

    .. math:: f(x \mid \mu, \sigma, a, b) = \frac{\phi\left(\frac{x - \mu}{\sigma}\right)}
        {\sigma \left[\Phi\left(\frac{b - \mu}{\sigma}\right)
        - \Phi\left(\frac{a - \mu}{\sigma}\right)\right]}

    ========  ======================================================================
    Support   ``lower <= x <= upper``
    Mean      ``mu + sigma * (phi(A) - phi(B)) / Z`` with ``A = (lower - mu) / sigma``,
              ``B = (upper - mu) / sigma`` and ``Z = Phi(B) - Phi(A)``
    Variance  ``sigma**2 * (1 + (A * phi(A) - B * phi(B)) / Z
              - ((phi(A) - phi(B)) / Z)**2)``
    ========  ======================================================================

    Parameters
    ----------
    mu : float, array_like or TensorVariable, default 0
        Mean before truncation; any real number.
    sigma : float, array_like or TensorVariable, default 1
        Standard deviation before truncation; ``sigma > 0``.
    tau : float, array_like or TensorVariable, optional
        Precision ``1 / sigma**2``, instead of `sigma`; ``tau > 0``. Keyword only.
    lower : float, array_like or TensorVariable, optional
        Lower end; None or an infinite constant for none. Keyword only.
    upper : float, array_like or TensorVariable, optional
        Upper end; None or an infinite constant for none; more than `lower`. Keyword only.

    Raises
    ------
    SettingsError
        When both `sigma` and `tau` are given, or a parameter is out of range.

    Notes
    -----
    The log of the normalising constant is exact to rounding also when the interval lies far out in
    a tail or is very narrow. Ends that are not constant must be finite.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.TruncatedNormal("x", mu=0, sigma=1, lower=0)
    >>> model.value_vars
    [x_interval__]
    """

    @classmethod
    def parametrise(
        cls,
        mu: Any = 0.0,
        sigma: Any = None,
        *,
        tau: Any = None,
        lower: Any = None,
        upper: Any = None,
    ) -> Any:
        """Take `sigma` or `tau` to the standard deviation, and a missing end to infinity."""
        low = real("lower", -np.inf if lower is None else lower, infinite=True)
        high = real("upper", np.inf if upper is None else upper, infinite=True)
        check_increasing("lower", low, "upper", high)
        return cls.op, (real("mu", mu), scale(sigma, tau), low, high)

    @staticmethod
    def logdensity(value: Any, mu: Any, sigma: Any, lower: Any, upper: Any) -> Any:
        """Write the log density."""
        value = as_real(value)
        core = -0.5 * pt.sqr((value - mu) / sigma) - log_of(sigma) - 0.5 * LOG_2PI
        core = core - _log_mass(mu, sigma, lower, upper)
        return inside(pt.ge(value, lower) & pt.le(value, upper), core)

    @staticmethod
    def logcdf(value: Any, mu: Any, sigma: Any, lower: Any, upper: Any) -> Any:
        """Write the log cdf."""
        value = pt.clip(as_real(value), lower, upper)
        z = (value - mu) / sigma
        below = by_finite_ends(
            finite_end(lower),
            None,
            both=lambda low, high: z,
            left=lambda low: log_diff_normal_cdf((low - mu) / sigma, z),
            right=lambda high: z,
            none=lambda: log_normal_cdf(z),
        )
        return inside(pt.gt(value, lower), below - _log_mass(mu, sigma, lower, upper))

    @staticmethod
    def icdf(probability: Any, mu: Any, sigma: Any, lower: Any, upper: Any) -> Any:
        """Write the quantile function."""
        low, high = (lower - mu) / sigma, (upper - mu) / sigma
        # An interval right of the mean is reflected, where the probabilities are small.
        reflect = pt.gt(low + high, 0.0)
        near, far = pt.switch(reflect, -low, high), pt.switch(reflect, -high, low)
        below, above = normal_cdf(far), normal_cdf(near)
        share = pt.switch(reflect, 1.0 - probability, probability)
        z = normal_quantile(below + share * (above - below))
        return pt.clip(mu + sigma * pt.switch(reflect, -z, z), lower, upper)

    @staticmethod
    def support_point(rv: Any, mu: Any, sigma: Any, lower: Any, upper: Any) -> Any:
        """Return the middle of the interval, one away from its only end, or `mu` without an end."""
        return by_finite_ends(
            finite_end(lower),
            finite_end(upper),
            both=lambda low, high: 0.5 * (low + high),
            left=lambda low: low + 1.0,
            right=lambda high: high - 1.0,
            none=lambda: mu,
        )

    @staticmethod
    def constraints(mu: Any, sigma: Any, lower: Any, upper: Any) -> list[Constraint]:
        """Require a positive standard deviation and the ends in order."""
        return [*positive.on("sigma", sigma), less_than("lower", lower, "upper", upper)]

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the interval between the ends."""
        return Interval(bounds_fn=_bounds)


def _log_mass(mu: Any, sigma: Any, lower: Any, upper: Any) -> Any:
    """Return the log of the probability of the interval before truncation."""
    return by_finite_ends(
        finite_end(lower),
        finite_end(upper),
        both=lambda low, high: log_diff_normal_cdf((low - mu) / sigma, (high - mu) / sigma),
        left=lambda low: log_normal_cdf((mu - low) / sigma),
        right=lambda high: log_normal_cdf((high - mu) / sigma),
        none=lambda: pt.zeros_like(mu),
    )


def _bounds(mu: Any, sigma: Any, lower: Any, upper: Any) -> tuple[Any, Any]:
    return lower, upper
