"""One shape from parameters, `shape`, `dims` and `observed`, or an error naming the two at odds.

What the user asks for with `shape`, `dims` and `observed` must agree axis by axis; what the
parameters imply must be that shape or stretch to it as in NumPy. The random variable is then
rebuilt with the lengths asked for. A length that comes from a dim or from `Data` stays symbolic,
so that the variable follows `set_data`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Constant, Variable

from rufous.errors import ShapeError

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Shape
    from rufous.model.model import Model

__all__ = ["Request", "check_dims_fit", "fit", "request", "resize"]

Length = Any
"""A length: int, or a symbolic integer that follows the data."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What is asked of one axis: its length now, the symbolic one, and who asks."""

    now: int
    length: Length
    source: str


@dataclass(frozen=True, slots=True)
class Request:
    """The full shape (batch, then support) that a variable is asked to have.

    Parameters
    ----------
    name : str
        Name of the variable, for messages.
    axes : tuple of (Axis or None)
        None for an axis of which nothing is asked.
    dims : tuple of (str or None), or None
        The dims, for messages.
    """

    name: str
    axes: tuple[Axis | None, ...]
    dims: tuple[str | None, ...] | None

    @property
    def lengths(self) -> tuple[Length, ...]:
        """Lengths, symbolic where they may change.

        Raises
        ------
        ShapeError
            When nothing is asked of one axis.
        """
        if None in self.axes:
            raise ShapeError(
                f"the length of axis {self.axes.index(None)} of {self.name!r} is not given: "
                "name its dim, or pass shape="
            )
        return tuple(axis.length for axis in self.axes if axis is not None)

    def __str__(self) -> str:
        lengths = ", ".join("?" if axis is None else str(axis.now) for axis in self.axes)
        named = f" (dims {self.dims})" if self.dims else ""
        return f"({lengths}{',' if len(self.axes) == 1 else ''}){named}"


def request(
    name: str,
    model: Model,
    *,
    shape: Any = None,
    dims: tuple[str | None, ...] | None = None,
    observed: TensorVariable | None = None,
) -> Request | None:
    """Merge what `shape`, `dims` and `observed` ask for.

    Parameters
    ----------
    name : str
        Name of the variable, for messages.
    model : Model
        Where dims have their lengths.
    shape : int, tensor or sequence of them, optional
        As the user wrote it.
    dims : tuple of (str or None), optional
        Normalised dims.
    observed : TensorVariable, optional
        The data, a constant or a graph of `Data`.

    Returns
    -------
    Request or None
        None when nothing is asked, so that the parameters alone decide.

    Raises
    ------
    ShapeError
        When two of them disagree.
    """
    asked = [
        axes
        for axes in (
            _axes_of_shape(name, shape, model),
            _axes_of_observed(name, observed, model),
            _axes_of_dims(dims, model, observed is not None),
        )
        if axes is not None
    ]
    if not asked:
        return None
    _check_same_ndim(name, asked, dims, shape, observed, model)
    merged = tuple(_merge_axis(name, i, at) for i, at in enumerate(zip(*asked, strict=True)))
    return Request(name, merged, dims)


def _axes_of_shape(name: str, shape: Any, model: Model) -> list[Axis | None] | None:
    if shape is None:
        return None
    return [
        Axis(_positive(name, model.evaluator.value(pt.as_tensor(n))), n, f"shape={shape!r}")
        for n in _lengths_of_shape(name, shape)
    ]


def _lengths_of_shape(name: str, shape: Any) -> list[Length]:
    if isinstance(shape, Variable):
        tensor = pt.as_tensor(shape)
        if tensor.ndim == 0:
            return [tensor]
        return [tensor[i] for i in range(pt.get_vector_length(tensor))]
    items = list(shape) if isinstance(shape, Sequence | np.ndarray) else [shape]
    lengths: list[Length] = []
    for item in items:
        if isinstance(item, Variable):
            lengths.append(int(item.data) if isinstance(item, Constant) else item)
        elif isinstance(item, int | np.integer) and not isinstance(item, bool):
            lengths.append(int(item))
        else:
            raise ShapeError(
                f"shape of {name!r} must be an integer or a tuple of integers, got {shape!r}"
            )
    return lengths


def _positive(name: str, length: Any) -> int:
    if int(length) < 1:
        raise ShapeError(f"shape of {name!r} must have lengths of at least 1, got {int(length)}")
    return int(length)


def _axes_of_observed(
    name: str, observed: TensorVariable | None, model: Model
) -> list[Axis | None] | None:
    if observed is None:
        return None
    now = model.shape_of(observed)
    if 0 in now:
        raise ShapeError(f"observed data of {name!r} is empty: it has shape {now}")
    return [
        Axis(n, n if isinstance(observed, Constant) else observed.shape[i], "observed data")
        for i, n in enumerate(now)
    ]


def _axes_of_dims(
    dims: tuple[str | None, ...] | None, model: Model, observed: bool
) -> list[Axis | None] | None:
    if dims is None:
        return None
    # A dim that data introduce has no length yet: the data tell it (see Model.register_rv).
    return [
        None
        if dim is None or (observed and dim not in model.coords)
        else Axis(model.dim_length(dim), model.symbolic_dim_length(dim), f"dim {dim!r}")
        for dim in dims
    ]


def _check_same_ndim(
    name: str,
    asked: list[list[Axis | None]],
    dims: tuple[str | None, ...] | None,
    shape: Any,
    observed: TensorVariable | None,
    model: Model,
) -> None:
    if len({len(axes) for axes in asked}) == 1:
        return
    said = []
    if shape is not None:
        said.append(f"shape={shape!r}")
    if observed is not None:
        said.append(f"observed data of shape {model.shape_of(observed)}")
    if dims is not None:
        said.append(f"dims {dims}")
    raise ShapeError(
        f"{name!r} has {' but '.join(said)}: the number of axes differs. "
        "Give one length or dim per axis."
    )


def _merge_axis(name: str, axis: int, asked: tuple[Axis | None, ...]) -> Axis | None:
    given = [a for a in asked if a is not None]
    if not given:
        return None
    for other in given[:-1]:
        if other.now != given[-1].now:
            raise ShapeError(_disagreement(name, axis, other, given[-1]))
    # The last wins: a dim before data before a shape, as its length may be the one that changes.
    return given[-1]


def _disagreement(name: str, axis: int, one: Axis, other: Axis) -> str:
    return (
        f"{name!r} has length {one.now} on axis {axis} by {one.source}, but {other.source} has "
        f"length {other.now}; make them agree, or use another dim for this axis"
    )


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
        raise ShapeError(f"the parameters of {name!r} do not fit together: {error}") from error
    except ValueError as error:
        shapes = ", ".join(str(model.shape_of(p)) for p in rv.owner.op.dist_params(rv.owner))
        raise ShapeError(
            f"the parameters of {name!r} do not fit together: they have shapes {shapes}"
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
    kind = "parameters" if may_stretch else "support"
    return (
        f"{asked.name!r} has length {axis.now} on axis {position} by {axis.source}, but its {kind} "
        f"have length {length} there (shape {implied} against {asked}); index or reshape the "
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
    size = [
        pt.as_tensor(n, dtype="int64") if isinstance(n, int) else pt.cast(n, "int64") for n in batch
    ]
    resized = op.make_node(op.rng_param(node), size or None, *op.dist_params(node)).outputs[1]
    resized.name = rv.name
    return resized


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
