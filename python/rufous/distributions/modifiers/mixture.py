"""Mixtures of distributions."""

from __future__ import annotations

from collections.abc import Sequence
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
from rufous.distributions.continuous.normal import Normal
from rufous.distributions.origin import is_softmax, known_log
from rufous.distributions.parameters import check_sums_to_one, probability, real, sums_to_one
from rufous.distributions.stable import log_sum_exp
from rufous.errors import SettingsError, ShapeError
from rufous.model import registry
from rufous.model.registry import Constraint
from rufous.transforms import (
    CircularTransform,
    Interval,
    LogOddsTransform,
    LogTransform,
    SimplexTransform,
    Transform,
    constant_value,
)

__all__ = ["Mixture", "NormalMixture"]

# Transforms that do not depend on the parameters of a component.
FREE_OF_PARAMETERS = (LogTransform, LogOddsTransform, SimplexTransform, CircularTransform)


class MixtureRV(ComposedRV):
    """Numbers of a component that is drawn first.

    The components are either several parts, or one part whose last batch axis runs over them.
    """

    name = "mixture"
    n_own = 1
    _print_name = ("Mixture", "\\operatorname{Mixture}")

    @property
    def stacked(self) -> bool:
        """Whether one part holds all components along its last batch axis."""
        return bool(self.options[0])

    def draw(self, rng: Any, parameters: Any, size: tuple[int, ...]) -> Any:
        """Draw all components, then choose."""
        parts = self.split(parameters)
        weights = np.broadcast_to(parameters[0], (*size, np.shape(parameters[0])[-1]))
        if self.stacked:
            op, own = parts[0]
            drawn = np.asarray(op.rng_fn(rng, *own, (*size, weights.shape[-1])))
        else:
            each = [np.asarray(op.rng_fn(rng, *own, size)) for op, own in parts]
            drawn = np.stack(each, axis=len(size))
        steps = np.cumsum(weights, axis=-1)
        level = rng.random(size)[..., None] * steps[..., -1:]
        index = np.sum(steps[..., :-1] <= level, axis=-1)
        index = index.reshape(*size, 1, *(1,) * self.ndim_supp)
        return np.take_along_axis(drawn, index, axis=len(size)).squeeze(len(size))


