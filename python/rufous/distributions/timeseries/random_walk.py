"""Sums of independent steps."""

from __future__ import annotations

import inspect
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
from rufous.distributions.multivariate.mv_normal import MvNormal
from rufous.distributions.rv import without_batch
from rufous.distributions.timeseries.length import (
    WIDE_START,
    number_of_steps,
    steps_from_shape,
)
from rufous.errors import SettingsError
from rufous.model import registry
from rufous.model.registry import Constraint

__all__ = ["GaussianRandomWalk", "MvGaussianRandomWalk", "RandomWalk"]


class RandomWalkRV(ComposedRV):
    """A first number and the numbers after it, each a step away; the parts draw both."""

    name = "random_walk"
    n_own = 1
    _print_name = ("RandomWalk", "\\operatorname{RandomWalk}")

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        length = without_batch(dist_params[0], 0) + 1
        inner = (
            super()._supp_shape_from_params(dist_params, param_shapes) if self.ndim_supp > 1 else []
        )
        return [length, *inner]

    def draw(self, rng: Any, parameters: Any, size: tuple[int, ...]) -> Any:
        """Draw the start and the steps, and sum them."""
        (first, start), (other, step) = self.split(parameters)
        steps = int(without_batch(parameters[0], 0))
        spread = [np.expand_dims(p, np.ndim(p) - n) for p, n in _with_core(other, step)]
        begin = np.asarray(first.rng_fn(rng, *start, size))
        changes = np.asarray(other.rng_fn(rng, *spread, (*size, steps)))
        axis = len(size)
        return np.cumsum(np.concatenate([np.expand_dims(begin, axis), changes], axis), axis)


class Walk(Distribution):
    """What all random walks share: their length comes from the shape."""

    support_from_shape = True

    @classmethod
    def _parametrise(cls, requested: Any, arguments: inspect.BoundArguments) -> Any:
        given = arguments.arguments
        steps_from_shape(requested, given, used=1, axis=cls.time_axis(given))
        return cls.parametrise(*arguments.args, **arguments.kwargs)

    @staticmethod
    def time_axis(given: dict[str, Any]) -> int:
        """Tell where time runs, counted from the end."""
        return -1


class RandomWalk(Walk, op_type=RandomWalkRV):
    r"""Random walk: a start, and then sums of independent steps.

    .. math:: x_0 \sim \text{init}, \qquad x_t = x_{t-1} + z_t, \quad z_t \sim \text{innovation}

    ========  ====================================================================
    Support   sequences of ``steps + 1`` numbers or vectors, along the time axis
    Mean      ``mean of init + t * mean of innovation``
    Variance  ``variance of init + t * variance of innovation``
    ========  ====================================================================

    Parameters
    ----------
    init_dist : distribution
        Of the start, made with ``.dist()``.
    innovation_dist : distribution
        Of each step, made with ``.dist()``, with the support of `init_dist`. Its batch axes are
        those of several walks; the time axis is inserted after them.
    steps : int, optional
        Number of steps, one less than the length; default what `shape`, `dims` or `observed` give.

    Raises
    ------
    SettingsError
        When one of the two is no distribution, or they do not fit together.
    ShapeError
        When the length is not given.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     start, step = rf.Normal.dist(0, 1), rf.Laplace.dist(0, 1)
    ...     walk = rf.RandomWalk("walk", init_dist=start, innovation_dist=step, steps=9)
    """

    @classmethod
    def parametrise(cls, init_dist: Any, innovation_dist: Any, steps: Any = None) -> Any:
        """Put the ops of both parts into one op."""
        start, step = part_of("init_dist", init_dist), part_of("innovation_dist", innovation_dist)
        support = start.op.ndim_supp
        if support != step.op.ndim_supp:
            raise SettingsError(
                "`init_dist` and `innovation_dist` must both be distributions of numbers, or both "
                f"of vectors; their supports have {support} and {step.op.ndim_supp} axes"
            )
        number = number_of_steps(steps)
        groups = ["()", *part_signature(start.op, "i"), *part_signature(step.op, "s")]
        axes = ",".join(["t", *(f"v{axis}" for axis in range(support))])
        dtypes = {start.op.dtype, step.op.dtype}
        dtype = dtypes.pop() if len(dtypes) == 1 else "float64"
        op = RandomWalkRV([start.op, step.op], f"{','.join(groups)}->({axes})", dtype)
        return op, (number, *start.parameters, *step.parameters)

    @staticmethod
    def time_axis(given: dict[str, Any]) -> int:
        """Find the axis before those of a step."""
        op = getattr(getattr(given.get("innovation_dist"), "owner", None), "op", None)
        return -1 - getattr(op, "ndim_supp", 0)

    @staticmethod
    def logdensity(op: Any, value: Any, *parameters: Any) -> Any:
        """Write the log density of the start and of all steps."""
        (first, start), (other, step) = op.split(parameters)
        value = pt.as_tensor_variable(value)
        after = (slice(None),) * first.ndim_supp
        changes = value[(..., slice(1, None), *after)] - value[(..., slice(None, -1), *after)]
        spread = [pt.expand_dims(p, p.type.ndim - n) for p, n in _with_core(other, step)]
        begin = checked_density(first, value[(..., 0, *after)], start)
        return begin + pt.sum(checked_density(other, changes, spread), axis=-1)

    @staticmethod
    def support_point(op: Any, rv: Any, *parameters: Any) -> Any:
        """Return the sums of the typical start and typical steps."""
        (first, start), (other, step) = op.split(parameters)
        axis = rv.type.ndim - op.ndim_supp
        begin = registry.support_point(first, pt.zeros_like(_at_start(rv, axis)), *start)
        change = registry.support_point(other, pt.zeros_like(_at_start(rv, axis)), *step)
        time = pt.shape_padright(pt.arange(rv.shape[axis]), first.ndim_supp)
        zero = pt.zeros_like(_at_start(rv, axis))
        return pt.expand_dims(begin + zero, axis) + time * pt.expand_dims(change + zero, axis)

    @staticmethod
    def constraints(op: Any, *parameters: Any) -> list[Constraint]:
        """Require what start and steps require."""
        return [c for part, own in op.split(parameters) for c in part_constraints(part, own)]


