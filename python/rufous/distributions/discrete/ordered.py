"""Distributions of an ordered category: a latent number cut at given points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.discrete.categorical import take
from rufous.distributions.parameters import all_constants, positive, real
from rufous.distributions.stable import (
    as_real,
    inside_whole,
    log_diff_normal_cdf,
    log_normal_cdf,
    normal_cdf,
)
from rufous.errors import SettingsError, ShapeError
from rufous.model.registry import Constraint
from rufous.model.variables import Deterministic

__all__ = ["OrderedLogistic", "OrderedProbit", "probabilities_between"]


class OrderedLogisticRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """The number of cutpoints below a logistic number."""

    name = "ordered_logistic"
    signature = "(),(k)->()"
    dtype = "int64"
    _print_name = ("OrderedLogistic", "\\operatorname{OrderedLogistic}")

    @classmethod
    def rng_fn(cls, rng: Any, eta: Any, cutpoints: Any, size: Any) -> Any:
        """Draw the latent number."""
        size = np.broadcast_shapes(eta.shape, cutpoints.shape[:-1]) if size is None else size
        return np.sum(rng.logistic(eta, 1.0, size)[..., None] > cutpoints, axis=-1)


class OrderedLogistic(Distribution, op=OrderedLogisticRV()):
    r"""Ordered logistic distribution, for answers on a scale.

    .. math:: P(x \mid \eta, c) = \operatorname{logit}^{-1}(c_x - \eta)
        - \operatorname{logit}^{-1}(c_{x-1} - \eta), \quad c_{-1} = -\infty, \; c_{K-1} = \infty

    ========  =============================
    Support   ``x`` in {0, ..., K - 1}
    Mean      ``sum_k k * P(k)``
    Variance  ``sum_k k**2 * P(k) - mean**2``
    ========  =============================

    Parameters
    ----------
    eta : float, array_like or TensorVariable
        Location of the latent number; any real number.
    cutpoints : array_like or TensorVariable, shape (..., K - 1)
        Increasing numbers between the categories.
    compute_p : bool, default True
        Whether the probabilities of all categories become a deterministic, ``<name>_probs``.

    Raises
    ------
    SettingsError
        When constant cutpoints do not increase.
    ShapeError
        When `cutpoints` has no axis.

    Notes
    -----
    The probability of an inner category is computed as one difference in logarithms, exact also
    far out, where both cdfs are one.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     cut = rf.Normal("cut", 0, 2, shape=3, transform=rf.distributions.transforms.ordered)
    ...     y = rf.OrderedLogistic("y", eta=0.5, cutpoints=cut, observed=[0, 3, 1])
    >>> model.deterministics
    [y_probs]
    """

    def __new__(cls, name: str, *args: Any, compute_p: bool = True, **options: Any) -> Any:
        """Make the variable and its probabilities."""
        rv = super().__new__(cls, name, *args, **options)
        if compute_p:
            Deterministic(f"{name}_probs", cls.probabilities(*rv.owner.op.dist_params(rv.owner)))
        return rv

    @staticmethod
    def probabilities(eta: Any, cutpoints: Any) -> Any:
        """Return the probabilities of all categories, along a last axis."""
        return probabilities_between(pt.sigmoid(cutpoints - eta[..., None]))

    @classmethod
    def parametrise(cls, eta: Any, cutpoints: Any) -> Any:
        """Check the cutpoints."""
        return cls.op, (real("eta", eta), read_cutpoints(cutpoints))

    @staticmethod
    def logdensity(value: Any, eta: Any, cutpoints: Any) -> Any:
        """Write the log probability."""
        value, supported, lower, upper = _ends(value, cutpoints)
        inner = pt.gt(value, 0) & pt.lt(value, cutpoints.shape[-1])
        # With the logistic function s: s(b) - s(a) = s(b) s(-a) (1 - exp(a - b)).
        core = (
            pt.switch(pt.lt(value, cutpoints.shape[-1]), -pt.softplus(eta - upper), 0.0)
            - pt.switch(pt.gt(value, 0), pt.softplus(lower - eta), 0.0)
            + pt.switch(inner, pt.log1mexp(pt.switch(inner, lower - upper, -1.0)), 0.0)
        )
        return inside_whole(value, supported, core)

    @staticmethod
    def logcdf(value: Any, eta: Any, cutpoints: Any) -> Any:
        """Write the log cdf: the latent number is below the next cutpoint."""
        reached = pt.floor(as_real(value))
        _, _, _, upper = _ends(pt.clip(reached, 0, cutpoints.shape[-1]), cutpoints)
        core = -pt.softplus(eta - upper)
        core = pt.switch(pt.lt(reached, cutpoints.shape[-1]), core, 0.0)
        return pt.switch(pt.ge(reached, 0.0), core, -np.inf)

    @staticmethod
    def support_point(rv: Any, eta: Any, cutpoints: Any) -> Any:
        """Return the category of the location."""
        return pt.sum(pt.gt(eta[..., None], cutpoints), axis=-1)

    @staticmethod
    def constraints(eta: Any, cutpoints: Any) -> list[Constraint]:
        """Require increasing cutpoints."""
        return [increasing(cutpoints)]


class OrderedProbitRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """The number of cutpoints below a normal number."""

    name = "ordered_probit"
    signature = "(),(k),()->()"
    dtype = "int64"
    _print_name = ("OrderedProbit", "\\operatorname{OrderedProbit}")

    @classmethod
    def rng_fn(cls, rng: Any, eta: Any, cutpoints: Any, sigma: Any, size: Any) -> Any:
        """Draw the latent number."""
        if size is None:
            size = np.broadcast_shapes(eta.shape, cutpoints.shape[:-1], sigma.shape)
        return np.sum(rng.normal(eta, sigma, size)[..., None] > cutpoints, axis=-1)


class OrderedProbit(Distribution, op=OrderedProbitRV()):
    r"""Ordered probit distribution: a normal number cut at given points.

    .. math:: P(x \mid \eta, c, \sigma) = \Phi\left(\frac{c_x - \eta}{\sigma}\right)
        - \Phi\left(\frac{c_{x-1} - \eta}{\sigma}\right),
        \quad c_{-1} = -\infty, \; c_{K-1} = \infty

    ========  =============================
    Support   ``x`` in {0, ..., K - 1}
    Mean      ``sum_k k * P(k)``
    Variance  ``sum_k k**2 * P(k) - mean**2``
    ========  =============================

    Parameters
    ----------
    eta : float, array_like or TensorVariable
        Mean of the latent number; any real number.
    cutpoints : array_like or TensorVariable, shape (..., K - 1)
        Increasing numbers between the categories.
    sigma : float, array_like or TensorVariable, default 1
        Standard deviation of the latent number; ``sigma > 0``.
    compute_p : bool, default True
        Whether the probabilities of all categories become a deterministic, ``<name>_probs``.

    Raises
    ------
    SettingsError
        When constant cutpoints do not increase, or `sigma` is out of range.
    ShapeError
        When `cutpoints` has no axis.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.OrderedProbit("y", eta=0.5, cutpoints=[-1, 0, 2], observed=[0, 3, 1])
    """

    def __new__(cls, name: str, *args: Any, compute_p: bool = True, **options: Any) -> Any:
        """Make the variable and its probabilities."""
        rv = super().__new__(cls, name, *args, **options)
        if compute_p:
            Deterministic(f"{name}_probs", cls.probabilities(*rv.owner.op.dist_params(rv.owner)))
        return rv

    @staticmethod
    def probabilities(eta: Any, cutpoints: Any, sigma: Any) -> Any:
        """Return the probabilities of all categories, along a last axis."""
        return probabilities_between(normal_cdf((cutpoints - eta[..., None]) / sigma[..., None]))

    @classmethod
    def parametrise(cls, eta: Any, cutpoints: Any, sigma: Any = 1.0) -> Any:
        """Check the cutpoints."""
        return cls.op, (real("eta", eta), read_cutpoints(cutpoints), real("sigma", sigma, positive))

    @staticmethod
    def logdensity(value: Any, eta: Any, cutpoints: Any, sigma: Any) -> Any:
        """Write the log probability."""
        value, supported, lower, upper = _ends(value, cutpoints)
        first, last = pt.eq(value, 0), pt.eq(value, cutpoints.shape[-1])
        low, high = (lower - eta) / sigma, (upper - eta) / sigma
        inner = ~(first | last)
        between = log_diff_normal_cdf(pt.switch(inner, low, 0.0), pt.switch(inner, high, 1.0))
        outer = log_normal_cdf(pt.switch(first, high, -low))
        return inside_whole(value, supported, pt.switch(inner, between, outer))

    @staticmethod
    def logcdf(value: Any, eta: Any, cutpoints: Any, sigma: Any) -> Any:
        """Write the log cdf: the latent number is below the next cutpoint."""
        reached = pt.floor(as_real(value))
        _, _, _, upper = _ends(pt.clip(reached, 0, cutpoints.shape[-1]), cutpoints)
        core = log_normal_cdf((upper - eta) / sigma)
        core = pt.switch(pt.lt(reached, cutpoints.shape[-1]), core, 0.0)
        return pt.switch(pt.ge(reached, 0.0), core, -np.inf)

    @staticmethod
    def support_point(rv: Any, eta: Any, cutpoints: Any, sigma: Any) -> Any:
        """Return the category of the mean."""
        return pt.sum(pt.gt(eta[..., None], cutpoints), axis=-1)

    @staticmethod
    def constraints(eta: Any, cutpoints: Any, sigma: Any) -> list[Constraint]:
        """Require increasing cutpoints and a positive standard deviation."""
        return [increasing(cutpoints), *positive.on("sigma", sigma)]


def read_cutpoints(cutpoints: Any) -> Any:
    """Turn cutpoints into a tensor; constant ones must increase."""
    tensor = real("cutpoints", cutpoints)
    if tensor.type.ndim < 1:
        raise ShapeError(
            "`cutpoints` must have an axis with one number between each pair of categories, got "
            "a single number; for two categories write a list of one"
        )
    values = all_constants(tensor)
    if values is not None and not (np.diff(values[0], axis=-1) > 0).all():
        raise SettingsError("`cutpoints` must increase along the last axis; sort them")
    return tensor


def increasing(cutpoints: Any) -> Constraint:
    """Return the constraint that cutpoints increase."""
    return Constraint(
        pt.all(pt.gt(cutpoints[..., 1:], cutpoints[..., :-1]), axis=-1), "cutpoints increase"
    )


def probabilities_between(cdf: Any) -> Any:
    """Return the probabilities of the categories from the cdf at the cutpoints between them."""
    first, last = cdf[..., 0], cdf[..., -1]
    inner = cdf[..., 1:] - cdf[..., :-1]
    return pt.concatenate([first[..., None], inner, (1.0 - last)[..., None]], axis=-1)


def _ends(value: Any, cutpoints: Any) -> tuple[Any, Any, Any, Any]:
    """Return value, whether it is a category, and the cutpoints on both sides of it."""
    value = pt.as_tensor_variable(value)
    last = cutpoints.shape[-1]
    supported = pt.ge(value, 0) & pt.le(value, last)
    index = pt.cast(pt.switch(supported, value, 0), "int64")
    lower = take(cutpoints, pt.maximum(index - 1, 0))
    return value, supported, lower, take(cutpoints, pt.minimum(index, last - 1))