class Mixture(Distribution, op_type=MixtureRV):
    r"""Mixture distribution: a number comes from one of several distributions.

    .. math:: f(x \mid w, \theta) = \sum_{k=1}^{K} w_k f_k(x \mid \theta_k)

    ========  ================================================================
    Support   that of the components, all together
    Mean      ``m = sum_k w[k] * mean[k]``
    Variance  ``sum_k w[k] * (variance[k] + mean[k]**2) - m**2``
    ========  ================================================================

    Parameters
    ----------
    w : array_like or TensorVariable, shape (..., K)
        Weights; ``0 <= w <= 1``, and the sum along the last axis is one.
    comp_dists : distribution or sequence of K distributions
        Made with ``.dist()``: one whose last batch axis runs over the components, or several.

    Raises
    ------
    SettingsError
        When constant weights do not sum to one, or a component is no distribution.
    ShapeError
        When the number of weights is not that of the components.

    Notes
    -----
    A continuous free mixture gets the transform that all its components share, if they do; else
    none.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     w = rf.Dirichlet("w", [1, 1])
    ...     parts = [rf.Poisson.dist(2), rf.Poisson.dist(10)]
    ...     y = rf.Mixture("y", w=w, comp_dists=parts, observed=[1, 12, 9])
    """

    @classmethod
    def parametrise(cls, w: Any, comp_dists: Any) -> Any:
        """Put the ops of the components into one op."""
        weights = real("w", w, probability)
        if weights.type.ndim < 1:
            raise ShapeError("`w` must have an axis of components, got a single number")
        check_sums_to_one("w", weights)
        several = isinstance(comp_dists, Sequence)
        if several and not comp_dists:
            raise SettingsError("`comp_dists` must hold at least one distribution, got none")
        stacked = not several or len(comp_dists) == 1
        parts = [part_of("comp_dists", each) for each in (comp_dists if several else [comp_dists])]
        support = parts[0].op.ndim_supp
        if any(part.op.ndim_supp != support for part in parts):
            raise ShapeError("the components must all be distributions of numbers, or of vectors")
        number: int | None = len(parts)
        if stacked:
            if parts[0].batch_ndim < 1:
                raise ShapeError(
                    "`comp_dists` is one distribution without an axis of components; give its "
                    "parameters one, or a list of distributions"
                )
            number = _length_of_components(parts[0])
        length = weights.type.shape[-1]
        if None not in (length, number) and length != number and 1 not in (length, number):
            raise ShapeError(f"`w` has {length} weights, but there are {number} components")
        extra = 1 if stacked else 0
        signature = ["(k)"]
        inputs = [weights]
        for i, part in enumerate(parts):
            signature += part_signature(part.op, f"c{i}", extra)
            inputs += part.padded(extra)
        continuous = {part.op.dtype.startswith("float") for part in parts}
        if len(continuous) > 1:
            raise SettingsError(
                "`comp_dists` must be all discrete or all continuous, got both: a density and a "
                "probability do not add up. For zeros among real numbers there are HurdleGamma "
                "and HurdleLogNormal"
            )
        dtype = "float64" if continuous == {True} else "int64"
        axes = ",".join(f"s{axis}" for axis in range(support))
        ops = [part.op for part in parts]
        return MixtureRV(ops, f"{','.join(signature)}->({axes})", dtype, (stacked,)), inputs

    @staticmethod
    def logdensity(op: Any, value: Any, w: Any, *parameters: Any) -> Any:
        """Write the log of the weighted sum of densities."""
        return _weighted(op, value, w, parameters, checked_density)

    @staticmethod
    def logcdf(op: Any, value: Any, w: Any, *parameters: Any) -> Any:
        """Write the log of the weighted sum of cdfs."""

        def of_part(part: Any, value: Any, own: Any) -> Any:
            return registry.logcdf(part, value, *own)

        return _weighted(op, value, w, parameters, of_part)

    @staticmethod
    def support_point(op: Any, rv: Any, w: Any, *parameters: Any) -> Any:
        """Return the weighted mean of the typical points, rounded for whole numbers."""
        parts = op.split((w, *parameters))
        axis = -1 - op.ndim_supp
        weights = pt.shape_padright(w, op.ndim_supp)
        if op.stacked:
            batch = rv.type.ndim - op.ndim_supp
            shape = [rv.shape[i] for i in range(rv.type.ndim)]
            inner = pt.zeros((*shape[:batch], w.shape[-1], *shape[batch:]), dtype=rv.dtype)
            points = registry.support_point(parts[0][0], inner, *parts[0][1])
        else:
            each = [registry.support_point(part, rv, *own) for part, own in parts]
            points = pt.stack([pt.zeros_like(rv) + point for point in each], axis=axis)
        mean = pt.sum(weights * points, axis=axis)
        return mean if op.dtype.startswith("float") else pt.cast(pt.floor(mean + 0.5), "int64")

    @staticmethod
    def constraints(op: Any, w: Any, *parameters: Any) -> list[Constraint]:
        """Require weights that sum to one, and what the components require."""
        found = []
        if not is_softmax(w):
            within = Constraint(pt.all(probability.holds(w), axis=-1), probability.text.format("w"))
            found = [within, sums_to_one("w", w)]
        for part, own in op.split((w, *parameters)):
            found += part_constraints(part, own, 1 if op.stacked else 0)
        return found

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the transform that all components share."""
        op = rv.owner.op
        if not op.dtype.startswith("float"):
            return None
        transforms = [
            registry.default_transform(
                part, part.make_node(op.rng_param(rv.owner), None, *own).outputs[1]
            )
            for part, own in op.split(op.dist_params(rv.owner))
        ]
        if len({type(transform) for transform in transforms}) > 1:
            return None
        if isinstance(transforms[0], Interval):
            return _shared_interval(transforms, op.split(op.dist_params(rv.owner)))
        return transforms[0] if isinstance(transforms[0], FREE_OF_PARAMETERS) else None


class NormalMixture(Distribution):
    r"""Mixture of normal distributions.

    .. math:: f(x \mid w, \mu, \sigma) = \sum_{k=1}^{K} w_k \, N(x \mid \mu_k, \sigma_k)

    ========  ====================================================
    Support   all real numbers
    Mean      ``m = sum_k w[k] * mu[k]``
    Variance  ``sum_k w[k] * (sigma[k]**2 + mu[k]**2) - m**2``
    ========  ====================================================

    Parameters
    ----------
    w : array_like or TensorVariable, shape (..., K)
        Weights; ``0 <= w <= 1``, and the sum along the last axis is one.
    mu : array_like or TensorVariable, shape (..., K)
        Means of the components; any real numbers.
    sigma : float, array_like or TensorVariable, shape (..., K), default 1
        Standard deviations of the components; ``sigma > 0``.
    tau : float, array_like or TensorVariable, shape (..., K), optional
        Precisions ``1 / sigma**2``, instead of `sigma`; ``tau > 0``.

    Raises
    ------
    SettingsError
        When both `sigma` and `tau` are given, constant weights do not sum to one, or a parameter
        is out of range.
    ShapeError
        When the number of weights is not that of the components.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     mu = rf.Normal("mu", 0, 5, shape=2, transform=rf.distributions.transforms.ordered)
    ...     y = rf.NormalMixture("y", w=[0.3, 0.7], mu=mu, sigma=1, observed=[-1.0, 2.0])
    """

    @classmethod
    def parametrise(cls, w: Any, mu: Any, sigma: Any = None, tau: Any = None) -> Any:
        """Mix one normal distribution with an axis of components."""
        return Mixture.parametrise(w, Normal.dist(mu, sigma, tau))


def _length_of_components(part: Any) -> int | None:
    """Return how many components one part holds, None when it is not known yet."""
    lengths = {
        p.type.shape[p.type.ndim - n - 1]
        for p, n in zip(part.parameters, part.op.ndims_params, strict=True)
        if p.type.ndim > n
    }
    known = {length for length in lengths if length not in (None, 1)}
    return known.pop() if known else (None if None in lengths else 1)


def _weighted(op: Any, value: Any, w: Any, parameters: Any, function: Any) -> Any:
    """Return the log of the weighted sum of what a function gives for each component, in logs."""
    parts = op.split((w, *parameters))
    if op.stacked:
        spread = pt.expand_dims(value, -1 - op.ndim_supp)
        terms = function(parts[0][0], spread, parts[0][1])
    else:
        each = [function(part, value, own) for part, own in parts]
        terms = pt.stack(pt.broadcast_arrays(*each), axis=-1)
    log_w = known_log(w)
    return log_sum_exp(terms + (pt.log(w) if log_w is None else log_w))


def _shared_interval(transforms: Any, parts: Any) -> Transform | None:
    """Return the interval that all components have, when its ends are known and the same."""
    found: tuple[set[Any], set[Any]] = (set(), set())
    for transform, (_, own) in zip(transforms, parts, strict=True):
        bounds = transform.bounds_fn(*own) if transform.bounds_fn else (None, None)
        for ends, end in zip(found, bounds, strict=True):
            value = None if end is None else constant_value(pt.as_tensor(end))
            if end is not None and value is None:
                return None
            ends.update({None} if value is None else set(value.ravel().tolist()))
    lower, upper = found
    if len(lower) > 1 or len(upper) > 1:
        return None
    return Interval(lower.pop(), upper.pop())
