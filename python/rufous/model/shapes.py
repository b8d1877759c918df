"""Random variables in the shape that is asked for, or an error that says which lengths differ.

What the parameters imply must be the shape that is asked for, or stretch to it as in NumPy. The
random variable is then rebuilt with the lengths asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Apply
from pytensor.tensor.basic import infer_static_shape
from pytensor.tensor.random.utils import explicit_expand_dims
from pytensor.tensor.type import TensorType

from rufous.errors import ShapeError

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Shape
    from rufous.model.model import Model
    from rufous.model.request import Axis, Length, Request

__all__ = ["check_dims_fit", "fit", "resize"]


def fit(name: str, rv: TensorVariable, asked: Request | None, model: Model) -> TensorVariable:
    """Give a random variable the shape that is asked for.

    Parameters
    ----------
    name : str
        Name of the variable, for messages.
    rv : TensorVariable
        Result of a ``RandomVariable`` op.
    asked : Request or None
        None leaves it as it is.
    model : Model
        Where shapes are evaluated.

    Returns
    -------
    TensorVariable

    Raises
    ------
    ShapeError
        When the parameters do not stretch to the shape.
    """
    implied = _implied_shape(rv, name, model)
    if asked is None:
        return rv
    support = rv.owner.op.ndim_supp
    if len(asked.axes) < rv.ndim:
        raise ShapeError(_too_many_axes(rv, asked, implied))
    extra = len(asked.axes) - rv.ndim
    for i, (axis, length) in enumerate(zip(asked.axes[extra:], implied, strict=True)):
        may_stretch = i < rv.ndim - support
        if axis is not None and axis.now != length and not (may_stretch and length == 1):
            raise ShapeError(_unfit(asked, implied, i + extra, axis, length, may_stretch))
    wanted = [
        axis.length if axis is not None else (implied[i - extra] if i >= extra else None)
        for i, axis in enumerate(asked.axes)
    ]
    if extra == 0 and all(
        axis is None or axis.now == n for axis, n in zip(asked.axes, implied, strict=True)
    ):
        return rv
    if None in wanted:
        asked.lengths  # noqa: B018 - raises, naming the axis
    return resize(rv, tuple(wanted))


def _implied_shape(rv: TensorVariable, name: str, model: Model) -> Shape:
    try:
        return model.shape_of(rv)
    except ShapeError as error:
        raise ShapeError(
            f"the parameters of {name!r} do not fit together: {error}; index or reshape them"
        ) from error
    except ValueError as error:
        shapes = ", ".join(str(model.shape_of(p)) for p in rv.owner.op.dist_params(rv.owner))
        raise ShapeError(
            f"the parameters of {name!r} do not fit together: they have shapes {shapes}; "
            "index or reshape them"
        ) from error


def _too_many_axes(rv: TensorVariable, asked: Request, implied: Shape) -> str:
    return (
        f"the parameters of {asked.name!r} give it shape {implied}, but it is asked to have shape "
        f"{asked}: {rv.ndim} axes against {len(asked.axes)}. Name a dim for every axis, or reduce "
        "the parameters"
    )


def _unfit(
    asked: Request, implied: Shape, position: int, axis: Axis, length: int, may_stretch: bool
) -> str:
    kind = "parameters have" if may_stretch else "support has"
    return (
        f"{asked.name!r} has length {axis.now} on axis {position} by {axis.source}, but its {kind} "
        f"length {length} there (shape {implied} against {asked}); index or reshape the "
        "parameters, or change the dims"
    )


def resize(rv: TensorVariable, shape: Sequence[Length]) -> TensorVariable:
    """Rebuild a random variable with another batch shape.

    Parameters
    ----------
    rv : TensorVariable
        Result of a ``RandomVariable`` op; its parameters must stretch to the new shape.
    shape : sequence of (int or integer tensor)
        The full shape; the axes of the support at the end stay as they are.

    Returns
    -------
    TensorVariable
    """
    node = rv.owner
    op = node.op
    batch = shape[: len(shape) - op.ndim_supp]
    if not batch:
        return rv
    lengths = [
        pt.as_tensor(n, dtype="int64") if isinstance(n, int) else pt.cast(n, "int64") for n in batch
    ]
    # What `op.make_node` would do, but without folding the graph of each length to see whether it
    # is constant: that is known here, and the folding imports a good part of SciPy.
    parameters = explicit_expand_dims(op.dist_params(node), op.ndims_params, len(batch))
    static = (*map(_static_length, batch), *rv.type.shape[rv.type.ndim - op.ndim_supp :])
    resized = TensorType(rv.type.dtype, shape=static)(name=rv.name)
    generator = op.rng_param(node)
    inputs = [generator, pt.as_tensor(lengths), *parameters]
    Apply(op, inputs, [generator.type(), resized])
    return resized


def _static_length(length: Length) -> int | None:
    if isinstance(length, int):
        return length
    if isinstance(length, SharedVariable):
        return None
    (static,) = infer_static_shape([pt.cast(length, "int64")])[1]
    return None if static is None else int(static)


def check_dims_fit(
    name: str, shape: Shape, dims: tuple[str | None, ...] | None, model: Model, what: str
) -> None:
    """Refuse dims that do not have the lengths of a variable.

    Parameters
    ----------
    name : str
        Name of the variable.
    shape : tuple of int
        Its shape now.
    dims : tuple of (str or None), or None
        Its dims.
    model : Model
        Where dims have their lengths.
    what : str
        What the variable is, for the message.

    Raises
    ------
    ShapeError
        When the number of axes or a length differs.
    """
    if dims is None:
        return
    if len(dims) != len(shape):
        raise ShapeError(
            f"{what} {name!r} has shape {shape}, but dims {dims}: give one dim per axis "
            "(None for an axis without)"
        )
    for axis, (dim, length) in enumerate(zip(dims, shape, strict=True)):
        if dim is not None and model.dim_length(dim) != length:
            raise ShapeError(
                f"{what} {name!r} has length {length} on axis {axis}, but dim {dim!r} has length "
                f"{model.dim_length(dim)}; change the coords, or use another dim"
            )
