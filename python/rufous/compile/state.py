"""The data that a compiled model is bound to, and the rules for exchanging them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from rufous._typing import Array
from rufous.compile.flatten import bindable_dims
from rufous.errors import ShapeError, UnknownNameError
from rufous.model.arrays import to_array
from rufous.model.dims import Labels, labels_of
from rufous.model.evaluate import Evaluator
from rufous.model.missing import check_same_missing
from rufous.model.names import known_names
from rufous.model.observed import check_no_new_missing, check_observed_values

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable

    from rufous.model.model import Model

__all__ = ["DataState"]


@dataclass(frozen=True, eq=False)
class DataState:
    """Values of the data variables and the labels of the dims, at one moment.

    Parameters
    ----------
    values : mapping of str to ndarray
        One array per ``Data`` variable.
    labels : mapping of str to tuple or None
        Labels of each dim; None for a dim that has a length only.
    lengths : mapping of str to int
        Length of each dim.
    """

    values: Mapping[str, Array]
    labels: Mapping[str, Labels]
    lengths: Mapping[str, int]

    @classmethod
    def of(cls, model: Model) -> DataState:
        """Take the present data of a model, without copying: `set_data` puts new arrays there."""
        return cls(
            {variable.name: variable.get_value(borrow=True) for variable in model.data_vars},
            dict(model.coords),
            {name: _length(length) for name, length in model.dim_lengths.items()},
        )

    @property
    def inputs(self) -> dict[str, Array]:
        """Values of the inputs of a flat model, by name."""
        lengths = {f"dim:{name}": np.asarray(n) for name, n in self.lengths.items()}
        return {**self.values, **lengths}

    @cached_property
    def coords(self) -> dict[str, Array]:
        """Labels of all dims as arrays; 0, 1, 2, ... where there are none."""
        return {name: label_array(self.labels[name], n) for name, n in self.lengths.items()}

    def _keep_coords(self, new: DataState) -> DataState:
        """Hand on the labels that another state of the data has not exchanged."""
        known = self.__dict__.get("coords", {})
        new.__dict__["coords"] = {
            name: known[name]
            if name in known and self.labels[name] is new.labels[name] and len(known[name]) == n
            else label_array(new.labels[name], n)
            for name, n in new.lengths.items()
        }
        return new

    def same_shapes(self, other: DataState) -> bool:
        """Whether all data have the shapes that they have in `other`."""
        return self.lengths == other.lengths and all(
            value.shape == other.values[name].shape for name, value in self.values.items()
        )

    def replace(
        self,
        model: Model,
        data: Mapping[str, ArrayLike],
        coords: Mapping[str, Sequence[Any]] | None,
        resizable: AbstractSet[str] | None = None,
    ) -> DataState:
        """Exchange some of the data.

        Parameters
        ----------
        model : Model
            Knows the types and dims of the data.
        data : mapping of str to array_like
            New values by name.
        coords : mapping of str to sequence or None
            New labels by dim.
        resizable : set of str, optional
            Dims whose length may change; by default those of data that no free variable has.

        Returns
        -------
        DataState

        Raises
        ------
        UnknownNameError, ModelError, ShapeError
            As documented for :meth:`CompiledModel.bind`.
        """
        values = {**self.values, **{name: _converted(model, name, data[name]) for name in data}}
        new_labels = {dim: labels_of(dim, labels) for dim, labels in (coords or {}).items()}
        for dim in new_labels:
            if dim not in self.lengths:
                raise UnknownNameError(f"no dim named {dim!r}; {known_names(dim, self.lengths)}")
        lengths = {**self.lengths, **_lengths(model, values, data, new_labels)}
        labels = {**self.labels, **new_labels}
        bindable = bindable_dims(model) if resizable is None else resizable
        for dim, length in lengths.items():
            if length != self.lengths[dim] and dim not in bindable:
                raise ShapeError(_cannot_resize(model, dim, self.lengths[dim], length))
            known = labels[dim]
            if known is not None and len(known) != length:
                raise ShapeError(
                    f"dim {dim!r} has {len(known)} labels and would get length {length}; pass "
                    f"labels too, for example bind(..., coords={{{dim!r}: range({length})}})"
                )
        return self._keep_coords(DataState(values, labels, lengths))


def _length(length: Variable) -> int:
    """Compute the present length of a dim, which may be a graph of data."""
    return int(Evaluator().value(length))


def label_array(labels: Labels, length: int) -> Array:
    """Make a one-dimensional array of labels, whatever they are."""
    if labels is None:
        return np.arange(length)
    if any(issubclass(kind, tuple | list) for kind in set(map(type, labels))):
        array = np.empty(len(labels), dtype=object)
        array[:] = labels
        return array
    return np.asarray(labels)


def _converted(model: Model, name: str, value: ArrayLike) -> Array:
    """Convert a new value of a data variable to the type that the code was compiled for."""
    variables = {variable.name: variable for variable in model.data_vars}
    if name not in variables:
        raise UnknownNameError(_not_data(model, name, variables))
    expected = variables[name].type
    array = to_array(value, f"data {name!r}", missing=True)
    if array.ndim != expected.ndim:
        raise ShapeError(
            f"data {name!r} has {expected.ndim} axes in the model, got shape {array.shape}"
        )
    if 0 in array.shape:
        raise ShapeError(f"data {name!r} must not be empty, got shape {array.shape}")
    for length, fixed in zip(array.shape, expected.shape, strict=True):
        if fixed is not None and length != fixed:
            raise ShapeError(
                f"data {name!r} has the fixed shape {expected.shape}, got {array.shape}"
            )
    for variable_name, dtype in model.observed_with(variables[name]):
        check_observed_values(variable_name, array, dtype)
        check_no_new_missing(variable_name, array)
    check_same_missing(model.patterns, variables[name], array)
    target = np.dtype(expected.dtype)
    if not np.can_cast(array.dtype, target, "same_kind"):
        raise ShapeError(
            f"data {name!r} holds {target} in the model, got {array.dtype}; convert it first, "
            f"for example with numpy.asarray(..., dtype={target.name!r})"
        )
    return array.astype(target, copy=False)


def _not_data(model: Model, name: str, variables: Mapping[str, object]) -> str:
    observed = {variable.name: model.rvs_to_values[variable] for variable in model.observed_RVs}
    if name in observed and observed[name].name in variables:
        return f"{name!r} is observed through the data variable {observed[name].name!r}; name that"
    if name in observed:
        return (
            f"{name!r} was observed as a fixed array, which is part of the compiled model. To "
            f'exchange it, write observed=Data("{name}_data", ...) in the model.'
        )
    return f"no data variable named {name!r}; {known_names(name, variables)}"


def _lengths(
    model: Model,
    values: Mapping[str, Array],
    changed: Mapping[str, object],
    new_labels: Mapping[str, Sequence[Any]],
) -> dict[str, int]:
    """Find the length of each dim that new data or new labels touch; all who have it must agree."""
    touched = {dim for name in changed for dim in _dims(model, name)} | set(new_labels)
    found: dict[str, tuple[str, int]] = {
        dim: (f"the new labels of {dim!r}", len(labels)) for dim, labels in new_labels.items()
    }
    for name, value in values.items():
        for dim, length in zip(_dims(model, name), value.shape, strict=False):
            if dim not in touched or dim is None:
                continue
            who, other = found.setdefault(dim, (f"data {name!r}", length))
            if other != length:
                raise ShapeError(
                    f"dim {dim!r} has length {other} in {who} and {length} in data {name!r}; "
                    "give all data of a dim together"
                )
    return {dim: length for dim, (_, length) in found.items()}


def _dims(model: Model, name: str) -> tuple[str | None, ...]:
    return tuple(model.named_vars_to_dims.get(name) or ())


def _cannot_resize(model: Model, dim: str, old: int, new: int) -> str:
    owners = [v.name for v in model.free_RVs if dim in _dims(model, v.name)]
    why = (
        f"the free variable {owners[0]!r} has that dim, so the number of parameters would change"
        if owners
        else "no data variable has that dim, so its length is part of the compiled model"
    )
    return (
        f"dim {dim!r} has length {old} and cannot become {new}: {why}. Call set_data on the model "
        "and compile it again."
    )
