"""Normal numbers that sum to zero."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.basic import MakeVector
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.origin import log_of
from rufous.distributions.parameters import at_least_zero, integer, positive, real
from rufous.distributions.stable import LOG_2PI, as_real, inside
from rufous.errors import SettingsError, ShapeError
from rufous.model.registry import Constraint
from rufous.transforms import Transform, ZeroSumTransform

__all__ = ["ZeroSumNormal"]

# How far from zero a sum may be, relative to the sum of the absolute values.
ZERO_TOLERANCE = 1e-8


class ZeroSumNormalRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Normal numbers minus their means along the last axes.

    The number of those axes is in the signature: ``(),(s)->(d0,d1)`` has two.
    """

    name = "zero_sum_normal"
    dtype = "float64"
    _print_name = ("ZeroSumNormal", "\\operatorname{ZeroSumNormal}")

    @classmethod
    def with_axes(cls, n_zerosum_axes: int) -> ZeroSumNormalRV:
        """Return the op for a number of axes."""
        axes = ",".join(f"d{axis}" for axis in range(n_zerosum_axes))
        return cls(signature=f"(),(s)->({axes})")

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        lengths = _lengths(dist_params[1])
        if lengths.owner is not None and isinstance(lengths.owner.op, MakeVector):
            return lengths.owner.inputs
        return [lengths[axis] for axis in range(self.ndim_supp)]

    def rng_fn(self, rng: Any, sigma: Any, support_shape: Any, size: Any) -> Any:
        """Draw and subtract the means."""
        size = np.shape(sigma) if size is None else size
        draws = rng.standard_normal((*size, *_lengths(support_shape)))
        for axis in range(-self.ndim_supp, 0):
            draws = draws - draws.mean(axis=axis, keepdims=True)
        return draws * np.expand_dims(sigma, tuple(range(-self.ndim_supp, 0)))


class ZeroSumNormal(Distribution, op=ZeroSumNormalRV.with_axes(1)):
    r"""Normal distribution of numbers that sum to zero along one or several axes.

    .. math:: x \sim N\left(0, \sigma^2 \left(I - \tfrac{1}{K} J\right)\right)

    with :math:`J` a matrix of ones; with several axes the covariance is the Kronecker product of
    one such factor per axis. The density is that of independent normal numbers in the subspace.

    ========  ===================================================
    Support   arrays that sum to zero along each of the last axes
    Mean      0
    Variance  ``sigma**2 * (1 - 1 / K)``, for each axis
    ========  ===================================================

    Parameters
    ----------
    sigma : float, array_like or TensorVariable, default 1
        Scale; ``sigma > 0``. It has length one along the axes that sum to zero.
    n_zerosum_axes : int, default 1
        How many trailing axes sum to zero; at least 1.
    support_shape : int or tuple of int, optional
        Lengths of those axes, when neither `shape`, `dims` nor `observed` gives them.

    Raises
    ------
    SettingsError
        When a parameter is out of range.
    ShapeError
        When the lengths of the axes are not given, or `sigma` varies along them.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model(coords={"group": ["a", "b", "c"]}) as model:
    ...     effect = rf.ZeroSumNormal("effect", sigma=2, dims="group")
    >>> model.value_vars
    [effect_zerosum__]
    """

    support_from_shape = True

    @classmethod
    def parametrise(
        cls, sigma: Any = 1.0, n_zerosum_axes: int | None = None, support_shape: Any = None
    ) -> Any:
        """Bring the lengths of the support in as a parameter."""
        axes = _number_of_axes(n_zerosum_axes)
        if support_shape is None:
            raise ShapeError(
                "the lengths of the axes that sum to zero are not given: "
                "name their dims, or pass shape= or support_shape="
            )
        lengths = integer("support_shape", support_shape, at_least_zero)
        lengths = pt.atleast_1d(lengths)
        if lengths.type.ndim != 1 or lengths.type.shape[0] not in (None, axes):
            raise ShapeError(
                f"`support_shape` must have one length per axis, that is {axes}, "
                f"got {support_shape!r}"
            )
        op = ZeroSumNormalRV.with_axes(axes)
        return op, (_per_batch(real("sigma", sigma, positive), axes), lengths)

    @classmethod
    def _parametrise(cls, requested: Any, arguments: inspect.BoundArguments) -> Any:
        given = arguments.arguments
        axes = _number_of_axes(given.get("n_zerosum_axes"))
        if requested is not None and given.get("support_shape") is None:
            if len(requested) < axes:
                raise ShapeError(
                    f"{axes} axes sum to zero, but the shape asked for has only {len(requested)}"
                )
            given["support_shape"] = list(requested[-axes:])
        return cls.parametrise(**given)

    @staticmethod
    def logdensity(value: Any, sigma: Any, support_shape: Any) -> Any:
        """Write the log density; the subspace has one dimension less per axis."""
        axes = support_shape.type.shape[-1]
        value = as_real(value)
        support = tuple(range(-axes, 0))
        dimension = pt.prod(pt.cast(_lengths(support_shape), "float64") - 1.0)
        core = -0.5 * pt.sum(pt.sqr(value), axis=support) / pt.sqr(sigma) - dimension * (
            log_of(sigma) + 0.5 * LOG_2PI
        )
        for axis in support:
            excess = pt.abs(pt.sum(value, axis=axis, keepdims=True))
            allowed = ZERO_TOLERANCE * pt.sum(pt.abs(value), axis=axis, keepdims=True)
            core = inside(pt.all(pt.le(excess, allowed), axis=support), core)
        return core

    @staticmethod
    def support_point(rv: Any, sigma: Any, support_shape: Any) -> Any:
        """Return zeros."""
        return pt.zeros_like(rv)

    @staticmethod
    def constraints(sigma: Any, support_shape: Any) -> list[Constraint]:
        """Require a positive scale."""
        return positive.on("sigma", sigma)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the isometry to arrays that are one shorter along each axis."""
        return ZeroSumTransform(rv.owner.op.ndim_supp)


def _lengths(support_shape: Any) -> Any:
    """Take off the axes that an op puts in front of a parameter, as it does for a batch."""
    if support_shape.ndim == 1:
        return support_shape
    return support_shape[(0,) * (support_shape.ndim - 1)]


def _number_of_axes(n_zerosum_axes: Any) -> int:
    if n_zerosum_axes is None:
        return 1
    is_int = isinstance(n_zerosum_axes, int | np.integer) and not isinstance(n_zerosum_axes, bool)
    if not is_int or n_zerosum_axes < 1:
        raise SettingsError(
            f"`n_zerosum_axes` must be a whole number of at least 1, got {n_zerosum_axes!r}"
        )
    return int(n_zerosum_axes)


def _per_batch(sigma: Any, axes: int) -> Any:
    """Drop the axes of a scale that lie along the support, where it must not vary."""
    own = sigma.type.shape[-min(axes, sigma.type.ndim) :] if sigma.type.ndim else ()
    if any(length != 1 for length in own):
        raise ShapeError(
            f"`sigma` must have length one along the {axes} axes that sum to zero, got shape "
            f"{tuple(sigma.type.shape)}; write sigma[..., None] for one scale per batch"
        )
    return sigma.squeeze(axis=tuple(range(-len(own), 0))) if own else sigma
