"""A process whose variance depends on its past."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.continuous.normal import Normal
from rufous.distributions.parameters import at_least_zero, positive, real
from rufous.distributions.rv import without_batch
from rufous.distributions.stable import as_real
from rufous.distributions.timeseries.length import number_of_steps, steps_from_shape
from rufous.model.registry import Constraint

__all__ = ["GARCH11"]


class GARCH11RV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Normal numbers, each with a variance that follows from those before it."""

    name = "garch_11"
    signature = "(),(),(),(),()->(t)"
    dtype = "float64"
    _print_name = ("GARCH11", "\\operatorname{GARCH11}")

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        return [without_batch(dist_params[4], 0) + 1]

    @classmethod
    def rng_fn(
        cls, rng: Any, omega: Any, alpha: Any, beta: Any, initial: Any, steps: Any, size: Any
    ) -> Any:
        """Draw one number after the other."""
        if size is None:
            size = np.broadcast_shapes(*(np.shape(each) for each in (omega, alpha, beta, initial)))
        values = rng.standard_normal((*size, int(without_batch(steps, 0)) + 1))
        variance = np.broadcast_to(initial**2, size)
        for t in range(values.shape[-1]):
            if t:
                variance = omega + alpha * values[..., t - 1] ** 2 + beta * variance
            values[..., t] *= np.sqrt(variance)
        return values


class GARCH11(Distribution, op=GARCH11RV()):
    r"""GARCH(1, 1) process: normal numbers with a variance that follows the last ones.

    .. math:: x_t \sim N(0, \sigma_t), \qquad
        \sigma_t^2 = \omega + \alpha_1 x_{t-1}^2 + \beta_1 \sigma_{t-1}^2

    ========  =============================================================
    Support   sequences of ``steps + 1`` real numbers
    Mean      0
    Variance  ``omega / (1 - alpha_1 - beta_1)`` in the long run
    ========  =============================================================

    Parameters
    ----------
    omega : float, array_like or TensorVariable
        Constant part of the variance; ``omega > 0``.
    alpha_1 : float, array_like or TensorVariable
        Weight of the last squared number; ``alpha_1 >= 0``.
    beta_1 : float, array_like or TensorVariable
        Weight of the last variance; ``beta_1 >= 0``. The process stays bounded for
        ``alpha_1 + beta_1 < 1``.
    initial_vol : float, array_like or TensorVariable
        Standard deviation of the first number; ``initial_vol > 0``.
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
    >>> with rf.Model():
    ...     y = rf.GARCH11(
    ...         "y", omega=0.1, alpha_1=0.2, beta_1=0.5, initial_vol=1, observed=[0.1, -0.4, 1.2]
    ...     )
    """

    support_from_shape = True

    @classmethod
    def parametrise(
        cls, omega: Any, alpha_1: Any, beta_1: Any, initial_vol: Any, *, steps: Any = None
    ) -> Any:
        """Bring the number of steps in as a parameter."""
        return cls.op, (
            real("omega", omega, positive),
            real("alpha_1", alpha_1, at_least_zero),
            real("beta_1", beta_1, at_least_zero),
            real("initial_vol", initial_vol, positive),
            number_of_steps(steps),
        )

    @classmethod
    def _parametrise(cls, requested: Any, arguments: inspect.BoundArguments) -> Any:
        steps_from_shape(requested, arguments.arguments, used=1, axis=-1)
        return cls.parametrise(*arguments.args, **arguments.kwargs)

    @staticmethod
    def logdensity(value: Any, omega: Any, alpha: Any, beta: Any, initial: Any, steps: Any) -> Any:
        """Write the log density of each number given the variance that follows from the last."""
        value = as_real(value)
        in_time = pt.moveaxis(value, -1, 0)
        zero = pt.zeros_like(in_time[0] + omega + alpha + beta + initial)
        first = pt.sqr(initial) + zero
        later = _scan(
            lambda x, variance, omega, alpha, beta: omega + alpha * pt.sqr(x) + beta * variance,
            sequences=[in_time[:-1] + zero],
            outputs_info=[first],
            non_sequences=[omega + zero, alpha + zero, beta + zero],
        )
        variance = pt.concatenate([first[None], later], axis=0)
        return pt.sum(Normal.logdensity(in_time, pt.constant(0.0), pt.sqrt(variance)), axis=0)

    @staticmethod
    def support_point(rv: Any, *parameters: Any) -> Any:
        """Return zeros."""
        return pt.zeros_like(rv)

    @staticmethod
    def constraints(
        omega: Any, alpha: Any, beta: Any, initial: Any, steps: Any
    ) -> list[Constraint]:
        """Require positive variances and weights that are not negative."""
        return (
            positive.on("omega", omega)
            + at_least_zero.on("alpha_1", alpha)
            + at_least_zero.on("beta_1", beta)
            + positive.on("initial_vol", initial)
        )


def _scan(function: Any, **arguments: Any) -> Any:
    """Call PyTensor's loop; older versions return updates too, and know no way not to."""
    if "return_updates" in inspect.signature(pytensor.scan).parameters:
        return pytensor.scan(function, return_updates=False, **arguments)
    return pytensor.scan(function, **arguments)[0]
