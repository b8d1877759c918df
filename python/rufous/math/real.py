"""Numbers as the real numbers that they mean."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Variable


def as_real(value: Any) -> Any:
    """Return numbers as float64; leave float64 variables and everything else alone."""
    if isinstance(value, Variable):
        is_other = hasattr(value, "dtype") and value.dtype != "float64"
        return pt.cast(value, "float64") if is_other else value
    return pt.as_tensor_variable(widened(value), dtype="float64")


def widened(value: Any) -> Any:
    """Return numbers as an array of 64 bits; lists that hold variables stay lists."""
    array = np.asarray(value)
    return value if array.dtype == object else array


def real(function: Callable[..., Any], n_arguments: int = 1) -> Callable[..., Any]:
    """Make a function take its first arguments as real numbers."""

    @wraps(function)
    def on_reals(*args: Any, **kwargs: Any) -> Any:
        reals = [as_real(value) for value in args[:n_arguments]]
        return function(*reals, *args[n_arguments:], **kwargs)

    return on_reals


def as_tensor(value: Any, *args: Any, **kwargs: Any) -> Any:
    """Turn anything array-like into a tensor variable.

    Parameters
    ----------
    value : array_like, list of variables or TensorVariable
        Python integers become 64-bit integers.
    *args, **kwargs
        As for ``pytensor.tensor.as_tensor``.

    Returns
    -------
    TensorVariable
    """
    return pt.as_tensor(value if isinstance(value, Variable) else widened(value), *args, **kwargs)


def constant(value: Any, *args: Any, **kwargs: Any) -> Any:
    """Turn an array into a constant of the graph.

    Parameters
    ----------
    value : array_like
        Python integers become 64-bit integers.
    *args, **kwargs
        As for ``pytensor.tensor.constant``.

    Returns
    -------
    TensorConstant
    """
    return pt.constant(widened(value), *args, **kwargs)
