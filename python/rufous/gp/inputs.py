"""What a user passes as inputs of a Gaussian process, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from rufous.errors import RufousError, SettingsError, ShapeError
from rufous.model.arrays import as_float
from rufous.model.evaluate import Evaluator
from rufous.transforms import constant_value

__all__ = ["as_inputs", "as_vector", "named", "num_rows", "shape_now"]


@contextmanager
def named(who: str) -> Iterator[None]:
    """Let errors of the package say for which variable they were raised."""
    try:
        yield
    except RufousError as error:
        raise type(error)(f"{who}: {error}") from None


def as_inputs(value: Any, what: str = "X") -> Any:
    """Read inputs: one row for each point, one column for each input.

    Parameters
    ----------
    value : array_like, Data or TensorVariable, shape (..., n, d)
        Numbers of any kind; pandas, polars and xarray objects too.
    what : str, default "X"
        Name of the argument, for messages.

    Returns
    -------
    TensorVariable of float64, shape (..., n, d)

    Raises
    ------
    ShapeError
        When it has fewer than two axes.
    SettingsError
        When a constant holds what is not a finite number.
    """
    tensor = as_float(value, f"`{what}`")
    if tensor.type.ndim < 2:
        raise ShapeError(
            f"`{what}` must have two axes, one row for each point and one column for each input, "
            f"got shape {shape_now(tensor)}; a vector becomes a column with {what}[:, None]"
        )
    constant = constant_value(tensor)
    if constant is not None and not np.isfinite(constant).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(constant))[0])
        raise SettingsError(
            f"`{what}` must hold finite numbers, got {constant[place]} at {place}; leave that row "
            "out, or fill it in"
        )
    return tensor


def as_vector(value: Any, what: str) -> Any:
    """Read values at the points: a vector of float64."""
    tensor = as_float(value, f"`{what}`")
    if tensor.type.ndim != 1:
        raise ShapeError(
            f"`{what}` must be a vector with one value for each point, got shape "
            f"{shape_now(tensor)}; a column becomes a vector with {what}.ravel()"
        )
    return tensor


def shape_now(tensor: Any) -> tuple[int | None, ...]:
    """Return the shape for the present data, None where it is not known."""
    try:
        return tuple(int(n) for n in Evaluator().shape(tensor))
    except (ShapeError, ValueError):
        return tuple(tensor.type.shape)


def num_rows(inputs: Any) -> Any:
    """Return the number of points: an int where it cannot change, else symbolic."""
    static = inputs.type.shape[-2]
    return inputs.shape[-2] if static is None else static
