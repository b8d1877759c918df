"""The shape that a user asks for with `shape`, `dims` and `observed`, which must agree.

A length that comes from a dim or from `Data` stays symbolic, so that the variable follows
`set_data`.
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

    from rufous.model.model import Model

__all__ = ["Axis", "Length", "Request", "request"]

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
                f"shape of {name!r} must be an integer or a tuple of integers, got {shape!r}; "
                "for example shape=(2, 3)"
            )
    return lengths


def _positive(name: str, length: Any) -> int:
    if int(length) < 1:
        raise ShapeError(
            f"shape of {name!r} must have lengths of at least 1, got {int(length)}; "
            "leave the axis out"
        )
    return int(length)


def _axes_of_observed(
    name: str, observed: TensorVariable | None, model: Model
) -> list[Axis | None] | None:
    if observed is None:
        return None
    now = model.shape_of(observed)
    if 0 in now:
        raise ShapeError(
            f"observed data of {name!r} is empty: it has shape {now}; give at least one"
        )
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
