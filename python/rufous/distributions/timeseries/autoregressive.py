"""Autoregressive processes."""

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
    part_signature,
)
from rufous.distributions.continuous.normal import Normal
from rufous.distributions.parameters import positive, real, scale
from rufous.distributions.rv import without_batch
from rufous.distributions.timeseries.length import (
    number_of_steps,
    start_of,
    steps_from_shape,
)
from rufous.errors import SettingsError, ShapeError
from rufous.model import registry
from rufous.model.registry import Constraint

__all__ = ["AR"]


class ARRV(ComposedRV):
    """Numbers that depend on those before them; the part draws the start."""

    name = "ar"
    n_own = 3
    _print_name = ("AR", "\\operatorname{AR}")

    @property
    def order(self) -> int:
        """On how many numbers before it a number depends."""
        return int(self.options[0])

    @property
    def constant(self) -> bool:
        """Whether the first coefficient is a constant term."""
        return bool(self.options[1])

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        return [without_batch(dist_params[2], 0) + self.order]

    def draw(self, rng: Any, parameters: Any, size: tuple[int, ...]) -> Any:
        """Draw the start, then one number after the other."""
        rho, sigma, steps = parameters[:3]
        [(op, own)] = self.split(parameters)
        start = op.rng_fn(rng, *own, size if op.ndim_supp else (*size, self.order))
        length = int(without_batch(steps, 0)) + self.order
        values = np.empty((*size, length))
        values[..., : self.order] = start
        noise = rng.standard_normal((*size, length)) * np.asarray(sigma)[..., None]
        shift = rho[..., 0] if self.constant else 0.0
        slopes = rho[..., 1:] if self.constant else rho
        for t in range(self.order, length):
            before = values[..., t - self.order : t][..., ::-1]
            values[..., t] = shift + np.sum(slopes * before, axis=-1) + noise[..., t]
        return values


class AR(Distribution, op_type=ARRV):
    r"""Autoregressive process of order p with normal noise.

    .. math:: x_t = \rho_0 + \rho_1 x_{t-1} + \dots + \rho_p x_{t-p} + \varepsilon_t,
        \qquad \varepsilon_t \sim N(0, \sigma)

    where :math:`\rho_0` is only there with ``constant=True``.

    ========  =====================================================================
    Support   sequences of ``steps + p`` real numbers
    Mean      ``rho[0] / (1 - sum(rho[1:]))`` with a constant, else 0, in the long run
    Variance  for ``p = 1``: ``sigma**2 / (1 - rho[-1]**2)``, in the long run
    ========  =====================================================================

    Parameters
    ----------
    rho : array_like or TensorVariable, shape (..., p) or (..., p + 1)
        Coefficients, that of the number just before first; with ``constant=True`` the constant
        term is before them. A single number is one coefficient.
    sigma : float, array_like or TensorVariable, default 1
        Standard deviation of the noise; ``sigma > 0``.
    tau : float, array_like or TensorVariable, optional
        Precision of the noise ``1 / sigma**2``, instead of `sigma`; ``tau > 0``.
    init_dist : distribution, default ``Normal.dist(0, 100)``
        Of the first p numbers, made with ``.dist()``: of each, or of a vector of them.
    steps : int, optional
        Number of steps, p less than the length; default what `shape`, `dims` or `observed` give.
    constant : bool, default False
        Whether the first coefficient is a constant term.
    ar_order : int, optional
        The order p, when the length of `rho` does not tell it.

    Raises
    ------
    SettingsError
        When a parameter is out of range.
    ShapeError
        When the length or the order is not given, or `rho` does not fit it.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     rho = rf.Normal("rho", 0, 0.5, shape=2)
    ...     y = rf.AR(
    ...         "y", rho, sigma=1, init_dist=rf.Normal.dist(0, 10), observed=[0.1, 0.4, -0.2, 0.5]
    ...     )
    """

    support_from_shape = True

    @classmethod
    def parametrise(
        cls,
        rho: Any,
        sigma: Any = None,
        tau: Any = None,
        *,
        init_dist: Any = None,
        steps: Any = None,
        constant: bool = False,
        ar_order: int | None = None,
    ) -> Any:
        """Put order and start into the op."""
        slopes, order = _order(rho, constant, ar_order)
        start = start_of(init_dist)
        if start.op.ndim_supp > 1:
            raise SettingsError("`init_dist` must be a distribution of numbers or of vectors")
        # The last batch axis of numbers runs along the start: it belongs to the support.
        extra = 1 - start.op.ndim_supp
        groups = ["(r)", "()", "()", *part_signature(start.op, "i", extra)]
        op = ARRV([start.op], f"{','.join(groups)}->(t)", "float64", (order, bool(constant)))
        number = number_of_steps(steps)
        return op, (slopes, scale(sigma, tau), number, *start.padded(extra))

    @classmethod
    def _parametrise(cls, requested: Any, arguments: inspect.BoundArguments) -> Any:
        given = arguments.arguments
        _, order = _order(given.get("rho"), given.get("constant", False), given.get("ar_order"))
        steps_from_shape(requested, given, used=order, axis=-1)
        return cls.parametrise(*arguments.args, **arguments.kwargs)

    @staticmethod
    def logdensity(op: Any, value: Any, rho: Any, sigma: Any, steps: Any, *start: Any) -> Any:
        """Write the log density of the start and of each number given those before it."""
        order, shift = op.order, 1 if op.constant else 0
        value = pt.as_tensor_variable(value)
        expected = rho[..., 0, None] if op.constant else None
        for lag in range(1, order + 1):
            term = rho[..., lag - 1 + shift, None] * value[..., order - lag : -lag]
            expected = term if expected is None else expected + term
        noise = Normal.logdensity(value[..., order:], expected, sigma[..., None])
        [(part, own)] = op.split((rho, sigma, steps, *start))
        begin = checked_density(part, value[..., :order], own)
        if part.ndim_supp == 0:
            begin = pt.sum(pt.broadcast_arrays(begin, value[..., :order])[0], axis=-1)
        return begin + pt.sum(noise, axis=-1)

    @staticmethod
    def support_point(op: Any, rv: Any, rho: Any, sigma: Any, steps: Any, *start: Any) -> Any:
        """Return the last typical number of the start, all along."""
        [(part, own)] = op.split((rho, sigma, steps, *start))
        begin = pt.zeros_like(rv[..., : op.order])
        point = registry.support_point(part, begin, *own) + begin
        return pt.zeros_like(rv) + point[..., -1, None]

    @staticmethod
    def constraints(op: Any, rho: Any, sigma: Any, steps: Any, *start: Any) -> list[Constraint]:
        """Require a positive standard deviation, and what the start requires."""
        [(part, own)] = op.split((rho, sigma, steps, *start))
        return positive.on("sigma", sigma) + part_constraints(part, own, 1 - part.ndim_supp)


def _order(rho: Any, constant: bool, ar_order: int | None) -> tuple[Any, int]:
    """Return the coefficients as a tensor with an axis, and the order of the process."""
    slopes = pt.atleast_1d(real("rho", rho))
    if ar_order is None:
        length = slopes.type.shape[-1]
        if length is None:
            raise ShapeError("the length of `rho` is not fixed: pass ar_order=")
        ar_order = int(length) - bool(constant)
    if ar_order < 1:
        raise ShapeError(
            f"`rho` must hold at least one coefficient besides the constant, got order {ar_order}"
        )
    return slopes, ar_order