class GaussianRandomWalk(Walk):
    r"""Random walk with normal steps.

    .. math:: x_0 \sim \text{init}, \qquad x_t \sim N(x_{t-1} + \mu, \sigma)

    ========  ======================================================
    Support   sequences of ``steps + 1`` numbers
    Mean      ``mean of init + t * mu``
    Variance  ``variance of init + t * sigma**2``
    ========  ======================================================

    Parameters
    ----------
    mu : float, array_like or TensorVariable, default 0
        Drift: mean of a step; any real number.
    sigma : float, array_like or TensorVariable, default 1
        Standard deviation of a step; ``sigma > 0``.
    init_dist : distribution, default ``Normal.dist(0, 100)``
        Of the start, made with ``.dist()``.
    steps : int, optional
        Number of steps, one less than the length; default what `shape`, `dims` or `observed` give.

    Raises
    ------
    SettingsError
        When a parameter is out of range.
    ShapeError
        When the length is not given.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     level = rf.GaussianRandomWalk(
    ...         "level", sigma=0.1, init_dist=rf.Normal.dist(0, 1), shape=20
    ...     )
    """

    @classmethod
    def parametrise(
        cls, mu: Any = 0.0, sigma: Any = 1.0, *, init_dist: Any = None, steps: Any = None
    ) -> Any:
        """Walk with normal steps."""
        start = Normal.dist(0.0, WIDE_START) if init_dist is None else init_dist
        return RandomWalk.parametrise(start, Normal.dist(mu, sigma), steps)


class MvGaussianRandomWalk(Walk):
    r"""Random walk of vectors with multivariate normal steps.

    .. math:: x_0 \sim \text{init}, \qquad x_t \sim N(x_{t-1} + \mu, \Sigma)

    ==========  ==================================================
    Support     sequences of ``steps + 1`` vectors of length n
    Mean        ``mean of init + t * mu``
    Covariance  ``covariance of init + t * cov``
    ==========  ==================================================

    Parameters
    ----------
    mu : float, array_like or TensorVariable, shape (..., n)
        Drift: mean of a step.
    cov : array_like or TensorVariable, shape (..., n, n)
        Covariance of a step. Keyword only, as all that follow.
    tau : array_like or TensorVariable, shape (..., n, n)
        Precision of a step, instead of `cov`.
    chol : array_like or TensorVariable, shape (..., n, n)
        Cholesky factor of the covariance, instead of `cov`.
    lower : bool, default True
        Whether `chol` is the lower factor.
    init_dist : distribution, default normal with mean 0 and covariance ``100 * eye(n)``
        Of the start, made with ``.dist()``.
    steps : int, optional
        Number of steps, one less than the length; default what `shape`, `dims` or `observed` give.

    Raises
    ------
    SettingsError
        When not exactly one of `cov`, `tau` and `chol` is given, or one is out of range.
    ShapeError
        When the length is not given.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     path = rf.MvGaussianRandomWalk("path", mu=[0, 0], cov=[[1, 0], [0, 2]], steps=10)
    """

    @classmethod
    def parametrise(
        cls,
        mu: Any,
        *,
        cov: Any = None,
        tau: Any = None,
        chol: Any = None,
        lower: bool = True,
        init_dist: Any = None,
        steps: Any = None,
    ) -> Any:
        """Walk with multivariate normal steps."""
        step = MvNormal.dist(mu, cov, tau=tau, chol=chol, lower=lower)
        if init_dist is None:
            length = step.type.shape[-1] or step.shape[-1]
            init_dist = MvNormal.dist(pt.zeros((length,)), WIDE_START * pt.eye(length))
        return RandomWalk.parametrise(init_dist, step, steps)

    @staticmethod
    def time_axis(given: dict[str, Any]) -> int:
        """Find the axis before that of the vectors."""
        return -2


def _with_core(op: Any, parameters: Any) -> list[tuple[Any, int]]:
    """Return each parameter with the number of its axes that are no batch."""
    return list(zip(parameters, op.ndims_params, strict=True))


def _at_start(rv: Any, axis: int) -> Any:
    return rv[(*(slice(None),) * axis, 0)]
