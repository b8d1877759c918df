"""What is asked of a distribution: a few functions, dispatched on its random-variable op.

A distribution is a PyTensor ``RandomVariable`` op plus a few pure functions. The functions are
registered here by the type of the op, so that the model never has to know a distribution::

    @logdensity.register(NormalRV)
    def _(op, value, mu, sigma):
        return -0.5 * ((value - mu) / sigma) ** 2 - pt.log(sigma) - LOG_SQRT_2PI

The parameters are those of ``op.dist_params(node)``: without random generator and size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import pytensor.tensor as pt

from rufous.errors import UnsupportedError

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous.transforms import Transform

__all__ = [
    "Constraint",
    "apply_constraints",
    "constraints",
    "default_transform",
    "icdf",
    "logccdf",
    "logcdf",
    "logdensity",
    "support_point",
]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A requirement on the parameters of a distribution.

    Parameters
    ----------
    condition : TensorVariable of bool
        Where it holds; of any shape that broadcasts with the batch shape of the parameters.
    text : str
        The requirement in the words of the signature, for example ``"sigma > 0"``.
    """

    condition: TensorVariable
    text: str


@singledispatch
def logdensity(op: Any, value: TensorVariable, *parameters: TensorVariable) -> TensorVariable:
    """Write the log density (or log probability) of `value` as a graph.

    Parameters
    ----------
    op : RandomVariable
        The op of the variable; the implementation is chosen by its type.
    value : TensorVariable, shape (..., *support)
        Point in the support of the distribution (constrained space), float64 or an integer.
    *parameters : TensorVariable
        Inputs of the op without generator and size.

    Returns
    -------
    TensorVariable, shape (...)
        One number per batch element: the axes of the support are summed out. -inf outside the
        support. The parameters need not be checked: see `constraints`.

    Raises
    ------
    UnsupportedError
        When nothing is registered for the op.
    """
    raise UnsupportedError(
        f"the log density of {_op_name(op)} is not known. Use a Rufous distribution, or register "
        "one with rufous.model.registry.logdensity.register."
    )


@singledispatch
def logcdf(op: Any, value: TensorVariable, *parameters: TensorVariable) -> TensorVariable:
    """Write the log of the probability of a number of at most `value`.

    Parameters
    ----------
    op : RandomVariable
        The op of the variable, whose support is single numbers.
    value : TensorVariable
        Any real number: -inf left of the support, 0 right of it.
    *parameters : TensorVariable
        Inputs of the op without generator and size.

    Returns
    -------
    TensorVariable

    Raises
    ------
    UnsupportedError
        When there is no closed form.
    """
    raise UnsupportedError(
        f"the log cdf of {_op_name(op)} is not known in closed form; use one that has it"
    )


@singledispatch
def logccdf(op: Any, value: TensorVariable, *parameters: TensorVariable) -> TensorVariable:
    """Write the log of the probability of a number above `value`, precise far out as well.

    Parameters
    ----------
    op : RandomVariable
        The op of the variable, whose support is single numbers.
    value : TensorVariable
        Any real number.
    *parameters : TensorVariable
        Inputs of the op without generator and size.

    Returns
    -------
    TensorVariable
        By default the rest of `logcdf`, which has lost its digits where that is near zero.

    Raises
    ------
    UnsupportedError
        When there is no closed form.
    """
    return pt.log1mexp(pt.minimum(logcdf(op, value, *parameters), 0.0))


@singledispatch
def icdf(op: Any, probability: TensorVariable, *parameters: TensorVariable) -> TensorVariable:
    """Write the quantile function: the least number whose cdf is at least `probability`.

    Parameters
    ----------
    op : RandomVariable
        The op of the variable, whose support is single numbers.
    probability : TensorVariable
        In [0, 1]; the caller makes the result NaN elsewhere.
    *parameters : TensorVariable
        Inputs of the op without generator and size.

    Returns
    -------
    TensorVariable

    Raises
    ------
    UnsupportedError
        When there is no closed form.
    """
    raise UnsupportedError(
        f"the quantile function of {_op_name(op)} is not known in closed form; use one that has it"
    )


@singledispatch
def support_point(op: Any, rv: TensorVariable, *parameters: TensorVariable) -> TensorVariable:
    """Write a typical point inside the support, where sampling may start.

    Parameters
    ----------
    op : RandomVariable
        The op of the variable.
    rv : TensorVariable
        The random variable, for its shape and dtype.
    *parameters : TensorVariable
        Inputs of the op without generator and size.

    Returns
    -------
    TensorVariable
        Of the shape of `rv` (anything that broadcasts to it will do).

    Raises
    ------
    UnsupportedError
        When nothing is registered for the op.
    """
    raise UnsupportedError(
        f"no support point is registered for {_op_name(op)}; give initval= a number or an array"
    )


@singledispatch
def default_transform(op: Any, rv: TensorVariable) -> Transform | None:
    """Choose the transform that maps the support to all real numbers; None where it is these.

    Parameters
    ----------
    op : RandomVariable
        The op of the variable.
    rv : TensorVariable
        The random variable.

    Returns
    -------
    Transform or None
    """
    return None


@singledispatch
def constraints(op: Any, value: TensorVariable, *parameters: TensorVariable) -> list[Constraint]:
    """List what the parameters must satisfy; where one fails the log density is -inf.

    Parameters
    ----------
    op : RandomVariable
        The op of the variable.
    value : TensorVariable
        The value of the variable, for its shape only.
    *parameters : TensorVariable
        Inputs of the op without generator and size.

    Returns
    -------
    list of Constraint
        A constraint on constants is checked once, where the distribution is written.
    """
    return []


def apply_constraints(
    logdensity: TensorVariable, constraints: Sequence[Constraint]
) -> TensorVariable:
    """Make a log density -inf wherever a constraint fails.

    Parameters
    ----------
    logdensity : TensorVariable
        One number per batch element.
    constraints : sequence of Constraint
        Each broadcasts with `logdensity`.

    Returns
    -------
    TensorVariable
        Of the shape of `logdensity`.
    """
    for constraint in constraints:
        logdensity = pt.switch(constraint.condition, logdensity, -float("inf"))
    return logdensity


def _op_name(op: Any) -> str:
    return str(getattr(op, "name", None) or type(op).__name__)
