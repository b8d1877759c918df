"""The public log cdf and quantile function of random variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable

from rufous.errors import ModelError
from rufous.model import registry
from rufous.model.arrays import as_value
from rufous.model.registry import apply_constraints, constraints

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = ["icdf", "logcdf"]


def logcdf(rv: TensorVariable, value: Any) -> TensorVariable:
    """Write the log of the probability that a random variable is at most a value.

    Parameters
    ----------
    rv : TensorVariable
        A random variable of single numbers, of a model or made with ``.dist()``.
    value : array_like or TensorVariable
        Where to evaluate it, in the space of the variable (not transformed).

    Returns
    -------
    TensorVariable
        One number per element; -inf for invalid parameters.

    Raises
    ------
    ModelError
        When `rv` is not a random variable.
    UnsupportedError
        When its log cdf has no closed form.

    Examples
    --------
    >>> import rufous as rf
    >>> x = rf.Normal.dist(0, 1)
    >>> float(rf.logcdf(x, 0.0).eval(mode="FAST_COMPILE").round(6))
    -0.693147
    """
    node = _node(rv, "logcdf")
    point = pt.cast(as_value(value, "the value of logcdf"), "float64")
    parameters = node.op.dist_params(node)
    log_probability = registry.logcdf(node.op, point, *parameters)
    return apply_constraints(log_probability, constraints(node.op, point, *parameters))


def icdf(rv: TensorVariable, value: Any) -> TensorVariable:
    """Write the quantile function of a random variable, the inverse of its cdf.

    Parameters
    ----------
    rv : TensorVariable
        A random variable of single numbers, of a model or made with ``.dist()``.
    value : array_like or TensorVariable
        Probabilities.

    Returns
    -------
    TensorVariable
        The least number of at least that probability, as float64; NaN where `value` is no
        probability or a parameter is invalid.

    Raises
    ------
    ModelError
        When `rv` is not a random variable.
    UnsupportedError
        When its quantile function has no closed form.

    Examples
    --------
    >>> import rufous as rf
    >>> x = rf.Exponential.dist(scale=1)
    >>> float(rf.icdf(x, 0.5).eval(mode="FAST_COMPILE").round(6))
    0.693147
    """
    node = _node(rv, "icdf")
    probability = pt.cast(as_value(value, "the value of icdf"), "float64")
    parameters = node.op.dist_params(node)
    quantile = registry.icdf(node.op, probability, *parameters)
    valid = pt.ge(probability, 0.0) & pt.le(probability, 1.0)
    for constraint in constraints(node.op, probability, *parameters):
        valid = valid & constraint.condition
    return pt.switch(valid, quantile, np.nan)


def _node(rv: Any, function: str) -> Any:
    node = getattr(rv, "owner", None)
    if node is None or not isinstance(node.op, RandomVariable):
        raise ModelError(f"{function} needs a random variable, got {rv!r}")
    return node
