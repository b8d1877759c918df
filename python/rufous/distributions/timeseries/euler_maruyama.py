"""Stochastic differential equations in steps of a fixed length."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt

from rufous.distributions.base import Distribution
from rufous.distributions.components import (
    ComposedRV,
    checked_density,
    part_constraints,
    part_signature,
)
from rufous.distributions.continuous.normal import Normal
from rufous.distributions.parameters import positive, real
from rufous.distributions.rv import without_batch
from rufous.distributions.timeseries.length import (
    number_of_steps,
    start_of,
    steps_from_shape,
)
from rufous.errors import SettingsError
from rufous.model import registry
from rufous.model.python_linker import PYTHON_MODE
from rufous.model.registry import Constraint

__all__ = ["EulerMaruyama"]


class EulerMaruyamaRV(ComposedRV):
    """Numbers that drift and diffuse by a function of the user; the part draws the start."""

    name = "euler_maruyama"
    _print_name = ("EulerMaruyama", "\\operatorname{EulerMaruyama}")

    @property
    def n_own(self) -> int:  # type: ignore[override]  # depends on the function here
        """Step length, number of steps, and the parameters of the equation."""
        return 2 + int(self.options[1])

    @property
    def equation(self) -> Callable[..., Any]:
        """The function that returns drift and diffusion."""
        function: Callable[..., Any] = self.options[0]
        return function

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        return [without_batch(dist_params[1], 0) + 1]

    def draw(self, rng: Any, parameters: Any, size: tuple[int, ...]) -> Any:
        """Draw the start, then one step after the other."""
        dt, steps, *own = parameters[: self.n_own]
        [(op, start)] = self.split(parameters)
        values = np.empty((*size, int(without_batch(steps, 0)) + 1))
        values[..., 0] = op.rng_fn(rng, *start, size)
        inputs = [
            pt.tensor(dtype="float64", shape=(None,) * len(size)) for _ in range(len(own) + 1)
        ]
        function = pytensor.function(
            inputs, list(drift_and_diffusion(self.equation, inputs[0], inputs[1:])),
            mode=PYTHON_MODE, on_unused_input="ignore",
        )  # fmt: skip
        spread = [np.array(np.broadcast_to(each, size), dtype=float) for each in own]
        for t in range(1, values.shape[-1]):
            drift, diffusion = function(values[..., t - 1].copy(), *spread)
            noise = rng.standard_normal(size) * np.sqrt(dt) * diffusion
            values[..., t] = values[..., t - 1] + dt * drift + noise
        return values


class EulerMaruyama(Distribution, op_type=EulerMaruyamaRV):
    r"""Stochastic differential equation, discretised by Euler and Maruyama.

    .. math:: x_{t+1} \sim N\left(x_t + \Delta f(x_t, \theta),
        \; \sqrt{\Delta} \, g(x_t, \theta)\right)

    ========  =========================================
    Support   sequences of ``steps + 1`` real numbers
    Mean      by the equation
    Variance  by the equation
    ========  =========================================

    Parameters
    ----------
    dt : float
        Length of a step; ``dt > 0``.
    sde_fn : callable
        ``sde_fn(x, *sde_pars)`` returns drift f and diffusion g, element by element.
    sde_pars : sequence of float, array_like or TensorVariable
        Parameters of the equation.
    init_dist : distribution, default ``Normal.dist(0, 100)``
        Of the start, made with ``.dist()``.
    steps : int, optional
        Number of steps, one less than the length; default what `shape`, `dims` or `observed` give.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.
    ShapeError
        When the length is not given.

    Examples
    --------
    >>> import rufous as rf
    >>> def pull(x, rate):
    ...     return -rate * x, 1.0
    >>> with rf.Model():
    ...     rate = rf.HalfNormal("rate", 1)
    ...     y = rf.EulerMaruyama("y", dt=0.1, sde_fn=pull, sde_pars=[rate], observed=[1, 0.8, 0.9])
    """

    support_from_shape = True

    @classmethod
    def parametrise(
        cls,
        dt: Any,
        sde_fn: Callable[..., Any],
        sde_pars: Sequence[Any],
        *,
        init_dist: Any = None,
        steps: Any = None,
    ) -> Any:
        """Put the equation and the start into the op."""
        if not callable(sde_fn):
            raise SettingsError(f"`sde_fn` must be a function, got {sde_fn!r:.60}")
        if not isinstance(sde_pars, Sequence):
            raise SettingsError(f"`sde_pars` must be a list or tuple, got {sde_pars!r:.60}")
        start = start_of(init_dist)
        if start.op.ndim_supp:
            raise SettingsError("`init_dist` must be a distribution of single numbers")
        own = [real(f"sde_pars[{i}]", each) for i, each in enumerate(sde_pars)]
        groups = ["()"] * (2 + len(own)) + part_signature(start.op, "i")
        op = EulerMaruyamaRV([start.op], f"{','.join(groups)}->(t)", "float64", (sde_fn, len(own)))
        number = number_of_steps(steps)
        return op, (real("dt", dt, positive), number, *own, *start.parameters)

    @classmethod
    def _parametrise(cls, requested: Any, arguments: inspect.BoundArguments) -> Any:
        steps_from_shape(requested, arguments.arguments, used=1, axis=-1)
        return cls.parametrise(*arguments.args, **arguments.kwargs)

    @staticmethod
    def logdensity(op: Any, value: Any, dt: Any, steps: Any, *parameters: Any) -> Any:
        """Write the log density of the start and of each step."""
        value = pt.as_tensor_variable(value)
        own = parameters[: op.n_own - 2]
        before, after = value[..., :-1], value[..., 1:]
        drift, diffusion = drift_and_diffusion(op.equation, before, [p[..., None] for p in own])
        length = dt[..., None]
        step = Normal.logdensity(after, before + length * drift, pt.sqrt(length) * diffusion)
        [(part, start)] = op.split((dt, steps, *parameters))
        return checked_density(part, value[..., 0], start) + pt.sum(step, axis=-1)

    @staticmethod
    def support_point(op: Any, rv: Any, *parameters: Any) -> Any:
        """Return the typical start, all along."""
        [(part, start)] = op.split(parameters)
        begin = pt.zeros_like(rv[..., 0])
        return pt.zeros_like(rv) + (registry.support_point(part, begin, *start) + begin)[..., None]

    @staticmethod
    def constraints(op: Any, dt: Any, steps: Any, *parameters: Any) -> list[Constraint]:
        """Require a positive length of a step, and what the start requires."""
        [(part, start)] = op.split((dt, steps, *parameters))
        return positive.on("dt", dt) + part_constraints(part, start)


def drift_and_diffusion(
    equation: Callable[..., Any], value: Any, parameters: Sequence[Any]
) -> tuple[Any, Any]:
    """Call the function of the user and read what it returns."""
    try:
        drift, diffusion = equation(value, *parameters)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            "`sde_fn` must take the value and each of `sde_pars`, and return drift and diffusion; "
            f"it failed with {error}"
        ) from error
    return pt.as_tensor(drift, dtype="float64"), pt.as_tensor(diffusion, dtype="float64")
