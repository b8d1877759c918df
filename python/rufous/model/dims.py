"""Labelled axes: dims, their coordinate labels and their lengths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant, Variable

from rufous.errors import ModelError, ShapeError, UnknownNameError
from rufous.model.evaluate import Evaluator
from rufous.model.names import check_name, known_names

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = ["Coords", "Labels", "labels_of", "normalize_dims"]

Labels = tuple[Any, ...] | None
"""Labels along a dim, or None when it has a length only."""


class Coords:
    """The dims of a model: for each its labels (or None) and its length.

    The length is a shared scalar, so that a graph written with it follows `set_data`.
    """

    def __init__(self) -> None:
        self.labels: dict[str, Labels] = {}
        self.lengths: dict[str, TensorVariable] = {}

    def __contains__(self, dim: object) -> bool:
        return dim in self.labels

    def length(self, dim: str) -> int:
        """Return the present length of a dim."""
        return int(Evaluator().value(self.symbolic_length(dim)))

    def symbolic_length(self, dim: str) -> TensorVariable:
        """Return the scalar that holds the length of a dim: shared, or a graph of data."""
        try:
            return self.lengths[dim]
        except KeyError:
            raise UnknownNameError(
                f"no dim named {dim!r}; {known_names(dim, self.labels)}. "
                f"Add it: Model(coords={{{dim!r}: labels}}) or model.add_coord({dim!r}, labels)."
            ) from None

    def follows_data(self, dim: str) -> bool:
        """Tell whether the length of a dim is a graph of data."""
        return not isinstance(self.symbolic_length(dim), SharedVariable)

    def add(self, dim: str, values: Any = None, *, length: Any = None) -> None:
        """Add a dim with labels, or with a length only, which may be a graph of data."""
        check_name(dim, "a dim")
        if isinstance(length, Variable) and not isinstance(length, Constant):
            self._add_symbolic(dim, values, length)
            return
        length = length.data.item() if isinstance(length, Constant) else length
        labels = None if values is None else labels_of(dim, values)
        length = _agreed_length(dim, labels, length)
        if dim in self.labels:
            if self.labels[dim] != labels or self.length(dim) != length:
                raise ModelError(
                    f"dim {dim!r} exists already with length {self.length(dim)} and other labels; "
                    "change it with set_data(..., coords=) or model.set_dim, or choose another name"
                )
            return
        self.labels[dim] = labels
        self.lengths[dim] = pytensor.shared(np.array(length, dtype=np.int64), name=dim, shape=())

    def _add_symbolic(self, dim: str, values: Any, length: Variable) -> None:
        if values is not None:
            raise ModelError(
                f"dim {dim!r} has labels and a length that follows data, got {length}; leave one "
                "of them out"
            )
        if dim in self.labels:
            raise ModelError(
                f"dim {dim!r} exists already with length {self.length(dim)}; choose another name"
            )
        now = Evaluator().value(length)
        if np.ndim(now) or np.asarray(now).dtype.kind not in "iu":
            raise ShapeError(
                f"length of dim {dim!r} must be one whole number, got {length}; for example "
                "data.shape[0]"
            )
        self.labels[dim] = None
        self.lengths[dim] = pt.cast(length, "int64")

    def resize(self, dim: str, length: int, labels: Labels) -> None:
        """Give an existing dim a new length and new labels."""
        self.symbolic_length(dim).set_value(np.array(length, dtype=np.int64))
        self.labels[dim] = labels

    def check_resize(self, dim: str, length: int, labels: Labels) -> None:
        """Refuse a length that does not fit the labels, or leaves old labels behind."""
        length = _agreed_length(dim, None, length)
        if self.follows_data(dim):
            raise ShapeError(
                f"the length {self.length(dim)} of dim {dim!r} follows data and cannot be set to "
                f"{length}; exchange the data instead"
            )
        if labels is not None and len(labels) != length:
            raise ShapeError(
                f"dim {dim!r} would get length {length} and {len(labels)} labels; "
                "give as many labels"
            )
        if labels is None and self.labels[dim] is not None and length != self.length(dim):
            raise ShapeError(
                f"dim {dim!r} has {self.length(dim)} labels and would get length {length}; pass "
                f"the new labels too: set_data(..., coords={{{dim!r}: range({length})}})"
            )


def labels_of(dim: str, values: Any) -> tuple[Any, ...]:
    """Convert what the user gave as coordinate values to a tuple of labels.

    Parameters
    ----------
    dim : str
        Name of the dim, for messages.
    values : sequence, one-dimensional array, pandas Index or Series
        The labels.

    Raises
    ------
    ModelError
        When it is not a sequence, a string, or has more than one axis.
    ShapeError
        When it is empty.
    """
    way_out = f"give a sequence of labels, for example {{{dim!r}: ['a', 'b']}} or range(n)"
    if isinstance(values, str | bytes | set | frozenset | Mapping) or not isinstance(
        values, Iterable
    ):
        raise ModelError(f"coord {dim!r} must be an ordered sequence, got {values!r}; {way_out}")
    if getattr(values, "ndim", 1) != 1:
        raise ModelError(f"coord {dim!r} must have one axis, got {np.shape(values)}; {way_out}")
    if isinstance(values, np.ndarray) and values.dtype.kind in "iufbU":
        values = values.tolist()
    labels = tuple(values)
    if not labels:
        raise ShapeError(f"coord {dim!r} is empty; a dim needs at least one label")
    return labels


def _agreed_length(dim: str, labels: Labels, length: Any) -> int:
    if length is None:
        if labels is None:
            raise ModelError(f"dim {dim!r} has neither labels nor length; give labels, or length=")
        return len(labels)
    if isinstance(length, bool) or not isinstance(length, int | np.integer) or length < 1:
        raise ShapeError(
            f"length of dim {dim!r} must be a positive integer, got {length!r}; give one"
        )
    if labels is not None and len(labels) != length:
        raise ShapeError(
            f"coord {dim!r} has {len(labels)} labels but length={length} was asked for; leave "
            "length= out"
        )
    return int(length)


def normalize_dims(dims: Any, name: str) -> tuple[str | None, ...] | None:
    """Convert `dims=` to a tuple.

    Parameters
    ----------
    dims : str, sequence of (str or None), or None
        As the user wrote it.
    name : str
        Name of the variable, for messages.

    Returns
    -------
    tuple of (str or None), or None
    """
    if dims is None:
        return None
    if isinstance(dims, str):
        return (dims,)
    if not isinstance(dims, Sequence) or not all(d is None or isinstance(d, str) for d in dims):
        raise ModelError(
            f"dims of {name!r} must be a name or a tuple of names (None for an axis without), "
            f"got {dims!r}"
        )
    named = [d for d in dims if d is not None]
    if len(named) != len(set(named)):
        raise ModelError(
            f"dims of {name!r} repeat a name: {tuple(dims)}; each axis needs a dim of its own"
        )
    return tuple(dims)
